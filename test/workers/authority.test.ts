import { beforeAll, describe, expect, it } from "vitest";
import { asRole, asToken, reasonOf } from "../support/access.ts";
import {
  joinedMember,
  linkTo,
  newOwner,
  PASSWORD,
  pageToken,
  newVisitor,
  type Visitor,
} from "../support/person.ts";
import { connectOidc, newOidcProvider, signInByOidc } from "../support/oidc.ts";
import { verifiedDomain } from "../support/sso.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const MORE = "access/more-than-yours";
const OWNERS = "members/owners-only";

/** The API as a person sees it. */
async function asPerson(tenant: Tenant, visitor: Visitor) {
  const token = (await pageToken(visitor))!;
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const reply = await tenant.call(method, path, { token, body, headers });
    return { status: reply.status, reason: reasonOf(reply), body: reply.body };
  };
  return { token, call };
}

let tenant: Tenant;
let owner: Visitor & { email: string };
let teams: { owners: string; admins: string };

beforeAll(async () => {
  tenant = await newTenant();
  owner = await newOwner(tenant);
  const team = async (name: string, roles: string[]) =>
    (await tenant.post("/teams", { name, roles })).body.data.id as string;
  teams = { owners: await team("Owners", ["owner"]), admins: await team("Admins", ["admin"]) };
});

describe("a role for one environment", () => {
  it("reaches nothing that is the whole tenant's, whichever environment is asked", async () => {
    await tenant.post("/environments", { name: "staging" });
    await tenant.put("/types/article", ARTICLE);
    const stager = await asRole(tenant, [{ actions: ["*"], environments: ["staging"] }], { scope: "admin" });
    const inStaging = { "x-flow-environment": "staging" };
    const send = (
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = inStaging,
    ) => tenant.call(method, path, { token: stager.secret, body, headers });
    expect((await send("PUT", "/types/article", ARTICLE)).status).toBe(201);
    expect((await send("POST", "/content/article", { title: "Mine" })).status).toBe(201);
    expect((await send("GET", "/content/article?perspective=draft", undefined, {})).status).toBe(403);
    const member = await joinedMember(tenant, [stager.role.name]);
    const person = await asPerson(tenant, member);
    for (const [method, path, body] of [
      ["POST", "/tokens", { name: "T", scope: "admin" }],
      ["POST", "/keys", { kid: "k", jwk: {} }],
      ["GET", "/members", undefined],
      ["PATCH", `/members/${member.id}`, { roles: ["admin"] }],
      ["POST", "/environments", { name: "mine" }],
      ["PATCH", "/tenant", { name: "Mine" }],
      ["POST", "/policies", { name: "P", grants: [{ actions: ["*"] }] }],
    ] as const) {
      expect((await send(method, path, body)).status, path).toBe(403);
      expect((await person.call(method, path, body, inStaging)).status, path).toBe(403);
    }
  });

  it("is no way round what is refused in another", async () => {
    const kept = await asRole(
      tenant,
      [{ actions: ["*"] }, { effect: "deny", actions: ["content:*", "members:*"], environments: ["main"] }],
      { scope: "admin" },
    );
    for (const environment of ["main", "staging"]) {
      const send = (method: string, path: string, body?: unknown) =>
        tenant.call(method, path, {
          token: kept.secret,
          body,
          headers: { "x-flow-environment": environment },
        });
      expect((await send("GET", "/content/article")).status, environment).toBe(
        environment === "main" ? 403 : 200,
      );
      expect((await send("GET", "/access/me")).body.data.is_narrowed, environment).toBe(true);
      expect((await send("GET", "/members")).status, environment).toBe(403);
      expect(reasonOf(await send("POST", "/tokens", { name: "T", scope: "admin" })), environment).toBe(MORE);
      const policy = { name: crypto.randomUUID(), grants: [{ actions: ["content:*"] }] };
      expect(reasonOf(await send("POST", "/policies", policy)), environment).toBe(MORE);
    }
  });

  it("gives no policy beyond it", async () => {
    const keeper = await asRole(
      tenant,
      [{ actions: ["content:*"], environments: ["staging"] }, { actions: ["access:write", "access:read"] }],
      { scope: "admin" },
    );
    const make = (grant: object) =>
      tenant.call("POST", "/policies", {
        token: keeper.secret,
        body: { name: `P ${crypto.randomUUID()}`, grants: [grant] },
        headers: { "x-flow-environment": "staging" },
      });
    expect(reasonOf(await make({ actions: ["content:*"] }))).toBe(MORE);
    expect(reasonOf(await make({ actions: ["content:*"], environments: ["main"] }))).toBe(MORE);
    expect((await make({ actions: ["content:read"], environments: ["staging"] })).status).toBe(201);
  });
});

