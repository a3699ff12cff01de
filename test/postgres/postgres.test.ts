import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { connect, runBatch } from "../../src/db/client.ts";
import { migrate } from "../../src/db/migrate.ts";
import { readMigrations } from "../../src/dev/read-migrations.ts";
import {
  createEntry,
  listEntries,
  parseListQuery,
  publishEntry,
  updateEntry,
} from "../../src/domain/content/entries/index.ts";
import { sweepOutbox } from "../../src/domain/tenant/events/index.ts";
import { findTenantByHost, readSnapshot } from "../../src/domain/tenant/tenants/index.ts";
import { putType } from "../../src/domain/content/types/index.ts";
import { findPostgres, openPostgres, outcomes, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();

describe.runIf(isReachable)("on a real Postgres", () => {
  let postgres: RealPostgres;
  let ownerUrl: string;
  let appUrl: string;

  beforeAll(async () => {
    postgres = await openPostgres();
    ({ ownerUrl, appUrl } = postgres);
  });
  afterAll(() => postgres.close());
  const newContext = () => postgres.newContext();
  const rows = async (ctx: Context, table: string) => {
    const { results } = await ctx.db.run([sql`select count(*)::int from ${sql.identifier(table)}`]);
    return results[0]![0]![0] as number;
  };

  it("a second run of the migrations does nothing, and a failing one leaves nothing", async () => {
    expect(await migrate(ownerUrl, readMigrations())).toEqual([]);
    const bad = { name: "9999_bad.sql", statements: ["create table half_done (id int)", "select nonsense"] };
    await expect(migrate(ownerUrl, [...readMigrations(), bad])).rejects.toThrow("9999_bad.sql");
    const left = await connect(ownerUrl).query(
      "select to_regclass('half_done')::text, (select count(*)::int from flow.migrations where name like '9999%')",
    );
    expect(left.rows[0]).toEqual([null, 0]);
  });

  it("every table stands behind forced row-level security, and the Workers' roles own nothing", async () => {
    const { rows: open } = await connect(ownerUrl).query(`
      select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and (not relrowsecurity or not relforcerowsecurity or not exists (select 1 from pg_policy where polrelid = pg_class.oid)
          or not exists (select 1 from pg_attribute where attrelid = pg_class.oid and attname = 'tenant_id' and attnotnull))`);
    expect(open).toEqual([]);
    const { rows: roles } = await connect(ownerUrl).query(
      "select rolsuper, rolbypassrls, (select count(*)::int from pg_class where relowner = pg_roles.oid) from pg_roles where rolname in ('cms_app', 'cms_identity')",
    );
    expect(roles).toEqual([
      [false, false, 0],
      [false, false, 0],
    ]);
  });

  it("shows, changes and takes rows of one tenant only, whatever SQL is run", async () => {
    const [mine, other] = await Promise.all([newContext(), newContext()]);
    const {
      entry: { id },
    } = await createEntry(mine, { type: "note", body: { title: "mine" } });
    await publishEntry(mine, { id });
    const app = connect(appUrl);
    const { rows: tables } = await connect(ownerUrl).query(
      "select relname::text, has_any_column_privilege('cms_app', oid, 'select') from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') order by 1",
    );
    expect(tables.length).toBeGreaterThan(35);
    for (const [table, isReadable] of tables as [string, boolean][]) {
      if (!isReadable) {
        await expect(
          runBatch(app, [sql`select count(*) from ${sql.identifier(table)}`]),
          table,
        ).rejects.toMatchObject({
          code: "FORBIDDEN",
        });
        continue;
      }
      const without = await runBatch(app, [sql`select count(*)::int from ${sql.identifier(table)}`]);
      expect(without[0]![0]![0], table).toBe(0);
      const { results } = await other.db.run([
        sql`select count(*)::int from ${sql.identifier(table)} where tenant_id <> ${other.tenantId}::uuid`,
      ]);
      expect(results[0]![0]![0], table).toBe(0);
    }
    const { results } = await other.db.run([
      sql`update entries set data = '{}' where id = ${id} returning id`,
      sql`delete from entries where id = ${id} returning id`,
    ]);
    expect(results).toEqual([[], []]);
    const insert = other.db.run([
      sql`insert into outbox (tenant_id, environment_id, event, payload)
        values (${mine.tenantId}::uuid, ${mine.environmentId}::uuid, 'x', '{}')`,
    ]);
    await expect(insert).rejects.toMatchObject({ code: "FORBIDDEN" });
    await expect(runBatch(app, [sql`update audit_log set action = 'x'`])).rejects.toMatchObject({
      code: "FORBIDDEN",
    });
    const list = await listEntries(other, { type: "note", query: parseListQuery(new URLSearchParams()) });
    expect(list.items).toEqual([]);
  });

  it("finds a tenant by exactly its host, and a snapshot by its id", async () => {
    const ctx = await newContext();
    const snapshot = await readSnapshot(connect(appUrl), ctx.tenantId);
    expect(snapshot!.tokens).toHaveLength(3);
    expect(await findTenantByHost(connect(appUrl), `${snapshot!.tenant.slug}.example.com`)).toBe(
      ctx.tenantId,
    );
    expect(await findTenantByHost(connect(appUrl), "%.example.com")).toBeUndefined();
    expect(await readSnapshot(connect(appUrl), crypto.randomUUID())).toBeUndefined();
  });

  it("lets exactly one of 16 publishes of a version win, and writes its event once", async () => {
    const ctx = await newContext();
    for (let round = 0; round < 5; round++) {
      const {
        entry: { id },
      } = await createEntry(ctx, { type: "note", body: { title: `r${round}` } });
      const { won, reasons } = await outcomes(
        Array.from({ length: 16 }, () => publishEntry(ctx, { id, version: 1 })),
      );
      expect([won, [...reasons]]).toEqual([1, ["CONFLICT"]]);
      const { results } = await ctx.db.run([
        sql`select count(*)::int from outbox where event = 'entry.published' and payload ->> 'id' = ${id}`,
      ]);
      expect(results[0]![0]![0]).toBe(1);
    }
    const page = await listEntries(ctx, { type: "note", query: parseListQuery(new URLSearchParams()) });
    expect(page.total).toBe(5);
  });

  it("lets one of 16 updates of a version win, and keeps one version of it", async () => {
    const ctx = await newContext();
    const {
      entry: { id },
    } = await createEntry(ctx, { type: "note", body: { title: "start" } });
    const { won, reasons } = await outcomes(
      Array.from({ length: 16 }, (_, i) =>
        updateEntry(ctx, { type: "note", id, body: { title: `w${i}`, version: 1 } }),
      ),
    );
    expect([won, [...reasons]]).toEqual([1, ["CONFLICT"]]);
    expect(await rows(ctx, "entry_versions")).toBe(2);
  });

  it("gives a slug to one of 16 who want it, and half-writes nothing", async () => {
    const ctx = await newContext();
    const { won, reasons } = await outcomes(
      Array.from({ length: 16 }, () =>
        createEntry(ctx, { type: "note", body: { title: "x", slug: "same" } }),
      ),
    );
    expect([won, [...reasons]]).toEqual([1, ["CONFLICT"]]);
    expect([await rows(ctx, "entries"), await rows(ctx, "entry_versions")]).toEqual([1, 1]);
  });

  it("lets no entry slip past a change of its type", async () => {
    const ctx = await newContext();
    const strict = {
      id: "note",
      name: "Note",
      fields: [
        { id: "title", type: "short_text", max: 3 },
        { id: "slug", type: "slug" },
      ],
    };
    const writes = Array.from({ length: 30 }, (_, i) =>
      createEntry(ctx, { type: "note", body: { title: i % 2 ? "long title" : "ok" } }),
    );
    const change = putType(ctx, { id: "note", definition: strict, allowDataLoss: false }).then(
      () => true,
      () => false,
    );
    await Promise.allSettled(writes);
    const isStrict = await change;
    const { results } = await ctx.db.run([
      sql`select count(*)::int from entries where length(data ->> 'title') > 3`,
    ]);
    if (isStrict) expect(results[0]![0]![0]).toBe(0);
    else expect(results[0]![0]![0]).toBeGreaterThan(0);
  });

  it("finds events that nobody picked up", async () => {
    const ctx = await newContext();
    const {
      entry: { id },
    } = await createEntry(ctx, { type: "note", body: { title: "x" } });
    const waiting = (await sweepOutbox(connect(appUrl), 0)).find((one) => one.tenantId === ctx.tenantId);
    expect(waiting!.ids.length).toBeGreaterThanOrEqual(2);
    expect(id).toMatch(/^cnt_/);
  });
});
