import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import {
  joinedMember,
  lettersTo,
  linkTo,
  newOwner,
  newVisitor,
  PASSWORD,
  type Visitor,
} from "../support/person.ts";
import { asOwner, connectSaml, newSamlIdp, signInBySaml, verifiedDomain } from "../support/sso.ts";

import { newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant();
});

type Noted = { action: string; subject: string; meta: object };
const auditOf = async (id: string, action: string, of = tenant): Promise<Noted[]> =>
  (await of.get("/audit-logs?limit=100")).body.data.filter(
    (row: Noted) => row.action === action && row.subject === `person:${id}`,
  );
const tokenOf = (link: string) => new URL(link).searchParams.get("token")!;
type Joined = Awaited<ReturnType<typeof joinedMember>>;

/** The same person as a member of another tenant, and as a visitor there. */
async function alsoIn(other: Tenant, member: Joined, roles: string[]): Promise<Visitor> {
  await other.post("/invitations", { email: member.email, roles });
  const there = newVisitor(other);
  for (const [name, value] of member.cookies) there.cookies.set(name, value);
  const token = tokenOf(await linkTo(member.email, `to ${other.slug}`));
  expect((await there.post("/invitation", { token })).status).toBe(303);
  return there;
}

describe("a name", () => {
  it("is changed for every tenant but those whose provisioning says it, and each notes it", async () => {
    const [other, provisioned] = [await newTenant(), await newTenant()];
    const member = await joinedMember(tenant, ["viewer"]);
    await alsoIn(other, member, []);
    await alsoIn(provisioned, member, []);
    await asOwner(
      provisioned,
      sql`update members set source = 'scim' where person_id = ${member.id} and tenant_id = ${provisioned.tenantId}::uuid`,
    );
    const done = await member.post("/account/name", { name: "  Mira <b>Married</b> " });
    expect(done.location).toContain("done=name");
    expect((await member.get("/account?done=name")).text).toContain("Mira &lt;b&gt;Married&lt;/b&gt;");
    const nameIn = async (at: Tenant) => (await at.get(`/members/${member.id}`)).body.data.name;
    expect(await nameIn(tenant)).toBe("Mira <b>Married</b>");
    expect(await nameIn(other)).toBe("Mira <b>Married</b>");
    expect(await nameIn(provisioned)).toBe("Mira Member");
    for (const at of [tenant, other, provisioned])
      expect(await auditOf(member.id, "person.renamed", at), at.slug).toHaveLength(1);
  });

  it("that is the same tells nobody, and one that is too long is refused", async () => {
    const member = await joinedMember(tenant, []);
    expect((await member.post("/account/name", { name: "Mira Member" })).status).toBe(303);
    const long = await member.post("/account/name", { name: "x".repeat(201) });
    expect(long.status).toBe(422);
    expect(long.text).toContain("200 characters or fewer");
    expect(await auditOf(member.id, "person.renamed")).toEqual([]);
    const stranger = await newVisitor(tenant).post("/account/name", { name: "Nobody" });
    expect(stranger.location).toContain("/sign-in");
  });
});

