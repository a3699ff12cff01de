import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { listEntries, parseListQuery } from "../../src/domain/content/entries/index.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const ENTRIES = 100_000;
const FIELDS = [
  { id: "cost", type: "decimal", scale: 2 },
  { id: "price", type: "money" },
  { id: "days", type: "date_range" },
  { id: "opens", type: "time" },
];
/** Each costs 0.01 more than the one before, starts an hour later and lasts thirty days. */
const VALUES = `(values
  ('cost', 0, null, null, i / 100.0, null),
  ('price', 0, (array['EUR', 'USD', 'JPY'])[1 + i % 3], null, i / 100.0, null),
  ('days', 0, null, null, null, timestamptz '2020-01-01 00:00:00+00' + i * interval '1 hour'),
  ('days', 1, null, null, null, timestamptz '2020-01-31 00:00:00+00' + i * interval '1 hour'),
  ('opens', 0, null, (i % 86400)::double precision, null, null)) value (field, ordinal, t, n, d, m)`;
const LARGE = ["entries", "entry_fields", "published_entries"];

type Plan = {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  Plans?: Plan[];
};

describe.runIf(isReachable)("decimals, money, times and ranges of 100,000 entries", () => {
  let postgres: RealPostgres;
  let ctx: Context;
  let client: pg.Client;

  beforeAll(async () => {
    postgres = await openPostgres();
    ctx = await postgres.newContext();
    await createType(ctx, { definition: { id: "item", name: "Item", fields: FIELDS } });
    client = new pg.Client({ connectionString: postgres.databaseUrl });
    await client.connect();
    for (const table of LARGE) await client.query(`alter table ${table} no force row level security`);
    const mine = `'${ctx.tenantId}'::uuid, '${ctx.environmentId}'::uuid`;
    const id = `'cnt_01jd' || lpad(i::text, 22, '0')`;
    const at = `timestamptz '2026-01-01 00:00:00+00' + i * interval '1 second'`;
    await client.query(`insert into entries (tenant_id, environment_id, id, type, published_version, published_at, data,
        created_by, updated_by) select ${mine}, ${id}, 'item', 1, ${at}, '{}', 'test', 'test'
      from generate_series(1, ${ENTRIES}) i`);
    await client.query(`insert into published_entries (tenant_id, environment_id, entry_id, locale, type, published_at,
        created_at, updated_at, version, doc) select ${mine}, ${id}, 'en', 'item', ${at}, ${at}, ${at}, 1,
        '{"id":"' || ${id} || '"}' from generate_series(1, ${ENTRIES}) i`);
    await client.query(`insert into entry_fields (tenant_id, environment_id, entry_id, perspective, field, ordinal, type,
        text_value, number_value, decimal_value, time_value, published_at)
      select ${mine}, ${id}, 1, value.field, value.ordinal, 'item', value.t, value.n, value.d, value.m, ${at}
      from generate_series(1, ${ENTRIES}) i cross join lateral ${VALUES}`);
    for (const table of LARGE) await client.query(`alter table ${table} force row level security`);
    await client.query("analyze");
    await client.query("set role cms_app");
    // As the role is set up: SET ROLE alone does not bring its settings.
    await client.query("set jit = off");
    await client.query("select set_config('app.tenant_id', $1, false)", [ctx.tenantId]);
  }, 300_000);
  afterAll(async () => {
    await client.end();
    await postgres.close();
  });

  /** What a list finds, and what it looks at for that. */
  async function asked(query: string) {
    const statements: SQL[] = [];
    const { read } = ctx.db;
    const db = {
      ...ctx.db,
      read(...[statement, options]: Parameters<typeof read>) {
        statements.push(statement);
        return read(statement, options);
      },
    };
    const parsed = parseListQuery(new URLSearchParams(query));
    const list = await listEntries({ ...ctx, db }, { type: "item", query: parsed });
    const nodes: Plan[] = [];
    for (const statement of statements) {
      const { sql, params } = new PgDialect().sqlToQuery(statement);
      const { rows } = await client.query(`explain (analyze, format json) ${sql}`, params);
      nodes.push(...executed((rows[0] as { "QUERY PLAN": [{ Plan: Plan }] })["QUERY PLAN"][0].Plan));
    }
    const reads = nodes.filter((node) => LARGE.includes(node["Relation Name"] ?? ""));
    return {
      ids: list.items.map((item) => Number((JSON.parse(item) as { id: string }).id.slice(8))),
      total: list.total,
      scans: reads.filter((node) => node["Node Type"] === "Seq Scan").length,
      indexes: nodes.flatMap((node) => node["Index Name"] ?? []),
      rows: reads.reduce((sum, node) => sum + node["Actual Loops"] * node["Actual Rows"], 0),
    };
  }
  const executed = (plan: Plan): Plan[] =>
    plan["Actual Loops"] === 0 ? [] : [plan, ...(plan.Plans ?? []).flatMap(executed)];

  it.each([
    ["filter[cost][gte]=999.90&sort=cost", [99_990, 99_991], 11, "entry_fields_decimal", 500],
    ["filter[cost]=500", [50_000], 1, "entry_fields_decimal", 50],
    [
      "filter[price][amount][lt]=0.10&filter[price][currency]=EUR&sort=price.amount",
      [3, 6],
      3,
      "entry_fields_decimal",
      500,
    ],
    ["filter[opens][lt]=00:00:02", [86_401, 86_400], 3, "entry_fields_number", 500],
    ["filter[days][to][gte]=2031-06-27", [100_000, 99_999], 41, "entry_fields_time", 500],
    ["filter[days][contains]=2020-01-01", [], 0, "entry_fields_time", 500],
    ["filter[days][contains]=2020-01-02", [24, 23], 24, "entry_fields_time", 15_000],
    ["sort=days", [1, 2], 100_000, "entry_fields_time", 500],
  ])(
    "%s is found by an index",
    async (query, first, total, index, most) => {
      const found = await asked(`${query}&limit=10`);
      expect(found.ids.slice(0, 2)).toEqual(first);
      expect(found.total).toBe(total);
      expect(found.scans).toBe(0);
      expect(found.indexes.join(" ")).toContain(index);
      expect(found.rows).toBeLessThan(most);
    },
    60_000,
  );
});
