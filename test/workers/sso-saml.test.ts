import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { newOwner, newVisitor, PASSWORD, type Visitor } from "../support/person.ts";
import {
  startSaml,
  connectSaml,
  newSamlIdp,
  postResponse,
  signInBySaml,
  verifiedDomain,
  type SamlIdp,
} from "../support/sso.ts";
import { asOwner, eventually, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let domain: string;
let idp: SamlIdp;
let connection: { id: string };
const user = (name: string, groups: string[] = []) => ({
  subject: `subject-${name}`,
  email: `${name}@${domain}`,
  name,
  groups,
});
const pageToken = (visitor: Visitor) => visitor.post("/session/token", {}, { accept: "application/json" });
const claims = (text: string) =>
  JSON.parse(Buffer.from(JSON.parse(text).data.access_token.split(".")[1], "base64url").toString());
const reasonOf = ({ text }: { text: string }) => JSON.parse(text).error?.reason as string;
const memberNamed = async (name: string) =>
  (await tenant.get("/members")).body.data.find(
    (one: { email: string }) => one.email === `${name}@${domain}`,
  );
/** An account with a password of its own. */
async function account(email: string, isVerified: boolean): Promise<string> {
  const id = `usr_${crypto.randomUUID()}`;
  const [made] = await asOwner(
    tenant,
    sql`insert into people (id, email, email_verified_at, password_hash)
      select ${id}, ${email}, case when ${String(isVerified)}::boolean then now() end,
        (select password_hash from people where password_hash is not null limit 1) returning id`,
  );
  return made![0]![0] as string;
}

beforeAll(async () => {
  tenant = await newTenant();
  domain = await verifiedDomain(tenant);
  idp = await newSamlIdp();
  connection = await connectSaml(tenant, idp, {
    domains: [domain],
    default_roles: ["viewer"],
    role_mapping: { Editors: ["editor"], Authors: ["author", "editor"] },
  });
});

describe("signing in by SAML", () => {
  it("makes a member of who comes from a verified domain, with the roles of their groups", async () => {
    const visitor = newVisitor(tenant);
    const goOn = `${visitor.prefix}/device?user_code=ABCD`;
    const done = await signInBySaml(visitor, connection, idp, user("ada", ["Editors", "Nobody"]), goOn);
    expect(done.status, done.text).toBe(303);
    expect(done.location).toBe(goOn);
    const token = await pageToken(visitor);
    expect(token.status, token.text).toBe(200);
    expect(claims(token.text)).toMatchObject({
      roles: ["editor", "viewer"],
      amr: ["fed"],
      tid: tenant.tenantId,
    });
    expect(await memberNamed("ada")).toMatchObject({ name: "ada", source: "sso" });
    const log = await tenant.get("/audit-logs");
    const told = log.body.data.find((one: { action: string }) => one.action === "person.signed_in");
    expect(told.meta).toMatchObject({ amr: ["fed"], connection: connection.id });
  });

  it("asks the database twice when the answer comes: for the attempt, and to use it up", async () => {
    const visitor = newVisitor(tenant);
    const { url, metadata } = await startSaml(visitor, connection);
    const answer = await idp.answer(url, metadata, user("ruth"));
    const asked = async () => {
      const stats = await fetch(`http://127.0.0.1:${new URL(inject("ownerUrl")).port}/stats`);
      return ((await stats.json()) as { by: Record<string, number> }).by["flow-identity"]!;
    };
    const before = await asked();
    expect((await postResponse(visitor, connection, answer)).status).toBe(303);
    expect((await asked()) - before).toBe(2);
  });

  it("opens an encrypted assertion", async () => {
    const encrypting = await newSamlIdp({ encrypts: true });
    const one = await connectSaml(tenant, encrypting, { domains: [domain] });
    const visitor = newVisitor(tenant);
    const done = await signInBySaml(visitor, one, encrypting, user("enid"));
    expect(done.status, done.text).toBe(303);
    expect((await pageToken(visitor)).status).toBe(200);
  });

  it("takes the roles that the groups give now, and refuses what was issued before", async () => {
    const visitor = newVisitor(tenant);
    await signInBySaml(visitor, connection, idp, user("rose", ["Authors"]));
    const { access_token: before } = JSON.parse((await pageToken(visitor)).text).data;
    expect((await tenant.get("/types", { token: before })).status).toBe(200);
    const issuedIn = Math.floor(Date.now() / 1000);
    await eventually(async () => Math.floor(Date.now() / 1000) > issuedIn);
    await signInBySaml(visitor, connection, idp, user("rose"));
    expect(claims((await pageToken(visitor)).text).roles).toEqual(["viewer"]);
    await eventually(async () => (await tenant.get("/types", { token: before })).status === 401, 10_000);
    const { access_token: after } = JSON.parse((await pageToken(visitor)).text).data;
    expect((await tenant.get("/types", { token: after })).status).toBe(200);
  });

  it("knows people by issuer and subject, whatever their address is now", async () => {
    await signInBySaml(newVisitor(tenant), connection, idp, user("grace"));
    const renamed = { ...user("grace"), email: "grace@elsewhere.example" };
    const visitor = newVisitor(tenant);
    expect((await signInBySaml(visitor, connection, idp, renamed)).status).toBe(303);
    expect(claims((await pageToken(visitor)).text).sub).toBe((await memberNamed("grace")).id);
  });

  it("links who has proved the address, and nobody who has not", async () => {
    await newOwner(tenant);
    const id = await account(`proved@${domain}`, true);
    expect((await signInBySaml(newVisitor(tenant), connection, idp, user("proved"))).status).toBe(303);
    expect((await memberNamed("proved")).id).toBe(id);
    await account(`squatter@${domain}`, false);
    const refused = await signInBySaml(newVisitor(tenant), connection, idp, user("squatter"));
    expect([refused.status, reasonOf(refused)]).toEqual([403, "sso/address-unproved"]);
  });

  it("ends at the site of another tenant too", async () => {
    const visitor = newVisitor(tenant);
    await signInBySaml(visitor, connection, idp, user("olga"));
    const kept = new Map(visitor.cookies);
    const other = newVisitor(await newTenant());
    for (const [name, value] of kept) other.cookies.set(name, value);
    expect((await other.get("/account")).status).toBe(303);
    expect((await visitor.get("/account")).status).toBe(200);
    await other.post("/sign-out", {});
    expect(other.cookies.has("__Host-flow_session")).toBe(false);
    expect((await visitor.get("/account")).status).toBe(303);
  });

  it("keeps suspended members out", async () => {
    await signInBySaml(newVisitor(tenant), connection, idp, user("sue"));
    const { id } = await memberNamed("sue");
    expect((await tenant.patch(`/members/${id}`, { suspended: true })).status).toBe(200);
    const visitor = newVisitor(tenant);
    const refused = await signInBySaml(visitor, connection, idp, user("sue"));
    expect([refused.status, reasonOf(refused)]).toEqual([403, "sso/suspended"]);
    expect(visitor.cookies.has("__Host-flow_session")).toBe(false);
  });

  it("makes nobody a member when that is not wanted", async () => {
    const strict = await newSamlIdp();
    const one = await connectSaml(tenant, strict, { domains: [domain], jit: false });
    const refused = await signInBySaml(newVisitor(tenant), one, strict, user("stranger"));
    expect([refused.status, reasonOf(refused)]).toEqual([403, "sso/not-a-member"]);
    expect((await signInBySaml(newVisitor(tenant), one, strict, user("ada"))).status).toBe(303);
  });

  it("lets an identity provider speak for its own domains only", async () => {
    const victim = await newTenant();
    const other = await verifiedDomain(victim);
    for (const email of [
      `boss@${other}`,
      "ada@gmail.example",
      `ada@sub.${domain}`,
      `ada@${domain}.evil.example`,
    ]) {
      const visitor = newVisitor(tenant);
      const refused = await signInBySaml(visitor, connection, idp, { subject: `s-${email}`, email });
      expect([refused.status, reasonOf(refused)], email).toEqual([403, "sso/domain-not-covered"]);
      expect(visitor.cookies.has("__Host-flow_session"), email).toBe(false);
    }
    const silent = await connectSaml(tenant, idp);
    const unlisted = await signInBySaml(newVisitor(tenant), silent, idp, user("unlisted"));
    expect([unlisted.status, reasonOf(unlisted)]).toEqual([403, "sso/domain-not-covered"]);
    const lost = await verifiedDomain(tenant, `lost.${domain}`);
    const listed = await connectSaml(tenant, idp, { domains: [lost] });
    expect((await tenant.delete(`/domains/${lost}`)).status).toBe(204);
    const late = await signInBySaml(newVisitor(tenant), listed, idp, {
      subject: "late",
      email: `late@${lost}`,
    });
    expect([late.status, reasonOf(late)]).toEqual([403, "sso/domain-not-covered"]);
    const claimed = await tenant.post("/sso/connections", {
      type: "saml",
      name: "Other's",
      domains: [other],
      saml: { metadata: idp.metadata },
    });
    expect([claimed.status, claimed.body.error.reason]).toEqual([422, "sso/domain-not-verified"]);
  });

  it("ends what it opened when it is switched off", async () => {
    const own = await newSamlIdp();
    const one = await connectSaml(tenant, own, { domains: [domain] });
    const visitor = newVisitor(tenant);
    await signInBySaml(visitor, one, own, user("olaf"));
    const { access_token: token } = JSON.parse((await pageToken(visitor)).text).data;
    expect((await tenant.patch(`/sso/connections/${one.id}`, { enabled: false })).status).toBe(200);
    expect((await pageToken(visitor)).status).toBe(401);
    await eventually(async () => (await tenant.get("/types", { token })).status === 401, 10_000);
    expect((await visitor.get(`/sso/saml/${one.id}/login`)).status).toBe(404);
  });
});

describe("a session that an identity provider opened", () => {
  it("counts at its tenant only, and changes nothing of the account", async () => {
    const other = await newTenant();
    const visitor = newVisitor(tenant);
    await signInBySaml(visitor, connection, idp, user("dual"));
    const { id } = await memberNamed("dual");
    await asOwner(
      other,
      sql`insert into members (tenant_id, person_id, email, roles, source, created_by)
        values (${other.tenantId}::uuid, ${id}, ${`dual@${domain}`}, '{owner}', 'invitation', 'test')`,
    );
    const there = { ...newVisitor(other), cookies: visitor.cookies };
    const elsewhere = await visitor.send(`/t/${other.slug}/session/token`, {
      method: "POST",
      headers: { origin: visitor.origin, accept: "application/json" },
    });
    expect([elsewhere.status, reasonOf(elsewhere)]).toEqual([401, "identity/not-signed-in"]);
    expect((await visitor.send(`${there.prefix}/account`)).location).toContain("/sign-in");
    for (const [path, form] of [
      ["/account/password", { password: "another long password" }],
      ["/account/totp", {}],
    ] as const) {
      const refused = await visitor.post(path, form);
      expect([refused.status, refused.text.includes("sign in another way")], path).toEqual([403, true]);
    }
    const passkey = await visitor.post("/passkeys/begin", {}, { accept: "application/json" });
    expect([passkey.status, reasonOf(passkey)]).toEqual([403, "identity/sso-session"]);
    const page = await visitor.get("/account");
    expect(page.text).not.toContain("New password");
  });
});

describe("sign-in by a connection demanded", () => {
  it("is checked when a token is made: owners with a second factor come in all the same", async () => {
    const strict = await newTenant();
    const owner = await newOwner(strict);
    const none = await strict.patch("/tenant", { sign_in: { sso: true } });
    expect([none.status, none.body.error.reason]).toEqual([422, "tenants/no-connection"]);
    const own = await verifiedDomain(strict);
    const provider = await newSamlIdp();
    const one = await connectSaml(strict, provider, { domains: [own], default_roles: ["editor"] });
    expect((await pageToken(owner)).status).toBe(200);
    const set = await strict.patch("/tenant", { sign_in: { sso: true } });
    expect(set.body.data.sign_in).toEqual({ sso: true, second_factor: false });

    const refused = await pageToken(owner);
    expect([refused.status, reasonOf(refused)]).toEqual([403, "identity/sso-required"]);
    expect(refused.text).toContain(`/sso/saml/${one.id}/login`);
    await asOwner(
      strict,
      sql`update sessions set amr = '{pwd,otp}'
        where person_id in (select id from people where email = ${owner.email})`,
    );
    expect((await pageToken(owner)).status).toBe(200);

    const visitor = newVisitor(strict);
    const someone = { subject: "s1", email: `someone@${own}`, name: "Some One" };
    expect((await signInBySaml(visitor, one, provider, someone)).status).toBe(303);
    expect((await pageToken(visitor)).status).toBe(200);

    for (const email of [someone.email, `nobody@${own}`]) {
      const led = await newVisitor(strict).post("/sign-in", { email, password: PASSWORD });
      expect(led.headers.get("refresh"), email).toContain(`/sso/saml/${one.id}/login`);
    }
    const asked = await newVisitor(strict).post("/sign-in", {
      email: owner.email,
      password: PASSWORD,
      way: "password",
    });
    expect(asked.status).toBe(303);
    expect((await newVisitor(strict).get("/sign-in")).text).toContain("Continue with Acme");

    await strict.patch("/tenant", { sign_in: { sso: false, second_factor: true } });
    await asOwner(
      strict,
      sql`update sessions set amr = '{pwd}' where person_id in (select id from people
        where email = ${owner.email})`,
    );
    const plain = await pageToken(owner);
    expect([plain.status, reasonOf(plain)]).toEqual([403, "identity/second-factor-required"]);
    expect((await pageToken(visitor)).status).toBe(200);
  });
});
