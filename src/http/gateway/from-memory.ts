import { BoundedCache } from "../../core/bounded-cache.ts";
import { isKnown } from "../../core/preconditions.ts";
import { newRequestId } from "../../core/ids.ts";
import type { KeptAnswer } from "../../platform/edge/answer-cache.ts";
import type { GatewayBindings, GatewayExecution } from "../../platform/edge/env.ts";
import { countRequest, windowOf, type Window } from "../../platform/edge/rate-limiter.ts";
import { answerMediaOf, saysJson } from "../graphql-over-http.ts";
import { addressOf } from "./address.ts";
import { rememberedCredential, type Credential } from "./credentials.ts";
import { answers } from "./delivery.ts";
import { environmentNamed } from "./environment.ts";
import { givenRequestId, standardHeaders, type CacheState } from "./response-headers.ts";

/**
 * Where the answer to a request as it comes is kept, for callers who were let through to it before, as long as the name of
 * its environment means the same one.
 */
type Place = { key: string; environmentName: string | null; environmentId: string };
const places = new BoundedCache<Place>(16 * 1024 * 1024);
const MAX_QUERY_BYTES = 8000;
const TOUCH_EVERY = 64;

/** Requests per minute that one caller may send. */
export const limitOf = (env: GatewayBindings) => Number(env.RATE_LIMIT_PER_MINUTE ?? 60_000);

/** A request as it comes, with all that decides which answer it gets: `body` is that of a GraphQL query. */
export const requestKey = (credential: Credential, request: Request, body = "") =>
  `${credential.tenantId}|${credential.boundEnvironmentId ?? ""}|${request.headers.get("x-flow-environment") ?? ""}|${request.headers.get("x-flow-tenant") ?? ""}|${credential.copy.generation}|${answerMediaOf(request.headers.get("accept")) ?? ""}|${request.url}|${body}`;

/** Answers from the isolate's memory, or undefined: the whole of what a hit costs. */
export function answerFromMemory(
  request: Request,
  env: GatewayBindings,
  ctx: GatewayExecution,
): Response | undefined {
  if (request.method !== "GET") return undefined;
  const now = Date.now();
  const credential = sharingCredential(request, env, now);
  return credential && keptAnswer(request, env, ctx, credential, requestKey(credential, request), now);
}

/** Whether the answer to a POST can be in the isolate's memory: a short GraphQL query of somebody who was let in before. */
export function isKnownQuery(request: Request, env: GatewayBindings): boolean {
  return (
    request.method === "POST" &&
    Number(request.headers.get("content-length") ?? Number.POSITIVE_INFINITY) <= MAX_QUERY_BYTES &&
    new URL(request.url).pathname === "/api/v3/graphql" &&
    saysJson(request) &&
    sharingCredential(request, env, Date.now()) !== undefined
  );
}

/** Answers such a query from memory, or by `otherwise`, which gets a request whose body is still to be read. */
export async function queryFromMemory(
  request: Request,
  env: GatewayBindings,
  ctx: GatewayExecution,
  otherwise: (request: Request) => Response | Promise<Response>,
): Promise<Response> {
  const bytes = await request.arrayBuffer();
  const now = Date.now();
  const credential = sharingCredential(request, env, now);
  const body = asText(bytes);
  const key = credential && body !== undefined ? requestKey(credential, request, body) : undefined;
  const kept = key === undefined ? undefined : keptAnswer(request, env, ctx, credential!, key, now);
  return kept ?? otherwise(new Request(request, { method: "POST", body: bytes }));
}

function asText(bytes: ArrayBuffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Who was let in within the last seconds and sees what everybody sees. */
function sharingCredential(request: Request, env: GatewayBindings, now: number): Credential | undefined {
  const authorization = request.headers.get("authorization");
  const credential = authorization === null ? undefined : rememberedCredential(authorization, now);
  if (!credential?.isShared || credential.isFromAllowed?.(addressOf(request, env)) === false)
    return undefined;
  return credential;
}

function keptAnswer(
  request: Request,
  env: GatewayBindings,
  ctx: GatewayExecution,
  credential: Credential,
  ofRequest: string,
  now: number,
): Response | undefined {
  const place = places.get(ofRequest);
  if (!place || environmentNamed(credential, place.environmentName) !== place.environmentId) return undefined;
  const kept = answers.get(place.key);
  if (!kept || kept.freshUntil <= now || wantsFresh(request, credential)) return undefined;
  const limit = limitOf(env);
  const window = windowOf(credential.actor.id, now);
  if (!countRequest(window, limit, (id) => env.RATE_LIMITER.limit({ key: id }), ctx.waitUntil.bind(ctx)))
    return undefined;
  if (window.count % TOUCH_EVERY === 0) answers.touch(place.key);
  return showKept(request, kept, "HIT", givenRequestId(request) ?? newRequestId(), window, limit, now);
}

/** Remembers where the answer to a request as it comes is kept. */
export function remember(ofRequest: string, place: Place): void {
  places.set(ofRequest, place, 2 * (ofRequest.length + place.key.length) + 200);
}

/** A caller who may write may ask for an answer that no cache gave; `fetch` says no-cache with every If-None-Match too. */
export function wantsFresh(request: Request, credential: Credential): boolean {
  if (request.headers.get("cache-control") !== "no-cache" || request.headers.has("if-none-match"))
    return false;
  return !(credential.actor.scopes.length === 1 && credential.actor.scopes[0] === "read");
}

/** A kept answer as this caller gets it: 304 when they have it already. */
export function showKept(
  request: Request,
  kept: KeptAnswer,
  state: CacheState,
  requestId: string,
  window: Window,
  limit: number,
  now: number,
): Response {
  const headers = standardHeaders(request, requestId, state, window, limit, now);
  headers.push(...kept.headers);
  if (state !== "MISS") headers.push(["age", String(Math.floor((now - kept.storedAt) / 1000))]);
  if (isKnown(request.headers.get("if-none-match"), kept.etag))
    return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : kept.body, { status: 200, headers });
}
