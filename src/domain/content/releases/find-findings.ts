import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { seenEntry } from "../entries/index.ts";
import { withSchema } from "../types/index.ts";
import { findingCtes } from "./findings-sql.ts";
import { makeTargets } from "./make-targets.ts";
import { presentFinding, type FoundRow } from "./present-findings.ts";
import { askRules } from "./rule-findings.ts";
import type { DryRun } from "./schemas.ts";
import { ofRelease } from "./target-sql.ts";
import { treeFindings } from "./tree-findings.ts";

const MOST_SHOWN = 1000;

/** What speaks against publishing a release as it is now. */
export async function dryRunOf(ctx: Context, id: string): Promise<Omit<DryRun, "of">> {
  await makeTargets(ctx, id);
  return withSchema(ctx, {
    plan: (schema) => schema,
    async run(schema) {
      const ruled = await askRules(ctx, schema, id);
      const sets = await localeSets(ctx, id);
      const { rows, schemaVersion } = await ctx.db.read(
        sql`with ${findingCtes(ctx, schema, id, sets)}
          select (select count(*)::int from finding where is_error), (select count(*)::int from finding where not is_error),
            ${listSql(await seenSql(ctx), MOST_SHOWN)}`,
        { kind: "rebuild" },
      );
      const [errors, warnings, found] = rows[0] as [number, number, FoundRow[] | null];
      const tree = treeFindings(ctx, schema, id);
      const inTree = tree && (await ctx.db.asAfter(id).read(tree, { kind: "rebuild" })).rows[0]![0];
      const own = [...ruled.rows, ...((inTree ?? []) as FoundRow[])];
      return { schemaVersion, errors: errors + own.length, warnings, found: [...own, ...(found ?? [])] };
    },
    read: ({ errors, warnings, found }): Omit<DryRun, "of"> => ({
      ...{ publishable: errors === 0, errors, warnings },
      findings: found.slice(0, MOST_SHOWN).map((row) => presentFinding(ctx, row)),
    }),
  });
}

/** The sets of locales that items name. */
export async function localeSets(ctx: Context, id: string): Promise<string[][]> {
  if (ctx.actor.grants === undefined) return [];
  const { rows } = await ctx.db.read(
    sql`select distinct item.locales from release_items item where ${ofRelease(ctx, id, "item")} and item.locales is not null`,
  );
  return rows.map(([locales]) => locales as string[]);
}

/** Over a row `finding`: whether the actor may know of its entry; undefined where they may of all. */
export async function seenSql(ctx: Context): Promise<SQL | undefined> {
  if (ctx.actor.grants === undefined) return undefined;
  return sql`exists (select 1 from entries entry where ${inEnvironment(ctx, "entry")}
    and entry.id = finding.entry${await seenEntry(ctx, "entry")})`;
}

/** A scalar subquery: findings as JSON, errors first; of entries that the actor may not know of only that they are refused. */
export function listSql(seen: SQL | undefined, most: number): SQL {
  const shown = seen
    ? sql`select * from finding where ${seen} union all select distinct true, 'refused', '', '', null, null, null
        from finding where kind = 'refused' and not ${seen}`
    : sql`select * from finding`;
  return sql`(select jsonb_agg(to_jsonb(listed)) from (select * from (${shown}) shown
    order by is_error desc, entry, kind, path, locale limit ${sql.raw(String(most))}) listed)`;
}
