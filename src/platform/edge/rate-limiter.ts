const WINDOW_MS = 60_000;
/** What the shared limiter of a location is set to: each report to it stands for this share of the limit. */
const REPORTS_PER_WINDOW = 1200;
const MAX_KEYS = 50_000;

/** The count of one caller in the running minute. */
export type Window = { key: string; endsAt: number; count: number; unreported: number; isBlocked: boolean };

const windows = new Map<string, Window>();

/** The running minute of a caller: a token's id, or an address. */
export function windowOf(key: string, now: number): Window {
  let window = windows.get(key);
  if (!window || window.endsAt <= now) {
    window = { key, endsAt: now + WINDOW_MS, count: 0, unreported: 0, isBlocked: false };
    windows.delete(key);
    windows.set(key, window);
    if (windows.size > MAX_KEYS) windows.delete(windows.keys().next().value!);
  }
  return window;
}

/**
 * Counts one request; false when the caller is over the limit. The isolate counts by itself; each 1/1200 of the limit
 * is reported to the location's shared limiter, which takes 1,200 reports a minute, so the hot path waits for nothing.
 */
export function countRequest(
  window: Window,
  limit: number,
  report: (key: string) => Promise<{ success: boolean }>,
  waitUntil: (work: Promise<unknown>) => void,
): boolean {
  window.count++;
  if (window.isBlocked || window.count > limit) return false;
  if (++window.unreported * REPORTS_PER_WINDOW >= limit) {
    window.unreported = 0;
    waitUntil(
      report(window.key).then(
        ({ success }) => {
          if (!success) window.isBlocked = true;
        },
        () => {},
      ),
    );
  }
  return true;
}
