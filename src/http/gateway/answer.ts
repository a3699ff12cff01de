import { AppError, errorResponse } from "../../core/errors.ts";
import { isKnown } from "../../core/preconditions.ts";
import type { CachedAnswer } from "../../platform/edge/delivery/index.ts";
import { QUOTA_HEADER } from "../quota-header.ts";
import { standardHeaders, type CacheState, type Reply } from "./response-headers.ts";
import { withStandardHeaders } from "./refusal.ts";
import { unreachable } from "./unreachable.ts";

/** Headers between Workers that clients do not get. */
const WITHIN = [
  "cloudflare-cdn-cache-control",
  "cache-tag",
  "x-flow-filled-by",
  "x-flow-snapshot",
  "x-flow-secret",
  QUOTA_HEADER,
];

/** A cached response for this caller: 304 when they have it already. */
export function showCached(reply: Reply, cached: CachedAnswer, state: CacheState, now: number): Response {
  const { request } = reply;
  const isKnownToCaller = isKnown(request.headers.get("if-none-match"), cached.etag);
  const body = isKnownToCaller || request.method === "HEAD" ? null : cached.body;
  const response = new Response(body, { status: isKnownToCaller ? 304 : 200 });
  const { headers } = response;
  for (const [name, value] of standardHeaders(reply, state, now)) headers.set(name, value);
  for (const [name, value] of cached.headers) headers.set(name, value);
  if (state !== "MISS") headers.set("age", String(Math.max(0, Math.floor((now - cached.storedAt) / 1000))));
  return response;
}

/**
 * The answer of another Worker as this caller gets it: `Location` leads to the environment that they
 * named.
 */
export function passOn(
  reply: Reply,
  response: Response,
  state: CacheState,
  environmentName: string | null = null,
): Response {
  const answer = new Response(response.body, response);
  const { headers } = answer;
  for (const name of WITHIN) headers.delete(name);
  const own = standardHeaders(reply, state, Date.now(), response.headers.get(QUOTA_HEADER));
  for (const [name, value] of own) headers.set(name, value);
  const location = headers.get("location");
  if (environmentName !== null && location?.startsWith("/api/v3/content/"))
    headers.set("location", `${location}&environment=${encodeURIComponent(environmentName)}`);
  return answer;
}

/** The answer to what failed on its way. */
export function failed(reply: Reply, error: unknown): Response {
  const response = errorResponse(error instanceof AppError ? error : unreachable(error), reply.requestId);
  return withStandardHeaders(reply, response);
}
