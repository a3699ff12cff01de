import { Hono } from "hono";
import type { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { answerDevice, findDevice, requireMember } from "../../domain/identity/oauth/index.ts";
import { demandRefusal, type Person } from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { SCOPE_WORDS } from "./consent-pages.ts";
import { pathOf, readForm } from "./forms.ts";
import { field, hidden, html, showPage, wrong } from "./page.ts";
import { orAgain, statusOf } from "./sign-in-pages.ts";
import { asSignedIn } from "./signed-in.ts";

/** Where a person lets a device in that has no browser, such as a command line. */
export function devicePages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();
  app.get("/", (c) => asSignedIn(c, () => showCode(c.var.ctx, c.req.query("user_code"))));
  app.post("/", (c) =>
    asSignedIn(c, async (person) => {
      const { ctx } = c.var;
      const { user_code: userCode = "", decision } = await readForm(c.req.raw, ctx.site);
      requireMember(ctx, person);
      return orAgain(
        async () => {
          if (person.member?.demand && decision !== "deny") throw demandRefusal(ctx, person.member.demand);
          if (decision === undefined)
            return showDevice(ctx, person, await findDevice(ctx, person, { userCode }));
          const isAllowed = decision === "allow";
          await answerDevice(ctx, person, { userCode, isAllowed });
          return showPage(ctx.site, {
            title: isAllowed ? "The device is connected" : "The device was denied",
            body: html`<p>You may close this page.</p>`,
          });
        },
        (error) => showCode(ctx, userCode, error),
      );
    }),
  );
  return app;
}

function showCode(ctx: IdentityContext, userCode: string | undefined, error?: AppError) {
  return showPage(ctx.site, {
    title: "Connect a device",
    ...statusOf(error),
    body: html`${wrong(error?.message)}
      <form class="whole" method="post" action="${pathOf(ctx, "/device")}">
        ${field({ name: "user_code", label: "Code", value: userCode, hint: "The eight letters that your device shows." })}
        <button>Go on</button>
      </form>`,
  });
}

type Found = Awaited<ReturnType<typeof findDevice>>;

function showDevice(ctx: IdentityContext, person: Person, { client, scopes, userCode }: Found) {
  return showPage(ctx.site, {
    title: `Connect ${client.name}?`,
    body: html`<p>Is this the code that your device shows? <strong>${userCode}</strong></p>
      <p>It will act in ${ctx.site.tenantName} as ${person.email}. It could:</p>
      <ul>
        ${scopes.map((scope) => html`<li>${SCOPE_WORDS[scope] ?? scope}</li>`)}
      </ul>
      <p class="hint">If somebody gave you this code, do not allow it.</p>
      <form method="post" action="${pathOf(ctx, "/device")}">
        ${hidden("user_code", userCode)}
        <button name="decision" value="allow">Connect</button>
        <button name="decision" value="deny" class="quiet">Do not connect</button>
      </form>`,
  });
}