describe("who looks after sign-in alone", () => {
  it("gives and takes no role, by members, teams or groups, and bars nobody above", async () => {
    const sso = await asToken(tenant, { scope: "sso_admin" });
    const [admin, editor] = [await joinedMember(tenant, ["admin"]), await joinedMember(tenant, ["editor"])];
    const boss = (await tenant.get("/members")).body.data.find(
      (one: { email: string }) => one.email === owner.email,
    ).id as string;
    const byTeam = await joinedMember(tenant, []);
    expect((await tenant.put(`/teams/${teams.owners}/members/${byTeam.id}`, {})).status).toBe(204);
    const refused: [Promise<{ status: number; body: any }>, string][] = [
      [sso.put(`/teams/${teams.owners}/members/${editor.id}`, {}), OWNERS],
      [sso.put(`/teams/${teams.admins}/members/${editor.id}`, {}), MORE],
      [sso.patch(`/teams/${teams.owners}`, { roles: [] }), OWNERS],
      [sso.delete(`/teams/${teams.admins}`), MORE],
      [sso.patch(`/members/${admin.id}`, { roles: [] }), MORE],
      [sso.patch(`/members/${admin.id}`, { suspended: true }), MORE],
      [sso.patch(`/members/${boss}`, { suspended: true }), OWNERS],
      [sso.patch(`/members/${byTeam.id}`, { suspended: true }), OWNERS],
      [sso.delete(`/members/${boss}`), OWNERS],
    ];
    for (const [i, [answer, reason]] of refused.entries())
      expect(reasonOf(await answer), String(i)).toBe(reason);
    expect((await sso.patch(`/members/${editor.id}`, { suspended: true })).status).toBe(200);
    const joined = {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
      Operations: [{ op: "add", path: "members", value: [] }],
    };
    const scim = (token: string) =>
      owner.send(`${owner.prefix}/scim/v2/Groups/${teams.admins}`, {
        method: "PATCH",
        body: JSON.stringify(joined),
        headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      });
    expect((await scim(sso.secret)).status).toBe(403);
    const domain = await verifiedDomain(tenant, `people.${tenant.slug}.example.com`);
    const email = `lead@${domain}`;
    const invited = await tenant.post("/invitations", { email, roles: ["admin"] });
    expect(invited.status).toBe(201);
    const lead = newVisitor(tenant);
    const letter = new URL(await linkTo(email, "invites you")).searchParams.get("token")!;
    await lead.post("/invitation", { token: letter, name: "Lead", password: PASSWORD });
    const { id: leadId } = (await tenant.get("/members")).body.data.find(
      (one: { email: string }) => one.email === email,
    );
    const provision = (method: string, token: string, body?: object) =>
      owner.send(`${owner.prefix}/scim/v2/Users/${leadId}`, {
        method,
        body: body ? JSON.stringify(body) : null,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/scim+json" },
      });
    const off = { ...joined, Operations: [{ op: "replace", value: { active: false } }] };
    expect((await provision("PATCH", sso.secret, off)).status).toBe(403);
    expect((await provision("DELETE", sso.secret)).status).toBe(403);
    expect((await provision("PATCH", tenant.tokens.admin, off)).status).toBe(200);
    const on = { ...joined, Operations: [{ op: "replace", value: { active: true } }] };
    expect((await provision("PATCH", sso.secret, on)).status).toBe(403);
    expect((await provision("PATCH", tenant.tokens.admin, on)).status).toBe(200);
    expect((await scim(tenant.tokens.admin)).status).toBe(200);
  });

  it("sets connections up, and lets nobody in by them", async () => {
    const sso = await asToken(tenant, { scope: "sso_admin" });
    const domain = await verifiedDomain(tenant);
    const provider = await newOidcProvider();
    const oidc = { issuer: provider.issuer, client_id: "flow", client_secret: "a secret of the client" };
    const wanted = { type: "oidc", name: "Own", domains: [domain], oidc };
    expect(reasonOf(await sso.post("/sso/connections", wanted))).toBe(MORE);
    const made = await sso.post("/sso/connections", { ...wanted, enabled: false });
    expect(made.status).toBe(201);
    const path = `/sso/connections/${made.body.data.id}`;
    expect(reasonOf(await sso.patch(path, { enabled: true }))).toBe(MORE);
    expect((await sso.patch(path, { oidc: { client_id: "other" } })).status).toBe(200);
    const claims = { sub: "1", email: `boss@${domain}`, email_verified: true, name: "Boss" };
    expect((await signInByOidc(newVisitor(tenant), made.body.data, provider, { claims })).status).not.toBe(
      303,
    );
    expect((await tenant.patch(path, { enabled: true })).status).toBe(200);
    for (const change of [{ domains: [] }, { oidc: { issuer: provider.issuer } }, { jit: false }])
      expect(reasonOf(await sso.patch(path, change)), JSON.stringify(change)).toBe(MORE);
    expect((await sso.patch(path, { name: "Renamed" })).status).toBe(200);
    expect((await sso.patch(path, { enabled: false })).status).toBe(200);
    expect((await connectOidc(tenant, provider.issuer)).id).toMatch(/^sso_/);
    await provider.close();
  });
});

