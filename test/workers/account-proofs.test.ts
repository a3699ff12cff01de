import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { totpCode } from "../../src/domain/identity/people/totp.ts";
import { joinedMember, emailsTo, linkTo, newVisitor, PASSWORD, type Visitor } from "../support/person.ts";
import { asOwner, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const NEW_PASSWORD = "a brand new secret";
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
type Joined = Awaited<ReturnType<typeof joinedMember>>;
let tenant: Tenant;

beforeAll(async () => {
  tenant = await newTenant();
});

const auditOf = async (id: string, action: string, of = tenant) =>
  (await of.get("/audit-logs?limit=100")).body.data.filter(
    (row: { action: string; subject: string }) => row.action === action && row.subject === `person:${id}`,
  );
const tokenIn = async (email: string, subject: string) =>
  new URL(await linkTo(email, subject)).searchParams.get("token")!;
const signIn = (visitor: Visitor, email: string, password = PASSWORD) =>
  visitor.post("/sign-in", { email, password });
const isIn = async (visitor: Visitor) => (await visitor.get("/account")).status === 200;
const step = () => Math.floor(Date.now() / 30_000);
const waysOf = async ({ id }: Joined) =>
  (
    await asOwner(
      tenant,
      sql`select (select count(*)::int from passkeys where person_id = ${id}),
        (select count(*)::int from totp_secrets where person_id = ${id}),
        (select count(*)::int from recovery_codes where person_id = ${id})`,
    )
  )[0]![0];

/** Sets an authenticator app up; answers its key. */
async function withApp(member: Joined): Promise<string> {
  const page = await member.post("/account/totp", {});
  const secret = /name="secret" value="([A-Z2-7]{32})"/.exec(page.text)![1]!;
  const code = await totpCode(secret, step() - 1);
  expect((await member.post("/account/totp/confirm", { code, secret })).text).toContain("recovery codes");
  return secret;
}

/** An account with every way in that there is, made before its address was proved. */
async function claimedAccount(): Promise<Joined> {
  const maker = await joinedMember(tenant, ["viewer"]);
  await withApp(maker);
  await asOwner(
    tenant,
    sql`insert into passkeys (id, person_id, public_key, name)
      values (${`key-${maker.id}`}, ${maker.id}, '', 'Maker')`,
    sql`update people set email_verified_at = null where id = ${maker.id}`,
  );
  expect(await waysOf(maker)).toEqual([1, 1, 10]);
  return maker;
}

/** Lets the command line in for longer than the session; answers how it refreshes. */
async function offlineGrant(visitor: Visitor) {
  const begun = await visitor.post("/oauth/device", {
    client_id: "flow-cli",
    scope: "read write offline_access",
  });
  const { device_code, user_code } = JSON.parse(begun.text);
  expect((await visitor.post("/device", { user_code, decision: "allow" })).status).toBe(200);
  const redeemed = await visitor.post("/oauth/token", {
    grant_type: DEVICE,
    client_id: "flow-cli",
    device_code,
  });
  let refreshToken = JSON.parse(redeemed.text).refresh_token as string;
  return async () => {
    const answer = await newVisitor({ slug: visitor.prefix.slice(3) }).post("/oauth/token", {
      grant_type: "refresh_token",
      client_id: "flow-cli",
      refresh_token: refreshToken,
    });
    refreshToken = JSON.parse(answer.text).refresh_token ?? refreshToken;
    return answer.status;
  };
}

describe("who proves an address first", () => {
  it("by a link gets the account without the ways in that its maker set up", async () => {
    const maker = await claimedAccount();
    const refresh = await offlineGrant(maker);
    const page = await maker.post("/session/token", {}, { accept: "application/json" });
    const token = JSON.parse(page.text).data.access_token as string;
    expect((await tenant.get("/types", { token })).status).toBe(200);
    const victim = newVisitor(tenant);
    await victim.post("/reset", { email: maker.email });
    const reset = await tokenIn(maker.email, "Choose a new password");
    await victim.post("/sign-in/link", { email: maker.email });
    const entered = await victim.post("/sign-in/link/confirm", {
      token: await tokenIn(maker.email, "Sign in to"),
    });
    expect(entered.location).toBe(`${victim.prefix}/account`);
    expect(await isIn(victim)).toBe(true);
    expect(await isIn(maker)).toBe(false);
    expect(await waysOf(maker)).toEqual([0, 0, 0]);
    expect((await signIn(newVisitor(tenant), maker.email)).status).toBe(401);
    expect((await victim.post("/reset/confirm", { token: reset, password: NEW_PASSWORD })).status).toBe(400);
    expect(await refresh()).toBe(400);
    expect((await auditOf(maker.id, "person.email_verified")).map(({ meta }: any) => meta.by)).toEqual([
      "link",
    ]);
    await eventually(async () => (await tenant.get("/types", { token })).status === 401, 10_000);
  });

  it("by a reset too", async () => {
    const maker = await claimedAccount();
    const victim = newVisitor(tenant);
    await victim.post("/reset", { email: maker.email });
    const token = await tokenIn(maker.email, "Choose a new password");
    await victim.post("/reset/confirm", { token, password: NEW_PASSWORD });
    expect(await waysOf(maker)).toEqual([0, 0, 0]);
    expect(await isIn(maker)).toBe(false);
    expect((await signIn(victim, maker.email, NEW_PASSWORD)).location).toBe(`${victim.prefix}/account`);
    expect(await auditOf(maker.id, "person.email_verified")).toHaveLength(1);
    expect(await auditOf(maker.id, "person.password_changed")).toHaveLength(1);
  });

  it("by an invitation keeps the session that accepts it, and no other", async () => {
    const maker = await joinedMember(tenant, ["viewer"]);
    const refresh = await offlineGrant(maker);
    const other = await newTenant();
    const [here, there] = [newVisitor(tenant), newVisitor(other)];
    await signIn(here, maker.email);
    for (const [name, value] of here.cookies) there.cookies.set(name, value);
    await asOwner(tenant, sql`update people set email_verified_at = null where id = ${maker.id}`);
    await other.post("/invitations", { email: maker.email, roles: ["viewer"] });
    const token = await tokenIn(maker.email, `to “${other.slug}”`);
    const joined = await there.post("/invitation", { token });
    expect(joined.location).toContain("done=proved");
    expect((await there.get(joined.location!)).text).toContain("Your address is confirmed");
    expect(await isIn(maker)).toBe(false);
    expect(await refresh()).toBe(400);
    expect((await signIn(newVisitor(tenant), maker.email)).status).toBe(401);
    expect(await auditOf(maker.id, "person.email_verified")).toHaveLength(1);
  });

  it("by the email to confirm it is signed in to the account", async () => {
    const maker = await joinedMember(tenant, []);
    await asOwner(tenant, sql`update people set email_verified_at = null where id = ${maker.id}`);
    await maker.post("/account/verify", {});
    const token = await tokenIn(maker.email, "Confirm your email");
    const victim = newVisitor(tenant);
    expect((await victim.get(`/verify?token=${token}`)).location).toContain("/sign-in?continue=");
    expect((await victim.post("/verify", { token })).location).toContain("/sign-in");
    expect((await (await joinedMember(tenant, [])).post("/verify", { token })).status).toBe(400);
    expect((await maker.get("/account")).text).toContain("not confirmed yet");
    expect((await maker.post("/verify", { token })).text).toContain("The address is confirmed");
    expect((await maker.get("/account")).text).not.toContain("not confirmed yet");
  });

  it("is asked for nothing more when it was proved before", async () => {
    const member = await joinedMember(tenant, []);
    await withApp(member);
    const visitor = newVisitor(tenant);
    await visitor.post("/sign-in/link", { email: member.email });
    const token = await tokenIn(member.email, "Sign in to");
    expect((await visitor.post("/sign-in/link/confirm", { token })).location).toContain("/sign-in/code");
    expect(await isIn(member)).toBe(true);
    expect(await waysOf(member)).toEqual([0, 1, 10]);
    expect(await auditOf(member.id, "person.email_verified")).toEqual([]);
  });
});

describe("a new password", () => {
  const ask = async (email: string) => {
    const visitor = newVisitor(tenant);
    await visitor.post("/reset", { email });
    const reset = await tokenIn(email, "Choose a new password");
    await visitor.post("/sign-in/link", { email });
    return { reset, magic: await tokenIn(email, "Sign in to") };
  };
  const areRefused = async ({ reset, magic }: { reset: string; magic: string }) => {
    const visitor = newVisitor(tenant);
    const again = await visitor.post("/reset/confirm", { token: reset, password: "one more good secret" });
    expect(again.status).toBe(400);
    expect((await visitor.post("/sign-in/link/confirm", { token: magic })).status).toBe(400);
  };

  it("by a link ends older links, waiting sign-ins and what applications were allowed, everywhere", async () => {
    const member = await joinedMember(tenant, ["viewer"]);
    const other = await newTenant();
    await other.post("/invitations", { email: member.email, roles: ["viewer"] });
    const there = newVisitor(other);
    for (const [name, value] of member.cookies) there.cookies.set(name, value);
    await there.post("/invitation", { token: await tokenIn(member.email, `to “${other.slug}”`) });
    const refreshes = [await offlineGrant(member), await offlineGrant(there)];
    const secret = await withApp(member);
    const waiting = newVisitor(tenant);
    expect((await signIn(waiting, member.email)).location).toContain("/sign-in/code");
    const older = await ask(member.email);
    await newVisitor(tenant).post("/reset", { email: member.email });
    await expect
      .poll(() => tokenIn(member.email, "Choose a new password"), { timeout: 10_000 })
      .not.toBe(older.reset);
    const token = await tokenIn(member.email, "Choose a new password");
    const done = await newVisitor(tenant).post("/reset/confirm", { token, password: NEW_PASSWORD });
    expect(done.text).toContain("The password is changed");
    expect(done.text).toContain("disconnected");
    await areRefused(older);
    for (const refresh of refreshes) expect(await refresh()).toBe(400);
    const late = await waiting.post("/sign-in/code", { code: await totpCode(secret, step()) });
    expect(late.text).toContain("sign in again");
    // The account was the person's own: what they set up stays.
    expect(await waysOf(member)).toEqual([0, 1, 10]);
    const ended = (await other.get("/audit-logs?limit=100")).body.data;
    expect(ended.map(({ action }: { action: string }) => action)).toContain("oauth.grant_revoked");
  });

  it("by who is signed in ends older links, and leaves the applications", async () => {
    const member = await joinedMember(tenant, ["viewer"]);
    const refresh = await offlineGrant(member);
    const older = await ask(member.email);
    const form = { current: PASSWORD, password: NEW_PASSWORD };
    expect((await member.post("/account/password", form)).location).toContain("done=password");
    await areRefused(older);
    expect(await refresh()).toBe(200);
  });
});

describe("codes", () => {
  it("of an authenticator app are guessed ten times over all sign-ins, and the person is told once", async () => {
    const member = await joinedMember(tenant, []);
    const secret = await withApp(member);
    const statuses: number[] = [];
    for (let i = 0; i < 3; i++) {
      const guesser = newVisitor(tenant);
      await signIn(guesser, member.email);
      for (let k = 0; k < 4; k++)
        statuses.push((await guesser.post("/sign-in/code", { code: "zzzzz-zzzzz" })).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    const late = newVisitor(tenant);
    await signIn(late, member.email);
    expect((await late.post("/sign-in/code", { code: await totpCode(secret, step()) })).status).toBe(429);
    const told = async () =>
      (await emailsTo(member.email)).filter(({ subject }) =>
        subject.includes("is guessing your sign-in codes"),
      );
    await expect.poll(told).toHaveLength(1);
    expect(await auditOf(member.id, "person.second_factor_failed")).toHaveLength(10);
  });

  it("that are right forget the wrong ones", async () => {
    const member = await joinedMember(tenant, []);
    const secret = await withApp(member);
    const visitor = newVisitor(tenant);
    await signIn(visitor, member.email);
    for (let k = 0; k < 4; k++) await visitor.post("/sign-in/code", { code: "zzzzz-zzzzz" });
    expect((await visitor.post("/sign-in/code", { code: await totpCode(secret, step()) })).status).toBe(303);
    const left = await asOwner(
      tenant,
      sql`select count(*)::int from throttles where key = ${`second_factor:${member.id}`}`,
    );
    expect(left[0]![0]).toEqual([0]);
  });

  it("of a device are guessed twenty times, whether they are looked up or answered", async () => {
    const member = await joinedMember(tenant, ["viewer"]);
    const statuses: number[] = [];
    for (let i = 0; i < 21; i++) {
      const form: Record<string, string> = { user_code: "BBBB-BBBB" };
      if (i % 2 === 0) form["decision"] = "allow";
      statuses.push((await member.post("/device", form)).status);
    }
    expect(statuses).toEqual([...Array.from({ length: 20 }, () => 422), 429]);
    const begun = JSON.parse((await member.post("/oauth/device", { client_id: "flow-cli" })).text);
    const right = await member.post("/device", { user_code: begun.user_code, decision: "allow" });
    expect(right.status).toBe(429);
  });
});

describe("where a second factor is demanded", () => {
  it("a password alone adds none, in no tenant, and changes no address; a link in an email does", async () => {
    const strict = await newTenant();
    const member = await joinedMember(strict, ["viewer"]);
    const elsewhere = await newTenant();
    const there = newVisitor(elsewhere);
    for (const [name, value] of member.cookies) there.cookies.set(name, value);
    await strict.patch("/tenant", { sign_in: { second_factor: true } });
    const email = `new-${member.email}`;
    for (const visitor of [member, there]) {
      const refusals = [
        await visitor.post("/account/totp", {}),
        await visitor.post("/account/totp/confirm", { code: "123456", secret: "" }),
        await visitor.post("/passkeys/begin", {}),
        await visitor.post("/account/email", { email, current: PASSWORD }),
      ];
      for (const { status, text } of refusals) {
        expect(status, text).toBe(403);
        expect(text).toContain("requires more than a password");
      }
    }
    const owner = newVisitor(strict);
    await owner.post("/sign-in/link", { email: member.email });
    await owner.post("/sign-in/link/confirm", { token: await tokenIn(member.email, "Sign in to") });
    const secret = await withApp({ ...owner, email: member.email, id: member.id });
    const entering = newVisitor(strict);
    await signIn(entering, member.email);
    expect((await entering.post("/sign-in/code", { code: await totpCode(secret, step()) })).status).toBe(303);
    expect((await entering.post("/session/token", {}, { accept: "application/json" })).status).toBe(200);
    expect((await entering.post("/passkeys/begin", {})).status).toBe(200);
  });
});
