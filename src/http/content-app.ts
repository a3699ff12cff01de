import { Hono } from "hono";
import type { EdgeContext } from "../core/context.ts";
import { AppError, errorResponse } from "../core/errors.ts";
import { newRequestId } from "../core/ids.ts";
import type { ContentApp } from "./content-app-env.ts";
import { answerOptions, noSuchRoute } from "./allowed-methods.ts";
import { inPreview } from "./in-preview.ts";
import { notModified } from "./not-modified.ts";
import { mountOperations } from "./mount-operations.ts";
import { CONTENT_GROUPS } from "./operation-groups.ts";
import { translate } from "./translate.ts";
import { managementRoute } from "./graphql/management/route.ts";
import { graphqlRoute } from "./graphql/route.ts";
import { answerOnce, readIdempotencyKey } from "./idempotency.ts";
import { tenantDocumentRoute } from "./openapi/routes.ts";
import { realtimeRoutes } from "./realtime/routes.ts";
import { parseContentEnv } from "../platform/content-env.ts";
import { createContext } from "../platform/create-context.ts";
import { afterReceipt, showReceipt } from "./receipts.ts";
import { QUOTA_HEADER } from "./quota-header.ts";

/** The CONTENT Worker's app: REST and GraphQL of every slice, reached through the gateway only. */
export function createContentApp(): Hono<ContentApp> {
  const app = new Hono<ContentApp>();
  app.onError((error, c) => errorResponse(translate(error, c.req.path), requestIdOf(c.req.raw)));
  app.notFound((c) => errorResponse(noSuchRoute(app, c.req), requestIdOf(c.req.raw)));
  answerOptions(app);

  const api = new Hono<ContentApp>();
  api.use(async (c, next) => {
    const env = parseContentEnv(c.env);
    const edge = JSON.parse(c.req.header("x-flow-context") ?? "null") as EdgeContext | null;
    if (!edge)
      throw new AppError("UNAUTHENTICATED", "access/no-context", "Requests come through the gateway.");
    const waitUntil = c.executionCtx.waitUntil.bind(c.executionCtx);
    const key = await readIdempotencyKey(c.req.raw, edge);
    const ctx = createContext(env, edge, waitUntil, key);
    c.set("ctx", ctx);
    c.set("idempotencyKey", key);
    await next();
    const figures = ctx.quota.figures();
    if (figures !== undefined) c.res.headers.set(QUOTA_HEADER, figures);
  });
  for (const path of ["/content/*", "/aggregate/*"]) api.use(path, inPreview);
  api.use(notModified);
  api.use(answerOnce);
  api.use(showReceipt);
  api.use(afterReceipt);
  mountOperations(
    api,
    CONTENT_GROUPS.flatMap(({ operations }) => operations),
  );
  api.on(["GET", "POST"], "/graphql", graphqlRoute);
  api.on(
    ["GET", "POST"],
    "/graphql/management",
    managementRoute((request, c) => app.fetch(request, c.env, c.executionCtx)),
  );
  api.get("/openapi.json", tenantDocumentRoute);
  app.route("/realtime", realtimeRoutes());
  app.route("/api/v3", api);
  return app;
}

function requestIdOf(request: Request): string {
  const context = request.headers.get("x-flow-context");
  return context ? (JSON.parse(context) as EdgeContext).requestId : newRequestId();
}
