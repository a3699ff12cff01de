import { Hono } from "hono";
import type { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { createTenant } from "../../domain/identity/members/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { pathOf, readForm, seeOther } from "./forms.ts";
import { field, html, showPage, wrong } from "./page.ts";
import { orAgain, statusOf } from "./sign-in-pages.ts";
import { asSignedIn } from "./signed-in.ts";

/** The page to create a tenant. */
export function tenantPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.get("/new", (c) => asSignedIn(c, () => showNew(c.var.ctx, {})));
  app.post("/new", (c) =>
    asSignedIn(c, async (person) => {
      const { ctx } = c.var;
      const { slug = "", name = "" } = await readForm(c.req.raw, ctx.site);
      return orAgain(
        async () => {
          await createTenant(ctx, person, { tenant: { slug, name } });
          return seeOther(`/t/${slug}/account`);
        },
        (error) => showNew(ctx, { slug, name, error }),
      );
    }),
  );
  return app;
}

function showNew(
  ctx: IdentityContext,
  { slug, name, error }: { slug?: string; name?: string; error?: AppError },
) {
  return showPage(ctx.site, {
    title: "A new tenant",
    ...statusOf(error),
    body: html`${wrong(error?.message)}
      <ul>
        ${error?.details.map(({ path, message }) => html`<li>${path} ${message}</li>`) ?? []}
      </ul>
      <form class="whole" method="post" action="${pathOf(ctx, "/account/tenants/new")}">
        ${field({ name: "name", label: "Name", value: name })}
        ${field({ name: "slug", label: "Short name", value: slug, hint: "Lower-case letters, digits and hyphens: it stands in addresses." })}
        <button>Create</button>
      </form>`,
  });
}
