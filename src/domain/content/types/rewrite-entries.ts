import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { PUBLISHED_DATA } from "./published-data.ts";
import type { Rewrite } from "./find-violations.ts";
import { afterChanges, changesOf } from "./stored-changes.ts";

const AT_ONCE = 500;

/**
 * Statements that rewrite the values of entries after a type change, in working copies and published
 * versions; older versions are not changed. `ready` is the condition under which the type change itself
 * is written.
 */
export function rewriteStatements(ctx: Context, rewrites: Rewrite[], ready: SQL): SQL[] {
  const statements: SQL[] = [];
  for (let i = 0; i < rewrites.length; i += AT_ONCE) {
    const given = rewrites.slice(i, i + AT_ONCE).map(({ id, draft, published }) => ({
      id,
      ...changesOf("draft", draft),
      ...changesOf("published", published ?? draft),
    }));
    statements.push(sql`with given as (select * from jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
        as given(id text, draft_put jsonb, draft_gone jsonb, published_put jsonb, published_gone jsonb)
          where ${ready}),
      shown as (select entry.id, case when entry.published_version is not null then
        ${PUBLISHED_DATA} end as data
        from given join entries entry on ${inEnvironment(ctx, "entry")} and entry.id = given.id
          left join entry_versions kept on ${inEnvironment(ctx, "kept")} and kept.entry_id = entry.id
          and kept.version = entry.published_version)
      update entries entry set data = ${afterChanges(sql`entry.data`, "draft")},
        published_data = case when shown.data is null then null
          when entry.published_version = entry.version and entry.published_data is null then null
          else ${afterChanges(sql`shown.data`, "published")} end
      from given join shown on shown.id = given.id where ${inEnvironment(ctx, "entry")}
      and entry.id = given.id`);
  }
  return statements;
}

/** Fields of a type that are gone, and those that are found in another way than before. */
export type LostFields = { type: string; gone: string[]; stale: string[] };

/**
 * CTEs that remove the values of `gone` fields from working copies and published versions, and the side
 * rows of `stale` fields, which the rebuild creates again: of types that the CTE `saved` wrote.
 */
export function withoutFields(ctx: Context, lost: readonly LostFields[]): SQL {
  const isOfType = sql`entry.tenant_id = ${ctx.tenantId}::uuid and entry.environment_id = ${ctx.environmentId}::uuid`;
  const ofType = (table: string) =>
    sql`delete from ${sql.raw(table)} old using lost where old.tenant_id = ${ctx.tenantId}::uuid
      and old.environment_id = ${ctx.environmentId}::uuid
      and old.type = lost.type and split_part(old.field, '.', 1) = any (lost.gone || lost.stale)`;
  return sql`lost as (select given.type, given.gone, given.stale
      from jsonb_to_recordset(${JSON.stringify(lost)}::jsonb) as given(type text, gone text[], stale text[])
        join saved on saved.id = given.type),
    gone_fields as (${ofType("entry_fields")}), gone_refs as (${ofType("entry_refs")}),
    shown as (select entry.id, lost.gone, ${PUBLISHED_DATA} as data from lost
      join entries entry on ${isOfType} and entry.type = lost.type
      left join entry_versions kept on kept.tenant_id = entry.tenant_id
      and kept.environment_id = entry.environment_id
        and kept.entry_id = entry.id and kept.version = entry.published_version
      where entry.data ?| lost.gone or ${PUBLISHED_DATA} ?| lost.gone),
    stripped as (update entries entry set data = entry.data - shown.gone,
        published_data = case when shown.data ?| shown.gone then shown.data - shown.gone
          else entry.published_data end
      from shown where ${isOfType} and entry.id = shown.id)`;
}