describe("an admin who is no owner", () => {
  it("becomes none by a token, a key, a client or a team", async () => {
    const member = await joinedMember(tenant, ["admin"]);
    const admin = await asPerson(tenant, member);
    const made = await admin.call("POST", "/tokens", { name: "T", scope: "admin" });
    expect(made.body.data.role).toBe("admin");
    const withToken = await tenant.patch(
      `/members/${member.id}`,
      { roles: ["owner"] },
      { token: made.body.data.token },
    );
    expect(reasonOf(withToken)).toBe(OWNERS);
    expect((await tenant.get("/members", { token: made.body.data.token })).status).toBe(200);
    const client = { name: "C", grants: ["client_credentials"], scopes: ["admin"] };
    const registered = await admin.call("POST", "/oauth/clients", client);
    expect(registered.body.data.roles).toEqual(["admin"]);
    const strong = (await tenant.post("/oauth/clients", client)).body.data;
    expect(strong.roles).toEqual([]);
    const refused = [
      ["POST", "/tokens", { name: "T", scope: "admin", role: "owner" }, OWNERS],
      ["POST", "/oauth/clients", { ...client, roles: ["owner"] }, OWNERS],
      ["PATCH", `/oauth/clients/${strong.id}`, { name: "Mine" }, OWNERS],
      ["POST", `/oauth/clients/${strong.id}/secret`, undefined, OWNERS],
      ["POST", "/keys", { kid: "k1", jwk: { kty: "OKP", crv: "Ed25519", x: "AAAA" } }, MORE],
      ["PATCH", `/teams/${teams.owners}`, { roles: [] }, OWNERS],
      ["DELETE", `/teams/${teams.owners}`, undefined, OWNERS],
      ["PUT", `/teams/${teams.owners}/members/${member.id}`, undefined, OWNERS],
    ] as const;
    for (const [method, path, body, reason] of refused)
      expect((await admin.call(method, path, body)).reason, `${method} ${path}`).toBe(reason);
    const boss = await asPerson(tenant, owner);
    const ownersOwn = await boss.call("POST", "/tokens", { name: "T", scope: "admin" });
    expect([ownersOwn.status, ownersOwn.body.data.role]).toEqual([201, undefined]);
    expect((await boss.call("PATCH", `/teams/${teams.owners}`, { name: "The owners" })).status).toBe(200);
  });
});

