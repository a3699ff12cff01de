import { AppError } from "../../core/errors.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { countRequest, windowOf, type Window } from "../../platform/edge/rate-limiter.ts";
import type { Credential } from "./credential.ts";

/** What pages and protocols of identity answer one address within a minute. */
const PAGES_PER_MINUTE = 600;

/** Requests per minute that one caller may send. */
const limitOf = (env: GatewayBindings): number => Number(env.RATE_LIMIT_PER_MINUTE ?? 60_000);

export const windowOfCaller = ({ actor }: Credential, env: GatewayBindings, now = Date.now()): Window =>
  windowOf(actor.id, limitOf(env), now);
export const windowOfPages = (ip: string | null, now = Date.now()): Window =>
  windowOf(`identity:${ip ?? "local"}`, PAGES_PER_MINUTE, now);

/** Counts a request; throws RATE_LIMITED for one too many. */
export function limit(window: Window, env: GatewayBindings, behind: Behind): void {
  if (!countRequest(window, env.RATE_LIMITER, behind)) throw rateLimited(window);
}

/** The error for too many requests per minute. */
export function rateLimited(window: Window): AppError {
  const seconds = Math.max(1, Math.ceil((window.endsAt - Date.now()) / 1000));
  return new AppError(
    "RATE_LIMITED",
    "access/rate-limited",
    `Too many requests: try again in ${seconds} s.`,
    { headers: { "retry-after": String(seconds) } },
  );
}
