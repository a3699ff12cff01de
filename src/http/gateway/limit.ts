import { AppError } from "../../core/errors.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { countRequest, type Window } from "../../platform/edge/rate-limiter.ts";

/** Requests per minute that one caller may send. */
export const limitOf = (env: GatewayBindings): number => Number(env.RATE_LIMIT_PER_MINUTE ?? 60_000);

/** Counts a request; throws RATE_LIMITED for one too many. */
export function limit(window: Window, env: GatewayBindings, behind: Behind): void {
  if (!countRequest(window, env.RATE_LIMITER, behind)) throw rateLimited(window);
}

/** The refusal of who asks too much within a minute. */
export function rateLimited(window: Window): AppError {
  const seconds = Math.max(1, Math.ceil((window.endsAt - Date.now()) / 1000));
  return new AppError(
    "RATE_LIMITED",
    "access/rate-limited",
    `Too many requests: try again in ${seconds} s.`,
    { headers: { "retry-after": String(seconds) } },
  );
}
