import { beforeAll, describe, expect, inject, it } from "vitest";
import { connect } from "../../src/db/client.ts";
import { newTokenSecret } from "../../src/core/tokens.ts";
import { issueSetupCode } from "../../src/domain/identity/members/index.ts";
import { totpCode } from "../../src/domain/identity/people/totp.ts";
import {
  joinedMember,
  emailsTo,
  linkTo,
  newOwner,
  newVisitor,
  PASSWORD,
  pageToken,
  tokenOf,
  type Visitor,
} from "../support/person.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let owner: Visitor & { email: string };

beforeAll(async () => {
  tenant = await newTenant();
  owner = await newOwner(tenant);
});

const asOwner = (text: string, params: unknown[] = []) => connect(inject("ownerUrl")).query(text, params);
const auditOf = async (action: string) =>
  (await tenant.get("/audit-logs?limit=100")).body.data.filter(
    (row: { action: string }) => row.action === action,
  );

const newMember = (roles: string[], to: Tenant = tenant) => joinedMember(to, roles);
const signIn = (visitor: Visitor, email: string, password = PASSWORD) =>
  visitor.post("/sign-in", { email, password });

describe("the first owner", () => {
  it("is made once, with the right code and a good password", async () => {
    const other = await newTenant();
    const visitor = newVisitor(other);
    expect((await visitor.get("/setup")).status).toBe(303);
    await newOwner(other);
    const again = await visitor.post("/setup", {
      code: "x",
      email: "a@example.com",
      name: "A",
      password: PASSWORD,
    });
    expect(again.status).toBe(422);
    expect(again.text).toContain("set-up code is wrong");
  });
});

describe("a second tenant", () => {
  it("is set up by somebody who has an account", async () => {
    const other = await newTenant();
    const code = newTokenSecret();
    await issueSetupCode(connect(inject("ownerUrl")), other.tenantId, code);
    const taken = await newVisitor(other).post("/setup", {
      code,
      email: owner.email,
      name: "O",
      password: PASSWORD,
    });
    expect(taken.status).toBe(409);
    const visitor = newVisitor(other);
    for (const [name, value] of owner.cookies) visitor.cookies.set(name, value);
    expect((await visitor.post("/setup", { code: "wrong" })).status).toBe(422);
    expect((await visitor.post("/setup", { code })).status).toBe(303);
    expect((await visitor.get("/account")).text).toContain("you are owner");
  });
});

