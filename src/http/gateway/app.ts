import { Hono, type Context as HonoContext } from "hono";
import type { GatewayExecution } from "../../platform/edge/delivery/index.ts";
import type { GatewayBindings, PublicDocument } from "../../platform/edge/env.ts";
import { noSuchRoute } from "../allowed-methods.ts";
import { refuseQuery } from "../refuse-query.ts";
import { wantsHtml } from "../wants-html.ts";
import { answerOptionsOf } from "./answer-options.ts";
import { showDocument } from "./documents.ts";
import { AppError, notFound } from "../../core/errors.ts";
import { addressOf } from "./address.ts";
import { handleApi } from "./handle-api.ts";
import { handleIdentity } from "./handle-identity.ts";
import { identityPath } from "./identity-path.ts";
import { showIndex } from "./index-page.ts";
import { showReadiness } from "./readiness.ts";
import { limit, windowOfAddress } from "./limit.ts";
import { openStream } from "./event-stream.ts";
import { isUpgrade, openSocket, wantsStream } from "./realtime.ts";
import { refusal } from "./refusal.ts";
import { unreachable } from "./unreachable.ts";

/** The gateway's routes: the API, health checks, and an index page. */
export function createGatewayApp(): Hono<{ Bindings: GatewayBindings }> {
  const app = new Hono<{ Bindings: GatewayBindings }>();
  const count = ({ req, env, executionCtx }: HonoContext<{ Bindings: GatewayBindings }>) =>
    limit(windowOfAddress(addressOf(req.raw, env), env), env, executionCtx);
  app.options("*", (c) => (count(c), answerOptionsOf(app, c.req.raw, c.env)));
  app.get("/", (c) => (count(c), showIndex(c.req.raw)));
  // Never refused: whoever watches an installation must not take it for dead.
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", (c) => (count(c), showReadiness(c.env)));
  const document = async (c: HonoContext<{ Bindings: GatewayBindings }>, name: PublicDocument) =>
    (count(c), await showDocument(c.req.raw, c.env, name)) ??
    refusal(c.req.raw, notFound("http/no-such-route", `There is no ${c.req.path.slice(0, 200)}.`));
  app.get("/docs", (c) => document(c, "docs"));
  app.get("/docs/", (c) => document(c, "docs"));
  app.get("/docs/:page{[a-z0-9-]{1,40}}", (c) => document(c, `docs/${c.req.param("page")}`));
  app.get("/graphiql", (c) => document(c, "graphiql"));
  app.get("/api/v3/openapi.json", (c, next) => {
    refuseQuery(new URL(c.req.url));
    return c.req.header("authorization") === undefined ? document(c, "openapi.json") : next();
  });
  app.on(["GET", "POST"], "/api/v3/graphql", (c, next) =>
    isUpgrade(c.req.raw) ? openSocket(c.req.raw, c.env, c.executionCtx) : next(),
  );
  app.on(["GET", "POST"], "/api/v3/graphql", (c, next) =>
    wantsStream(c.req.raw) ? openStream(c.req.raw, c.env, c.executionCtx) : next(),
  );
  // A browser that opens the endpoint wants to look round.
  app.get("/api/v3/graphql", (c, next) =>
    wantsHtml(c.req.raw) && !c.req.url.includes("?") ? c.redirect("/graphiql") : next(),
  );
  app.all("/api/v3/*", (c) => handleApi(c.req.raw, c.env, c.executionCtx as unknown as GatewayExecution));
  app.onError((error, c) => refusal(c.req.raw, error instanceof AppError ? error : unreachable(error)));
  app.notFound((c) => {
    const target = identityPath(c.req.path);
    if (target) return handleIdentity(c.req.raw, c.env, c.executionCtx, target);
    count(c);
    return refusal(c.req.raw, noSuchRoute(app, c.req, ": the API is at /api/v3"));
  });
  return app;
}
