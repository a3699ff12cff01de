import { assetStorage } from "../../src/platform/asset-storage.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import pg from "pg";
import { sql } from "drizzle-orm";
import type { Context } from "../../src/core/context.ts";
import { AppError } from "../../src/core/errors.ts";
import { connect, runBatch, tenantDatabase } from "../../src/db/client.ts";
import { migrate, setAppPassword } from "../../src/db/migrate.ts";
import { readMigrations } from "../../src/dev/read-migrations.ts";
import { postgresBackend } from "../../src/dev/postgres-backend.ts";
import { listenSql } from "../../src/dev/sql-endpoint.ts";
import {
  createEntry,
  listEntries,
  parseListQuery,
  publishEntry,
  updateEntry,
} from "../../src/domain/content/index.ts";
import { sweepOutbox } from "../../src/domain/events/index.ts";
import { findTenantByHost, provisionTenant, readSnapshot } from "../../src/domain/tenants/index.ts";
import { createType, putType } from "../../src/domain/types/index.ts";

const TARGET = new URL(
  process.env["FLOW_TEST_DATABASE_URL"] ?? "postgres://postgres:postgres@127.0.0.1:5432/postgres",
);
const DATABASE = `flow_test_${crypto.randomUUID().slice(0, 8)}`;
const isReachable = await new Promise<boolean>((resolve) => {
  const client = new pg.Client({ connectionString: TARGET.toString(), connectionTimeoutMillis: 2000 });
  client.connect().then(
    () => client.end().then(() => resolve(true)),
    () => resolve(false),
  );
});
if (!isReachable && process.env["FLOW_REQUIRE_POSTGRES"])
  throw new Error(`Postgres must be reachable at ${TARGET.host} here, and is not.`);
if (!isReachable)
  console.warn(
    `\n*** SKIPPED: no Postgres at ${TARGET.host}; isolation and races were NOT proved in this run. ***\n`,
  );

describe.runIf(isReachable)("on a real Postgres", () => {
  let endpoint: Awaited<ReturnType<typeof listenSql>>;
  let ownerUrl: string;
  let appUrl: string;

  beforeAll(async () => {
    await asOwner(`create database ${DATABASE}`);
    endpoint = await listenSql({
      backend: postgresBackend({ host: TARGET.hostname, port: Number(TARGET.port || 5432) }),
    });
    ownerUrl = `postgres://${TARGET.username}:${TARGET.password || "x"}@127.0.0.1:${endpoint.port}/${DATABASE}`;
    const runners = await Promise.all([
      migrate(ownerUrl, readMigrations()),
      migrate(ownerUrl, readMigrations()),
    ]);
    expect(runners.flat().sort()).toEqual(readMigrations().map(({ name }) => name));
    await setAppPassword(ownerUrl, "cmsapppassword123456");
    appUrl = `postgres://cms_app:cmsapppassword123456@127.0.0.1:${endpoint.port}/${DATABASE}`;
  });
  afterAll(async () => {
    await endpoint.close();
    await asOwner(`drop database ${DATABASE} with (force)`);
  });

  const newContext = async (): Promise<Context> => {
    const slug = `t-${crypto.randomUUID().slice(0, 13)}`;
    const { tenantId, environmentId } = await provisionTenant(connect(ownerUrl), {
      slug,
      name: slug,
      hosts: [`${slug}.example.com`],
    });
    const ctx: Context = {
      tenantId,
      environmentId,
      actor: { kind: "token", id: "tok_test", scopes: ["admin"] },
      requestId: "req_test",
      db: tenantDatabase(connect(appUrl), tenantId, environmentId),
      outbox: { poke() {} },
      storage: assetStorage(undefined),
      now: () => new Date(),
      waitUntil() {},
    };
    await createType(ctx, {
      definition: {
        id: "note",
        name: "Note",
        fields: [
          { id: "title", type: "short_text" },
          { id: "slug", type: "slug" },
        ],
      },
    });
    return ctx;
  };
  const outcomes = async (work: Promise<unknown>[]) => {
    const settled = await Promise.allSettled(work);
    const won = settled.filter((one) => one.status === "fulfilled").length;
    const reasons = settled.flatMap((one) =>
      one.status === "rejected" ? [(one.reason as AppError).code] : [],
    );
    return { won, reasons: new Set(reasons) };
  };
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

  it("every table stands behind forced row-level security, and the Workers' role owns nothing", async () => {
    const { rows: open } = await connect(ownerUrl).query(`
      select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
        and (not relrowsecurity or not relforcerowsecurity or not exists (select 1 from pg_policy where polrelid = pg_class.oid)
          or not exists (select 1 from pg_attribute where attrelid = pg_class.oid and attname = 'tenant_id' and attnotnull))`);
    expect(open).toEqual([]);
    const { rows: role } = await connect(ownerUrl).query(
      "select rolsuper, rolbypassrls, (select count(*)::int from pg_class where relowner = pg_roles.oid) from pg_roles where rolname = 'cms_app'",
    );
    expect(role[0]).toEqual([false, false, 0]);
  });

  it("shows, changes and takes rows of one tenant only, whatever SQL is run", async () => {
    const [mine, other] = await Promise.all([newContext(), newContext()]);
    const { id } = await createEntry(mine, { type: "note", body: { title: "mine" } });
    await publishEntry(mine, { id });
    const app = connect(appUrl);
    for (const table of [
      "tenants",
      "tenant_domains",
      "environments",
      "api_tokens",
      "content_types",
      "entries",
      "entry_versions",
      "entry_fields",
      "published_entries",
      "published_counts",
      "outbox",
      "audit_log",
    ]) {
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
      sql`insert into outbox (tenant_id, environment_id, event, payload) values (${mine.tenantId}::uuid, ${mine.environmentId}::uuid, 'x', '{}')`,
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
    const snapshot = await readSnapshot(connect(appUrl), ctx.tenantId, new Date());
    expect(snapshot!.tokens).toHaveLength(3);
    expect(await findTenantByHost(connect(appUrl), `${snapshot!.tenant.slug}.example.com`)).toBe(
      ctx.tenantId,
    );
    expect(await findTenantByHost(connect(appUrl), "%.example.com")).toBeUndefined();
    expect(await readSnapshot(connect(appUrl), crypto.randomUUID(), new Date())).toBeUndefined();
  });

  it("lets exactly one of 16 publishes of a version win, and writes its event once", async () => {
    const ctx = await newContext();
    for (let round = 0; round < 5; round++) {
      const { id } = await createEntry(ctx, { type: "note", body: { title: `r${round}` } });
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
    const { id } = await createEntry(ctx, { type: "note", body: { title: "start" } });
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
    const { id } = await createEntry(ctx, { type: "note", body: { title: "x" } });
    const waiting = (await sweepOutbox(connect(appUrl), 0)).find((one) => one.tenantId === ctx.tenantId);
    expect(waiting!.ids.length).toBeGreaterThanOrEqual(2);
    expect(id).toMatch(/^cnt_/);
  });

  async function asOwner(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: TARGET.toString() });
    await client.connect();
    await client.query(statement);
    await client.end();
  }
});
