import { freshAnswer, touchAnswer } from "../../platform/edge/delivery/index.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { countRequest } from "../../platform/edge/rate-limiter.ts";
import { saysJson } from "../graphql-over-http.ts";
import { addressOf } from "./address.ts";
import { showCached } from "./answer.ts";
import type { Credential } from "./credential.ts";
import { cachedCredential } from "./credentials.ts";
import { quotaPolicy, windowOfCaller, windowOfTenantAt } from "./limit.ts";
import { cacheKeyOf } from "./known-cache-keys.ts";
import { bypassesCache } from "./request-target.ts";
import { requestIdOf } from "./response-headers.ts";

const MAX_QUERY_BYTES = 8000;
const TOUCH_EVERY = 64;

/** Answers a GET from the isolate's memory, or undefined: the complete work of a cache hit. */
export function answerFromMemory(
  request: Request,
  env: GatewayBindings,
  behind: Behind,
): Response | undefined {
  if (request.method !== "GET" || request.headers.has("upgrade")) return undefined;
  const now = Date.now();
  const credential = sharingCredential(request, env, now);
  return credential && cachedAnswer(request, env, behind, credential, undefined, now);
}

/**
 * Whether the response to a POST can be in memory: a short GraphQL query of a caller with a cached
 * credential.
 */
export function isKnownQuery(request: Request, env: GatewayBindings): boolean {
  return (
    request.method === "POST" &&
    Number(request.headers.get("content-length") ?? Number.POSITIVE_INFINITY) <= MAX_QUERY_BYTES &&
    new URL(request.url).pathname === "/api/v3/graphql" &&
    saysJson(request) &&
    sharingCredential(request, env, Date.now()) !== undefined
  );
}

/** Answers such a query from memory, by its body, or undefined. */
export function queryFromMemory(
  request: Request,
  bytes: ArrayBuffer,
  env: GatewayBindings,
  behind: Behind,
): Response | undefined {
  const now = Date.now();
  const credential = sharingCredential(request, env, now);
  const body = asText(bytes);
  if (!credential || body === undefined) return undefined;
  return cachedAnswer(request, env, behind, credential, body, now);
}

function asText(bytes: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** A recently checked caller without restrictions. */
function sharingCredential(request: Request, env: GatewayBindings, now: number): Credential | undefined {
  const authorization = request.headers.get("authorization");
  const credential = authorization === null ? undefined : cachedCredential(authorization, now);
  if (!credential?.isShared || credential.isFromAllowed?.(addressOf(request, env)) === false)
    return undefined;
  return credential;
}

function cachedAnswer(
  request: Request,
  env: GatewayBindings,
  behind: Behind,
  credential: Credential,
  body: string | undefined,
  now: number,
): Response | undefined {
  const key = cacheKeyOf(credential, request, body);
  const cached = key === undefined ? undefined : freshAnswer(key, now);
  if (!cached || bypassesCache(request, credential.actor.scopes)) return undefined;
  const window = windowOfCaller(credential, env, now);
  const atAddress = windowOfTenantAt(addressOf(request, env), credential, env, now);
  if (atAddress && !countRequest(atAddress, env.RATE_LIMITER, behind)) return undefined;
  if (!countRequest(window, env.RATE_LIMITER, behind)) return undefined;
  if (window.count % TOUCH_EVERY === 0) touchAnswer(key!);
  return showCached(
    { request, requestId: requestIdOf(request), window, quotaPolicy: quotaPolicy(credential.cached, env) },
    cached,
    "HIT",
    now,
  );
}
