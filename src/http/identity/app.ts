import { Hono, type Context as HonoContext } from "hono";
import type { EdgeContext } from "../../core/context.ts";
import { AppError, errorResponse } from "../../core/errors.ts";
import { newRequestId } from "../../core/ids.ts";
import type { Site } from "../../core/identity-context.ts";
import { createIdentityContext } from "../../platform/identity-env.ts";
import type { IdentityApp } from "./app-env.ts";
import { accountPages } from "./account-pages.ts";
import { consentPages } from "./consent-pages.ts";
import { devicePages } from "./device-pages.ts";
import { emailPages } from "./email-pages.ts";
import { showError } from "./error-page.ts";
import { linkPages } from "./link-pages.ts";
import { isEndpoint, oauthRefusal, oauthRoutes } from "./oauth-routes.ts";
import { passkeyRoutes } from "./passkey-routes.ts";
import { setUpPages } from "./set-up-pages.ts";
import { tenantPages } from "./tenant-pages.ts";
import { signInPages } from "./sign-in-pages.ts";
import { hostOfApp, SITE_HEADER } from "../identity-apps.ts";
import { answerOptions, noSuchRoute } from "../allowed-methods.ts";
import { QUOTA_HEADER } from "../quota-header.ts";
import { answerOnce, readIdempotencyKey } from "../idempotency.ts";
import { showReceipt } from "../receipts.ts";
import { scimError } from "../../core/scim-error.ts";
import { scimRoutes } from "../../domain/identity/scim/routes.ts";
import { unsubscribePages } from "./unsubscribe-pages.ts";
import { ssoPages } from "./sso-pages.ts";
import { wantsHtml } from "../wants-html.ts";
import { translate } from "../translate.ts";
import { invitationPages } from "./invitation-pages.ts";
import { mountIdentityApi } from "./mounts.ts";

type Refuse = (error: AppError, c: HonoContext<IdentityApp>) => Response | Promise<Response>;

/**
 * The IDENTITY Worker's three apps, reached through the gateway only, which says which by the host
 * that it calls.
 */
export function createIdentityApp(): { fetch: Hono<IdentityApp>["fetch"] } {
  const apps = new Map<string, Hono<IdentityApp>>([
    [hostOfApp("api"), createApi()],
    [hostOfApp("scim"), createScim()],
    [hostOfApp("pages"), createPages()],
  ]);
  return {
    fetch(request, ...rest) {
      const app = apps.get(new URL(request.url).hostname);
      if (!app) throw new Error("IDENTITY was called with an unknown host.");
      return app.fetch(request, ...rest);
    },
  };
}

/** Tokens, members, domains: REST with a credential that the gateway checked. */
function createApi(): Hono<IdentityApp> {
  const app = withContext(asJson, readIdempotencyKey);
  app.use(answerOnce);
  app.use(showReceipt);
  mountIdentityApi(app);
  return app;
}

function createScim(): Hono<IdentityApp> {
  const app = withContext((error) => scimError(error));
  app.use(async ({ req, var: { ctx } }, next) => {
    if (req.method !== "GET" && req.method !== "HEAD") await ctx.quota.take("writes", 1);
    await next();
  });
  return app.route("/scim/v2", scimRoutes());
}

/** Hosted pages and identity protocols: the gateway's caller information is not used here. */
function createPages(): Hono<IdentityApp> {
  const app = withContext((error, c) => {
    if (isEndpoint(c.req.path)) return oauthRefusal(error, c);
    return wantsHtml(c.req.raw) && c.var.ctx ? showError(c.var.ctx, error) : asJson(error, c);
  });
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
  app.route("/unsubscribe", unsubscribePages());
  return app;
}

/**
 * An app whose errors look as `refuse` shows them, and whose requests have the context that the
 * gateway established.
 */
function withContext(refuse: Refuse, readKey?: typeof readIdempotencyKey): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.onError((error, c) => refuse(translate(error, c.req.path), c));
  app.notFound((c) => refuse(noSuchRoute(app, c.req), c));
  answerOptions(app);
  app.use(async (c, next) => {
    const edge = JSON.parse(c.req.header("x-flow-context") ?? "null") as EdgeContext | null;
    const site = JSON.parse(decodeURIComponent(c.req.header(SITE_HEADER) ?? "null")) as Site | null;
    if (!edge || !site)
      throw new AppError("UNAUTHENTICATED", "access/no-context", "Requests come through the gateway.");
    const waitUntil = c.executionCtx.waitUntil.bind(c.executionCtx);
    const key = await readKey?.(c.req.raw, edge);
    c.set("ctx", createIdentityContext(c.env, edge, site, waitUntil, key));
    c.set("idempotencyKey", key);
    await next();
    const figures = c.var.ctx.quota.figures();
    if (figures !== undefined) c.res.headers.set(QUOTA_HEADER, figures);
    if (c.var.ctx.changed.snapshot) c.res.headers.set("x-flow-snapshot", "changed");
  });
  return app;
}

const asJson: Refuse = (error, c) => errorResponse(error, requestIdOf(c.req.raw));

function requestIdOf(request: Request): string {
  const context = request.headers.get("x-flow-context");
  return context ? (JSON.parse(context) as EdgeContext).requestId : newRequestId();
}
