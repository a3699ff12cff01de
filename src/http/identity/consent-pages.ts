import { Hono, type Context as HonoContext } from "hono";
import type { IdentityContext } from "../../core/identity-context.ts";
import * as oauth from "../../domain/oauth/index.ts";
import { demandRefusal, type Person } from "../../domain/people/index.ts";
import type { IdentityApp } from "./app.ts";
import { pathOf, readForm, seeOther } from "./forms.ts";
import { hidden, html, showPage } from "./page.ts";
import { signedIn } from "./signed-in.ts";

/** What a scope lets an application do, as people read it. */
export const SCOPE_WORDS: Record<string, string> = {
  read: "Read what is published",
  write: "Read drafts, and write, publish and delete content",
  admin: "Change content types, settings and tokens",
  sso_admin: "Change sign-in, and read the audit log",
  [oauth.OFFLINE]: "Stay connected after you sign out",
};
const PARAMETERS = [
  "client_id",
  "redirect_uri",
  "response_type",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
];

/** The consent screen of `/oauth/authorize`. */
export function consentPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.get("/oauth/authorize", (c) => authorize(c, c.req.query(), undefined));
  app.post("/oauth/authorize", async (c) => {
    const form = await readForm(c.req.raw, c.var.ctx.door);
    return authorize(c, form, form["decision"]);
  });
  return app;
}

async function authorize(
  c: HonoContext<IdentityApp>,
  params: Record<string, string>,
  decision: string | undefined,
): Promise<Response> {
  const { ctx } = c.var;
  const person = await signedIn(c);
  const request = await oauth.readAuthorization(ctx, params, person);
  if ("redirect" in request) return seeOther(request.redirect);
  if (!person || (request.prompt === "login" && decision === undefined && !isFresh(ctx, person))) {
    if (request.prompt === "none")
      return seeOther(oauth.deny(ctx, request, "login_required", "Nobody is signed in."));
    return seeOther(
      pathOf(ctx, "/sign-in", { continue: pathOf(ctx, "/oauth/authorize", ofAuthorization(params)) }),
    );
  }
  if (!person.member || person.member.is_suspended)
    return seeOther(
      oauth.deny(ctx, request, "access_denied", `The person is no member of ${ctx.door.tenantName}.`),
    );
  const { demand } = person.member;
  if (demand?.by === "second_factor")
    return seeOther(oauth.deny(ctx, request, "access_denied", demandRefusal(ctx, demand).message));
  if (demand) {
    if (request.prompt === "none")
      return seeOther(oauth.deny(ctx, request, "login_required", demandRefusal(ctx, demand).message));
    const goOn = pathOf(ctx, "/oauth/authorize", ofAuthorization(params));
    return seeOther(pathOf(ctx, `/sso/${demand.type}/${demand.connection}/login`, { continue: goOn }));
  }
  if (decision === "allow" || (decision === undefined && request.isConsented && request.prompt !== "consent"))
    return seeOther(await oauth.allow(ctx, person, request));
  if (decision !== undefined)
    return seeOther(oauth.deny(ctx, request, "access_denied", "The person said no."));
  if (request.prompt === "none")
    return seeOther(oauth.deny(ctx, request, "consent_required", "The person has not allowed this yet."));
  return showConsent(ctx, person, request, params);
}

const FRESH_MS = 60_000;
const isFresh = (ctx: IdentityContext, person: Person) =>
  ctx.now().getTime() - Date.parse(person.session.authenticated_at) < FRESH_MS;

const ofAuthorization = (params: Record<string, string>) =>
  Object.fromEntries([...PARAMETERS, "prompt"].map((name) => [name, params[name]]));

function showConsent(
  ctx: IdentityContext,
  person: Person,
  request: oauth.AuthorizationRequest,
  params: Record<string, string>,
) {
  const { client, scopes, redirectUri } = request;
  const { protocol, origin, host } = new URL(redirectUri);
  return showPage(ctx.door, {
    title: `Allow ${client.name}?`,
    leadsTo: /^https?:$/.test(protocol) ? origin : protocol,
    body: html`<p>
        <strong>${client.name}</strong> asks to act in ${ctx.door.tenantName} as ${person.email}. It could:
      </p>
      <ul>
        ${scopes.map((scope) => html`<li>${SCOPE_WORDS[scope] ?? scope}</li>`)}
      </ul>
      <p class="hint">
        Never more than you may yourself. You are then sent to ${host === "" ? protocol : host}.
      </p>
      <form method="post" action="${pathOf(ctx, "/oauth/authorize")}">
        ${PARAMETERS.map((name) => hidden(name, params[name]))}
        <button name="decision" value="allow">Allow</button>
        <button name="decision" value="deny" class="quiet">Do not allow</button>
      </form>`,
  });
}