describe("an address", () => {
  const newEmail = () => `new-${crypto.randomUUID().slice(0, 8)}@example.com`;
  const NEW = "Confirm your new e-mail";
  const ask = (member: Joined, email: string, current = PASSWORD) =>
    member.post("/account/email", { email, current });
  const confirm = (visitor: Visitor, token: string) => visitor.post("/account/email/confirm", { token });
  const emailOf = async (id: string) =>
    (await asOwner(tenant, sql`select email from people where id = ${id}`))[0]![0]![0];
  const subjectsTo = async (email: string) => (await lettersTo(email)).map(({ subject }) => subject);
  const signIn = (email: string) => newVisitor(tenant).post("/sign-in", { email, password: PASSWORD });

  it("is changed by the button that the letter to the new one leads to, in every tenant", async () => {
    const other = await newTenant();
    const member = await joinedMember(tenant, ["viewer"]);
    await alsoIn(other, member, []);
    const email = newEmail();
    expect((await ask(member, ` ${email.toUpperCase()} `)).location).toContain("done=email");
    const link = new URL(await linkTo(email, NEW));
    await expect.poll(() => subjectsTo(member.email)).toContain("A new e-mail address was asked for");
    const page = await member.get(link.pathname + link.search);
    expect(page.text).toContain("Change the address");
    expect(await emailOf(member.id)).toBe(member.email);

    const token = link.searchParams.get("token")!;
    expect((await confirm(newVisitor(tenant), token)).location).toContain("/sign-in");
    expect((await confirm(await joinedMember(tenant, []), token)).status).toBe(400);
    expect(await emailOf(member.id)).toBe(member.email);
    expect((await confirm(member, token)).text).toContain("Your address is changed");
    expect((await confirm(member, token)).status).toBe(400);

    for (const at of [tenant, other]) {
      expect((await at.get(`/members/${member.id}`)).body.data.email).toBe(email);
      const [noted, ...more] = await auditOf(member.id, "person.email_changed", at);
      expect(more).toEqual([]);
      expect(JSON.stringify(noted)).not.toContain(email);
    }
    await expect.poll(() => subjectsTo(member.email)).toContain("Your e-mail address was changed");
    expect((await signIn(member.email)).status).toBe(401);
    expect((await signIn(email)).status).toBe(303);
    expect((await member.get("/account")).text).not.toContain("not confirmed");
  });

  it("takes what was sent to the old one along", async () => {
    const member = await joinedMember(tenant, []);
    await asOwner(tenant, sql`update people set email_verified_at = null where id = ${member.id}`);
    const visitor = newVisitor(tenant);
    await visitor.post("/reset", { email: member.email });
    await visitor.post("/sign-in/link", { email: member.email });
    await member.post("/account/verify", {});
    const [reset, magic, verify] = await Promise.all(
      ["Choose a new password", "Sign in to", "Confirm your e-mail"].map(async (subject) =>
        tokenOf(await linkTo(member.email, subject)),
      ),
    );
    const email = newEmail();
    await ask(member, email);
    const token = tokenOf(await linkTo(email, NEW));
    // As if they had been sent while the address was being changed: what was there before is gone anyway.
    const kept = await asOwner(
      tenant,
      sql`select token_hash, purpose, data from one_time_tokens where person_id = ${member.id}`,
    );
    expect((await confirm(member, token)).status).toBe(200);
    const attempts = async () => [
      (await visitor.post("/reset/confirm", { token: reset!, password: "a wholly new secret" })).status,
      (await visitor.post("/sign-in/link/confirm", { token: magic! })).status,
      (await visitor.post("/verify", { token: verify! })).status,
    ];
    expect(await attempts()).toEqual([400, 400, 400]);
    for (const [hash, purpose, data] of kept[0]!.filter(([, name]) => name !== "change_email"))
      await asOwner(
        tenant,
        sql`insert into one_time_tokens (token_hash, purpose, person_id, data, expires_at)
          values (${hash}, ${purpose}, ${member.id}, ${JSON.stringify(data)}::jsonb, now() + interval '1 hour')`,
      );
    expect(await attempts()).toEqual([400, 400, 400]);
  });

  it("that was asked for counts until another is, a new password, or an hour", async () => {
    const member = await joinedMember(tenant, []);
    const [first, second, third] = [newEmail(), newEmail(), newEmail()];
    await ask(member, first);
    const old = tokenOf(await linkTo(first, NEW));
    await ask(member, second);
    const newer = tokenOf(await linkTo(second, NEW));
    expect((await confirm(member, old)).status).toBe(400);
    await asOwner(
      tenant,
      sql`update one_time_tokens set expires_at = expires_at - interval '61 minutes' where person_id = ${member.id} and purpose = 'change_email'`,
    );
    expect((await confirm(member, newer)).status).toBe(400);
    await ask(member, third);
    const last = tokenOf(await linkTo(third, NEW));
    await member.post("/account/password", { current: PASSWORD, password: "another good one" });
    expect((await confirm(member, last)).status).toBe(400);
    expect(await emailOf(member.id)).toBe(member.email);
  });

  it("of somebody else is asked for with the same answer, and told to its owner alone", async () => {
    const [member, other] = [await joinedMember(tenant, []), await joinedMember(tenant, [])];
    const free = await ask(member, newEmail());
    const taken = await ask(member, other.email);
    expect([taken.status, taken.location, taken.text]).toEqual([free.status, free.location, free.text]);
    await expect.poll(() => subjectsTo(other.email)).toContain("You have an account already");
    const letters = await lettersTo(other.email);
    expect(letters.find(({ subject }) => subject.startsWith("You have"))!.text).not.toContain("token=");
    expect(await subjectsTo(other.email)).not.toContain(NEW);

    const email = newEmail();
    await ask(member, email);
    const token = tokenOf(await linkTo(email, NEW));
    await asOwner(tenant, sql`update people set email = ${email} where id = ${other.id}`);
    const page = await member.get(`/account/email/confirm?token=${token}`);
    expect(page.status).toBe(200);
    expect(page.text).not.toContain("another account");
    const refused = await confirm(member, token);
    expect(refused.status).toBe(409);
    expect(refused.text).toContain("another account for this address");
    expect(await emailOf(member.id)).toBe(member.email);
  });

  it("needs the password, or a fresh session of who has none, and an address that is new", async () => {
    const member = await joinedMember(tenant, []);
    expect((await ask(member, newEmail(), "not the password")).status).toBe(401);
    expect((await ask(member, "nonsense")).status).toBe(422);
    expect((await ask(member, member.email)).status).toBe(422);
    await asOwner(tenant, sql`update people set password_hash = null where id = ${member.id}`);
    expect((await ask(member, newEmail(), "")).status).toBe(303);
    await asOwner(
      tenant,
      sql`update sessions set authenticated_at = now() - interval '16 minutes' where person_id = ${member.id}`,
    );
    const refused = await ask(member, newEmail(), "");
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("Sign in again");
  });

  it("that provisioning or an identity provider says is not changed here", async () => {
    const managed = await newTenant();
    const domain = await verifiedDomain(managed);
    const provisioned = await joinedMember(tenant, []);
    await alsoIn(managed, provisioned, []);
    await asOwner(
      managed,
      sql`update members set external_id = 'ext' where person_id = ${provisioned.id} and tenant_id = ${managed.tenantId}::uuid`,
    );
    const refused = await ask(provisioned, newEmail());
    expect(refused.status).toBe(403);
    expect(refused.text).toContain(`given by ${managed.slug}`);

    const owner = await newOwner(managed);
    const idp = await newSamlIdp();
    expect((await owner.post("/account/email", { email: newEmail(), current: PASSWORD })).status).toBe(303);
    const email = newEmail();
    await owner.post("/account/email", { email, current: PASSWORD });
    const token = tokenOf(await linkTo(email, NEW));
    const connection = await connectSaml(managed, idp, { domains: [domain], jit: true });
    expect((await confirm(owner, token)).status).toBe(403);
    expect((await owner.post("/account/email", { email: newEmail(), current: PASSWORD })).status).toBe(403);

    const byProvider = newVisitor(managed);
    await signInBySaml(byProvider, connection, idp, { subject: "ada", email: `ada@${domain}` });
    expect((await byProvider.get("/account")).text).toContain("signed in by an identity provider");
    for (const [path, form] of [
      ["/account/email", { email: newEmail() }],
      ["/account/email/confirm", { token }],
      ["/account/name", { name: "Eve" }],
    ] as const)
      expect((await byProvider.post(path, form)).text, path).toContain("sign in by your own means");
  });
});
