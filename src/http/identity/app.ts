import { Hono } from "hono";
import type { EdgeContext, IdempotencyKey } from "../../core/context.ts";
import { AppError, errorResponse, notFound } from "../../core/errors.ts";
import { newRequestId } from "../../core/ids.ts";
import type { Door, IdentityContext } from "../../core/identity-context.ts";
import { createIdentityContext, type IdentityBindings } from "../../platform/identity-env.ts";
import { accountPages } from "./account-pages.ts";
import { consentPages } from "./consent-pages.ts";
import { devicePages } from "./device-pages.ts";
import { emailPages } from "./email-pages.ts";
import { showError } from "./error-page.ts";
import { linkPages } from "./link-pages.ts";
import { oauthRoutes } from "./oauth-routes.ts";
import { passkeyRoutes } from "./passkey-routes.ts";
import { setUpPages } from "./set-up-pages.ts";
import { tenantPages } from "./tenant-pages.ts";
import { signInPages } from "./sign-in-pages.ts";
import { answerOnce, readIdempotencyKey } from "../idempotency.ts";
import { scimError } from "../../core/scim-error.ts";
import { scimRoutes } from "../../domain/scim/routes.ts";
import { ssoPages } from "./sso-pages.ts";
import { translate } from "../translate.ts";
import { invitationPages } from "./invitation-pages.ts";
import { mountIdentityApi } from "./mounts.ts";

export type IdentityApp = {
  Bindings: IdentityBindings;
  Variables: { ctx: IdentityContext; idempotencyKey?: IdempotencyKey | undefined };
};

/** The IDENTITY Worker's app: hosted pages and the protocols of identity, reached through the gateway only. */
export function createIdentityApp(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.onError((error, c) => {
    const known = translate(error, c.req.path);
    if (isScim(c.req.path)) return scimError(known);
    const isPage = c.req.header("accept")?.includes("text/html") === true;
    return isPage && c.var.ctx ? showError(c.var.ctx, known) : errorResponse(known, requestIdOf(c.req.raw));
  });
  app.notFound((c) => {
    const error = notFound("http/no-such-route", `There is no ${c.req.method} ${c.req.path.slice(0, 200)}.`);
    if (isScim(c.req.path)) return scimError(error);
    const isPage = c.req.header("accept")?.includes("text/html") === true;
    return isPage && c.var.ctx ? showError(c.var.ctx, error) : errorResponse(error, requestIdOf(c.req.raw));
  });
  app.use(async (c, next) => {
    const edge = JSON.parse(c.req.header("x-flow-context") ?? "null") as EdgeContext | null;
    const door = JSON.parse(decodeURIComponent(c.req.header("x-flow-door") ?? "null")) as Door | null;
    if (!edge || !door)
      throw new AppError("UNAUTHENTICATED", "access/no-context", "Requests come through the gateway.");
    const waitUntil = c.executionCtx.waitUntil.bind(c.executionCtx);
    const isApi = c.req.path.startsWith("/api/v3/");
    const key = isApi ? await readIdempotencyKey(c.req.raw, edge) : undefined;
    c.set("ctx", createIdentityContext(c.env, edge, door, waitUntil, key));
    c.set("idempotencyKey", key);
    await next();
    if (c.var.ctx.changed.snapshot) c.res.headers.set("x-flow-snapshot", "changed");
  });
  app.use("/api/v3/*", answerOnce);
  mountIdentityApi(app);
  app.route("/", signInPages());
  app.route("/", linkPages());
  app.route("/", setUpPages());
  app.route("/account/tenants", tenantPages());
  app.route("/account/email/confirm", emailPages());
  app.route("/account", accountPages());
  app.route("/invitation", invitationPages());
  app.route("/passkeys", passkeyRoutes());
  app.route("/", oauthRoutes());
  app.route("/", consentPages());
  app.route("/device", devicePages());
  app.route("/sso", ssoPages());
  app.route("/scim/v2", scimRoutes());
  return app;
}

const isScim = (path: string) => path.startsWith("/scim/");

function requestIdOf(request: Request): string {
  const context = request.headers.get("x-flow-context");
  return context ? (JSON.parse(context) as EdgeContext).requestId : newRequestId();
}
