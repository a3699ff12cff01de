import { BoundedCache } from "../../core/bounded-cache.ts";
import { answerMediaOf } from "../graphql-over-http.ts";
import type { Credential } from "./credential.ts";
import { environmentNamed } from "./environment.ts";

/**
 * The cache key of a request that was answered before for this caller. It is valid while the
 * environment's name refers to the same environment.
 */
type CacheLocation = { key: string; environmentName: string | null; environmentId: string };

const known = new BoundedCache<CacheLocation>(16 * 1024 * 1024);

/** The cache key of a request, if known; `body` is that of a GraphQL query. */
export function cacheKeyOf(credential: Credential, request: Request, body?: string): string | undefined {
  const location = known.get(requestKey(credential, request, body));
  if (!location || environmentNamed(credential, location.environmentName) !== location.environmentId)
    return undefined;
  return location.key;
}

/** Remembers the cache key of a request. */
export function rememberCacheKey(
  credential: Credential,
  request: Request,
  body: string | undefined,
  location: CacheLocation,
): void {
  const ofRequest = requestKey(credential, request, body);
  known.set(ofRequest, location, 2 * (ofRequest.length + location.key.length) + 200);
}

/** The raw request with everything that its response depends on. */
const requestKey = (credential: Credential, request: Request, body = "") =>
  `${credential.tenantId}|${credential.boundEnvironmentId ?? ""}|${request.headers.get("x-flow-environment") ?? ""}|${request.headers.get("x-flow-tenant") ?? ""}|${credential.cached.generation}|${answerMediaOf(request.headers.get("accept")) ?? ""}|${request.url}|${body}`;
