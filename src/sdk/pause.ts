const FIRST_MS = 200;
const LONGEST_MS = 8_000;

/**
 * How long to wait after an attempt (from 1) that failed: what Retry-After says in seconds or as a
 * date, or twice as long each time.
 */
export function pauseBefore(attempt: number, retryAfter: string | null): number {
  const growing = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1)) * (0.5 + Math.random());
  const asked = retryAfter === null ? 0 : readRetryAfter(retryAfter);
  return asked > 0 ? asked + Math.random() * FIRST_MS : growing;
}

function readRetryAfter(text: string): number {
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? 0 : ms;
}

/** Waits; throws the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const end = (): void => {
      signal?.removeEventListener("abort", stop);
      resolve();
    };
    const timer = setTimeout(end, ms);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}
