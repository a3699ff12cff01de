import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { publishedDataOf, type EnvironmentSchema } from "../types/index.ts";

/** Rows of a release under an alias. */
export const ofRelease = (ctx: Context, id: string, alias: string): SQL =>
  sql`${inEnvironment(ctx, alias)} and ${sql.raw(alias)}.release_id = ${id}`;

/** Rows that are looked up for each row before them, whatever the planner expects of their number. */
export const lookUp = (table: string, alias: string, where: SQL, more: SQL = sql``): SQL =>
  sql`cross join lateral (select ${sql.raw(alias)}.*${more} from ${sql.raw(`${table} ${alias}`)} where ${where} offset 0) ${sql.raw(alias)}`;

/** Whether there is a row, looked up by itself. */
export const isThere = (table: string, alias: string, where: SQL): SQL =>
  sql`exists (select 1 from (select 1 from ${sql.raw(`${table} ${alias}`)} where ${where} offset 0) one)`;

/** `from`: the entries of a release, by the id of `listed`. */
export const listedOf = (ctx: Context, id: string): SQL =>
  sql`cms_release_entries(${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${id}) listed (id)`;

const MARK = (alias: string) => sql`, ${sql.raw(alias)}.xmin::text as mark`;

/** The row `item` of an entry of a release. */
export const itemOf = (ctx: Context, id: string, entry = sql`listed.id`): SQL =>
  lookUp(
    "release_items",
    "item",
    sql`${ofRelease(ctx, id, "item")} and item.entry_id = ${entry}`,
    MARK("item"),
  );

/** The row `entry` of an item. */
export const entryOf = (ctx: Context): SQL =>
  lookUp("entries", "entry", sql`${inEnvironment(ctx, "entry")} and entry.id = item.entry_id`, MARK("entry"));

/** The row `target` of an item. */
export const targetOf = (ctx: Context, id: string): SQL =>
  lookUp(
    "release_targets",
    "target",
    sql`${ofRelease(ctx, id, "target")} and target.entry_id = item.entry_id`,
  );

/** What a target is made of, over the rows `item` and `entry`: any change of them, or of the types, changes it. */
export const basisSql = (schema: EnvironmentSchema): SQL =>
  sql`(item.mark || ' ' || entry.mark || ' ' || ${String(schema.version)}::text)`;

/** Whether the target of the rows `item` and `entry` is old, or not made yet. */
export const isOld = (ctx: Context, schema: EnvironmentSchema, id: string): SQL =>
  sql`not ${isThere(
    "release_targets",
    "target",
    sql`${ofRelease(ctx, id, "target")} and target.entry_id = item.entry_id and target.basis = ${basisSql(schema)}`,
  )}`;

/** What is published of the row `entry`, as the state that a release could restore; null for nothing. */
export const stateSql = (published: SQL): SQL =>
  sql`case when entry.published_version is not null then jsonb_build_object('version', entry.published_version,
    'published_at', entry.published_at, 'locales', entry.published_locales, 'data', ${published}) end`;

/** The row `kept` of the version that is published of `entry`. */
export const keptJoin = (ctx: Context): SQL =>
  sql`left join lateral (select kept.* from entry_versions kept where ${inEnvironment(ctx, "kept")}
    and kept.entry_id = entry.id and kept.version = entry.published_version offset 0) kept on true`;

/**
 * `select …`: what is to be published of the entries in `which` (with `id` and `basis`) after the
 * release, as rows of `release_targets` with more about the entry. `version` is null where nothing is;
 * `data` too where the version is not there.
 */
export function targetsSql(ctx: Context, schema: EnvironmentSchema, id: string, which: SQL): SQL {
  const all = JSON.stringify([...schema.chains.keys()]);
  const asNow = (data: SQL, since: SQL) =>
    sql`cms_data_as_now(entry.tenant_id, entry.environment_id, entry.type, ${data}, ${since})`;
  const isVersion = (
    version: SQL,
  ) => sql`(${version} = entry.version or exists (select 1 from entry_versions same
    where ${inEnvironment(ctx, "same")} and same.entry_id = entry.id and same.version = ${version}))`;
  const restored = sql`item.restores -> 'to'`;
  const wanted = sql`array(select jsonb_array_elements_text(item.locales))`;
  return sql`select entry.tenant_id, entry.environment_id, item.entry_id, entry.type, which.basis, entry.created_at,
      entry.updated_at, entry.order_key, coalesce(came.version, 0) as came_version, item.restores is not null as is_restored,
      item.locales, now_is.with_shared, entry.published_at is null as is_first, made.*
    from (${which}) which ${itemOf(ctx, id, sql`which.id`)} ${entryOf(ctx)}
    ${lookUp("content_types", "type", sql`${inEnvironment(ctx, "type")} and type.id = entry.type`)}
    ${keptJoin(ctx)}
    left join lateral (select picked.* from entry_versions picked where ${inEnvironment(ctx, "picked")}
      and picked.entry_id = entry.id and picked.version = item.version and item.version <> entry.version offset 0) picked on true
    cross join lateral (select case when picked.version is null then entry.data
        else ${asNow(sql`picked.data`, sql`picked.created_at`)} end as data,
      case when item.version is null or item.version = entry.version then entry.version else picked.version end as version) came
    cross join lateral (select case when entry.published_version is not null then ${publishedDataOf("entry")} end as data,
      case when entry.published_version is null then '{}' else coalesce(entry.published_locales,
        (select jsonb_object_agg(locale, entry.published_version) from jsonb_array_elements_text(${all}::jsonb) locale)) end as locales,
      array(select jsonb_array_elements_text(type.model -> 'localized')) as localized,
      item.locales is null or item.locales ? ${schema.defaultLocale} or entry.published_version is null as with_shared) now_is
    cross join lateral (
      select (${restored} ->> 'version')::int as version, (${restored} ->> 'published_at')::timestamptz as published_at,
        nullif(${restored} -> 'locales', 'null') as published_locales,
        coalesce(nullif(${restored} -> 'locales', 'null') is null
          and ${isVersion(sql`(${restored} ->> 'version')::int`)}, false) as is_whole,
        ${asNow(sql`nullif(${restored} -> 'data', 'null')`, sql`(item.restores ->> 'at')::timestamptz`)} as data
      where item.restores is not null
      union all
      select came.version, coalesce(entry.published_at, now()), null, true, case when came.version is not null then came.data end
      where item.restores is null and item.action = 'publish' and item.locales is null
      union all
      select came.version, coalesce(entry.published_at, now()), case when not part.is_whole then part.locales end, part.is_whole, part.data
      from (select put.*, put.data = came.data and put.locales ?& array(select jsonb_array_elements_text(${all}::jsonb)) as is_whole
        from (select now_is.locales || (select jsonb_object_agg(locale, came.version)
            from jsonb_array_elements_text(item.locales) locale) as locales,
          cms_publish_locales(now_is.data, came.data, now_is.localized, ${wanted}, now_is.with_shared) as data) put) part
      where item.restores is null and item.action = 'publish' and item.locales is not null
      union all
      select case when part.locales <> '{}' then entry.published_version end, case when part.locales <> '{}' then entry.published_at end,
        nullif(part.locales, '{}'), false,
        case when part.locales <> '{}' then cms_publish_locales(now_is.data, '{}', now_is.localized, ${wanted}, false) end
      from (select case when item.locales is null then '{}' else now_is.locales - ${wanted} end as locales) part
      where item.restores is null and item.action = 'unpublish') made`;
}
