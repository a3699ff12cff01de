import type { MiddlewareHandler } from "hono";
import type { Context } from "../core/context.ts";
import { awaitReceipt } from "../domain/reach/receipts/index.ts";

/** The receipt of a write. */
export const RECEIPT_HEADER = "x-flow-receipt";

/** Says the receipt of what a request wrote in a header, also where the answer has no envelope. */
export const showReceipt: MiddlewareHandler<{ Variables: { ctx: Context } }> = async (c, next) => {
  await next();
  const receipt = c.var.ctx.outbox.receipt();
  if (receipt !== undefined) c.res.headers.set(RECEIPT_HEADER, receipt);
};

/**
 * `?receipt=` on a read: it shows nothing older than what the receipt is about. Whatever answers the
 * request does not see the parameter.
 */
export const afterReceipt: MiddlewareHandler<{ Variables: { ctx: Context } }> = async (c, next) => {
  const { method, url } = c.req.raw;
  const isRead = method === "GET" || method === "HEAD" || new URL(url).pathname.endsWith("/graphql");
  const at = isRead && url.includes("receipt=") ? new URL(url) : undefined;
  const receipt = at?.searchParams.get("receipt");
  if (at && receipt != null) {
    at.searchParams.delete("receipt");
    c.req.raw = new Request(at, c.req.raw);
    await awaitReceipt(c.var.ctx, receipt);
  }
  await next();
};
