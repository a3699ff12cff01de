import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IdentityContext } from "../../src/core/identity-context.ts";
import { hashSecret } from "../../src/core/tokens.ts";
import { connect, tenantDatabase } from "../../src/db/client.ts";
import { enterBySso, type Asserted } from "../../src/domain/identity/sso/enter-by-sso.ts";
import { findPostgres, openPostgres, outcomes, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const CONNECTION = "sso_01jd3f0b6vfs8t4z9c7q2m5n8x";
const COOKIE = "0".repeat(32);

describe.runIf(isReachable)("sign-in by a connection on a real Postgres", () => {
  let postgres: RealPostgres;
  let ctx: IdentityContext;
  let domain: string;
  const asserted = (name: string): Asserted => ({
    issuer: "https://idp.example",
    subject: name,
    email: `${name}@${domain}`,
    isEmailVerified: true,
    name,
    groups: [],
  });
  const count = async (table: string) =>
    (await ctx.db.read(sql`select count(*)::int from ${sql.identifier(table)}`)).rows[0]![0] as number;
  const attempts = async (...ids: string[]) => {
    const hash = await hashSecret(COOKIE);
    await ctx.db.run(
      ids.map(
        (id) => sql`insert into sso_attempts (tenant_id, id, connection_id, cookie_hash, expires_at)
          values (${ctx.tenantId}::uuid, ${id}, ${CONNECTION}, ${hash}, now() + interval '10 minutes')`,
      ),
    );
  };

  beforeAll(async () => {
    postgres = await openPostgres();
    const plain = await postgres.newContext();
    const { tenantId, environmentId } = plain;
    const db = tenantDatabase(connect(postgres.identityUrl), tenantId, environmentId);
    const site = {
      issuer: "https://cms.example",
      prefix: "",
      home: "https://cms.example",
      isTenants: false,
      tenantName: "T",
      userAgent: null,
    };
    ctx = { ...plain, db, site, changed: { snapshot: false } } as unknown as IdentityContext;
    domain = `${tenantId}.example`;
    await ctx.db.run([
      sql`insert into domains (tenant_id, domain, challenge, verified_at, created_by)
        values (${tenantId}::uuid, ${domain}, 'x', now(), 'test')`,
      sql`insert into sso_connections (tenant_id, id, type, name, config, domains, created_by)
        values (${tenantId}::uuid, ${CONNECTION}, 'saml', 'Acme', '{}', array[${domain}::text], 'test')`,
    ]);
  });
  afterAll(() => postgres.close());

  it("uses an attempt once, however many answer it at once", async () => {
    await attempts("a1");
    const enter = (i: number) =>
      enterBySso(ctx, CONNECTION, asserted("ada"), {
        attempt: { id: "a1", cookie: COOKIE },
        assertion: { id: `_${i}`, expiresAt: "2099-01-01T00:00:00Z" },
      });
    expect(await outcomes(Array.from({ length: 12 }, (_, i) => enter(i)))).toEqual({
      won: 1,
      reasons: new Set(["UNAUTHENTICATED"]),
    });
    expect([await count("sessions"), await count("saml_assertions")]).toEqual([1, 1]);
  });

  it("uses an assertion that nobody asked for once", async () => {
    const enter = () =>
      enterBySso(ctx, CONNECTION, asserted("ada"), {
        assertion: { id: "_same", expiresAt: "2099-01-01T00:00:00Z" },
      });
    expect((await outcomes(Array.from({ length: 12 }, enter))).won).toBe(1);
  });

  it("makes one account of a person who comes twice at once for the first time", async () => {
    const ids = Array.from({ length: 8 }, (_, i) => `b${i}`);
    await attempts(...ids);
    const before = await count("people");
    const enter = (id: string) =>
      enterBySso(ctx, CONNECTION, asserted("bea"), { attempt: { id, cookie: COOKIE } });
    expect((await outcomes(ids.map(enter))).won).toBe(ids.length);
    expect((await count("people")) - before).toBe(1);
  });

  it("takes no cookie but the one that began, and no connection but its own", async () => {
    await attempts("c1");
    for (const [connection, cookie] of [
      [CONNECTION, "1".repeat(32)],
      ["sso_01jd3f0b6vfs8t4z9c7q2m5n99", COOKIE],
    ] as const)
      await expect(
        enterBySso(ctx, connection, asserted("cid"), { attempt: { id: "c1", cookie } }),
      ).rejects.toMatchObject({ reason: "sso/unknown-attempt" });
    const other = await postgres.newContext();
    const elsewhere = {
      ...ctx,
      tenantId: other.tenantId,
      db: tenantDatabase(connect(postgres.identityUrl), other.tenantId, other.environmentId),
    };
    await expect(
      enterBySso(elsewhere, CONNECTION, asserted("cid"), { attempt: { id: "c1", cookie: COOKIE } }),
    ).rejects.toMatchObject({ reason: "sso/unknown-attempt" });
    expect((await elsewhere.db.read(sql`select count(*)::int from sso_connections`)).rows).toEqual([[0]]);
  });

  it("lets CONTENT see which domains a connection has, and nothing secret", async () => {
    const app = tenantDatabase(connect(postgres.appUrl), ctx.tenantId, ctx.environmentId);
    expect((await app.read(sql`select enabled, domains from sso_connections`)).rows).toHaveLength(1);
    for (const table of ["sso_connections", "sso_identities", "sso_attempts", "saml_assertions"])
      await expect(app.read(sql`select * from ${sql.identifier(table)}`), table).rejects.toMatchObject({
        code: "FORBIDDEN",
      });
  });
});
