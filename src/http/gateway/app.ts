import { Hono } from "hono";
import type { GatewayBindings, GatewayExecution } from "../../platform/edge/env.ts";
import { noSuchRoute } from "../allowed-methods.ts";
import { wantsHtml } from "../wants-html.ts";
import { answerOptionsOf } from "./answer-options.ts";
import { showDocument } from "./documents.ts";
import { AppError } from "../../core/errors.ts";
import { handleApi, unreachable } from "./handle-api.ts";
import { handleIdentity } from "./handle-identity.ts";
import { identityPath } from "./identity-path.ts";
import { showIndex } from "./index-page.ts";
import { refusal } from "./refusal.ts";

/** The gateway's routes: the API, health, and an index for whoever looks in. */
export function createGatewayApp(): Hono<{ Bindings: GatewayBindings }> {
  const app = new Hono<{ Bindings: GatewayBindings }>();
  app.options("*", (c) => answerOptionsOf(app, c.req.raw, c.env));
  app.get("/", (c) => showIndex(c.req.raw));
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const isReady = await c.env.INTERNAL.ready().then(
      () => true,
      () => false,
    );
    return c.json({ status: isReady ? "ok" : "unavailable" }, isReady ? 200 : 503);
  });
  app.get("/docs", (c) => showDocument(c.req.raw, c.env, "docs"));
  app.get("/docs/", (c) => showDocument(c.req.raw, c.env, "docs"));
  app.get("/graphiql", (c) => showDocument(c.req.raw, c.env, "graphiql"));
  app.get("/api/v3/openapi.json", (c, next) =>
    c.req.header("authorization") === undefined ? showDocument(c.req.raw, c.env, "openapi.json") : next(),
  );
  // A browser that opens the endpoint wants to look round.
  app.get("/api/v3/graphql", (c, next) =>
    wantsHtml(c.req.raw) && !c.req.url.includes("?") ? c.redirect("/graphiql") : next(),
  );
  app.all("/api/v3/*", (c) => handleApi(c.req.raw, c.env, c.executionCtx as unknown as GatewayExecution));
  app.onError((error, c) => refusal(c.req.raw, error instanceof AppError ? error : unreachable(error)));
  app.notFound((c) => {
    const target = identityPath(c.req.path);
    if (target) {
      const waitUntil = c.executionCtx.waitUntil.bind(c.executionCtx);
      return handleIdentity(c.req.raw, c.env, { waitUntil }, target);
    }
    return refusal(c.req.raw, noSuchRoute(app, c.req, ": the API is at /api/v3"));
  });
  return app;
}
