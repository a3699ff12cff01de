import type { GatewayBindings } from "../env.ts";
import type { KeptAnswer } from "./answer-cache.ts";

/** Behind Workers Cache an isolate keeps an answer for half a second, since only the other can be purged. */
const BEHIND_WORKERS_CACHE_MS = 500;
/** What a cache may hold: a whole JSON document. */
const KEPT_TYPE = /^application\/(?:graphql-response\+)?json(?:;|$)/;

/** An answer of Delivery as it is kept, or the response itself when it may not be. */
export async function toKept(
  response: Response,
  mode: GatewayBindings["CACHE"],
  now: number,
): Promise<KeptAnswer | Response> {
  const policy = response.headers.get("cloudflare-cdn-cache-control");
  const maxAge = /max-age=(\d+)/.exec(policy ?? "")?.[1];
  const etag = response.headers.get("etag");
  const type = response.headers.get("content-type") ?? "";
  if (response.status !== 200 || maxAge === undefined || etag === null || !KEPT_TYPE.test(type))
    return response;
  const stale = Number(/stale-while-revalidate=(\d+)/.exec(policy!)?.[1] ?? 0) * 1000;
  const body = await response.arrayBuffer();
  const freshMs = mode === "memory" ? Number(maxAge) * 1000 : BEHIND_WORKERS_CACHE_MS;
  const cost = response.headers.get("x-query-cost");
  return {
    body,
    headers: [
      ["content-type", type.includes("charset") ? type : `${type}; charset=utf-8`],
      ["cache-control", "private, max-age=0, must-revalidate"],
      ["etag", etag],
      ...(cost === null ? [] : [["x-query-cost", cost] satisfies [string, string]]),
    ],
    etag,
    tags: (response.headers.get("cache-tag") ?? "").split(","),
    storedAt: now,
    freshUntil: now + freshMs,
    staleUntil: mode === "memory" ? now + freshMs + stale : now,
    bytes: body.byteLength,
  };
}
