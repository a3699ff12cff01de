import ipaddr from "ipaddr.js";
import { AppError } from "../../core/errors.ts";
import { planOf, policyOf, quotasOf, type PlanName, type Quotas } from "../../core/plans.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { countRequest, figuresOf, windowOf, type Window } from "../../platform/edge/rate-limiter.ts";
import type { CachedSnapshot } from "../../platform/edge/snapshots.ts";
import type { Credential } from "./credential.ts";

/** Requests within a minute: of a token, and of an address for everything that needs none. */
export const REQUESTS_PER_MINUTE = 60_000;
/** Of all tokens of a tenant that are used from one address, as a multiple of what one of them has. */
export const TOKENS_PER_ADDRESS = 5;
/** What pages and protocols of identity answer one address within a minute. */
export const PAGES_PER_MINUTE = 600;
/** Requests without a valid token, from one address within a minute. */
export const UNAUTHENTICATED_PER_MINUTE = 600;

const LOOPBACK = /^(?:127\.|::1$)/;

const limitOf = (env: GatewayBindings): number => Number(env.RATE_LIMIT_PER_MINUTE ?? REQUESTS_PER_MINUTE);

export const windowOfCaller = (
  { tenantId, actor }: Credential,
  env: GatewayBindings,
  now = Date.now(),
): Window => windowOf(`${tenantId}|${actor.kind}|${actor.id}`, "default", limitOf(env), now);

/**
 * What a tenant's callers have together at one address: whoever makes their own tokens cannot multiply
 * what one has. Undefined where the address says nothing: that of a proxy on this machine.
 */
export function windowOfTenantAt(
  address: string | null,
  { tenantId }: Credential,
  env: GatewayBindings,
  now = Date.now(),
): Window | undefined {
  if (address === null || LOOPBACK.test(address)) return undefined;
  const limit = TOKENS_PER_ADDRESS * limitOf(env);
  return windowOf(`${tenantId}|at|${networkOf(address)}`, "address", limit, now);
}

/** For what is answered to everybody. */
export const windowOfAddress = (address: string | null, env: GatewayBindings, now = Date.now()): Window =>
  windowOf(`address:${networkOf(address)}`, "address", limitOf(env), now);
export const windowOfPages = (address: string | null, now = Date.now()): Window =>
  windowOf(`identity:${networkOf(address)}`, "pages", PAGES_PER_MINUTE, now);
export const windowOfUnauthenticated = (address: string | null, now = Date.now()): Window =>
  windowOf(`ip:${networkOf(address)}`, "unauthenticated", UNAUTHENTICATED_PER_MINUTE, now);

/** One network of IPv6 belongs to one caller, who has 2^64 addresses in it. */
function networkOf(address: string | null): string {
  if (address === null) return "local";
  if (!address.includes(":") || !ipaddr.IPv6.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? parsed.parts.slice(0, 4).join(":") : parsed.toString();
}

/** Counts a request; throws RATE_LIMITED for one too many. */
export function limit(window: Window, env: GatewayBindings, behind: Behind): void {
  if (!countRequest(window, env.RATE_LIMITER, behind)) throw rateLimited(window);
}

/** The error for too many requests per minute, with the figures of the limit that it is over. */
export function rateLimited(window: Window): AppError {
  const now = Date.now();
  const seconds = Math.max(1, Math.ceil((window.endsAt - now) / 1000));
  const headers = {
    "retry-after": String(seconds),
    "ratelimit-policy": window.policy,
    ratelimit: `"${window.name}";r=0;t=${seconds}`,
  };
  return new AppError(
    "RATE_LIMITED",
    "access/rate-limited",
    `Too many requests: try again in ${seconds} s.`,
    {
      headers,
    },
  );
}

/** What the tenant of a snapshot may do within a minute. */
export const quotasIn = ({ snapshot }: CachedSnapshot, { DEFAULT_PLAN }: GatewayBindings): Quotas =>
  quotasOf(snapshot.tenant, DEFAULT_PLAN);

/** The name of its plan. */
export const planIn = ({ snapshot }: CachedSnapshot, { DEFAULT_PLAN }: GatewayBindings): PlanName =>
  planOf(snapshot.tenant.plan, DEFAULT_PLAN);

const policies = new WeakMap<CachedSnapshot, string>();

/** The members of `RateLimit-Policy` for a tenant's quotas. */
export function quotaPolicy(cached: CachedSnapshot, env: GatewayBindings): string {
  let policy = policies.get(cached);
  if (policy === undefined) {
    policy = policyOf(quotasIn(cached, env));
    policies.set(cached, policy);
  }
  return policy;
}

/** The headers of a limit, and of the quotas of the tenant where it is known. */
export function limitHeaders(
  window: Window,
  policy: string | undefined,
  figures: string | null,
  now: number,
): [string, string][] {
  return [
    ["ratelimit-policy", policy === undefined ? window.policy : `${window.policy}, ${policy}`],
    ["ratelimit", figures === null ? figuresOf(window, now) : `${figuresOf(window, now)}, ${figures}`],
  ];
}
