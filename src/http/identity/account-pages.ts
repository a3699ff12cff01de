import { Hono } from "hono";
import type { AppError } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { deleteAccount } from "../../domain/identity/members/index.ts";
import { listOwnGrants, revokeOwnGrant, type GrantShown } from "../../domain/identity/oauth/index.ts";
import {
  startTotp,
  changePassword,
  confirmTotp,
  isTotpSecret,
  listPasskeys,
  listSessions,
  removePasskey,
  removeTotp,
  renamePerson,
  requestEmailChange,
  requestVerification,
  revokeOtherSessions,
  revokeSession,
  totpUri,
  type PasskeyShown,
  type Person,
  type SessionShown,
} from "../../domain/identity/people/index.ts";
import type { IdentityApp } from "./app-env.ts";
import { noSessionCookie } from "./cookies.ts";
import { deviceName } from "./device-name.ts";
import { pathOf, readForm, seeOther } from "./forms.ts";
import { done, field, hidden, html, showPage, wrong } from "./page.ts";
import { qrCode } from "./qr-code.ts";
import { deletePart, profilePart } from "./profile-parts.ts";
import { orAgain, statusOf } from "./sign-in-pages.ts";
import { asSignedIn } from "./signed-in.ts";

const NOTICES: Record<string, string> = {
  name: "Your name was changed.",
  email: "We sent two emails: use the link in the one to the new address.",
  password:
    "Your password was changed, and your other sessions were ended. Connected applications stay connected.",
  proved:
    "Your address is confirmed. The password, passkeys and authenticator app that were set up before were removed: set up new ones.",
  session: "The session was ended.",
  passkey: "The passkey was removed.",
  totp: "The authenticator app was removed.",
  application: "The application was disconnected.",
  verification: "We sent an email with a link.",
};

/** A person's own page: name, address, password, passkeys, authenticator app, sessions. */
export function accountPages(): Hono<IdentityApp> {
  const app = new Hono<IdentityApp>();

  app.get("/", (c) =>
    asSignedIn(c, (person) => showAccount(c.var.ctx, person, { notice: NOTICES[c.req.query("done") ?? ""] })),
  );
  /** A form of the account page: what it does, then the page again with what came of it. */
  const action = (
    path: string,
    notice: keyof typeof NOTICES,
    work: (ctx: IdentityContext, person: Person, form: Record<string, string>) => Promise<unknown>,
  ) =>
    app.post(path, (c) =>
      asSignedIn(c, async (person) => {
        const { ctx } = c.var;
        const form = await readForm(c.req.raw, ctx.site);
        return orAgain(
          async () => {
            await work(ctx, person, form);
            return seeOther(pathOf(ctx, "/account", { done: String(notice) }));
          },
          (error) => showAccount(ctx, person, { error }),
        );
      }),
    );
  action("/name", "name", (ctx, person, { name = "" }) => renamePerson(ctx, person, { name }));
  action("/email", "email", (ctx, person, { email = "", current = "" }) =>
    requestEmailChange(ctx, person, { email, current }),
  );
  action("/password", "password", (ctx, person, { current = "", password = "" }) =>
    changePassword(ctx, person, { current, password }),
  );
  action("/sessions/end", "session", (ctx, person, { id = "" }) => revokeSession(ctx, person, { id }));
  action("/sessions/end-others", "session", revokeOtherSessions);
  action("/passkeys/remove", "passkey", (ctx, person, { id = "" }) => removePasskey(ctx, person, { id }));
  action("/totp/remove", "totp", removeTotp);
  action("/applications/end", "application", (ctx, person, { id = "" }) =>
    revokeOwnGrant(ctx, person, { id }),
  );
  action("/verify", "verification", requestVerification);

  app.post("/delete", (c) =>
    asSignedIn(c, async (person) => {
      const { ctx } = c.var;
      const { email = "", current = "" } = await readForm(c.req.raw, ctx.site);
      return orAgain(
        async () => {
          await deleteAccount(ctx, person, { email, current });
          return showDeleted(ctx);
        },
        (error) => showAccount(ctx, person, { error }),
      );
    }),
  );
  app.post("/totp", (c) =>
    asSignedIn(c, async (person) => {
      const { ctx } = c.var;
      await readForm(c.req.raw, ctx.site);
      return orAgain(
        async () => showTotp(ctx, person, await startTotp(ctx, person)),
        (error) => showAccount(ctx, person, { error }),
      );
    }),
  );
  app.post("/totp/confirm", (c) =>
    asSignedIn(c, async (person) => {
      const { ctx } = c.var;
      const { code = "", secret = "" } = await readForm(c.req.raw, ctx.site);
      return orAgain(
        async () => showRecoveryCodes(ctx, await confirmTotp(ctx, person, { code })),
        (error) => showTotp(ctx, person, secret, error),
      );
    }),
  );
  return app;
}

