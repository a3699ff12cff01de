import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { parseToken } from "../../src/core/tokens.ts";
import { EMAILS_PER_HOUR } from "../../src/domain/identity/people/index.ts";
import { joinedMember, emailsTo, linkTo, newOwner, newVisitor, PASSWORD } from "../support/person.ts";
import { asOwner, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const EVIL = "Acme\r\nBcc: everybody@example.com\u202e";
let tenant: Tenant;
let owner: Awaited<ReturnType<typeof newOwner>>;

beforeAll(async () => {
  tenant = await newTenant();
  owner = await newOwner(tenant);
});

const newEmail = () => `e-${crypto.randomUUID().slice(0, 8)}@example.com`;
const invite = (email: string, from: Tenant = tenant) =>
  from.post("/invitations", { email, roles: ["viewer"] });
async function counted(key: string): Promise<number> {
  const [rows] = await asOwner(tenant, sql`select failures from throttles where key = ${key}`);
  return (rows![0]?.[0] as number | undefined) ?? 0;
}
const setCounter = (key: string, failures: number) =>
  asOwner(
    tenant,
    sql`insert into throttles (tenant_id, key, failures, ends_at)
      values ('00000000-0000-0000-0000-000000000000', ${key}, ${failures}::int,
        now() + interval '30 minutes')
      on conflict (key) do update set failures = excluded.failures, ends_at = excluded.ends_at`,
  );

describe("invitations", () => {
  it("go to one address from one tenant five times a day; what is open then stays open", async () => {
    const email = newEmail();
    const answers = [];
    for (let i = 0; i < 7; i++) answers.push(await invite(email));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 429, 429]);
    expect(answers[6]!.body.error).toMatchObject({
      code: "RATE_LIMITED",
      reason: "identity/too-many-emails",
    });
    expect(Number(answers[6]!.headers.get("retry-after"))).toBeGreaterThan(3600);
    await eventually(async () => (await emailsTo(email)).length === 5);
    const open = (await tenant.get("/invitations")).body.data as { id: string; email: string }[];
    expect(open.filter((one) => one.email === email).map(({ id }) => id)).toEqual([answers[4]!.body.data.id]);
  });

  it("go to one address ten times an hour from all tenants together, and keep no reset from it", async () => {
    const { email } = await joinedMember(tenant, ["viewer"]);
    const others = await Promise.all([newTenant(), newTenant(), newTenant()]);
    const statuses = [];
    for (let i = 0; i < 12; i++) statuses.push((await invite(email, others[i % 3])).status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(EMAILS_PER_HOUR.recipient - 1);
    expect(statuses.slice(-2)).toEqual([429, 429]);
    await newVisitor(tenant).post("/reset", { email });
    await linkTo(email, "new password");
  });

  it.each([
    ["token", () => `email:by:${parseToken(tenant.tokens.admin)!.tokenId}`, EMAILS_PER_HOUR.sender],
    ["tenant", () => `email:tenant:${tenant.tenantId}`, EMAILS_PER_HOUR.tenant],
    ["installation", () => "email:all", EMAILS_PER_HOUR.installation],
  ])("stop at the limit of the %s", async (_what, keyOf, limit) => {
    expect((await invite(newEmail())).status).toBe(201);
    const key = keyOf();
    const before = await counted(key);
    await setCounter(key, limit);
    const refused = await invite(newEmail());
    await setCounter(key, before);
    expect([refused.status, refused.body.error.reason]).toEqual([429, "identity/too-many-emails"]);
  });
});

describe("every email", () => {
  it("counts for its recipient and its tenant, whatever it says", async () => {
    const member = await joinedMember(tenant, ["viewer"]);
    const stranger = newVisitor(tenant);
    const wanted = newEmail();
    const sends: [string, string[], () => Promise<unknown>][] = [
      ["reset", [member.email], () => stranger.post("/reset", { email: member.email })],
      ["link", [member.email], () => stranger.post("/sign-in/link", { email: member.email })],
      [
        "change",
        [member.email, wanted],
        () => member.post("/account/email", { email: wanted, current: PASSWORD }),
      ],
      ["confirm", [owner.email], () => owner.post("/account/verify", {})],
      [
        "password",
        [member.email],
        () => member.post("/account/password", { current: PASSWORD, password: "quite another password" }),
      ],
      [
        "deleted",
        [member.email],
        () => member.post("/account/delete", { email: member.email, current: "quite another password" }),
      ],
    ];
    for (const [name, recipients, send] of sends) {
      const before = await Promise.all(recipients.map((to) => counted(`email:to:${to}`)));
      const ofTenant = await counted(`email:tenant:${tenant.tenantId}`);
      await send();
      await eventually(async () => {
        const now = await Promise.all(recipients.map((to) => counted(`email:to:${to}`)));
        return now.every((count, i) => count === before[i]! + 1);
      }).catch(() => expect.unreachable(name));
      expect(await counted(`email:tenant:${tenant.tenantId}`), name).toBe(ofTenant + recipients.length);
    }
  });

  it("over its limit stays here, and the answer is the same", async () => {
    const { email } = await joinedMember(tenant, ["viewer"]);
    const letters = (await emailsTo(email)).length;
    await setCounter(`email:to:${email}`, EMAILS_PER_HOUR.recipient * 2);
    const visitor = newVisitor(tenant);
    const [known, unknown] = [
      await visitor.post("/reset", { email }),
      await visitor.post("/reset", { email: newEmail() }),
    ];
    expect([known.status, unknown.status]).toEqual([200, 200]);
    await eventually(async () => (await counted(`email:to:${email}`)) > EMAILS_PER_HOUR.recipient * 2);
    expect(await emailsTo(email)).toHaveLength(letters);
  });
});

describe("names", () => {
  it("are one line, and refused by their path where they are not", async () => {
    for (const [path, body] of [
      ["/teams", { name: EVIL }],
      ["/tokens", { name: EVIL, scope: "read" }],
      ["/oauth/clients", { name: EVIL, grants: ["client_credentials"] }],
    ] as const) {
      const refused = await tenant.post(path, body);
      expect([path, refused.status]).toEqual([path, 422]);
      expect(refused.body.error.details[0].path).toBe("name");
    }
    const made = await owner.post("/account/tenants/new", { slug: `x-${Date.now()}`, name: EVIL });
    expect([made.status, made.text.includes("name must be one line")]).toEqual([422, true]);
    expect((await owner.post("/account/name", { name: EVIL })).status).toBe(422);
    const email = newEmail();
    await invite(email);
    const token = new URL(await linkTo(email, "invites you")).searchParams.get("token")!;
    const joined = await newVisitor(tenant).post("/invitation", { token, name: EVIL, password: PASSWORD });
    expect(joined.status).toBe(422);
  });

  it("that are kept already make no header, no line and no link of their own", async () => {
    const other = await newTenant();
    const name = `${EVIL} https://evil.example/login your account is locked, call us at once`;
    await asOwner(other, sql`update tenants set name = ${name} where tenant_id = ${other.tenantId}::uuid`);
    const email = newEmail();
    await eventually(async () => {
      await asOwner(other, sql`delete from throttles where key like ${`invitation:${other.tenantId}%`}`);
      await invite(email, other);
      return (await emailsTo(email)).some(({ subject }) => subject.includes("Acme"));
    });
    const letter = (await emailsTo(email)).find(({ subject }) => subject.includes("Acme"))!;
    expect(letter.subject).toBe(
      "“Acme Bcc: everybody@example. com https…” invites you to “Acme Bcc: everybody@example. com https…”",
    );
    expect(letter.text.split("\n")[0]).not.toContain("evil.example");
  });
});
