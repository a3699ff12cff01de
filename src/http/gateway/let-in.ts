import { AppError } from "../../core/errors.ts";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import { SENSITIVE_MS } from "../../platform/edge/snapshots.ts";
import { countRequest, windowOf, type Window } from "../../platform/edge/rate-limiter.ts";
import { addressOf } from "./address.ts";
import { checkCredential, rememberedCredential, unauthenticated, type Credential } from "./credentials.ts";
import { tenantsOfRequest } from "./tenant-of-host.ts";

const UNAUTHENTICATED_PER_MINUTE = 600;
const SENSITIVE =
  /^\/api\/v3\/(?:tokens|keys|tenant|environments|types|roles|policies|members|invitations|teams|domains|oauth|sso)(?:\/|$)|\/scim\//;

/**
 * Who asks, by the bearer token of the request; throws when it is not valid, belongs to another tenant than the one that the
 * host names, or may not be used from there.
 */
export async function letIn(
  request: Request,
  env: GatewayBindings,
  url: URL,
  waitUntil: (work: Promise<unknown>) => void,
): Promise<Credential> {
  const authorization = request.headers.get("authorization");
  const now = Date.now();
  const remembered = authorization === null ? undefined : rememberedCredential(authorization, now);
  const freshMs = isSensitive(request, url) ? SENSITIVE_MS : undefined;
  const isFresh =
    freshMs === undefined || (remembered !== undefined && now - remembered.copy.readAt < freshMs);
  const [credential, tenants] = await Promise.all([
    remembered && isFresh ? remembered : checkThrottled(request, env, authorization, waitUntil, freshMs),
    tenantsOfRequest(env, request, url.hostname),
  ]);
  if (tenants.some((tenantId) => tenantId !== credential.tenantId))
    throw unauthenticated("access/wrong-tenant", "The token belongs to another tenant.");
  if (credential.isFromAllowed?.(addressOf(request, env)) === false)
    throw new AppError("FORBIDDEN", "access/ip-not-allowed", "This token may not be used from your address.");
  return credential;
}

/** Writes that change who may do what, or how content is made: a revocation counts sooner there. */
function isSensitive({ method }: Request, { pathname }: URL): boolean {
  return method !== "GET" && method !== "HEAD" && SENSITIVE.test(pathname);
}

/** Credentials that fail are counted by address; those that do not are let in however many failed from there. */
async function checkThrottled(
  request: Request,
  env: GatewayBindings,
  authorization: string | null,
  waitUntil: (work: Promise<unknown>) => void,
  freshMs: number | undefined,
): Promise<Credential> {
  const window = windowOf(`ip:${addressOf(request, env) ?? "local"}`, Date.now());
  try {
    return await checkCredential(env, authorization, waitUntil, freshMs);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "UNAUTHENTICATED") throw error;
    const report = (id: string) => env.RATE_LIMITER.limit({ key: id });
    throw countRequest(window, UNAUTHENTICATED_PER_MINUTE, report, waitUntil) ? error : rateLimited(window);
  }
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