async function showAccount(
  ctx: IdentityContext,
  person: Person,
  { notice, error }: { notice?: string | undefined; error?: AppError },
) {
  const [sessions, passkeys, grants] = await Promise.all([
    listSessions(ctx, person),
    listPasskeys(ctx, person),
    listOwnGrants(ctx, person),
  ]);
  const name = person.name || person.email;
  return showPage(ctx.site, {
    title: "Your account",
    hasPasskeys: true,
    ...statusOf(error),
    body: html`${wrong(error?.message)}${done(notice)}
      <p>You are signed in as <strong>${name}</strong>${person.name ? html` (${person.email})` : ""}.</p>
      ${person.isEmailVerified ? "" : verifyForm(ctx)} ${membership(ctx, person)}${tenantList(ctx, person)}
      ${button(ctx, "/sign-out", "Sign out")}
      ${isOwn(person) ? ownWays(ctx, person, passkeys) : elsewhere(ctx, person)}
      ${applicationPart(ctx, grants)} ${sessionPart(ctx, person, sessions)}
      ${isOwn(person) ? deletePart(ctx, person) : ""}`,
  });
}

const isOwn = ({ session }: Person) => session.sso_tenant_id === null && session.door_tenant_id === null;

/** Where what belongs to the account can be changed, when not in this session. */
function elsewhere({ site }: IdentityContext, { session }: Person) {
  const what = "To change or delete the account, a password, passkeys or an authenticator app, sign in";
  if (session.door_tenant_id === null)
    return html`<p class="hint">
      You are signed in by an identity provider. ${what} by a means of your own.
    </p>`;
  const home = site.home === null ? "" : `${site.home}/account`;
  return html`<p class="hint">
    You are signed in at an address of ${site.tenantName}, which counts here only. ${what}
    ${home === "" ? "at the address of this installation" : html`at <a href="${home}">${home}</a>`}.
  </p>`;
}

/** A person's sign-in methods besides an identity provider. */
function ownWays(ctx: IdentityContext, person: Person, passkeys: PasskeyShown[]) {
  return html`${profilePart(ctx, person)}
    <h2>Password</h2>
    <form method="post" action="${pathOf(ctx, "/account/password")}">
      <input type="text" name="username" value="${person.email}" autocomplete="username" hidden />
      ${person.hasPassword ? field({ name: "current", label: "Current password", type: "password", autocomplete: "current-password" }) : ""}
      ${field({ name: "password", label: "New password", type: "password", autocomplete: "new-password", hint: "Ten characters or more." })}
      <button class="quiet">Change the password</button>
    </form>
    ${passkeyPart(ctx, passkeys)}
    <h2>Authenticator app</h2>
    ${person.hasTotp ? button(ctx, "/account/totp/remove", "Remove the authenticator app") : button(ctx, "/account/totp", "Set up an authenticator app")}`;
}

const button = (ctx: IdentityContext, path: string, label: string) =>
  html`<form method="post" action="${pathOf(ctx, path)}"><button class="quiet">${label}</button></form>`;

const verifyForm = (ctx: IdentityContext) =>
  html`<p>Your address is not confirmed yet.</p>
    ${button(ctx, "/account/verify", "Send me an email to confirm it")}`;

function membership(ctx: IdentityContext, person: Person) {
  if (!person.member)
    return html`<p>You are not a member of ${ctx.site.tenantName}: ask for an invitation.</p>`;
  if (person.member.is_suspended) return html`<p>Your access to ${ctx.site.tenantName} is suspended.</p>`;
  return html`<p>
    In ${ctx.site.tenantName} you are ${person.member.roles.join(", ") || "a member without a role"}.
  </p>`;
}

function tenantList(ctx: IdentityContext, { tenants }: Person) {
  if (tenants.length < 2) return "";
  return html`<ul>
    ${tenants.map(({ slug, name, roles }) => html`<li><a href="/t/${slug}/account">${name}</a>, ${roles.join(", ")}</li>`)}
  </ul>`;
}

