import { Hono } from "hono";
import type { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { confirmEmailChange, type Person } from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { confirmPage } from "./confirm-page.ts";
import { pathOf } from "./forms.ts";
import { hidden, html, showPage, wrong } from "./page.ts";
import { statusOf } from "./sign-in-pages.ts";

/** The page that the email to a new address leads to. */
export function emailPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  confirmPage(app, "/", {
    show: showConfirm,
    confirm: confirmEmailChange,
    title: "Your address is changed",
    text: "From now on you sign in with it. Links in older emails work no more.",
  });
  return app;
}

function showConfirm(ctx: IdentityContext, person: Person, token: string | undefined, error?: AppError) {
  return showPage(ctx.site, {
    title: "Change your email address",
    ...statusOf(error),
    body: html`${wrong(error?.message)}
      <p>
        You are signed in as <strong>${person.email}</strong>. The address that the email came to takes its
        place.
      </p>
      <form class="whole" method="post" action="${pathOf(ctx, "/account/email/confirm")}">
        ${hidden("token", token)}<button>Change the address</button>
      </form>
      <p><a href="${pathOf(ctx, "/account")}">Not now</a></p>`,
  });
}
