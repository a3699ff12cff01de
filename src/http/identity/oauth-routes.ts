import { Hono, type Context as HonoContext } from "hono";
import { success } from "../../core/answers.ts";
import { AppError } from "../../core/errors.ts";
import * as oauth from "../../domain/identity/oauth/index.ts";
import { keySet, PUBLISHED_FOR } from "../key-set.ts";
import { translate } from "../translate.ts";
import type { IdentityApp } from "./app-env.ts";
import { readParameters, requireSameOrigin } from "./forms.ts";
import { signedIn } from "./signed-in.ts";

const ENDPOINTS = ["/oauth/token", "/oauth/device", "/oauth/introspect", "/oauth/revoke", "/oauth/userinfo"];
const NO_STORE = { "cache-control": "no-store", pragma: "no-cache" };

/** The endpoints that clients call: tokens, revocation, introspection, devices, metadata and keys. */
export function oauthRoutes(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();

  const endpoint = (
    path: string,
    answer: (c: HonoContext<IdentityApp>, form: Record<string, string>) => Promise<unknown>,
  ) =>
    app.post(path, async (c) => {
      try {
        const body = await answer(c, await readOnce(c));
        return Response.json(body ?? {}, { headers: NO_STORE });
      } catch (error) {
        return oauthRefusal(error, c);
      }
    });
  const shown = (c: HonoContext<IdentityApp>, form: Record<string, string>) =>
    oauth.readClient(c.req.header("authorization") ?? null, form);

  endpoint("/oauth/token", (c, form) => oauth.issueToken(c.var.ctx, { shown: shown(c, form), form }));
  endpoint("/oauth/device", (c, form) =>
    oauth.beginDevice(c.var.ctx, { shown: shown(c, form), scope: form["scope"] }),
  );
  endpoint("/oauth/introspect", (c, form) =>
    oauth.introspectToken(c.var.ctx, { shown: shown(c, form), token: tokenOf(form) }),
  );
  app.post("/oauth/revoke", async (c) => {
    try {
      const form = await readOnce(c);
      await oauth.revokeToken(c.var.ctx, { shown: shown(c, form), token: tokenOf(form) });
      return new Response(null, { headers: NO_STORE });
    } catch (error) {
      return oauthRefusal(error, c);
    }
  });

  app.on(["GET", "POST"], "/oauth/userinfo", async (c) => {
    try {
      return Response.json(await oauth.userInfo(c.var.ctx, await bearerOf(c)), { headers: NO_STORE });
    } catch (error) {
      return oauthRefusal(error, c, true);
    }
  });

  for (const name of ["oauth-authorization-server", "openid-configuration"])
    app.get(`/.well-known/${name}`, (c) =>
      Response.json(oauth.serverMetadata(c.var.ctx.site), {
        headers: { "cache-control": PUBLISHED_FOR },
      }),
    );
  app.get("/.well-known/jwks.json", async (c) => keySet(await oauth.publicKeys(c.var.ctx)));

  // What a page of ours calls the API with: the cookie itself goes nowhere but here.
  app.post("/session/token", async (c) => {
    requireSameOrigin(c.req.raw, c.var.ctx.site);
    const person = await signedIn(c);
    if (!person) throw new AppError("UNAUTHENTICATED", "identity/not-signed-in", "Sign in first.");
    return success(await oauth.tokenForPage(c.var.ctx, person));
  });
  return app;
}

/** The parameters of a request; none may come twice. */
async function readOnce(c: HonoContext<IdentityApp>): Promise<Record<string, string>> {
  const { params, repeated } = await readParameters(c.req.raw);
  if (repeated.size === 0) return params;
  throw oauth.oauthError(
    "invalid_request",
    `A parameter is repeated: ${[...repeated].join(", ").slice(0, 100)}.`,
  );
}

/** The access token of the header, or of a form (RFC 6750, 2). */
async function bearerOf(c: HonoContext<IdentityApp>): Promise<string> {
  const [, token] = /^Bearer +([\w.~+/=-]{1,4096})$/i.exec(c.req.header("authorization") ?? "") ?? [];
  if (token !== undefined) return token;
  const form = c.req.method === "POST" && c.req.header("content-type") ? await readOnce(c) : {};
  if (form["access_token"]) return form["access_token"];
  throw oauth.oauthError("invalid_token", "Send the access token: Authorization: Bearer …");
}

/** Whether a path is called by clients, whose errors are OAuth's. */
export const isEndpoint = (path: string): boolean => ENDPOINTS.includes(path);

function tokenOf(form: Record<string, string>): string {
  const { token } = form;
  if (!token) throw oauth.oauthError("invalid_request", "token is missing.");
  return token;
}

/**
 * An error as RFC 6749 has it. What is not in its words is `invalid_request`,
 * `temporarily_unavailable` or `server_error`.
 */
export function oauthRefusal(error: unknown, c: HonoContext<IdentityApp>, isBearer = false): Response {
  const known = translate(error, c.req.path);
  const [slice, word] = known.reason.split("/");
  const name =
    slice === "oauth"
      ? word
      : known.status === 503
        ? "temporarily_unavailable"
        : known.status >= 500
          ? "server_error"
          : "invalid_request";
  const response = Response.json(
    { error: name, error_description: oauth.describable(known.message) },
    { status: known.status, headers: { ...NO_STORE, ...known.headers } },
  );
  // A challenge answers the header only: to a client that sent a form it would say nothing.
  if (c.req.header("authorization") === undefined) {
    // Who sent no token made no mistake with one (RFC 6750, 3.1).
    if (isBearer) response.headers.set("www-authenticate", 'Bearer realm="flowcms"');
    else response.headers.delete("www-authenticate");
  }
  return response;
}
