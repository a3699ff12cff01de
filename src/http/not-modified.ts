import type { MiddlewareHandler } from "hono";
import { isKnown } from "../core/preconditions.ts";

/** 304 in place of an answer that the caller has. */
export const notModified: MiddlewareHandler = async (c, next) => {
  await next();
  const etag = c.res.headers.get("etag");
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  if (!isRead || c.res.status !== 200 || etag === null || !isKnown(c.req.header("if-none-match"), etag))
    return;
  const headers = new Headers(c.res.headers);
  for (const name of ["content-type", "content-length"]) headers.delete(name);
  await c.res.body?.cancel();
  c.res = undefined;
  c.res = new Response(null, { status: 304, headers });
};
