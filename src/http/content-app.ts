import { Hono } from "hono";
import type { Context, EdgeContext, IdempotencyKey } from "../core/context.ts";
import { AppError, errorResponse, notFound } from "../core/errors.ts";
import { newRequestId } from "../core/ids.ts";
import { mountSlices } from "./mounts.ts";
import { translate } from "./translate.ts";
import { graphqlRoute } from "./graphql/route.ts";
import { answerOnce, readIdempotencyKey } from "./idempotency.ts";
import { tenantDocumentRoute } from "./openapi/routes.ts";
import { parseContentEnv, type ContentBindings } from "../platform/content-env.ts";
import { createContext } from "../platform/create-context.ts";
import { countWrite } from "../platform/write-quota.ts";

export type ContentApp = {
  Bindings: ContentBindings;
  Variables: { ctx: Context; idempotencyKey?: IdempotencyKey | undefined };
};

/** The CONTENT Worker's app: REST and GraphQL of every slice, reached through the gateway only. */
export function createContentApp(): Hono<ContentApp> {
  const app = new Hono<ContentApp>();
  app.onError((error, c) => errorResponse(translate(error, c.req.path), requestIdOf(c.req.raw)));
  app.notFound((c) => errorResponse(unknownRoute(c.req.method, c.req.path), requestIdOf(c.req.raw)));

  const api = new Hono<ContentApp>();
  api.use(async (c, next) => {
    const env = parseContentEnv(c.env);
    const edge = JSON.parse(c.req.header("x-flow-context") ?? "null") as EdgeContext | null;
    if (!edge)
      throw new AppError("UNAUTHENTICATED", "access/no-context", "Requests come through the gateway.");
    const waitUntil = c.executionCtx.waitUntil.bind(c.executionCtx);
    const key = await readIdempotencyKey(c.req.raw, edge);
    const ctx = createContext(env, edge, waitUntil, key);
    const isWrite = c.req.method !== "GET" && c.req.method !== "HEAD" && !c.req.path.endsWith("/graphql");
    if (isWrite)
      countWrite({ redis: env.redis, limit: env.writesPerDay }, edge.tenantId, ctx.now(), waitUntil);
    c.set("ctx", ctx);
    c.set("idempotencyKey", key);
    await next();
  });
  api.use(answerOnce);
  mountSlices(api);
  api.on(["GET", "POST"], "/graphql", graphqlRoute);
  api.all("/graphql", graphqlRoute);
  api.get("/openapi.json", tenantDocumentRoute);
  app.route("/api/v3", api);
  return app;
}

function unknownRoute(method: string, path: string): AppError {
  return notFound("http/no-such-route", `There is no ${method} ${path.slice(0, 200)}.`);
}

function requestIdOf(request: Request): string {
  const context = request.headers.get("x-flow-context");
  return context ? (JSON.parse(context) as EdgeContext).requestId : newRequestId();
}
