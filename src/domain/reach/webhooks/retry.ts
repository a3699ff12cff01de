const DAY_SECONDS = 86_400;
const JITTER = 0.1;

/**
 * The seconds until the next attempt after `tries` failed ones; undefined when it was the last. What
 * the receiver asks for (`Retry-After`) is waited for, a day at most. `random` is in [0, 1).
 */
export function retryDelay(
  retries: readonly number[],
  tries: number,
  retryAfter: number | undefined,
  random: number = Math.random(),
): number | undefined {
  const planned = retries[tries - 1];
  if (planned === undefined) return undefined;
  const jittered = planned * (1 - JITTER + 2 * JITTER * random);
  return Math.min(Math.max(jittered, retryAfter ?? 0), DAY_SECONDS);
}

/** `Retry-After` in seconds, a day at most: a number of them or a date; undefined for anything else. */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Math.min(Number(text), DAY_SECONDS);
  const at = /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : Number.NaN;
  const seconds = Math.min(Math.ceil((at - now) / 1000), DAY_SECONDS);
  return Number.isNaN(at) ? undefined : Math.max(0, seconds);
}
