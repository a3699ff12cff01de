import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { describe, expect, inject, it } from "vitest";
import { newTokenSecret, hashSecret } from "../../src/core/tokens.ts";
import {
  joinedMember,
  linkTo,
  newOwner,
  newVisitor,
  pageToken,
  PASSWORD,
  tokenOf,
} from "../support/person.ts";
import { verifiedDomain } from "../support/sso.ts";
import { asOwner, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const REDIRECT = "https://app.example.com/back";
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
const TEN_SECONDS = 10_000;

/** How the API answers at a gateway that hears of nothing but by the tenant's snapshot. */
async function elsewhere(token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${inject("secondEdgeUrl")}/api/v3/types`, { headers });
  await response.body?.cancel();
  return response.status;
}

type Person = Awaited<ReturnType<typeof joinedMember>>;
type Scene = { tenant: Tenant; owner: Awaited<ReturnType<typeof newOwner>>; person: Person };

/** Sends a form to an endpoint of OAuth. */
async function send(at: Tenant, path: string, form: Record<string, string>) {
  const response = await fetch(`${inject("url")}/t/${at.slug}${path}`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : JSON.parse(text) };
}

/** A code that the person allowed a new client, redeemed: the client's form, its code and its tokens. */
async function connected({ tenant, person }: Scene) {
  const made = await tenant.post("/oauth/clients", {
    name: "App",
    grants: ["authorization_code", "refresh_token"],
    redirect_uris: [REDIRECT],
    scopes: ["read"],
  });
  const { id, secret } = made.body.data;
  const verifier = "v".repeat(43);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const asked = {
    client_id: id,
    redirect_uri: REDIRECT,
    response_type: "code",
    code_challenge: Buffer.from(digest).toString("base64url"),
    code_challenge_method: "S256",
  };
  const allowed = await person.post("/oauth/authorize", { ...asked, decision: "allow" });
  const code = new URL(allowed.location!).searchParams.get("code")!;
  const form = { client_id: id, client_secret: secret };
  const redeem = {
    ...form,
    grant_type: "authorization_code",
    code,
    code_verifier: verifier,
    redirect_uri: REDIRECT,
  };
  const tokens = (await send(tenant, "/oauth/token", redeem)).body;
  return { form, redeem, tokens, clientId: id as string };
}

const signedInAgain = async ({ tenant, person }: Scene) => {
  const browser = newVisitor(tenant);
  const entered = await browser.post("/sign-in", { email: person.email, password: PASSWORD });
  expect(entered.status, entered.text).toBe(303);
  return browser;
};
const teamOf = async ({ tenant, person }: Scene, roles: string[] = ["viewer"]) => {
  const { id } = (await tenant.post("/teams", { name: `Team ${crypto.randomUUID()}`, roles })).body.data;
  expect((await tenant.put(`/teams/${id}/members/${person.id}`, undefined)).status).toBe(204);
  return id as string;
};
const scim = (tenant: Tenant, method: string, path: string, body?: object) =>
  fetch(`${inject("url")}/t/${tenant.slug}/scim/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${tenant.tokens.admin}`, "content-type": "application/scim+json" },
    body: body === undefined ? null : JSON.stringify(body),
  });
/** The person's page token, and the person within reach of provisioning. */
const provisioned = async (scene: Scene) => {
  const domain = await verifiedDomain(scene.tenant);
  const email = scene.person.email.replace(/@.*/, `@${domain}`);
  await asOwner(
    scene.tenant,
    sql`update members set email = ${email} where person_id = ${scene.person.id}`,
    sql`update people set email = ${email} where id = ${scene.person.id}`,
  );
  return { token: (await pageToken(scene.person))!, email };
};

/** What revokes: makes a token, and answers it with the deed that takes it away. */
const VERBS: Record<string, (scene: Scene) => Promise<{ token: string; revoke(): Promise<unknown> }>> = {
  "a refresh token used twice": async (scene) => {
    const { form, tokens } = await connected(scene);
    const refresh = { ...form, grant_type: "refresh_token", refresh_token: tokens.refresh_token };
    const next = (await send(scene.tenant, "/oauth/token", refresh)).body;
    await asOwner(
      scene.tenant,
      sql`update oauth_refresh_tokens set used_at = used_at - interval '1 minute'
        where token_hash = ${await hashSecret(tokens.refresh_token)}`,
    );
    const revoke = async () =>
      expect(await send(scene.tenant, "/oauth/token", refresh)).toMatchObject({
        status: 400,
        body: { error: "invalid_grant" },
      });
    return { token: next.access_token, revoke };
  },
  "an authorization code used twice": async (scene) => {
    const { redeem, tokens } = await connected(scene);
    const revoke = async () => expect((await send(scene.tenant, "/oauth/token", redeem)).status).toBe(400);
    return { token: tokens.access_token, revoke };
  },
  "an authorization code used twice, wrongly": async (scene) => {
    const { redeem, tokens } = await connected(scene);
    const wrong = { ...redeem, code_verifier: "w".repeat(43) };
    const revoke = async () => expect((await send(scene.tenant, "/oauth/token", wrong)).status).toBe(400);
    return { token: tokens.access_token, revoke };
  },
  "a device code used twice": async (scene) => {
    const started = (await send(scene.tenant, "/oauth/device", { client_id: "flow-cli", scope: "read" }))
      .body;
    await scene.person.post("/device", { user_code: started.user_code, decision: "allow" });
    const poll = { client_id: "flow-cli", grant_type: DEVICE, device_code: started.device_code };
    const { access_token: token } = (await send(scene.tenant, "/oauth/token", poll)).body;
    const revoke = async () =>
      expect((await send(scene.tenant, "/oauth/token", poll)).body.error).toBe("invalid_grant");
    return { token, revoke };
  },
  "revoking a refresh token": async (scene) => {
    const { form, tokens } = await connected(scene);
    const revoke = () => send(scene.tenant, "/oauth/revoke", { ...form, token: tokens.refresh_token });
    return { token: tokens.access_token, revoke };
  },
  "revoking an access token": async (scene) => {
    const { form, tokens } = await connected(scene);
    const revoke = () => send(scene.tenant, "/oauth/revoke", { ...form, token: tokens.access_token });
    return { token: tokens.access_token, revoke };
  },
  "disconnecting an application": async (scene) => {
    const { tokens } = await connected(scene);
    const id = /name="id" value="(grt_\w+)"/.exec((await scene.person.get("/account")).text)![1]!;
    return {
      token: tokens.access_token,
      revoke: () => scene.person.post("/account/applications/end", { id }),
    };
  },
  "removing a client": async (scene) => {
    const { tokens, clientId } = await connected(scene);
    return { token: tokens.access_token, revoke: () => scene.tenant.delete(`/oauth/clients/${clientId}`) };
  },
  "narrowing a client's scopes": async (scene) => {
    const { tokens, clientId } = await connected(scene);
    const change = { scopes: ["openid"] };
    return {
      token: tokens.access_token,
      revoke: () => scene.tenant.patch(`/oauth/clients/${clientId}`, change),
    };
  },
  "narrowing a client's grants": async (scene) => {
    const { tokens, clientId } = await connected(scene);
    const change = { grants: ["refresh_token"] };
    return {
      token: tokens.access_token,
      revoke: () => scene.tenant.patch(`/oauth/clients/${clientId}`, change),
    };
  },
  "narrowing the roles of a client that acts for itself": async ({ tenant }) => {
    const client = {
      name: "Robot",
      grants: ["client_credentials"],
      scopes: ["read"],
      roles: ["editor", "viewer"],
    };
    const { id, secret } = (await tenant.post("/oauth/clients", client)).body.data;
    const form = { client_id: id, client_secret: secret, grant_type: "client_credentials" };
    const { access_token: token } = (await send(tenant, "/oauth/token", form)).body;
    return { token, revoke: () => tenant.patch(`/oauth/clients/${id}`, { roles: ["viewer"] }) };
  },
  "signing out": async ({ person }) => ({
    token: (await pageToken(person))!,
    revoke: () => person.post("/sign-out", {}),
  }),
  "ending the other sessions": async (scene) => ({
    token: (await pageToken(await signedInAgain(scene)))!,
    revoke: () => scene.person.post("/account/sessions/end-others", {}),
  }),
  "changing the password": async (scene) => ({
    token: (await pageToken(await signedInAgain(scene)))!,
    revoke: () =>
      scene.person.post("/account/password", { current: PASSWORD, password: "quite another password" }),
  }),
  "resetting the password": async ({ person }) => ({
    token: (await pageToken(person))!,
    revoke: async () => {
      await person.post("/reset", { email: person.email });
      const token = tokenOf(await linkTo(person.email, "new password"));
      return newVisitor({ slug: person.prefix.slice(3) }).post("/reset/confirm", {
        token,
        password: "quite another password",
      });
    },
  }),
  "deleting the account": async ({ person }) => ({
    token: (await pageToken(person))!,
    revoke: () => person.post("/account/delete", { email: person.email, current: PASSWORD }),
  }),
  "removing the authenticator app": async (scene) => {
    const other = await signedInAgain(scene);
    const token = (await pageToken(other))!;
    await asOwner(
      scene.tenant,
      sql`update sessions set amr = '{pwd,otp}' where person_id = ${scene.person.id}`,
      sql`insert into totp_secrets (tenant_id, person_id, sealed_secret, confirmed_at)
        values ('00000000-0000-0000-0000-000000000000', ${scene.person.id}, '', now())`,
    );
    return { token, revoke: () => scene.person.post("/account/totp/remove", {}) };
  },
  "removing a passkey": async (scene) => {
    const other = await signedInAgain(scene);
    const token = (await pageToken(other))!;
    await asOwner(
      scene.tenant,
      sql`update sessions set amr = '{hwk}' where person_id = ${scene.person.id}`,
      sql`insert into passkeys (tenant_id, id, person_id, public_key, name)
        values ('00000000-0000-0000-0000-000000000000', ${`key-${scene.person.id}`}, ${scene.person.id}, '',
          'Lost')`,
    );
    return {
      token,
      revoke: () => scene.person.post("/account/passkeys/remove", { id: `key-${scene.person.id}` }),
    };
  },
  "changing a member's roles": async ({ tenant, person }) => ({
    token: (await pageToken(person))!,
    revoke: () => tenant.patch(`/members/${person.id}`, { roles: ["viewer"] }),
  }),
  "suspending a member": async ({ tenant, person }) => ({
    token: (await pageToken(person))!,
    revoke: () => tenant.patch(`/members/${person.id}`, { suspended: true }),
  }),
  "removing a member": async ({ tenant, person }) => ({
    token: (await pageToken(person))!,
    revoke: () => tenant.delete(`/members/${person.id}`),
  }),
  "taking a member out of a team": async (scene) => {
    const team = await teamOf(scene);
    const revoke = () => scene.tenant.delete(`/teams/${team}/members/${scene.person.id}`);
    return { token: (await pageToken(scene.person))!, revoke };
  },
  "changing a team's roles": async (scene) => {
    const team = await teamOf(scene, ["editor"]);
    const revoke = () => scene.tenant.patch(`/teams/${team}`, { roles: [] });
    return { token: (await pageToken(scene.person))!, revoke };
  },
  "removing a team": async (scene) => {
    const team = await teamOf(scene);
    return { token: (await pageToken(scene.person))!, revoke: () => scene.tenant.delete(`/teams/${team}`) };
  },
  "removing a group by SCIM": async (scene) => {
    const team = await teamOf(scene);
    const revoke = () => scim(scene.tenant, "DELETE", `/Groups/${team}`);
    return { token: (await pageToken(scene.person))!, revoke };
  },
  "deactivating a user by SCIM": async (scene) => {
    const { token } = await provisioned(scene);
    const Operations = [{ op: "Replace", path: "active", value: "False" }];
    return { token, revoke: () => scim(scene.tenant, "PATCH", `/Users/${scene.person.id}`, { Operations }) };
  },
  "replacing a user by SCIM as inactive": async (scene) => {
    const { token, email } = await provisioned(scene);
    const user = { userName: email, active: false };
    return { token, revoke: () => scim(scene.tenant, "PUT", `/Users/${scene.person.id}`, user) };
  },
  "removing a user by SCIM": async (scene) => {
    const { token } = await provisioned(scene);
    return { token, revoke: () => scim(scene.tenant, "DELETE", `/Users/${scene.person.id}`) };
  },
  "demanding a second factor": async ({ tenant, person }) => ({
    token: (await pageToken(person))!,
    revoke: () => tenant.patch("/tenant", { sign_in: { second_factor: true } }),
  }),
  "removing an API token": async ({ tenant }) => {
    const { id, token } = (await tenant.post("/tokens", { name: "Leaked", scope: "read" })).body.data;
    return { token, revoke: () => tenant.delete(`/tokens/${id}`) };
  },
};

/** What writes revocations: whoever adds to it adds the verb above, or to the suites of connections. */
const WRITERS = [
  "identity/members/accept-invitation.ts",
  "identity/members/change-member.ts",
  "identity/members/delete-account.ts",
  "identity/members/guards.ts",
  "identity/members/teams.ts",
  "identity/oauth/clients.ts",
  "identity/oauth/devices.ts",
  "identity/oauth/own-grants.ts",
  "identity/oauth/revoke.ts",
  "identity/oauth/token.ts",
  "identity/people/first-proof.ts",
  "identity/people/mail-links.ts",
  "identity/people/passkeys.ts",
  "identity/people/passwords.ts",
  "identity/people/second-factor.ts",
  "identity/people/sessions.ts",
  "identity/scim/groups.ts",
  "identity/scim/users.ts",
  "identity/sso/connections.ts",
  "identity/sso/enter-by-sso.ts",
  "tenant/tenants/tenant-settings.ts",
  "tenant/tenants/token-lifetime.ts",
].sort();

describe.concurrent("elsewhere within ten seconds, nothing goes on after", () => {
  for (const [name, verb] of Object.entries(VERBS))
    it(name, async () => {
      const tenant = await newTenant();
      const owner = await newOwner(tenant);
      const person = await joinedMember(tenant, ["editor"]);
      const { token, revoke } = await verb({ tenant, owner, person });
      expect(token, "the token").toBeTypeOf("string");
      expect(await elsewhere(token)).toBe(200);
      await revoke();
      await eventually(async () => (await elsewhere(token)) === 401, TEN_SECONDS);
    });
});

describe("a revocation", () => {
  it("is told by the statement that writes it, whoever does", async () => {
    const tenant = await newTenant();
    const id = newTokenSecret();
    const write = (at: string) =>
      asOwner(
        tenant,
        sql`insert into revocations (tenant_id, kind, id, at, expires_at)
          values (${tenant.tenantId}::uuid, 'person', ${id}, ${at}::timestamptz, now() + interval '1 hour')
          on conflict (tenant_id, kind, id) do update set at = excluded.at`,
        sql`select current_setting('app.told', true)`,
        sql`select id::text from outbox where event = 'access.revoked'
          and tenant_id = ${tenant.tenantId}::uuid order by outbox.id desc limit 1`,
      );
    for (const at of ["2026-01-01", "2026-01-02"]) {
      const [, told, event] = await write(at);
      expect(told![0]![0]).toBe(`${tenant.tenantId}:${event![0]![0] as string}`);
    }
  });

  it("is written where this suite knows of it", () => {
    const root = new URL("../../src/domain", import.meta.url).pathname;
    const found = (readdirSync(root, { recursive: true }) as string[])
      .filter((path) => path.endsWith(".ts") && !path.endsWith("index.ts"))
      .filter((path) =>
        /into revocations|endedCte\(|endedGrantsCte\(|dropClaims\(|refuseTokens\(|refusePeople\(|revokeGrantCte\(/.test(
          readFileSync(join(root, path), "utf8"),
        ),
      );
    expect(found.sort()).toEqual(WRITERS);
  });
});
