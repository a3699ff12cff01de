import { WorkerEntrypoint } from "cloudflare:workers";
import type { EdgeContext } from "../../../core/context.ts";
import { newRequestId } from "../../../core/ids.ts";
import { askBehind, content } from "../../resilience/workers-behind.ts";
import type { GatewayBindings } from "../env.ts";
import { headersForContent, quotasFrom } from "./delivery-headers.ts";
import type { DeliveryProps } from "./execution.ts";

/** The entrypoint behind Workers Cache: it gets no credentials, so its responses depend on none. */
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
      quotas: quotasFrom(request.headers),
    };
    const headers = headersForContent(context, props.accept, request.headers);
    const response = await askBehind(content, this.env.CONTENT, request.url, { headers });
    // What is missing a part is a failure to the cache, which may have it whole; the gateway undoes it.
    const { headers: given, body } = response;
    const marked = given.has("x-flow-failed")
      ? new Response(body, { status: 503, headers: given })
      : new Response(body, response);
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
