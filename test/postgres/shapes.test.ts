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
const ENTRIES = 100_000;
/**
 * By shape, all of which only go down: what a plan looks at; where that is more than 50 rows for each
 * that it answers; and where the planner is wrong by more than a hundred times, how much.
 * `npm run bench -- --shapes` says what they take at a million entries.
 */
const BUDGETS = JSON.parse(readFileSync(new URL("../budgets.json", import.meta.url), "utf8")) as {
  rows_read: Record<string, number>;
  rows_read_over_50: Record<string, number>;
  estimate_off_over_100: Record<string, number>;
};
const MOST_READ_FOR_ONE = 50;
const MOST_OFF = 100;
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
  "Join Type"?: string;
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
  }, 900_000);
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
    const perAnswer: Record<string, number> = {};
    const answered: Record<string, number> = {};
    const off: Record<string, number> = {};
    const scans: string[] = [];
    for (const shape of SHAPES) {
      const plans = await plansOf(shape);
      const nodes = plans.flatMap(executed);
      const read = nodes.filter((node) => node["Relation Name"] !== undefined);
      for (const node of read)
        if (node["Node Type"] === "Seq Scan" && LARGE.includes(node["Relation Name"]!))
          scans.push(`${shape.name}: ${node["Relation Name"]}`);
      answered[shape.name] = Math.max(1, sumOf(plans.map((plan) => plan["Actual Rows"])));
      off[shape.name] = Math.round(Math.max(...plans.flatMap((plan) => estimatesOff(plan))));
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
    for (const shape of Object.keys(measured))
      perAnswer[shape] = Math.round(measured[shape]! / answered[shape]!);
    const tooMany = above(perAnswer, MOST_READ_FOR_ONE);
    const wrong = above(off, MOST_OFF);
    if (process.env["FLOW_PRINT_ROWS"])
      console.log(
        JSON.stringify(
          { rows_read: measured, rows_read_over_50: tooMany, estimate_off_over_100: wrong },
          null,
          2,
        ),
      );
    expect(scans).toEqual([]);
    expect(Object.keys(measured)).toEqual(Object.keys(BUDGETS.rows_read));
    const over = (figures: Record<string, number>, budgets: Record<string, number>) =>
      Object.entries(figures).filter(([name, figure]) => figure > (budgets[name] ?? 0) * 1.1 + 20);
    expect(over(measured, BUDGETS.rows_read)).toEqual([]);
    expect(over(tooMany, BUDGETS.rows_read_over_50)).toEqual([]);
    // Statistics are of a sample, another one in each run: of a rare value they vary by several times.
    const worse = Object.entries(wrong).filter(
      ([name, times]) => times > 10 * (BUDGETS.estimate_off_over_100[name] ?? MOST_OFF),
    );
    expect(worse).toEqual([]);
  }, 300_000);
});

const sumOf = (numbers: number[]) => numbers.reduce((sum, one) => sum + one, 0);
const above = (figures: Record<string, number>, most: number) =>
  Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure > most));

/** Nodes that take in all their rows before they answer the first one. */
const TAKES_ALL = /Sort|Aggregate|^Hash$|Materialize|SetOp|WindowAgg/;

/**
 * By how many times the planner was wrong about each node. Where a limit stops a node early it has
 * fewer rows than it would have had: only too low an estimate is wrong there.
 */
function estimatesOff(plan: Plan, isStopped = false): number[] {
  if (plan["Actual Loops"] === 0) return [];
  const [estimated, actual] = [Math.max(1, plan["Plan Rows"]), Math.max(1, plan["Actual Rows"])];
  const off = isStopped ? actual / estimated : Math.max(actual / estimated, estimated / actual);
  const stops = /Limit|Semi/.test(`${plan["Node Type"]} ${plan["Join Type"] ?? ""}`);
  const below = stops || (isStopped && !TAKES_ALL.test(plan["Node Type"]));
  return [off, ...(plan.Plans ?? []).flatMap((one) => estimatesOff(one, below))];
}
