import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { totpCode, totpUri } from "../../src/domain/identity/people/totp.ts";
import { qrCode } from "../../src/http/identity/qr-code.ts";
import {
  joinedMember,
  emailsTo,
  linkTo,
  newOwner,
  newVisitor,
  PASSWORD,
  tokenOf,
  type Visitor,
} from "../support/person.ts";
import { readQrCode } from "../support/qr-code.ts";
import { connectSaml, newSamlIdp, signInBySaml, verifiedDomain } from "../support/sso.ts";
import { asOwner, eventually, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant();
});

type Noted = { action: string; subject: string; meta: object };
const auditOf = async (id: string, action: string, of = tenant): Promise<Noted[]> =>
  (await of.get("/audit-logs?limit=100")).body.data.filter(
    (row: Noted) => row.action === action && row.subject === `person:${id}`,
  );
type Joined = Awaited<ReturnType<typeof joinedMember>>;

/** The same person as a member of another tenant, and as a visitor there. */
async function alsoIn(other: Tenant, member: Joined, roles: string[]): Promise<Visitor> {
  await other.post("/invitations", { email: member.email, roles });
  const there = newVisitor(other);
  for (const [name, value] of member.cookies) there.cookies.set(name, value);
  const token = tokenOf(await linkTo(member.email, `to “${other.slug}”`));
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
  const NEW = "Confirm your new email";
  const ask = (member: Joined, email: string, current = PASSWORD) =>
    member.post("/account/email", { email, current });
  const confirm = (visitor: Visitor, token: string) => visitor.post("/account/email/confirm", { token });
  const emailOf = async (id: string) =>
    (await asOwner(tenant, sql`select email from people where id = ${id}`))[0]![0]![0];
  const subjectsTo = async (email: string) => (await emailsTo(email)).map(({ subject }) => subject);
  const signIn = (email: string) => newVisitor(tenant).post("/sign-in", { email, password: PASSWORD });

  it("is changed by the button that the email to the new one leads to, in every tenant", async () => {
    const other = await newTenant();
    const member = await joinedMember(tenant, ["viewer"]);
    await alsoIn(other, member, []);
    const email = newEmail();
    expect((await ask(member, ` ${email.toUpperCase()} `)).location).toContain("done=email");
    const link = new URL(await linkTo(email, NEW));
    await expect
      .poll(() => subjectsTo(member.email))
      .toContain("A change of your email address was requested");
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
    await expect.poll(() => subjectsTo(member.email)).toContain("Your email address was changed");
    const invited = await asOwner(
      tenant,
      sql`select count(*)::int from invitations where email = ${member.email}`,
    );
    expect(invited[0]![0]).toEqual([0]);
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
      ["Choose a new password", "Sign in to", "Confirm your email"].map(async (subject) =>
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
      (await member.post("/verify", { token: verify! })).status,
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
    const emails = await emailsTo(other.email);
    expect(emails.find(({ subject }) => subject.startsWith("You have"))!.text).not.toContain("token=");
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
    expect(refused.text).toContain("Another account has this address");
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
    expect(refused.text).toContain(`managed by ${managed.slug}`);

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
      expect((await byProvider.post(path, form)).text, path).toContain("sign in another way");
  });
});

