import { Hono } from "hono";
import { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import {
  confirmSecondFactor,
  requestMagicLink,
  signIn,
  signOut,
  useMagicLink,
  type SignedIn,
} from "../../domain/identity/people/index.ts";
import { connectionOfAddress, signInChoices, type SignInChoice } from "../../domain/identity/sso/index.ts";
import type { IdentityApp } from "./app-env.ts";
import {
  noSessionCookie,
  noStepCookie,
  readSessionCookie,
  readStepCookie,
  sessionCookie,
  stepCookie,
} from "./cookies.ts";
import { pathOf, readForm, safeContinue, seeOther } from "./forms.ts";
import { done, field, hidden, html, showPage, wrong } from "./page.ts";

/** Sign-in by password, by a link in an email, and by a second factor; signing out. */
export function signInPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();

  app.get("/sign-in", (c) =>
    showSignIn(c.var.ctx, {
      goOn: c.req.query("continue"),
      email: c.req.query("email"),
      way: c.req.query("way"),
    }),
  );
  app.post("/sign-in", async (c) => {
    const { ctx } = c.var;
    const form = await readForm(c.req.raw, ctx.site);
    const { email = "", password = "", continue: goOn, way } = form;
    const by =
      way === "password"
        ? undefined
        : await connectionOfAddress(ctx, { email, hasPassword: password !== "" });
    if (by) return leadTo(ctx, by, goOn);
    return orAgain(
      async () => enterWith(ctx, await signIn(ctx, { email, password }), goOn),
      (error) => showSignIn(ctx, { goOn, email, way, error }),
    );
  });

  app.get("/sign-in/code", (c) => showCode(c.var.ctx, { goOn: c.req.query("continue") }));
  app.post("/sign-in/code", async (c) => {
    const { ctx } = c.var;
    const { code = "", continue: goOn } = await readForm(c.req.raw, ctx.site);
    return orAgain(
      async () => {
        const session = await confirmSecondFactor(ctx, { step: readStepCookie(c.req.raw) ?? "", code });
        return enterWith(ctx, { kind: "session", session }, goOn);
      },
      (error) => showCode(ctx, { goOn, error }),
    );
  });

  app.get("/sign-in/link", (c) => showLink(c.var.ctx, { goOn: c.req.query("continue") }));
  app.post("/sign-in/link", async (c) => {
    const { ctx } = c.var;
    const { email = "", continue: goOn } = await readForm(c.req.raw, ctx.site);
    return orAgain(
      async () => {
        await requestMagicLink(ctx, { email });
        return showLink(ctx, { sentTo: email, goOn });
      },
      (error) => showLink(ctx, { goOn, error }),
    );
  });
  // Mail scanners follow links: only the button uses the token up.
  app.get("/sign-in/link/confirm", (c) =>
    showPage(c.var.ctx.site, {
      title: "Sign in",
      body: html`<form class="whole" method="post" action="${pathOf(c.var.ctx, "/sign-in/link/confirm")}">
        ${hidden("token", c.req.query("token"))}<button>Sign in now</button>
      </form>`,
    }),
  );
  app.post("/sign-in/link/confirm", async (c) => {
    const { ctx } = c.var;
    const { token = "" } = await readForm(c.req.raw, ctx.site);
    return orAgain(
      async () => enterWith(ctx, await useMagicLink(ctx, { token }), undefined),
      (error) => showLink(ctx, { error }),
    );
  });

  app.post("/sign-out", async (c) => {
    const { ctx } = c.var;
    await readForm(c.req.raw, ctx.site);
    const token = readSessionCookie(c.req.raw);
    if (token) await signOut(ctx, token);
    return seeOther(pathOf(ctx, "/sign-in"), [noSessionCookie, noStepCookie]);
  });
  return app;
}

/** Continues as the signed-in person, or to the page of the second factor. */
export function enterWith(ctx: IdentityContext, result: SignedIn, goOn: string | undefined): Response {
  if (result.kind === "second_factor")
    return seeOther(pathOf(ctx, "/sign-in/code", { continue: goOn }), [stepCookie(result.step)]);
  const { token, maxAgeSeconds } = result.session;
  return seeOther(safeContinue(ctx.site, goOn), [sessionCookie(token, maxAgeSeconds), noStepCookie]);
}