/** One of a list, with a button that ends it. */
const listed = (
  name: string,
  hint: string,
  { action, id, label, button }: { action: string; id: string; label: string; button: string },
) =>
  html`<li>
    <span>${name}<br /><span class="hint">${hint}</span></span>
    <form method="post" action="${action}">
      ${hidden("id", id)}<button class="quiet small" aria-label="${label}">${button}</button>
    </form>
  </li>`;

function passkeyPart(ctx: IdentityContext, passkeys: PasskeyShown[]) {
  return html`<h2>Passkeys</h2>
    <ul class="plain">
      ${passkeys.map(({ id, name, last_used_at }) =>
        listed(name, last_used_at ? `last used ${last_used_at.slice(0, 10)}` : "never used", {
          action: pathOf(ctx, "/account/passkeys/remove"),
          id,
          label: `Remove the passkey ${name}`,
          button: "Remove",
        }),
      )}
    </ul>
    <label for="passkey-name">Name of a new passkey</label>
    <input id="passkey-name" autocomplete="off" maxlength="100" placeholder="My laptop" />
    <button class="quiet" id="add-passkey" hidden data-prefix="${ctx.site.prefix}">Add a passkey</button>
    <p class="wrong" id="passkey-problem" role="alert" hidden></p>
    <noscript><p class="hint">Passkeys need JavaScript.</p></noscript>`;
}

function applicationPart(ctx: IdentityContext, grants: GrantShown[]) {
  if (grants.length === 0) return "";
  return html`<h2>Applications</h2>
    <ul class="plain">
      ${grants.map(({ id, client, scopes, created_at }) =>
        listed(client, `${scopes.join(", ")}, since ${created_at.slice(0, 10)}`, {
          action: pathOf(ctx, "/account/applications/end"),
          id,
          label: `Disconnect ${client}`,
          button: "Disconnect",
        }),
      )}
    </ul>`;
}

function sessionPart(ctx: IdentityContext, person: Person, sessions: SessionShown[]) {
  return html`<h2>Sessions</h2>
    <ul class="plain">
      ${sessions.map(
        ({ id, last_seen_at, address, user_agent }) =>
          html`<li>
            <span
              >${deviceName(user_agent)}<br />
              <span class="hint"
                >${address ?? "unknown address"}, last seen ${last_seen_at.slice(0, 16).replace("T", " ")}
                UTC</span
              ></span
            >
            ${
              id === person.session.id
                ? html`<span class="hint">this one</span>`
                : html`<form method="post" action="${pathOf(ctx, "/account/sessions/end")}">
                    ${hidden("id", id)}<button class="quiet small">End</button>
                  </form>`
            }
          </li>`,
      )}
    </ul>
    ${sessions.length > 1 ? button(ctx, "/account/sessions/end-others", "End all other sessions") : ""}`;
}

function showDeleted(ctx: IdentityContext) {
  return showPage(ctx.site, {
    title: "Your account is deleted",
    headers: { "set-cookie": noSessionCookie },
    body: html`<p>An email confirms it. Applications that you let in are out within ten seconds.</p>`,
  });
}

function showTotp(ctx: IdentityContext, person: Person, secret: string, error?: AppError) {
  const uri = totpUri(secret, person.email);
  return showPage(ctx.site, {
    title: "Set up an authenticator app",
    ...statusOf(error),
    body: html`${wrong(error?.message)}
      <p>
        Scan this code with your app, <a href="${uri}">open it on this device</a>, or give the app the key:
      </p>
      ${isTotpSecret(secret) ? qrCode(uri, "Key to scan with an authenticator app") : ""}
      <p><code id="totp-secret">${secret.replaceAll(/.{4}/g, "$& ").trim()}</code></p>
      <form class="whole" method="post" action="${pathOf(ctx, "/account/totp/confirm")}">
        ${hidden("secret", secret)}
        ${field({ name: "code", label: "Code", autocomplete: "one-time-code", hint: "The six digits that the app shows now." })}
        <button>Confirm</button>
      </form>
      <p><a href="${pathOf(ctx, "/account")}">Not now</a></p>`,
  });
}

function showRecoveryCodes(ctx: IdentityContext, codes: string[]) {
  return showPage(ctx.site, {
    title: "Keep these recovery codes",
    body: html`<p>Each signs you in once when your app is out of reach. They are shown this once.</p>
      <ul class="codes">
        ${codes.map((code) => html`<li>${code}</li>`)}
      </ul>
      <p><a href="${pathOf(ctx, "/account")}">I have kept them</a></p>`,
  });
}