describe("an account", () => {
  const remove = (member: Joined, email = member.email, current = PASSWORD) =>
    member.post("/account/delete", { email, current });
  const pageToken = async (visitor: Visitor) => {
    const answer = await visitor.post("/session/token", {}, { accept: "application/json" });
    return answer.status === 200 ? (JSON.parse(answer.text).data.access_token as string) : undefined;
  };

  it("is deleted with what it holds in every tenant; the audit logs keep its id alone", async () => {
    const other = await newTenant();
    const member = await joinedMember(tenant, ["viewer"], "Greta Gone");
    const there = await alsoIn(other, member, ["viewer"]);
    const elsewhere = newVisitor(tenant);
    await elsewhere.post("/sign-in", { email: member.email, password: PASSWORD });
    const totp = /name="secret" value="(\w+)"/.exec((await member.post("/account/totp", {})).text)![1]!;
    await member.post("/account/totp/confirm", {
      code: await totpCode(totp, Math.floor(Date.now() / 30_000)),
      secret: totp,
    });
    await asOwner(
      tenant,
      sql`insert into oauth_grants (tenant_id, id, client_id, person_id, amr, authenticated_at, scopes)
        values (${tenant.tenantId}::uuid, ${`grt_${member.id}`}, 'flow-cli', ${member.id}, '{pwd}', now(), '{read}')`,
    );
    const tokens = [
      [tenant, (await pageToken(member))!],
      [other, (await pageToken(there))!],
    ] as const;
    for (const [at, token] of tokens) expect((await at.get("/types", { token })).status).toBe(200);
    await member.post("/account/name", { name: "Greta Went" });

    const done = await remove(member, ` ${member.email.toUpperCase()} `);
    expect(done.text).toContain("Your account is deleted");
    expect(done.headers.getSetCookie()[0]).toContain("Max-Age=0");
    for (const [at, token] of tokens) {
      const isOut = async () => (await at.get("/types", { token })).status === 401;
      expect(await eventually(isOut, 10_000), at.slug).toBeLessThan(10_000);
      expect((await at.get(`/members/${member.id}`)).status).toBe(404);
      expect(await auditOf(member.id, "person.deleted", at)).toHaveLength(1);
      expect(await auditOf(member.id, "person.renamed", at)).toHaveLength(1);
      const log = (await at.get("/audit-logs?limit=100")).body.data as { actor: { id: string } }[];
      const theirs = JSON.stringify(log.filter(({ actor }) => actor.id === member.id));
      expect(theirs).not.toContain(member.email);
      expect(theirs).not.toContain("Greta");
    }
    for (const visitor of [elsewhere, there])
      expect((await visitor.get("/account")).location).toContain("/sign-in");
    const again = await newVisitor(tenant).post("/sign-in", { email: member.email, password: PASSWORD });
    expect(again.status).toBe(401);
    await expect.poll(async () => (await emailsTo(member.email))[0]!.subject).toBe("Your account is deleted");

    const left = await asOwner(
      tenant,
      ...["people", "sessions", "totp_secrets", "recovery_codes", "one_time_tokens", "members"].map(
        (table) =>
          sql`select count(*)::int from ${sql.identifier(table)} where ${sql.identifier(table === "people" ? "id" : "person_id")} = ${member.id}`,
      ),
      sql`select count(*)::int from invitations where email = ${member.email}`,
      sql`select count(*)::int from oauth_grants where person_id = ${member.id} and revoked_at is null`,
    );
    expect(left.map((rows) => rows[0]![0])).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    const { status } = await tenant.post("/invitations", { email: member.email, roles: [] });
    expect(status).toBe(201);
  });

  it("stays without the password, the address, or a fresh session of who has no password", async () => {
    const member = await joinedMember(tenant, []);
    expect((await remove(member, member.email, "not the password")).status).toBe(401);
    const mistyped = await remove(member, "somebody@example.com");
    expect(mistyped.status).toBe(422);
    expect(mistyped.text).toContain("type your email address");
    await asOwner(tenant, sql`update people set password_hash = null where id = ${member.id}`);
    await asOwner(
      tenant,
      sql`update sessions set authenticated_at = now() - interval '16 minutes' where person_id = ${member.id}`,
    );
    expect((await remove(member, member.email, "")).text).toContain("Sign in again");
    expect((await member.get("/account")).status).toBe(200);
    expect((await newVisitor(tenant).post("/account/delete", { email: "x" })).location).toContain("/sign-in");
  });

  it("of a tenant's last owner stays, and the tenants are named", async () => {
    const [first, second, third] = [await newTenant(), await newTenant(), await newTenant()];
    const owner = await newOwner(first);
    const { id } = (await first.get("/members")).body.data[0];
    const member = { ...owner, id };
    await alsoIn(second, member, ["owner"]);
    await alsoIn(third, member, ["viewer"]);
    const refused = await remove(member);
    expect(refused.status).toBe(409);
    const alert = /role="alert">([^<]+)</.exec(refused.text)![1]!;
    expect(alert).toContain("last owner of");
    for (const { slug } of [first, second]) expect(alert).toContain(slug);
    expect(alert).not.toContain(third.slug);

    await joinedMember(first, ["owner"]);
    const successor = await joinedMember(second, ["owner"]);
    await second.patch(`/members/${successor.id}`, { suspended: true });
    expect((await remove(member)).status).toBe(409);
    await second.patch(`/members/${successor.id}`, { suspended: false });
    expect((await remove(member)).status).toBe(200);
  });

  it("is not deleted by who came by an identity provider", async () => {
    const managed = await newTenant();
    const domain = await verifiedDomain(managed);
    const idp = await newSamlIdp();
    const connection = await connectSaml(managed, idp, { domains: [domain], jit: true });
    const visitor = newVisitor(managed);
    const email = `eve@${domain}`;
    await signInBySaml(visitor, connection, idp, { subject: "eve", email });
    const refused = await visitor.post("/account/delete", { email });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain("sign in another way");
  });
});

describe("an authenticator app", () => {
  it("is given its key by a QR code that says what the link says, and the key beside it", async () => {
    const member = await joinedMember(tenant, []);
    const { text, headers } = await member.post("/account/totp", {});
    const link = /href="(otpauth:[^"]+)"/.exec(text)![1]!.replaceAll("&amp;", "&");
    expect(readQrCode(text)).toBe(link);
    const secret = /name="secret" value="(\w+)"/.exec(text)![1]!;
    expect(new URL(link).searchParams.get("secret")).toBe(secret);
    expect(/id="totp-secret">([^<]+)</.exec(text)![1]!.replaceAll(" ", "")).toBe(secret);
    expect(text).toMatch(/<svg[^>]*role="img"[^>]*aria-label="Key to scan/);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    const again = await member.post("/account/totp/confirm", { code: "000000", secret });
    expect(readQrCode(again.text)).toBe(link);
    const strange = await member.post("/account/totp/confirm", { code: "000000", secret: "x".repeat(9000) });
    expect(strange.status).toBe(422);
    expect(strange.text).not.toContain("<svg");
  });

  it("can be given the longest address there is", () => {
    const long = `${"ö".repeat(120)}@${"x".repeat(130)}.example`;
    const uri = totpUri("A".repeat(32), long);
    expect(readQrCode(String(qrCode(uri, "label")))).toBe(uri);
  });
});
