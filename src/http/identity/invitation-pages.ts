import { Hono, type Context as HonoContext } from "hono";
import type { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { joinAsNewPerson, joinTenant, readInvitation } from "../../domain/identity/members/index.ts";
import type { Person } from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { sessionCookie } from "./cookies.ts";
import { pathOf, readForm, seeOther } from "./forms.ts";
import { field, hidden, html, showPage, wrong } from "./page.ts";
import { orAgain, statusOf } from "./sign-in-pages.ts";
import { signedIn } from "./signed-in.ts";

/** The page that the email of an invitation leads to. */
export function invitationPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.get("/", async (c) => showInvitation(c, c.req.query("token") ?? "", await signedIn(c)));
  app.post("/", async (c) => {
    const { ctx } = c.var;
    const { token = "", name = "", password = "" } = await readForm(c.req.raw, ctx.site);
    const person = await signedIn(c);
    return orAgain(
      async () => {
        if (person) {
          const { isFirstProof } = await joinTenant(ctx, person, { token });
          return seeOther(pathOf(ctx, "/account", isFirstProof ? { done: "proved" } : {}));
        }
        const session = await joinAsNewPerson(ctx, { token, name, password });
        return seeOther(pathOf(ctx, "/account"), [sessionCookie(session.token, session.maxAgeSeconds)]);
      },
      (error) => showInvitation(c, token, person, { error, name }),
    );
  });
  return app;
}

async function showInvitation(
  c: HonoContext<IdentityApp>,
  token: string,
  person: Person | undefined,
  { error, name }: { error?: AppError; name?: string } = {},
): Promise<Response> {
  const { ctx } = c.var;
  const { email, roles, hasAccount } = await readInvitation(ctx, { token });
  return showPage(ctx.site, {
    title: `Join ${ctx.site.tenantName}`,
    ...statusOf(error),
    body: html`${wrong(error?.message)}
      <p>
        You are invited to ${ctx.site.tenantName} as ${roles.join(", ") || "a member"}, with the address
        <strong>${email}</strong>.
      </p>
      ${formFor(ctx, { token, email, person, hasAccount, name })}`,
  });
}

type InvitationForm = {
  token: string;
  email: string;
  person: Person | undefined;
  hasAccount: boolean;
  name: string | undefined;
};

function formFor(ctx: IdentityContext, { token, email, person, hasAccount, name }: InvitationForm) {
  const action = pathOf(ctx, "/invitation");
  if (person?.email === email)
    return html`<form class="whole" method="post" action="${action}">
      ${hidden("token", token)}<button>Join</button>
    </form>`;
  if (person)
    return html`<p>You are signed in as ${person.email}. Sign out to accept it.</p>
      <form method="post" action="${pathOf(ctx, "/sign-out")}">
        <button class="quiet">Sign out</button>
      </form>`;
  if (hasAccount)
    return html`<p>There is an account for this address.</p>
      <p>
        <a href="${pathOf(ctx, "/sign-in", { continue: pathOf(ctx, "/invitation", { token }), email })}"
          >Sign in to join</a
        >
      </p>`;
  return html`<form class="whole" method="post" action="${action}">
    ${hidden("token", token)}
    <input type="text" name="username" value="${email}" autocomplete="username" hidden />
    ${field({ name: "name", label: "Your name", value: name, autocomplete: "name" })}
    ${field({ name: "password", label: "Password", type: "password", autocomplete: "new-password", hint: "Ten characters or more." })}
    <button>Join</button>
  </form>`;
}
