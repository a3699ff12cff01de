import { readFileSync } from "node:fs";
import type { SQL } from "drizzle-orm";
import { PgDialect } from "drizzle-orm/pg-core";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { updateEnvironment } from "../../src/domain/tenant/tenants/environments.ts";
import { askShape, SHAPES } from "../bench/shapes/shapes.ts";
import { seedShapes, TYPES } from "../bench/shapes/seed.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const ENTRIES = 30_000;
/** What a plan looks at, by shape: `npm run bench -- --shapes` says what that takes at a million entries. */
const BUDGETS = (
  JSON.parse(readFileSync(new URL("../budgets.json", import.meta.url), "utf8")) as {
    rows_read: Record<string, number>;
  }
).rows_read;
const LARGE = [
  "entries",
  "entry_versions",
  "entry_fields",
  "entry_refs",
  "published_entries",
  "search_texts",
];

type Plan = {
  "Node Type": string;
  "Relation Name"?: string;
  "Plan Rows": number;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  Plans?: Plan[];
};

describe.runIf(isReachable)("what delivery is asked for is found by indexes", () => {
  let postgres: RealPostgres;
  let ctx: Context;
  let client: pg.Client;

  beforeAll(async () => {
    postgres = await openPostgres();
    ctx = await postgres.newContext();
    const locales = [{ code: "en" }, { code: "de", fallback: "en" }];
    await updateEnvironment(ctx, { name: "main", change: { locales } });
    for (const definition of TYPES) await createType(ctx, { definition });
    client = new pg.Client({ connectionString: postgres.databaseUrl });
    await client.connect();
    await seedShapes(client, { ...ctx, entries: ENTRIES }, () => {});
    await client.query("set role cms_app");
    await client.query("select set_config('app.tenant_id', $1, false)", [ctx.tenantId]);
  }, 300_000);
  afterAll(async () => {
    await client.end();
    await postgres.close();
  });

  /** The plans of what a request asks the database. */
  async function plansOf(shape: (typeof SHAPES)[number]): Promise<Plan[]> {
    const asked: SQL[] = [];
    const { read } = ctx.db;
    const db = {
      ...ctx.db,
      read(...[statement, options]: Parameters<typeof read>) {
        asked.push(statement);
        return read(statement, options);
      },
    };
    await askShape({ ...ctx, db }, shape);
    const plans: Plan[] = [];
    for (const statement of asked) {
      const { sql, params } = new PgDialect().sqlToQuery(statement);
      const { rows } = await client.query(`explain (analyze, format json) ${sql}`, params);
      plans.push((rows[0] as { "QUERY PLAN": [{ Plan: Plan }] })["QUERY PLAN"][0].Plan);
    }
    return plans;
  }
  const executed = (plan: Plan): Plan[] =>
    plan["Actual Loops"] === 0 ? [] : [plan, ...(plan.Plans ?? []).flatMap(executed)];

  it("each shape, in no more rows than committed, without a scan of a table", async () => {
    const measured: Record<string, number> = {};
    const scans: string[] = [];
    for (const shape of SHAPES) {
      const nodes = (await plansOf(shape)).flatMap(executed);
      const read = nodes.filter((node) => node["Relation Name"] !== undefined);
      for (const node of read)
        if (node["Node Type"] === "Seq Scan" && LARGE.includes(node["Relation Name"]!))
          scans.push(`${shape.name}: ${node["Relation Name"]}`);
      measured[shape.name] = read.reduce(
        (sum, node) =>
          sum +
          node["Actual Loops"] *
            (node["Actual Rows"] +
              (node["Rows Removed by Filter"] ?? 0) +
              (node["Rows Removed by Index Recheck"] ?? 0)),
        0,
      );
    }
    if (process.env["FLOW_PRINT_ROWS"]) console.log(JSON.stringify(measured, null, 2));
    expect(scans).toEqual([]);
    expect(Object.keys(measured)).toEqual(Object.keys(BUDGETS));
    const over = Object.entries(measured).filter(([name, rows]) => rows > BUDGETS[name]! * 1.1 + 20);
    expect(over).toEqual([]);
  }, 300_000);
});
