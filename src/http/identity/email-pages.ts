import { Hono } from "hono";
import type { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { confirmEmailChange, type Person } from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { pathOf, readForm } from "./forms.ts";
import { hidden, html, showPage, wrong } from "./page.ts";
import { orAgain, statusOf } from "./sign-in-pages.ts";
import { asSignedIn } from "./signed-in.ts";

/**
 * The page that the email to a new address leads to. Only its button changes anything, since mail
 * scanners follow links.
 */
export function emailPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.get("/", (c) => asSignedIn(c, (person) => showConfirm(c.var.ctx, person, c.req.query("token"))));
  app.post("/", (c) =>
    asSignedIn(c, async (person) => {
      const { ctx } = c.var;
      const { token = "" } = await readForm(c.req.raw, ctx.site);
      return orAgain(
        async () => {
          await confirmEmailChange(ctx, person, { token });
          return showPage(ctx.site, {
            title: "Your address is changed",
            body: html`<p>From now on you sign in with it. Links in older emails work no more.</p>
              <p><a href="${pathOf(ctx, "/account")}">To your account</a></p>`,
          });
        },
        (error) => showConfirm(ctx, person, token, error),
      );
    }),
  );
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
