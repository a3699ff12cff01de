import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IdentityContext } from "../../src/core/identity-context.ts";
import { connect } from "../../src/db/client.ts";
import { migrate } from "../../src/db/migrate.ts";
import { postgresBackend } from "../../src/dev/postgres-backend.ts";
import { readMigrations } from "../../src/dev/read-migrations.ts";
import { listenSql } from "../../src/dev/sql-endpoint.ts";
import { createToken } from "../../src/domain/tenant/access/tokens.ts";
import { listAuditLog } from "../../src/domain/tenant/events/audit-log.ts";
import { expireAuditLog } from "../../src/domain/tenant/events/index.ts";
import {
  deleteAccount,
  issueSetupCode,
  joinAsNewPerson,
  setUpTenant,
} from "../../src/domain/identity/members/index.ts";
import { removeMember } from "../../src/domain/identity/members/change-member.ts";
import { createInvitation } from "../../src/domain/identity/members/invitations.ts";
import { readSession, signIn, type Person } from "../../src/domain/identity/people/index.ts";
import { createPolicy } from "../../src/domain/content/policies/policies.ts";
import { findPostgres, newDatabase, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const PASSWORD = "correct horse battery";
const ADDRESS = "203.0.113.77";

describe.runIf(isReachable)("the personal half of the audit log, on a real Postgres,", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  type Tried = IdentityContext & { letters: { text: string }[] };
  const newTenant = async (): Promise<Tried> => ({
    ...postgres.identityOf(await postgres.newContext()),
    ip: ADDRESS,
  });
  const asOwner = async (text: string, params: unknown[] = []) =>
    (await connect(postgres.ownerUrl).query(text, params)).rows as unknown[][];
  const metaOf = async (ctx: Tried, action: string) =>
    (await listAuditLog(ctx, { limit: 100 })).data
      .filter((one) => one.action === action)
      .map(({ meta }) => meta);

  async function invite(ctx: Tried, email: string, name: string): Promise<Person> {
    await createInvitation(ctx, { invitation: { email, roles: ["viewer"] } });
    const token = /token=(\w+)/.exec(ctx.letters.at(-1)!.text)![1]!;
    return (await readSession(ctx, (await joinAsNewPerson(ctx, { token, name, password: PASSWORD })).token))!;
  }

  it("is answered as one with the record, while it is there", async () => {
    const ctx = await newTenant();
    const email = `kept-${ctx.tenantId}@example.com`;
    const person = await invite(ctx, email, "Kept");
    await signIn(ctx, { email, password: PASSWORD });
    await createToken(ctx, { name: "Kim's laptop", scope: "read" });
    await createPolicy(ctx, { name: "For Kim", grants: [] });
    await removeMember(ctx, { id: person.id });
    expect(await metaOf(ctx, "invitation.created")).toEqual([{ email, roles: ["viewer"] }]);
    expect(await metaOf(ctx, "member.joined")).toEqual([{ address: ADDRESS }]);
    expect(await metaOf(ctx, "person.signed_in")).toEqual([
      { address: ADDRESS, amr: ["pwd"], session: expect.stringMatching(/^ses_/) },
    ]);
    expect(await metaOf(ctx, "token.created")).toEqual([{ name: "Kim's laptop", scopes: ["read"] }]);
    expect(await metaOf(ctx, "policy.created")).toEqual([{ name: "For Kim", grants: [] }]);
    expect(await metaOf(ctx, "member.removed")).toEqual([{ email }]);
    const [[told]] = (await asOwner(
      "select string_agg(log::text, ' ') from audit_log log where tenant_id = $1",
      [ctx.tenantId],
    )) as [[string]];
    for (const word of [email, "Kept", "Kim", ADDRESS]) expect(told).not.toContain(word);
  });

  it("goes with the account, in every tenant that it was in, and nobody else's does", async () => {
    const [ctx, other, left] = [await newTenant(), await newTenant(), await newTenant()];
    const email = `gone-${ctx.tenantId}@example.com`;
    const code = crypto.randomUUID();
    await issueSetupCode(connect(postgres.ownerUrl), ctx.tenantId, code);
    await setUpTenant(ctx, { owner: { code, email: `stays-${email}`, name: "Stays", password: PASSWORD } });
    const person = await invite(ctx, email, "Gudrun Gone");
    for (const { tenantId } of [other, left])
      await asOwner(
        "insert into members (tenant_id, person_id, email, roles, source, created_by) values ($1, $2, $3, '{viewer}', 'invitation', 'test')",
        [tenantId, person.id, email],
      );
    await signIn(ctx, { email, password: PASSWORD });
    await expect(signIn(other, { email, password: "wrong" })).rejects.toMatchObject({
      code: "UNAUTHENTICATED",
    });
    await removeMember(left, { id: person.id });
    const kept = () =>
      asOwner("select count(*)::int from audit_private where data::text like '%stays-%' or about <> $1", [
        `person:${person.id}`,
      ]);
    const before = await kept();
    await deleteAccount(ctx, person, { email, current: PASSWORD });

    for (const table of ["audit_log", "audit_private"]) {
      const found = await asOwner(`select row::text from ${table} row where row::text ilike any ($1)`, [
        [email, "Gudrun", "Gone"].map((word) => `%${word}%`),
      ]);
      expect(found, table).toEqual([]);
    }
    expect(await asOwner("select 1 from audit_log log where log::text like $1", [`%${ADDRESS}%`])).toEqual(
      [],
    );
    expect(await asOwner("select 1 from audit_private where about = $1", [`person:${person.id}`])).toEqual(
      [],
    );
    expect(await kept()).toEqual(before);
    const records = await asOwner(
      "select action, tenant_id, meta from audit_log where action in ('person.signed_in', 'person.deleted') and actor_id = $1 order by action, tenant_id",
      [person.id],
    );
    expect(records.map(([action]) => action)).toEqual([
      "person.deleted",
      "person.deleted",
      "person.signed_in",
      "person.signed_in",
      "person.signed_in",
    ]);
  });

  it("goes with the record when that is old, and is out of the reach of CONTENT", async () => {
    const ctx = await newTenant();
    await invite(ctx, `old-${ctx.tenantId}@example.com`, "Old");
    const count = async () =>
      (await asOwner("select count(*)::int from audit_private where tenant_id = $1", [ctx.tenantId]))[0]![0];
    expect(await count()).toBeGreaterThan(1);
    const content = connect(postgres.appUrl);
    for (const text of ["delete from audit_private", "update audit_private set data = '{}'"])
      await expect(content.query(text)).rejects.toMatchObject({ code: "42501" });
    await asOwner("update audit_log set at = now() - interval '401 days' where tenant_id = $1", [
      ctx.tenantId,
    ]);
    await expireAuditLog(ctx);
    expect(await count()).toBe(0);
  });

  /** A database at the migration before `name`, with a person, and what was recorded there: `[action, subject, meta, private half]`. */
  async function databaseBefore(
    name: string,
    records: readonly (readonly [string, string, object, object?])[],
  ) {
    const database = await newDatabase();
    const { hostname, port, username, password } = database.url;
    const endpoint = await listenSql({
      backend: postgresBackend({ host: hostname, port: Number(port || 5432) }),
    });
    const url = `postgres://${username}:${password || "x"}@127.0.0.1:${endpoint.port}/${database.name}`;
    const all = readMigrations();
    await migrate(
      url,
      all.filter((one) => one.name < name),
    );
    const tenant = crypto.randomUUID();
    const client = connect(url);
    await client.transaction([
      client.query("insert into tenants (tenant_id, slug, name) values ($1, 'a', 'A')", [tenant]),
      client.query("insert into people (id, email) values ('usr_1', 'jane@x.example')"),
      client.query(
        "insert into members (tenant_id, person_id, email, source, created_by) values ($1, 'usr_1', 'jane@x.example', 'first', 'x')",
        [tenant],
      ),
      ...records.flatMap(([action, subject, meta, personal]) => {
        const log = client.query(
          "insert into audit_log (tenant_id, actor_kind, actor_id, action, subject, request_id, meta) values ($1, 'token', 'x', $2, $3, 'x', $4)",
          [tenant, action, subject, JSON.stringify(meta)],
        );
        if (!personal) return [log];
        const half = client.query(
          "insert into audit_private (tenant_id, audit_id, about, data) select tenant_id, max(id), $2, $3 from audit_log where tenant_id = $1 group by tenant_id",
          [tenant, subject, JSON.stringify(personal)],
        );
        return [log, half];
      }),
    ]);
    return {
      migrateFurther: () => migrate(url, all),
      again: () =>
        client.query("delete from flow.migrations where name = $1", [name]).then(() => migrate(url, all)),
      records: async () =>
        (
          await client.query(
            "select log.meta, personal.about, personal.data from audit_log log left join audit_private personal on personal.audit_id = log.id order by log.id",
          )
        ).rows,
      async drop() {
        await endpoint.close();
        await database.drop();
      },
    };
  }

  const WHOLE = [
    ["person.signed_in", "person:usr_1", { address: ADDRESS, session: "ses_1" }],
    ["person.signed_in", "person:usr_deleted", { address: ADDRESS, session: "ses_2" }],
    ["invitation.created", "invitation:inv_1", { email: "jane@x.example", roles: [] }],
    ["invitation.created", "invitation:inv_2", { email: "joe@x.example", roles: [] }],
    ["member.removed", "member:usr_1", { email: "jane@x.example" }],
    ["client.created", "client:cli_1", { name: "Jane's", grants: ["refresh_token"] }],
    ["policy.created", "policy:pol_1", { name: "P", grants: [{}] }],
    ["sso.sign_in_refused", "connection:sso_1", { reason: "sso/off", subject: "jane" }],
    ["entry.published", "entry:cnt_1", { version: 1 }],
  ] as const;
  const PARTED = [
    [{ session: "ses_1" }, "person:usr_1", { address: ADDRESS }],
    [{ session: "ses_2" }, null, null],
    [{ roles: [] }, "person:usr_1", { email: "jane@x.example" }],
    [{ roles: [] }, "invitation:inv_2", { email: "joe@x.example" }],
    [{}, "person:usr_1", { email: "jane@x.example" }],
    [{ grants: ["refresh_token"] }, "client:cli_1", { name: "Jane's" }],
    [{}, "policy:pol_1", { name: "P", grants: [{}] }],
    [{ reason: "sso/off" }, "connection:sso_1", { subject: "jane" }],
    [{ version: 1 }, null, null],
  ];

  it("is made of what was recorded before there was one", async () => {
    const database = await databaseBefore("0023_private_half_of_the_audit_log.sql", WHOLE);
    await database.migrateFurther();
    expect(await database.records()).toEqual(PARTED);
    await database.drop();
  });

  it("is made of what older Workers recorded afterwards, and stays as newer ones made it", async () => {
    const database = await databaseBefore("0025_rest_of_private_audit.sql", [
      ...WHOLE,
      ["token.created", "token:tok_1", { scopes: ["read"] }, { name: "Kim's laptop" }],
      ["token.created", "token:tok_2", { address: ADDRESS, name: "old" }, { name: "Kim's phone" }],
      ["person.signed_in", "person:usr_1", { session: "ses_3" }, { address: ADDRESS }],
      ["person.signed_in", "person:usr_deleted", { session: "ses_4" }, { address: ADDRESS }],
    ]);
    await database.migrateFurther();
    const expected = [
      ...PARTED,
      [{ scopes: ["read"] }, "token:tok_1", { name: "Kim's laptop" }],
      [{}, "token:tok_2", { address: ADDRESS, name: "Kim's phone" }],
      [{ session: "ses_3" }, "person:usr_1", { address: ADDRESS }],
      [{ session: "ses_4" }, null, null],
    ];
    expect(await database.records()).toEqual(expected);
    await database.again();
    expect(await database.records()).toEqual(expected);
    await database.drop();
  });
});