/** Shows the form again with the error; errors that the form did not cause are thrown. */
export async function orAgain(
  work: () => Promise<Response>,
  again: (error: AppError) => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError && error.status < 500) return again(error);
    throw error;
  }
}

type Shown = { goOn?: string | undefined; error?: AppError };

type SignInShown = Shown & { email?: string | undefined; way?: string | undefined };

async function showSignIn(ctx: IdentityContext, { goOn, email, way, error }: SignInShown) {
  const { choices, isDemanded } = await signInChoices(ctx);
  return showPage(ctx.site, {
    title: "Sign in",
    hasPasskeys: true,
    ...statusOf(error),
    body: html`${wrong(error?.message)}
      <form class="whole" method="post" action="${pathOf(ctx, "/sign-in")}">
        ${hidden("continue", goOn)}${hidden("way", way === "password" ? way : undefined)}
        ${field({ name: "email", label: "Email address", type: "email", value: email, autocomplete: "username webauthn" })}
        ${field({ name: "password", label: "Password", type: "password", autocomplete: "current-password", isOptional: choices.length > 0 })}
        <button>Sign in</button>
      </form>
      ${choices.map((choice) => html`<p><a href="${loginPath(ctx, choice, goOn)}">Continue with ${choice.name}</a></p>`)}
      ${
        isDemanded && way !== "password"
          ? html`<p class="hint">
              <a href="${pathOf(ctx, "/sign-in", { continue: goOn, way: "password" })}"
                >I am an owner and sign in by password</a
              >
            </p>`
          : ""
      }
      <button
        class="quiet"
        id="passkey"
        hidden
        data-continue="${safeContinue(ctx.site, goOn)}"
        data-prefix="${ctx.site.prefix}"
      >
        Sign in with a passkey
      </button>
      <p class="wrong" id="passkey-problem" role="alert" hidden></p>
      <p>
        <a href="${pathOf(ctx, "/sign-in/link", { continue: goOn })}">Send me a link instead</a><br />
        <a href="${pathOf(ctx, "/reset")}">I forgot my password</a>
      </p>`,
  });
}

const loginPath = (ctx: IdentityContext, { id, type }: SignInChoice, goOn: string | undefined) =>
  pathOf(ctx, `/sso/${type}/${id}/login`, { continue: goOn });

/**
 * Sends who gave an address on to its identity provider: by a header, since what a form leads to is
 * limited to this site.
 */
function leadTo(ctx: IdentityContext, choice: SignInChoice, goOn: string | undefined) {
  const path = loginPath(ctx, choice, goOn);
  return showPage(ctx.site, {
    title: `Continue with ${choice.name}`,
    headers: { refresh: `0; url=${path}` },
    body: html`<p><a href="${path}">Continue with ${choice.name}</a></p>`,
  });
}

function showCode(ctx: IdentityContext, { goOn, error }: Shown) {
  return showPage(ctx.site, {
    title: "One more step",
    ...statusOf(error),
    body: html`${wrong(error?.message)}
      <form class="whole" method="post" action="${pathOf(ctx, "/sign-in/code")}">
        ${hidden("continue", goOn)}
        ${field({ name: "code", label: "Code", autocomplete: "one-time-code", hint: "The six digits of your authenticator app, or a recovery code." })}
        <button>Go on</button>
      </form>
      <p><a href="${pathOf(ctx, "/sign-in")}">Begin again</a></p>`,
  });
}

function showLink(ctx: IdentityContext, { goOn, error, sentTo }: Shown & { sentTo?: string }) {
  const message = sentTo && `If there is an account for ${sentTo}, we sent it an email with a link.`;
  return showPage(ctx.site, {
    title: "Sign in with an email link",
    ...statusOf(error),
    body: html`${wrong(error?.message)}${done(message)}
      <form class="whole" method="post" action="${pathOf(ctx, "/sign-in/link")}">
        ${hidden("continue", goOn)}
        ${field({ name: "email", label: "Email address", type: "email", autocomplete: "username" })}
        <button>Send me a link</button>
      </form>
      <p><a href="${pathOf(ctx, "/sign-in", { continue: goOn })}">Use a password</a></p>`,
  });
}

/** Status and headers of a page that shows a form again. */
export const statusOf = (error: AppError | undefined) =>
  error ? { status: error.status, headers: error.headers } : {};
