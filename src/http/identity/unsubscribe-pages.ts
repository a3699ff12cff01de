import { Hono } from "hono";
import { readUnsubscribe, unsubscribe } from "../../domain/identity/members/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { pathOf } from "./forms.ts";
import { html, showPage } from "./page.ts";

/**
 * Where emails lead whose reader wants no more of a kind. Nobody signs in: the link proves who asks. A
 * mail program posts to it by itself (RFC 8058), from no page of ours.
 */
export function unsubscribePages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.get("/", async (c) => {
    const { ctx } = c.var;
    const token = c.req.query("token") ?? "";
    const { kind } = await readUnsubscribe(ctx, token);
    return showPage(ctx.site, {
      title: "Fewer emails",
      body: html`<p>Get no more emails of this kind: <strong>${kind}</strong>?</p>
        <form
          class="whole"
          method="post"
          action="${pathOf(ctx, "/unsubscribe")}?token=${encodeURIComponent(token)}"
        >
          <button>No more emails of this kind</button>
        </form>`,
    });
  });
  app.post("/", async (c) => {
    const { ctx } = c.var;
    const kind = await unsubscribe(ctx, c.req.query("token") ?? "");
    return showPage(ctx.site, {
      title: "Done",
      body: html`<p>You get no more emails of this kind: <strong>${kind}</strong>.</p>`,
    });
  });
  return app;
}
