import { Hono } from "hono";
import type { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { requestReset, resetPassword, verifyEmail, type Person } from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { confirmPage } from "./confirm-page.ts";
import { pathOf, readForm } from "./forms.ts";
import { done, field, hidden, html, showPage, wrong } from "./page.ts";
import { orAgain, statusOf } from "./sign-in-pages.ts";

/** What emails link to: a new password, and the proof of an address. */
export function linkPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();

  app.get("/reset", (c) => showRequest(c.var.ctx, {}));
  app.post("/reset", async (c) => {
    const { ctx } = c.var;
    const { email = "" } = await readForm(c.req.raw, ctx.site);
    return orAgain(
      async () => {
        await requestReset(ctx, { email });
        return showRequest(ctx, { sentTo: email });
      },
      (error) => showRequest(ctx, { error }),
    );
  });
  app.get("/reset/confirm", (c) => showReset(c.var.ctx, c.req.query("token")));
  app.post("/reset/confirm", async (c) => {
    const { ctx } = c.var;
    const { token = "", password = "" } = await readForm(c.req.raw, ctx.site);
    return orAgain(
      async () => {
        await resetPassword(ctx, { token, password });
        return showPage(ctx.site, {
          title: "The password is changed",
          body: html`<p>
              Every session was ended, every other link works no more, and the applications that you let in
              are disconnected: let them in again.
            </p>
            <p><a href="${pathOf(ctx, "/sign-in")}">Sign in</a></p>`,
        });
      },
      (error) => showReset(ctx, token, error),
    );
  });

  confirmPage(app, "/verify", {
    show: showVerify,
    confirm: verifyEmail,
    title: "Thank you",
    text: "The address is confirmed.",
  });
  return app;
}

function showRequest(ctx: IdentityContext, { error, sentTo }: { error?: AppError; sentTo?: string }) {
  const message = sentTo && `If there is an account for ${sentTo}, we sent it an email with a link.`;
  return showPage(ctx.site, {
    title: "Choose a new password",
    ...statusOf(error),
    body: html`${wrong(error?.message)}${done(message)}
      <form class="whole" method="post" action="${pathOf(ctx, "/reset")}">
        ${field({ name: "email", label: "Email address", type: "email", autocomplete: "username" })}
        <button>Send me a link</button>
      </form>
      <p><a href="${pathOf(ctx, "/sign-in")}">Back to sign-in</a></p>`,
  });
}

function showReset(ctx: IdentityContext, token: string | undefined, error?: AppError) {
  return showPage(ctx.site, {
    title: "Choose a new password",
    ...statusOf(error),
    body: html`${wrong(error?.message)}
      <form class="whole" method="post" action="${pathOf(ctx, "/reset/confirm")}">
        ${hidden("token", token)}
        ${field({ name: "password", label: "New password", type: "password", autocomplete: "new-password", hint: "Ten characters or more." })}
        <button>Change the password</button>
      </form>`,
  });
}

function showVerify(ctx: IdentityContext, person: Person, token: string | undefined, error?: AppError) {
  return showPage(ctx.site, {
    title: "Confirm your email address",
    ...statusOf(error),
    body: html`${wrong(error?.message)}
      <p>You are signed in as <strong>${person.email}</strong>.</p>
      <form class="whole" method="post" action="${pathOf(ctx, "/verify")}">
        ${hidden("token", token)}<button>Confirm the address</button>
      </form>`,
  });
}
