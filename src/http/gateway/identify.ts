import { AppError } from "../../core/errors.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { countRequest } from "../../platform/edge/rate-limiter.ts";
import { SENSITIVE_MS } from "../../platform/edge/snapshots.ts";
import { addressOf } from "./address.ts";
import type { Credential } from "./credential.ts";
import { checkCredential, cachedCredential } from "./credentials.ts";
import { rateLimited, windowOfUnauthenticated } from "./limit.ts";

const SENSITIVE =
  /^\/api\/v3\/(?:tokens|keys|tenant|graphql\/management|environments|types|roles|policies|members|invitations|teams|domains|oauth|sso)(?:\/|$)|\/scim\//;

/** The caller, by the bearer token of the request; throws when it is not valid. */
export async function identify(
  request: Request,
  env: GatewayBindings,
  url: URL,
  behind: Behind,
): Promise<Credential> {
  const authorization = request.headers.get("authorization");
  const now = Date.now();
  const remembered = authorization === null ? undefined : cachedCredential(authorization, now);
  const freshMs = isSensitive(request, url) ? SENSITIVE_MS : undefined;
  if (remembered && (freshMs === undefined || now - remembered.cached.readAt < freshMs)) return remembered;
  // Failed credentials are counted per IP address; valid ones are accepted regardless of that count.
  const window = windowOfUnauthenticated(addressOf(request, env), now);
  try {
    return await checkCredential(env, authorization, behind, freshMs);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "UNAUTHENTICATED") throw error;
    throw countRequest(window, env.RATE_LIMITER, behind) ? error : rateLimited(window);
  }
}

/** Writes that change permissions or types: there a revocation takes effect sooner. */
function isSensitive({ method }: Request, { pathname }: URL): boolean {
  return method !== "GET" && method !== "HEAD" && SENSITIVE.test(pathname);
}