describe("a password", () => {
  it("signs in, shows the account, and is noted in the audit log", async () => {
    const visitor = newVisitor(tenant);
    const entered = await signIn(visitor, owner.email.toUpperCase());
    expect(entered).toMatchObject({ status: 303, location: `${owner.prefix}/account` });
    const cookie = entered.headers.getSetCookie()[0]!;
    expect(cookie).toMatch(/^__Host-flow_session=[0-9a-z]{32}; Path=\/; Secure; HttpOnly; SameSite=Lax/);
    expect((await visitor.get("/account")).text).toContain("Olga Owner");
    expect((await auditOf("person.signed_in")).length).toBeGreaterThan(0);
    const { rows } = await asOwner("select count(*)::int from sessions where token_hash = $1", [
      cookie.slice(20, 52),
    ]);
    expect(rows[0]).toEqual([0]);
  });

  it("that is wrong, of nobody, or of a disabled person gives one and the same answer", async () => {
    const member = await newMember([]);
    await asOwner("update people set disabled_at = now() where email = $1", [member.email]);
    const answers = [];
    for (const [email, password] of [
      [owner.email, "not it at all"],
      ["nobody@example.com", PASSWORD],
      [member.email, PASSWORD],
    ] as const) {
      const { status, text } = await signIn(newVisitor(tenant), email, password);
      answers.push({ status, text: text.replaceAll(email, "…") });
    }
    expect(answers[0]!.status).toBe(401);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it("is guessed ten times at most", async () => {
    const member = await newMember([]);
    const statuses = [];
    const guesser = newVisitor(tenant);
    for (let i = 0; i < 11; i++)
      statuses.push((await signIn(guesser, member.email, `guess number ${i}`)).status);
    expect(statuses.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(statuses[10]).toBe(429);
    const right = await signIn(guesser, member.email);
    expect(right.status).toBe(429);
    expect(Number(right.headers.get("retry-after"))).toBeGreaterThan(0);
    // The person themselves, elsewhere, is not kept out.
    expect((await signIn(newVisitor(tenant), member.email)).status).toBe(303);
  });

  it("made with older parameters is hashed anew at the next sign-in", async () => {
    const member = await newMember([]);
    const { rows } = await asOwner("select password_hash from people where email = $1", [member.email]);
    expect((rows[0] as string[])[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    // 8 MiB and one pass, of the same password.
    const old = (await import("@phi-ag/argon2/node")).default;
    const { encoded } = (await old()).hash(PASSWORD, {
      memoryCost: 8192,
      timeCost: 1,
      parallelism: 1,
      type: 2,
    });
    await asOwner("update people set password_hash = $1 where email = $2", [encoded, member.email]);
    expect((await signIn(newVisitor(tenant), member.email)).status).toBe(303);
    const after = await asOwner("select password_hash from people where email = $1", [member.email]);
    expect((after.rows[0] as string[])[0]).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  });

  it("that is short, common or the person's own address is refused with a reason", async () => {
    for (const password of ["short", "password123456", "aaaaaaaaaaaaaaa", owner.email]) {
      const answer = await owner.post("/account/password", { current: PASSWORD, password });
      expect(answer.status, password).toBe(422);
    }
  });

  it("is changed by who knows the old one, which ends the other sessions", async () => {
    const member = await newMember([]);
    const elsewhere = newVisitor(tenant);
    await signIn(elsewhere, member.email);
    const wrong = await member.post("/account/password", {
      current: "not the old one",
      password: "another good one",
    });
    expect(wrong.status).toBe(401);
    const done = await member.post("/account/password", { current: PASSWORD, password: "another good one" });
    expect(done.location).toContain("done=password");
    expect((await elsewhere.get("/account")).status).toBe(303);
    expect((await member.get("/account")).status).toBe(200);
    expect((await signIn(newVisitor(tenant), member.email)).status).toBe(401);
    expect((await signIn(newVisitor(tenant), member.email, "another good one")).status).toBe(303);
    expect((await emailsTo(member.email)).map(({ subject }) => subject)).toContain(
      "Your password was changed",
    );
  });

  it("is chosen anew by an email, once; who has no account gets the same answer and no email", async () => {
    const member = await newMember([]);
    const visitor = newVisitor(tenant);
    const asked = await visitor.post("/reset", { email: member.email });
    const nobody = await visitor.post("/reset", { email: "nobody@example.com" });
    expect(nobody.text.replace("nobody@example.com", "…")).toBe(asked.text.replace(member.email, "…"));
    expect(await emailsTo("nobody@example.com")).toEqual([]);
    const link = await linkTo(member.email, "Choose a new password");
    const token = tokenOf(link);
    expect((await visitor.get("/reset/confirm?token=x")).status).toBe(200);
    const done = await visitor.post("/reset/confirm", { token, password: "a brand new secret" });
    expect(done.text).toContain("The password is changed");
    expect((await visitor.post("/reset/confirm", { token, password: "a second new secret" })).status).toBe(
      400,
    );
    expect((await member.get("/account")).status).toBe(303);
    expect((await signIn(visitor, member.email, "a brand new secret")).status).toBe(303);
    expect((await auditOf("person.password_changed")).length).toBeGreaterThan(0);
  });
});

describe("a link in an email", () => {
  it("signs in once, by its button", async () => {
    const member = await newMember([]);
    const visitor = newVisitor(tenant);
    await visitor.post("/sign-in/link", { email: member.email });
    const link = await linkTo(member.email, "Sign in to");
    const page = await visitor.get(new URL(link).pathname + new URL(link).search);
    expect(page.text).toContain("Sign in now");
    const token = tokenOf(link);
    expect((await visitor.post("/sign-in/link/confirm", { token })).location).toBe(
      `${visitor.prefix}/account`,
    );
    expect((await newVisitor(tenant).post("/sign-in/link/confirm", { token })).status).toBe(400);
  });

  it("takes the password along that somebody set before the address was proved", async () => {
    const member = await newMember([]);
    await asOwner("update people set email_verified_at = null where email = $1", [member.email]);
    const visitor = newVisitor(tenant);
    await visitor.post("/sign-in/link", { email: member.email });
    await visitor.post("/sign-in/link/confirm", { token: tokenOf(await linkTo(member.email, "Sign in to")) });
    expect((await signIn(newVisitor(tenant), member.email)).status).toBe(401);
  });

  it("is asked for five times at most", async () => {
    const email = `often-${crypto.randomUUID().slice(0, 8)}@example.com`;
    const visitor = newVisitor(tenant);
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await visitor.post("/sign-in/link", { email })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it("proves an address", async () => {
    await owner.post("/account/verify", {});
    const token = tokenOf(await linkTo(owner.email, "Confirm your email"));
    expect((await owner.post("/verify", { token })).text).toContain("The address is confirmed");
    expect((await owner.get("/account")).text).not.toContain("not confirmed");
  });
});

describe("an authenticator app", () => {
  it("is asked for after the password, each code once, or a recovery code once", async () => {
    const member = await newMember([]);
    const page = await member.post("/account/totp", {});
    const secret = /name="secret" value="([A-Z2-7]{32})"/.exec(page.text)![1]!;
    const step = () => Math.floor(Date.now() / 30_000);
    expect((await member.post("/account/totp/confirm", { code: "000000", secret })).status).toBe(422);
    const confirmed = await member.post("/account/totp/confirm", {
      code: await totpCode(secret, step() - 1),
      secret,
    });
    const codes = [...confirmed.text.matchAll(/<li>([0-9a-z]{5}-[0-9a-z]{5})<\/li>/g)].map(
      ([, code]) => code!,
    );
    expect(codes).toHaveLength(10);
    const stored = await asOwner("select sealed_secret from totp_secrets");
    expect(JSON.stringify(stored.rows)).not.toContain(secret);

    const visitor = newVisitor(tenant);
    const asked = await signIn(visitor, member.email);
    expect(asked.location).toContain("/sign-in/code");
    expect((await visitor.get("/account")).status).toBe(303);
    const code = await totpCode(secret, step());
    expect((await visitor.post("/sign-in/code", { code: "123456" })).status).toBe(401);
    expect((await visitor.post("/sign-in/code", { code })).status).toBe(303);
    expect((await visitor.get("/account")).status).toBe(200);

    const replay = newVisitor(tenant);
    await signIn(replay, member.email);
    expect((await replay.post("/sign-in/code", { code })).status).toBe(401);
    expect((await replay.post("/sign-in/code", { code: codes[0]!.toUpperCase() })).status).toBe(303);
    const spent = newVisitor(tenant);
    await signIn(spent, member.email);
    expect((await spent.post("/sign-in/code", { code: codes[0]! })).status).toBe(401);
    expect((await spent.post("/sign-in/code", { code: codes[1]! })).status).toBe(303);
  });

  it("is guessed five times at most, and cannot be skipped", async () => {
    const member = await newMember([]);
    const page = await member.post("/account/totp", {});
    const secret = /name="secret" value="([A-Z2-7]{32})"/.exec(page.text)![1]!;
    await member.post("/account/totp/confirm", {
      code: await totpCode(secret, Math.floor(Date.now() / 30_000)),
      secret,
    });
    const visitor = newVisitor(tenant);
    await signIn(visitor, member.email);
    const statuses = [];
    for (let i = 0; i < 6; i++)
      statuses.push((await visitor.post("/sign-in/code", { code: "000000" })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    expect(await pageToken(visitor)).toBeUndefined();
    expect((await newVisitor(tenant).post("/sign-in/code", { code: "000000" })).status).toBe(401);
  });
});

describe("sessions", () => {
  it("are listed and ended one by one; another's cannot be", async () => {
    const [member, other] = [await newMember(["viewer"]), await newMember([])];
    const second = newVisitor(tenant);
    await signIn(second, member.email);
    const ids = [...(await member.get("/account")).text.matchAll(/name="id" value="(ses_\w+)"/g)].map(
      ([, id]) => id!,
    );
    expect(ids).toHaveLength(1);
    expect((await other.post("/account/sessions/end", { id: ids[0]! })).status).toBe(404);
    expect((await second.get("/account")).status).toBe(200);
    const token = (await pageToken(second))!;
    expect((await tenant.get("/types", { token })).status).toBe(200);
    expect((await member.post("/account/sessions/end", { id: ids[0]! })).location).toContain("done=session");
    expect((await second.get("/account")).status).toBe(303);
    const took = await eventually(async () => (await tenant.get("/types", { token })).status === 401, 10_000);
    expect(took).toBeLessThan(10_000);
  });

  it("that are a while old change no passkey and no authenticator app", async () => {
    const member = await newMember([]);
    await asOwner(
      "update sessions set authenticated_at = now() - interval '16 minutes' where person_id = $1",
      [member.id],
    );
    for (const [path, form] of [
      ["/account/totp", {}],
      ["/account/totp/remove", {}],
      ["/account/passkeys/remove", { id: "x" }],
      ["/passkeys/begin", {}],
    ] as const) {
      const answer = await member.post(path, form);
      expect(answer.status, path).toBe(403);
      expect(answer.text, path).toContain("Sign in again");
    }
    expect((await member.get("/account")).status).toBe(200);
  });

  it("come only from our own pages", async () => {
    const visitor = newVisitor(tenant);
    const form = { email: owner.email, password: PASSWORD };
    expect((await visitor.post("/sign-in", form, { origin: "https://evil.example" })).status).toBe(403);
    expect(
      (await visitor.send(`${visitor.prefix}/sign-in`, { method: "POST", body: new URLSearchParams(form) }))
        .status,
    ).toBe(403);
    const away = await visitor.post("/sign-in", { ...form, continue: "https://evil.example/" });
    expect(away.location).toBe(`${visitor.prefix}/account`);
    const sneaky = await visitor.post("/sign-in", {
      ...form,
      continue: `${visitor.prefix}/..//evil.example`,
    });
    expect(new URL(sneaky.location!, visitor.origin).origin).toBe(visitor.origin);
  });
});
