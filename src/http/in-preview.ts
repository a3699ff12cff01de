import type { MiddlewareHandler } from "hono";
import { previewOf } from "../domain/content/releases/index.ts";
import type { ContentApp } from "./content-app-env.ts";

/** Has a read with `release` see what is published as it would be after that release. */
export const inPreview: MiddlewareHandler<ContentApp> = async (c, next) => {
  const isRead = c.req.method === "GET" || c.req.method === "HEAD";
  const release = isRead ? c.req.query("release") : undefined;
  if (release !== undefined) c.set("ctx", await previewOf(c.var.ctx, release));
  await next();
};
