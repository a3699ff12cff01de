import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IdentityContext } from "../../src/core/identity-context.ts";
import { connect, runBatch } from "../../src/db/client.ts";
import { hashSecret } from "../../src/core/tokens.ts";
import {
  createTenant,
  deleteAccount,
  issueSetupCode,
  joinAsNewPerson,
  setUpTenant,
} from "../../src/domain/identity/members/index.ts";
import { removeMember, updateMember } from "../../src/domain/identity/members/change-member.ts";
import { createInvitation } from "../../src/domain/identity/members/invitations.ts";
import { allow, issueToken, readAuthorization } from "../../src/domain/identity/oauth/index.ts";
import { createClient } from "../../src/domain/identity/oauth/clients.ts";
import { listIssuerKeys, rotateIssuerKeys } from "../../src/domain/identity/oauth/issuer-keys.ts";
import {
  confirmEmailChange,
  readSession,
  requestEmailChange,
  type Person,
} from "../../src/domain/identity/people/index.ts";
import { readSnapshot } from "../../src/domain/tenant/tenants/index.ts";
import { createVault, newKnownKeys, parseMasterKeys, rewrapDataKeys } from "../../src/platform/vault.ts";
import { findPostgres, MASTER, openPostgres, outcomes, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const PASSWORD = "correct horse battery";

describe.runIf(isReachable)("identity on a real Postgres", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  type Tried = IdentityContext & { letters: { text: string }[]; settled(): Promise<unknown> };
  const newTenant = async (): Promise<Tried> => postgres.identityOf(await postgres.newContext());
  const asOwner = (text: string, params: unknown[] = []) => connect(postgres.ownerUrl).query(text, params);

  async function newOwner(ctx: Tried): Promise<Person> {
    const code = crypto.randomUUID();
    await issueSetupCode(connect(postgres.ownerUrl), ctx.tenantId, code);
    const email = `owner-${crypto.randomUUID().slice(0, 8)}@example.com`;
    const { token } = await setUpTenant(ctx, { owner: { code, email, name: "Olga", password: PASSWORD } });
    return (await readSession(ctx, token))!;
  }

  it("lets one of 12 use the set-up code", async () => {
    const ctx = await newTenant();
    await issueSetupCode(connect(postgres.ownerUrl), ctx.tenantId, "the code");
    const tries = Array.from({ length: 12 }, (_, i) =>
      setUpTenant(ctx, {
        owner: {
          code: "the code",
          email: `o${i}-${ctx.tenantId}@example.com`,
          name: "O",
          password: PASSWORD,
        },
      }),
    );
    expect(await outcomes(tries)).toEqual({ won: 1, reasons: new Set(["INVALID"]) });
    const { rows } = await asOwner("select count(*)::int from members where tenant_id = $1", [ctx.tenantId]);
    expect(rows[0]).toEqual([1]);
  });

  it("lets one of 12 accept an invitation", async () => {
    const ctx = await newTenant();
    const email = `guest-${ctx.tenantId}@example.com`;
    await createInvitation(ctx, { invitation: { email, roles: ["viewer"] } });
    const token = /token=(\w+)/.exec(ctx.letters[0]!.text)![1]!;
    const tries = Array.from({ length: 12 }, () =>
      joinAsNewPerson(ctx, { token, name: "G", password: PASSWORD }),
    );
    expect((await outcomes(tries)).won).toBe(1);
  });

  it("leaves an owner, when two remove each other at once, ten times over", async () => {
    for (let round = 0; round < 10; round++) {
      const ctx = await newTenant();
      const first = await newOwner(ctx);
      const email = `second-${ctx.tenantId}@example.com`;
      await createInvitation(ctx, { invitation: { email, roles: ["owner"] } });
      const token = /token=(\w+)/.exec(ctx.letters[0]!.text)![1]!;
      const { token: session } = await joinAsNewPerson(ctx, { token, name: "Second", password: PASSWORD });
      const second = (await readSession(ctx, session))!;
      const { won, reasons } = await outcomes([
        removeMember(ctx, { id: first.id }),
        updateMember(ctx, { id: second.id, change: { roles: ["viewer"] } }),
      ]);
      expect({ won, reasons }).toEqual({ won: 1, reasons: new Set(["CONFLICT"]) });
    }
  });

  it("leaves each tenant an owner, when its two delete themselves at once, ten times over", async () => {
    for (let round = 0; round < 10; round++) {
      const [one, two] = [await newTenant(), await newTenant()];
      const first = await newOwner(one);
      const second = await newOwner(two);
      for (const [ctx, person] of [
        [one, second],
        [two, first],
      ] as const)
        await asOwner(
          "insert into members (tenant_id, person_id, email, roles, source, created_by) values ($1, $2, $3, '{owner}', 'invitation', 'test')",
          [ctx.tenantId, person.id, person.email],
        );
      const { won, reasons } = await outcomes([
        deleteAccount(one, first, { email: first.email, current: PASSWORD }),
        deleteAccount(two, second, { email: second.email, current: PASSWORD }),
      ]);
      expect({ won, reasons }).toEqual({ won: 1, reasons: new Set(["CONFLICT"]) });
      const { rows } = await asOwner(
        "select count(*)::int, count(distinct person_id)::int from members where tenant_id in ($1, $2) and 'owner' = any (roles)",
        [one.tenantId, two.tenantId],
      );
      expect(rows[0]).toEqual([2, 1]);
    }
  });

  it("leaves no tenant without an owner, when its maker deletes the account meanwhile, ten times over", async () => {
    for (let round = 0; round < 10; round++) {
      const ctx = await newTenant();
      const person = await newOwner(ctx);
      await asOwner("insert into people (id, email) values ($1, $2)", [
        `usr_heir${ctx.tenantId}`,
        `heir-${ctx.tenantId}@example.com`,
      ]);
      await asOwner(
        "insert into members (tenant_id, person_id, email, roles, source, created_by) values ($1, $2, 'heir', '{owner}', 'invitation', 'test')",
        [ctx.tenantId, `usr_heir${ctx.tenantId}`],
      );
      const slug = `made-${crypto.randomUUID().slice(0, 8)}`;
      const { won } = await outcomes([
        createTenant(ctx, person, { tenant: { slug, name: "Made" } }),
        deleteAccount(ctx, person, { email: person.email, current: PASSWORD }),
      ]);
      expect(won).toBe(1);
      const { rows } = await asOwner(
        "select (select count(*)::int from tenants where slug = $1), (select count(*)::int from people where id = $2), (select count(*)::int from members where person_id = $2)",
        [slug, person.id],
      );
      expect([
        [0, 0, 0],
        [1, 1, 2],
      ]).toContainEqual(rows[0]);
    }
  });

  it("leaves one link for a new address, when 8 are asked for at once, and lets it be used once", async () => {
    const ctx = await newTenant();
    const person = await newOwner(ctx);
    const wanted = Array.from({ length: 8 }, (_, i) => `new${i}-${ctx.tenantId}@example.com`);
    await Promise.all(wanted.map((email) => requestEmailChange(ctx, person, { email, current: PASSWORD })));
    await ctx.settled();
    const tokens = ctx.letters.flatMap(({ text }) => /token=(\w+)/.exec(text)?.[1] ?? []);
    expect(tokens).toHaveLength(8);
    const live = await asOwner(
      "select count(*)::int from one_time_tokens where person_id = $1 and purpose = 'change_email'",
      [person.id],
    );
    expect(live.rows[0]).toEqual([1]);
    const tries = [...tokens, ...tokens].map((token) => confirmEmailChange(ctx, person, { token }));
    expect(await outcomes(tries)).toEqual({ won: 1, reasons: new Set(["INVALID"]) });
    const { rows } = await asOwner(
      "select email, (select email from members where person_id = people.id) from people where id = $1",
      [person.id],
    );
    const [now, known] = rows[0] as string[];
    expect(wanted).toContain(now);
    expect(known).toBe(now);
  });

  it("gives an address to one of 5 who proved it at once", async () => {
    const email = `wanted-${crypto.randomUUID()}@example.com`;
    const tries = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const ctx = await newTenant();
        const person = await newOwner(ctx);
        await requestEmailChange(ctx, person, { email, current: PASSWORD });
        await ctx.settled();
        const token = ctx.letters.flatMap(({ text }) => /token=(\w+)/.exec(text)?.[1] ?? [])[0]!;
        return { ctx, person, token };
      }),
    );
    const { won, reasons } = await outcomes(
      tries.map(({ ctx, person, token }) => confirmEmailChange(ctx, person, { token })),
    );
    expect({ won, reasons }).toEqual({ won: 1, reasons: new Set(["CONFLICT"]) });
  });

  it("makes a tenant whole or not at all, when 8 want the same name", async () => {
    const ctx = await newTenant();
    await newOwner(ctx);
    const owner = (await readSession(ctx, await sessionOf(ctx)))!;
    const slug = `race-${crypto.randomUUID().slice(0, 8)}`;
    const tries = Array.from({ length: 8 }, () =>
      createTenant(ctx, owner, { tenant: { slug, name: "Race" } }),
    );
    expect(await outcomes(tries)).toEqual({ won: 1, reasons: new Set(["CONFLICT"]) });
    const { rows } = await asOwner(
      "select (select count(*)::int from environments e where e.tenant_id = t.tenant_id), (select count(*)::int from members m where m.tenant_id = t.tenant_id) from tenants t where slug = $1",
      [slug],
    );
    expect(rows).toEqual([[1, 1]]);
  });

  async function sessionOf(ctx: Tried): Promise<string> {
    const code = crypto.randomUUID();
    const { rows } = await asOwner("select person_id from members where tenant_id = $1", [ctx.tenantId]);
    const token = code
      .replaceAll("-", "")
      .slice(0, 32)
      .replaceAll(/[ilou]/g, "0");
    await asOwner(
      "insert into sessions (id, person_id, token_hash, amr, expires_at) values ($1, $2, $3, '{pwd}', now() + interval '1 day')",
      [`ses_${token}`, (rows[0] as string[])[0], await hashSecret(token)],
    );
    return token;
  }

  /** A refresh token of a new grant, and who may use it. */
  async function newGrant(ctx: Tried) {
    const person = await newOwner(ctx);
    const client = await createClient(ctx, {
      client: {
        name: "App",
        grants: ["authorization_code", "refresh_token"],
        redirect_uris: ["https://app.example.com/"],
        confidential: true,
        scopes: ["read"],
        roles: [],
      },
    });
    const shown = { clientId: client.id, secret: client.secret };
    const verifier = "v".repeat(43);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const params = {
      client_id: client.id,
      response_type: "code",
      code_challenge_method: "S256",
      code_challenge: Buffer.from(digest).toString("base64url"),
    };
    const request = await readAuthorization(ctx, { params, repeated: new Set() }, person);
    if ("redirect" in request) throw new Error(request.redirect);
    const newCode = async () => new URL(await allow(ctx, person, request)).searchParams.get("code")!;
    const redeem = (code: string) =>
      issueToken(ctx, { shown, form: { grant_type: "authorization_code", code, code_verifier: verifier } });
    const refresh = (token: string) =>
      issueToken(ctx, { shown, form: { grant_type: "refresh_token", refresh_token: token } });
    return { newCode, redeem, refresh };
  }

  it("12 redemptions of a refresh token at once give exactly one successor, ten times over", async () => {
    const ctx = await newTenant();
    const { newCode, redeem, refresh } = await newGrant(ctx);
    let { refresh_token: token } = await redeem(await newCode());
    for (let round = 0; round < 10; round++) {
      const all = await Promise.all(Array.from({ length: 12 }, () => refresh(token!)));
      expect(new Set(all.map((one) => one.refresh_token)).size).toBe(1);
      token = all[0]!.refresh_token;
    }
    const { rows } = await asOwner("select count(*)::int from oauth_refresh_tokens where tenant_id = $1", [
      ctx.tenantId,
    ]);
    expect(rows[0]).toEqual([11]);
  });

  it("a refresh token shown again after the grace ends the family, and the edge is told", async () => {
    const ctx = await newTenant();
    const { newCode, redeem, refresh } = await newGrant(ctx);
    const { refresh_token: first } = await redeem(await newCode());
    const { refresh_token: second } = await refresh(first!);
    await asOwner(
      "update oauth_refresh_tokens set used_at = now() - interval '31 seconds' where tenant_id = $1 and used_at is not null",
      [ctx.tenantId],
    );
    await expect(refresh(first!)).rejects.toMatchObject({ reason: "oauth/invalid_grant" });
    await expect(refresh(second!)).rejects.toMatchObject({ reason: "oauth/invalid_grant" });
    const snapshot = (await readSnapshot(connect(postgres.appUrl), ctx.tenantId))!;
    expect(snapshot.revoked).toMatchObject([{ kind: "session" }]);
    const { rows } = await asOwner(
      "select count(*)::int from audit_log where tenant_id = $1 and action = 'oauth.grant_revoked'",
      [ctx.tenantId],
    );
    expect(rows[0]).toEqual([1]);
  });

  it("lets one of 12 redeem a code, and the others take its tokens along", async () => {
    const ctx = await newTenant();
    const { newCode, redeem } = await newGrant(ctx);
    const code = await newCode();
    const { won } = await outcomes(Array.from({ length: 12 }, () => redeem(code)));
    expect(won).toBeLessThanOrEqual(1);
    const { rows } = await asOwner("select count(*)::int from oauth_grants where tenant_id = $1", [
      ctx.tenantId,
    ]);
    expect(rows[0]).toEqual([1]);
  });

  it("has one active and one next key, whoever asks first and however many rotate", async () => {
    const ctx = await newTenant();
    const { newCode, redeem } = await newGrant(ctx);
    await Promise.all([redeem(await newCode()), redeem(await newCode())]);
    await asOwner("update issuer_keys set created_at = now() - interval '25 hours' where tenant_id = $1", [
      ctx.tenantId,
    ]);
    const { won } = await outcomes(
      Array.from({ length: 6 }, () => rotateIssuerKeys(ctx, { isForced: false })),
    );
    expect(won).toBeGreaterThanOrEqual(1);
    const states = (await listIssuerKeys(ctx)).map(({ state }) => state).sort();
    expect(states).toEqual(["active", "next", "retired"]);
  });

  it("seals for one tenant and purpose, and goes over to a new master key while it is in use", async () => {
    const [ctx, other] = [await newTenant(), await newTenant()];
    const sealed = await ctx.vault.seal(ctx.tenantId, "webhook", "whsec_1");
    expect(sealed).not.toContain("whsec_1");
    expect(await ctx.vault.open(ctx.tenantId, "webhook", sealed)).toBe("whsec_1");
    const middle = sealed.length - 10;
    const changed = sealed.slice(0, middle) + (sealed[middle] === "A" ? "B" : "A") + sealed.slice(middle + 1);
    for (const [tenantId, purpose, text] of [
      [ctx.tenantId, "sso", sealed],
      [other.tenantId, "webhook", sealed],
      [ctx.tenantId, "webhook", changed],
      [ctx.tenantId, "webhook", "nonsense"],
    ] as const)
      await expect(ctx.vault.open(tenantId, purpose, text)).rejects.toMatchObject({
        reason: "platform/cannot-unseal",
      });

    const client = connect(postgres.identityUrl);
    const both = parseMasterKeys(`two:${Buffer.alloc(32, 9).toString("base64")},${MASTER}`);
    const during = createVault(client, both, newKnownKeys());
    expect(await during.open(ctx.tenantId, "webhook", sealed)).toBe("whsec_1");
    expect(await rewrapDataKeys(client, both)).toBeGreaterThanOrEqual(1);
    expect(await rewrapDataKeys(client, both)).toBe(0);
    const after = createVault(client, both.slice(0, 1), newKnownKeys());
    expect(await after.open(ctx.tenantId, "webhook", sealed)).toBe("whsec_1");
    const before = createVault(client, parseMasterKeys(MASTER), newKnownKeys());
    await expect(before.open(ctx.tenantId, "webhook", sealed)).rejects.toMatchObject({
      reason: "platform/master-key-missing",
    });
    await rewrapDataKeys(client, parseMasterKeys(`${MASTER},two:${Buffer.alloc(32, 9).toString("base64")}`));
  });

  it("shows CONTENT no person, session or sealed secret, and IDENTITY no other tenant's members", async () => {
    const [ctx, other] = [await newTenant(), await newTenant()];
    const [person] = [await newOwner(ctx), await newOwner(other)];
    const content = connect(postgres.appUrl);
    for (const table of [
      "people",
      "sessions",
      "passkeys",
      "totp_secrets",
      "recovery_codes",
      "one_time_tokens",
      "data_keys",
      "oauth_clients",
      "oauth_refresh_tokens",
      "invitations",
    ])
      await expect(
        runBatch(content, [sql`select * from ${sql.identifier(table)}`]),
        table,
      ).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(runBatch(content, [sql`select sealed_private_key from issuer_keys`])).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    const { results } = await ctx.db.run([
      sql`select count(*)::int from members`,
      sql`select set_config('app.person_id', ${person.id}, true)`,
      sql`select count(*)::int from members where tenant_id = ${other.tenantId}::uuid`,
      sql`update members set roles = '{}' where tenant_id = ${other.tenantId}::uuid returning 1`,
    ]);
    expect(results.map((rows) => rows[0]?.[0])).toEqual([1, person.id, 0, undefined]);
  });
});
