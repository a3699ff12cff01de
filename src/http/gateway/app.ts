import { Hono } from "hono";
import { notFound } from "../../core/errors.ts";
import type { GatewayBindings, GatewayExecution } from "../../platform/edge/env.ts";
import { showDocument } from "./documents.ts";
import { handleApi } from "./handle-api.ts";
import { handleIdentity } from "./handle-identity.ts";
import { identityPath } from "./identity-path.ts";
import { refusal } from "./refusal.ts";
import { preflight } from "./response-headers.ts";

/** The gateway's routes: the API, health, and an index for whoever looks in. */
export function createGatewayApp(): Hono<{ Bindings: GatewayBindings }> {
  const app = new Hono<{ Bindings: GatewayBindings }>();
  app.options("*", () => preflight());
  app.get("/", (c) =>
    c.json({
      name: "FlowCMS",
      rest: "/api/v3",
      graphql: "/api/v3/graphql",
      docs: "/docs",
      graphiql: "/graphiql",
      openapi: "/api/v3/openapi.json",
      health: "/healthz",
      ready: "/readyz",
    }),
  );
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
    c.req.header("accept")?.includes("text/html") && !c.req.url.includes("?")
      ? c.redirect("/graphiql")
      : next(),
  );
  app.all("/api/v3/*", (c) => handleApi(c.req.raw, c.env, c.executionCtx as unknown as GatewayExecution));
  app.notFound((c) => {
    const target = identityPath(c.req.path);
    if (target) {
      const waitUntil = c.executionCtx.waitUntil.bind(c.executionCtx);
      return handleIdentity(c.req.raw, c.env, { waitUntil }, target);
    }
    const error = notFound(
      "http/no-such-route",
      `There is no ${c.req.method} ${c.req.path.slice(0, 200)}: the API is at /api/v3.`,
    );
    return refusal(c.req.raw, error);
  });
  return app;
}
