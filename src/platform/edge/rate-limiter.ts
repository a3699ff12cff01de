import { keepNewest } from "../../core/keep-newest.ts";
import type { Behind, GatewayBindings } from "./env.ts";

const WINDOW_MS = 60_000;
/** The limit of a location's shared limiter: each report to it counts for this share of the limit. */
const REPORTS_PER_WINDOW = 1200;
const MAX_KEYS = 50_000;

/** The count of one caller in the running minute, and how many requests it may have. */
export type Window = {
  key: string;
  limit: number;
  endsAt: number;
  count: number;
  unreported: number;
  isBlocked: boolean;
};

const windows = new Map<string, Window>();

/** The running minute of a caller: a token's id, or an address. */
export function windowOf(key: string, limit: number, now: number): Window {
  let window = windows.get(key);
  if (!window || window.endsAt <= now) {
    window = { key, limit, endsAt: now + WINDOW_MS, count: 0, unreported: 0, isBlocked: false };
    keepNewest(windows, key, window, MAX_KEYS);
  }
  return window;
}

/**
 * Counts one request; false when the caller is over the limit. The isolate counts by itself; each
 * 1/1200 of the limit is reported to the location's shared limiter, which takes 1,200 reports a
 * minute, so the hot path waits for nothing.
 */
export function countRequest(
  window: Window,
  limiter: GatewayBindings["RATE_LIMITER"],
  behind: Behind,
): boolean {
  window.count++;
  if (window.isBlocked || window.count > window.limit) return false;
  if (++window.unreported * REPORTS_PER_WINDOW >= window.limit) {
    window.unreported = 0;
    behind.waitUntil(
      limiter.limit({ key: window.key }).then(
        ({ success }) => {
          if (!success) window.isBlocked = true;
        },
        () => {},
      ),
    );
  }
  return true;
}