describe("who is narrowed", () => {
  it("takes away no refusal, from a policy or a role", async () => {
    const refused = await asRole(tenant, [
      { id: "all", actions: ["content:*"] },
      { id: "no", effect: "deny", actions: ["content:*"], types: ["article"] },
    ]);
    const keeper = await asRole(
      tenant,
      [{ actions: ["access:*", "content:*", "types:read"] }, { effect: "deny", actions: ["assets:*"] }],
      {
        scope: "admin",
      },
    );
    const path = `/policies/${refused.policy.id}`;
    const [all, no] = refused.policy.grants;
    expect(reasonOf(await keeper.patch(path, { grants: [all] }))).toBe(MORE);
    expect(
      reasonOf(
        await keeper.patch(path, { grants: [all, { ...no, types: undefined, actions: ["types:write"] }] }),
      ),
    ).toBe(MORE);
    expect((await keeper.patch(path, { grants: [all, no], name: `N ${crypto.randomUUID()}` })).status).toBe(
      200,
    );
    expect(reasonOf(await keeper.patch(`/roles/${refused.role.name}`, { policies: [] }))).toBe(MORE);
    expect((await refused.get("/content/article")).status).toBe(403);
  });

  it("is told by no explanation for others what they may not read", async () => {
    const id = await tenant.published("article", { title: "Told", slug: "told", price: 7 });
    const keeper = await asRole(
      tenant,
      [
        { actions: ["access:*", "content:*", "types:read"] },
        { effect: "deny", actions: ["content:*"], fields: ["price"] },
      ],
      { scope: "admin" },
    );
    const ask = (subject: string) =>
      keeper.get(`/access/explain?subject=${subject}&action=content:read&resource=entry:${id}`);
    expect((await ask("role:editor")).status).toBe(403);
    expect((await ask("me")).status).toBe(200);
  });
});

describe("an invitation", () => {
  it("ends with the powers of who sent it", async () => {
    const member = await joinedMember(tenant, ["admin"]);
    const admin = await asPerson(tenant, member);
    const invited = () =>
      admin.call("POST", "/invitations", {
        email: `later-${crypto.randomUUID()}@example.com`,
        roles: ["admin"],
      });
    const first = (await invited()).body.data.id;
    const open = async () => (await tenant.get("/invitations")).body.data.map(({ id }: { id: string }) => id);
    expect(await open()).toContain(first);
    expect((await tenant.patch(`/members/${member.id}`, { roles: ["viewer"] })).status).toBe(200);
    expect(await open()).not.toContain(first);
    await tenant.put(`/teams/${teams.admins}/members/${member.id}`, {});
    const byTeam = await asPerson(tenant, member);
    const second = await byTeam.call("POST", "/invitations", {
      email: `team-${member.id}@example.com`,
      roles: ["admin"],
    });
    expect(await open()).toContain(second.body.data.id);
    expect((await tenant.delete(`/teams/${teams.admins}/members/${member.id}`)).status).toBe(204);
    expect(await open()).not.toContain(second.body.data.id);
  });
});

describe("a role with power over people or clients alone", () => {
  it("takes no more from the teams and clients that are there", async () => {
    const hr = await asRole(tenant, [{ actions: ["members:*"] }], { scope: "admin" });
    const member = await joinedMember(tenant, [hr.role.name]);
    const person = await asPerson(tenant, member);
    const plain = (await tenant.post("/teams", { name: "Plain", roles: [] })).body.data.id;
    expect((await person.call("PUT", `/teams/${teams.admins}/members/${member.id}`)).reason).toBe(MORE);
    expect((await person.call("PUT", `/teams/${plain}/members/${member.id}`)).status).toBe(204);

    const keeper = await asRole(tenant, [{ actions: ["oauth:*"] }], { scope: "admin" });
    const client = (
      await tenant.post("/oauth/clients", {
        name: "Site",
        grants: ["client_credentials", "authorization_code"],
        roles: ["admin"],
        redirect_uris: ["https://app.example/cb"],
      })
    ).body.data;
    const path = `/oauth/clients/${client.id}`;
    for (const change of [
      { scopes: ["admin"] },
      { redirect_uris: ["https://evil.example/cb"] },
      { roles: [] },
    ])
      expect(reasonOf(await keeper.patch(path, change)), JSON.stringify(change)).toBe(MORE);
    expect(reasonOf(await keeper.post(`${path}/secret`, undefined))).toBe(MORE);
    expect((await tenant.post(`${path}/secret`, undefined)).status).toBe(200);
  });
});
