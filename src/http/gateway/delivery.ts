import { WorkerEntrypoint } from "cloudflare:workers";
import type { EdgeContext } from "../../core/context.ts";
import { newRequestId } from "../../core/ids.ts";
import { AnswerCache, type KeptAnswer } from "../../platform/edge/answer-cache.ts";
import type { DeliveryProps, GatewayBindings } from "../../platform/edge/env.ts";
import { headersForContent } from "./delivery-headers.ts";

/** Answers in this isolate's memory. Behind Workers Cache they live for half a second, since only it can be purged. */
export const answers = new AnswerCache();
const BEHIND_WORKERS_CACHE_MS = 500;

/** The entrypoint that Workers Cache stands in front of: it sees no credential, so its answers depend on none. */
export class Delivery extends WorkerEntrypoint<GatewayBindings, DeliveryProps> {
  override async fetch(request: Request): Promise<Response> {
    const props = this.ctx.props as DeliveryProps | undefined;
    if (!props?.tenant || !props.environment) throw new Error("Delivery was called without a tenant.");
    const requestId = request.headers.get("x-request-id") ?? newRequestId();
    const context: EdgeContext = {
      tenantId: props.tenant,
      environmentId: props.environment,
      actor: { kind: "system", id: "delivery", scopes: ["read"] },
      requestId,
      isForEdge: true,
    };
    const headers = headersForContent(context, props.accept, request.headers);
    const response = await this.env.CONTENT.fetch(request.url, { headers });
    const marked = new Response(response.body, response);
    marked.headers.set("x-flow-filled-by", requestId);
    return marked;
  }

  /** Purges by tag what Workers Cache keeps of this entrypoint; false when it was refused. */
  async purge(tags: string[]): Promise<boolean> {
    const { cache } = this.ctx as unknown as {
      cache?: { purge(what: { tags: string[] }): Promise<{ success: boolean }> };
    };
    if (!cache) return true;
    return (await cache.purge({ tags })).success;
  }
}

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
