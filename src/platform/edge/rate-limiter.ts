import { keepNewest } from "../../core/keep-newest.ts";
import type { Behind, GatewayBindings } from "./env.ts";

const WINDOW_MS = 60_000;
/** The limit of a location's shared limiter: each report to it counts for this share of the limit. */
const REPORTS_PER_WINDOW = 1200;
const MAX_KEYS = 50_000;

/** The count of one caller in the running minute, and how many requests it may have. */
export type Window = {
  key: string;
  /** The member of `RateLimit-Policy`. */
  policy: string;
  name: string;
  limit: number;
  endsAt: number;
  count: number;
  unreported: number;
  isBlocked: boolean;
};

const windows = new Map<string, Window>();

/** The running minute of a key, by a limit that clients know by its name. */
export function windowOf(key: string, name: string, limit: number, now: number): Window {
  let window = windows.get(key);
  if (!window || window.endsAt <= now) {
    const policy = `"${name}";q=${limit};w=${WINDOW_MS / 1000}`;
    const endsAt = now + WINDOW_MS;
    window = { key, policy, name, limit, endsAt, count: 0, unreported: 0, isBlocked: false };
    keepNewest(windows, key, window, MAX_KEYS);
  }
  return window;
}

/** The member of `RateLimit`: what is left of the minute, and when the next begins. */
export const figuresOf = ({ name, limit, count, isBlocked, endsAt }: Window, now: number): string =>
  `"${name}";r=${isBlocked ? 0 : Math.max(0, limit - count)};t=${Math.max(0, Math.ceil((endsAt - now) / 1000))}`;

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
