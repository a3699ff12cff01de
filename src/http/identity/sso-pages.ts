import { Hono } from "hono";
import { AppError } from "../../core/errors.ts";
import type { OpenedSession } from "../../domain/identity/people/index.ts";
import {
  startOidc,
  startSaml,
  finishOidc,
  finishSaml,
  samlMetadata,
} from "../../domain/identity/sso/index.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import type { IdentityApp } from "./app-env.ts";
import { attemptCookie, noStepCookie, readAttemptCookie, sessionCookie } from "./cookies.ts";
import { readFields, safeContinue, seeOther } from "./forms.ts";

const MAX_ANSWER_BYTES = 512 * 1024;

/** Sign-in by a tenant's own identity provider: SAML 2.0 and OpenID Connect. */
export function ssoPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();

  app.get("/saml/:id/metadata", async (c) => {
    const metadata = await samlMetadata(c.var.ctx, { id: c.req.param("id") });
    return new Response(metadata, {
      headers: { "content-type": "application/samlmetadata+xml", "cache-control": "public, max-age=300" },
    });
  });
  for (const [type, begin] of [
    ["saml", startSaml],
    ["oidc", startOidc],
  ] as const)
    app.get(`/${type}/:id/login`, async (c) => {
      const { ctx } = c.var;
      const relay = safeContinue(ctx.site, c.req.query("continue"));
      const { url, cookie } = await begin(ctx, {
        id: c.req.param("id"),
        cookie: readAttemptCookie(c.req.raw),
        relay,
        isSent: c.req.query("sent") === "true",
      });
      return seeOther(url, cookie === undefined ? [] : [attemptCookie(cookie)]);
    });
  // Another site sends this form, so no cookie of SameSite=Lax comes with it: the attempt's own cookie
  // says whose it is.
  app.post("/saml/:id/acs", async (c) => {
    const { ctx } = c.var;
    const { SAMLResponse: response = "", RelayState: relayState } = await readFields(
      c.req.raw,
      MAX_ANSWER_BYTES,
    );
    const cookie = readAttemptCookie(c.req.raw);
    return enter(ctx, await finishSaml(ctx, { id: c.req.param("id"), response, relayState, cookie }));
  });
  app.get("/oidc/:id/callback", async (c) => {
    const { ctx } = c.var;
    const query = new URL(c.req.url).search;
    if (query.length > 8192)
      throw new AppError("INVALID", "sso/oidc-answer", "The response is too long.", { status: 400 });
    return enter(
      ctx,
      await finishOidc(ctx, { id: c.req.param("id"), query, cookie: readAttemptCookie(c.req.raw) }),
    );
  });
  return app;
}

function enter(
  ctx: IdentityContext,
  { session, relay }: { session: OpenedSession; relay: string | null },
): Response {
  return seeOther(safeContinue(ctx.site, relay ?? undefined), [
    sessionCookie(session.token, session.maxAgeSeconds),
    noStepCookie,
  ]);
}
