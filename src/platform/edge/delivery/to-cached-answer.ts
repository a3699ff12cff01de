import type { GatewayBindings } from "../env.ts";
import { KEEP_MS, type CachedAnswer } from "./answer-cache.ts";

/** With Workers Cache an isolate holds an answer for half a second only, since it cannot be purged there. */
const BEHIND_WORKERS_CACHE_MS = 500;
/** The cacheable media types. */
const CACHEABLE_TYPE = /^application\/(?:graphql-response\+)?json(?:;|$)/;

/** A response of Delivery as a cache entry, or the response itself when it is not cacheable. */
export async function toCachedAnswer(
  response: Response,
  mode: GatewayBindings["CACHE"],
  now: number,
): Promise<CachedAnswer | Response> {
  const policy = response.headers.get("cloudflare-cdn-cache-control");
  const maxAge = /max-age=(\d+)/.exec(policy ?? "")?.[1];
  const etag = response.headers.get("etag");
  const type = response.headers.get("content-type") ?? "";
  if (response.status !== 200 || maxAge === undefined || etag === null || !CACHEABLE_TYPE.test(type))
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
    storedAt: now - 1000 * Number(response.headers.get("age") ?? 0),
    freshUntil: now + freshMs,
    staleUntil: mode === "memory" ? now + freshMs + stale : now,
    keptUntil: mode === "memory" ? now + KEEP_MS : now,
    ...(isStaleOf(response) ? { isStale: true } : {}),
    bytes: body.byteLength,
  };
}

/** Whether Workers Cache says that it gave an old answer, since there was no new one. */
const isStaleOf = ({ headers }: Response) =>
  /^(?:STALE|UPDATING)$/.test(headers.get("cf-cache-status") ?? "");
