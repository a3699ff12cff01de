import type { Hono } from "hono";
import type { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import type { Person } from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { pathOf, readForm } from "./forms.ts";
import { html, showPage } from "./page.ts";
import { orAgain } from "./sign-in-pages.ts";
import { asSignedIn } from "./signed-in.ts";

type ConfirmPage = {
  show(ctx: IdentityContext, person: Person, token: string | undefined, error?: AppError): Promise<Response>;
  confirm(ctx: IdentityContext, person: Person, input: { token: string }): Promise<unknown>;
  /** What is said when that is done. */
  title: string;
  text: string;
};

/**
 * A page that an email leads to, for who is signed in. Only its button changes anything, since mail
 * scanners follow links.
 */
export function confirmPage(
  app: Hono<IdentityApp>,
  path: string,
  { show, confirm, title, text }: ConfirmPage,
): void {
  app.get(path, (c) => asSignedIn(c, (person) => show(c.var.ctx, person, c.req.query("token"))));
  app.post(path, (c) =>
    asSignedIn(c, async (person) => {
      const { ctx } = c.var;
      const { token = "" } = await readForm(c.req.raw, ctx.site);
      return orAgain(
        async () => {
          await confirm(ctx, person, { token });
          return showPage(ctx.site, {
            title,
            body: html`<p>${text}</p>
              <p><a href="${pathOf(ctx, "/account")}">To your account</a></p>`,
          });
        },
        (error) => show(ctx, person, token, error),
      );
    }),
  );
}
