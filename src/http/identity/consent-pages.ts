import { Hono, type Context as HonoContext } from "hono";
import type { IdentityContext } from "../../core/identity-context.ts";
import * as oauth from "../../domain/identity/oauth/index.ts";
import { demandRefusal, type Person } from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { parametersOf, pathOf, readForm, seeOther } from "./forms.ts";
import { hidden, html, showPage } from "./page.ts";
import { signedIn } from "./signed-in.ts";

/** What a scope lets an application do, as people read it. */
export const SCOPE_WORDS: Record<string, string> = {
  read: "Read published content",
  write: "Read drafts, and write, publish and delete content",
  admin: "Change content types, settings and tokens",
  sso_admin: "Change sign-in, and read the audit log",
  openid: "See who you are",
  profile: "See your name",
  email: "See your email address",
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
  "nonce",
];
/** The parameters that control the prompt; removed after the person has answered. */
const ASKING = ["prompt", "max_age", "login_hint"];

/** The consent screen of `/oauth/authorize`. */
export function consentPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.get("/oauth/authorize", (c) => authorize(c, parametersOf(new URL(c.req.url).searchParams), undefined));
  app.post("/oauth/authorize", async (c) => {
    const form = await readForm(c.req.raw, c.var.ctx.site);
    return authorize(c, parametersOf(new URLSearchParams(form)), form["decision"]);
  });
  return app;
}

async function authorize(
  c: HonoContext<IdentityApp>,
  given: oauth.Parameters,
  decision: string | undefined,
): Promise<Response> {
  const { params } = given;
  const { ctx } = c.var;
  const person = await signedIn(c);
  const request = await oauth.readAuthorization(ctx, given, person);
  if ("redirect" in request) return seeOther(request.redirect);
  const isQuiet = request.prompt.has("none");
  if (!person || (decision === undefined && !isRecent(ctx, person, request))) {
    if (isQuiet) return seeOther(oauth.deny(ctx, request, "login_required", "Nobody is signed in."));
    return seeOther(
      pathOf(ctx, "/sign-in", {
        continue: pathOf(ctx, "/oauth/authorize", ofAuthorization(params)),
        email: params["login_hint"],
      }),
    );
  }
  if (!person.member || person.member.is_suspended)
    return seeOther(
      oauth.deny(ctx, request, "access_denied", `The person is not a member of ${ctx.site.tenantName}.`),
    );
  const { demand } = person.member;
  if (demand?.by === "second_factor")
    return seeOther(oauth.deny(ctx, request, "access_denied", demandRefusal(ctx, demand).message));
  if (demand) {
    if (isQuiet)
      return seeOther(oauth.deny(ctx, request, "login_required", demandRefusal(ctx, demand).message));
    const goOn = pathOf(ctx, "/oauth/authorize", ofAuthorization(params));
    return seeOther(pathOf(ctx, `/sso/${demand.type}/${demand.connection}/login`, { continue: goOn }));
  }
  if (
    decision === "allow" ||
    (decision === undefined && request.isConsented && !request.prompt.has("consent"))
  )
    return seeOther(await oauth.allow(ctx, person, request));
  if (decision !== undefined)
    return seeOther(oauth.deny(ctx, request, "access_denied", "The person denied the request."));
  if (isQuiet)
    return seeOther(oauth.deny(ctx, request, "consent_required", "The person has not consented yet."));
  return showConsent(ctx, person, request, params);
}

const FRESH_MS = 60_000;
/** Whether the sign-in is as recent as the client requires; a sign-in that just happened is. */
function isRecent(ctx: IdentityContext, { session }: Person, { prompt, maxAge }: oauth.AuthorizationRequest) {
  const wanted = [
    prompt.has("login") || prompt.has("select_account") ? 0 : [],
    maxAge === undefined ? [] : maxAge * 1000,
  ].flat();
  const age = ctx.now().getTime() - Date.parse(session.authenticated_at);
  return wanted.every((most) => age < Math.max(most, FRESH_MS));
}

const ofAuthorization = (params: Record<string, string>) =>
  Object.fromEntries([...PARAMETERS, ...ASKING].map((name) => [name, params[name]]));

function showConsent(
  ctx: IdentityContext,
  person: Person,
  request: oauth.AuthorizationRequest,
  params: Record<string, string>,
) {
  const { client, scopes, redirectUri } = request;
  const { protocol, origin, host } = new URL(redirectUri);
  return showPage(ctx.site, {
    title: `Allow ${client.name}?`,
    leadsTo: /^https?:$/.test(protocol) ? origin : protocol,
    body: html`<p>
        <strong>${client.name}</strong> asks to act in ${ctx.site.tenantName} as ${person.email}. It could:
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
