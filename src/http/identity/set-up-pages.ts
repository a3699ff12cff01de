import { Hono } from "hono";
import type { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { claimTenant, isWaitingForOwner, setUpTenant } from "../../domain/identity/members/index.ts";
import type { Person } from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { sessionCookie } from "./cookies.ts";
import { pathOf, readForm, seeOther } from "./forms.ts";
import { field, html, showPage, wrong } from "./page.ts";
import { orAgain, statusOf } from "./sign-in-pages.ts";
import { signedIn } from "./signed-in.ts";

/** The page that makes a tenant's first owner. */
export function setUpPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.get("/setup", async (c) => {
    const { ctx } = c.var;
    const [isWaiting, person] = await Promise.all([isWaitingForOwner(ctx), signedIn(c)]);
    return isWaiting
      ? showSetUp(ctx, { code: c.req.query("code"), person })
      : seeOther(pathOf(ctx, "/sign-in"));
  });
  app.post("/setup", async (c) => {
    const { ctx } = c.var;
    const form = await readForm(c.req.raw, ctx.site);
    const { code = "", email = "", name = "", password = "" } = form;
    const person = await signedIn(c);
    return orAgain(
      async () => {
        if (person) {
          await claimTenant(ctx, person, { code });
          return seeOther(pathOf(ctx, "/account"));
        }
        const { token, maxAgeSeconds } = await setUpTenant(ctx, { owner: { code, email, name, password } });
        return seeOther(pathOf(ctx, "/account"), [sessionCookie(token, maxAgeSeconds)]);
      },
      (error) => showSetUp(ctx, { code, email, name, person, error }),
    );
  });
  return app;
}

type Shown = {
  code?: string | undefined;
  email?: string;
  name?: string;
  person?: Person | undefined;
  error?: AppError;
};

function showSetUp(ctx: IdentityContext, { code, email, name, person, error }: Shown) {
  const details = error?.details.map(({ path, message }) => html`<li>${path} ${message}</li>`) ?? [];
  return showPage(ctx.site, {
    title: `Set up ${ctx.site.tenantName}`,
    ...statusOf(error),
    body: html`${wrong(error?.message)}${
        details.length > 0
          ? html`<ul>
              ${details}
            </ul>`
          : ""
      }
      <p>You become the owner. The set-up code was shown where the tenant was made.</p>
      <form class="whole" method="post" action="${pathOf(ctx, "/setup")}">
        ${field({ name: "code", label: "Set-up code", value: code })}
        ${person ? html`<p>You are signed in as ${person.email}.</p>` : personFields(email, name)}
        <button>Set up</button>
      </form>`,
  });
}

const personFields = (email: string | undefined, name: string | undefined) =>
  html`${field({ name: "name", label: "Your name", value: name, autocomplete: "name" })}
    ${field({ name: "email", label: "Email address", type: "email", value: email, autocomplete: "username" })}
    ${field({ name: "password", label: "Password", type: "password", autocomplete: "new-password", hint: "Ten characters or more." })}
    <p class="hint">There is an account for you already? Sign in first, then come back.</p>`;
