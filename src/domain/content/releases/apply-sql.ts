import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { publishedDataOf, type EnvironmentSchema } from "../types/index.ts";
import { record } from "../../tenant/events/index.ts";
import { clearStatements } from "./make-targets.ts";
import {
  entryOf,
  isThere,
  itemOf,
  keptJoin,
  listedOf,
  lookUp,
  ofRelease,
  stateSql,
  targetOf,
} from "./target-sql.ts";

/** So many entries are purged one by one; of more, every answer with one of their types. */
const MOST_NAMED = 50;

/** The targets of a release with their items, as `target`. */
const withItems = (ctx: Context, id: string): SQL =>
  sql`(select target.*, item.action, item.locales, item.restores,
      ${SHOWN_AT} as shown_at
    from ${listedOf(ctx, id)} ${itemOf(ctx, id)} ${targetOf(ctx, id)}) target`;

const freshRows = (ctx: Context, id: string, table: string): SQL =>
  lookUp(table, "fresh", sql`${ofRelease(ctx, id, "fresh")} and fresh.entry_id = target.entry_id`);

/** ` = any (…)`: the entries of a release, so that rows are found by them and not the other way round. */
const anyOf = (ctx: Context, id: string): SQL =>
  sql`any (array(select listed.id from ${listedOf(ctx, id)})::text[])`;

/** The statements that publish a release as its targets are, once nothing speaks against it. */
export function applyStatements(ctx: Context, schema: EnvironmentSchema, id: string): SQL[] {
  return [
    stateStatement(ctx, id),
    entriesStatement(ctx, id),
    plansStatement(ctx, schema, id),
    ...docStatements(ctx, id),
    ...sideStatements(ctx, id, "entry_fields", "release_fields", [
      ...["field", "locale", "ordinal", "type", "text_value", "number_value", "decimal_value", "time_value"],
      ...["unique_value", "element"],
    ]),
    ...sideStatements(ctx, id, "entry_refs", "release_refs", [
      "field",
      "locale",
      "ordinal",
      "type",
      "target_id",
    ]),
    releaseStatement(ctx, id),
    ...clearStatements(ctx, id),
  ];
}

/** Notes what the release replaces and leaves, so that it can be taken back. */
const stateStatement = (ctx: Context, id: string): SQL =>
  sql`update release_items item set (before, after) = (select ${stateSql(publishedDataOf("entry"))},
      jsonb_build_object('version', target.version,
        'locales', case when target.version is not null then target.published_locales end)
    from (select 1) one ${entryOf(ctx)} ${targetOf(ctx, id)} ${keptJoin(ctx)})
    where ${ofRelease(ctx, id, "item")} and item.entry_id = ${anyOf(ctx, id)}`;

/** Slugs that are published follow their sources no more. */
const MADE_SLUGS = sql`case when item.restores is not null or item.action = 'unpublish' then entry.made_slugs
    when item.locales is null then null
    else nullif(entry.made_slugs - array(select mark from jsonb_object_keys(entry.made_slugs) mark
      where case split_part(mark, ':', 2) when '' then target.with_shared
        else item.locales ? split_part(mark, ':', 2) end), '{}') end`;

const SHOWN_AT = sql`case when target.is_first and item.restores is null then now() else target.published_at end`;

function entriesStatement(ctx: Context, id: string): SQL {
  const isChanged = sql`(entry.published_version, entry.published_locales, entry.published_at) is distinct from
    (target.version, case when target.version is not null then target.published_locales end,
      case when target.version is not null then ${SHOWN_AT} end)`;
  const item = (entry: string) => itemOf(ctx, id, sql.raw(entry));
  return sql`with saved as (update entries entry
      set (published_version, published_at, published_locales, published_data, made_slugs) = (select target.version,
        case when target.version is not null then ${SHOWN_AT} end,
        case when target.version is not null then target.published_locales end,
        case when target.version is not null and not (target.is_whole and target.version = entry.version)
          then target.data end, ${MADE_SLUGS}
        from (select 1) one ${item("entry.id")} ${targetOf(ctx, id)})
      where ${inEnvironment(ctx, "entry")} and entry.id = any (array(select item.entry_id
        from ${listedOf(ctx, id)} ${itemOf(ctx, id)} ${entryOf(ctx)} ${targetOf(ctx, id)} where ${isChanged})::text[])
      returning entry.id, entry.type, entry.version, entry.published_version),
    told as (select saved.*, item.locales, item.before -> 'version' as was, saved.published_version is null or (item.action = 'unpublish'
      and item.restores is null) as is_gone from saved ${item("saved.id")}),
    ${record(ctx, {
      event: sql`case when told.is_gone then 'entry.unpublished' else 'entry.published' end`,
      from: sql`told`,
      subject: sql`'entry:' || told.id`,
      payload: sql`jsonb_build_object('id', told.id, 'type', told.type, 'version', told.version, 'was', told.was,
        'locales', told.locales, 'release', ${id}::text)`,
      meta: sql`jsonb_build_object('version', told.version, 'locales', told.locales, 'release', ${id}::text)`,
    })}
    select count(*) from saved`;
}

/** Plans to publish what the release unpublishes lose these locales; without others they are over. */
function plansStatement(ctx: Context, schema: EnvironmentSchema, id: string): SQL {
  const everywhere = JSON.stringify([...schema.chains.keys()]);
  const item = sql`select item.locales, item.restores from (select 1) one ${itemOf(ctx, id, sql`old.entry_id`)}`;
  const left = sql`(select case when item.locales is null or item.restores is not null then '[]'
    else coalesce(old.locales, ${everywhere}::jsonb) - array(select jsonb_array_elements_text(item.locales)) end
    from (${item}) item)`;
  return sql`with withdrawn as (update schedules old
      set locales = case when ${left} = '[]' then old.locales else ${left} end,
        state = case when ${left} = '[]' then 'cancelled' else old.state end,
        finished_at = case when ${left} = '[]' then now() end
      where ${inEnvironment(ctx, "old")} and old.entry_id = any (array(select item.entry_id
          from ${listedOf(ctx, id)} ${itemOf(ctx, id)} ${targetOf(ctx, id)}
          where target.version is null or item.action = 'unpublish')::text[])
        and old.state = 'pending' and old.action = 'publish' and (old.locales is null or ${left} <> old.locales)
      returning old.id, old.entry_id)
    insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject, request_id, meta)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${ctx.actor.kind}, ${ctx.actor.id}, 'schedule.cancelled',
        'schedule:' || id, ${ctx.requestId}, jsonb_build_object('entry', entry_id, 'release', ${id}::text) from withdrawn`;
}

const docStatements = (ctx: Context, id: string): SQL[] => [
  sql`delete from published_entries old where ${inEnvironment(ctx, "old")} and old.entry_id = ${anyOf(ctx, id)}
    and not ${isThere(
      "release_docs",
      "fresh",
      sql`${ofRelease(ctx, id, "fresh")} and fresh.entry_id = old.entry_id and fresh.locale = old.locale`,
    )}`,
  sql`insert into published_entries (tenant_id, environment_id, entry_id, locale, type, slug, published_at, created_at,
      updated_at, version, doc, order_key)
    select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, fresh.entry_id, fresh.locale, fresh.type, fresh.slug,
      target.shown_at, fresh.created_at, fresh.updated_at, fresh.version,
      case when target.shown_at is distinct from fresh.published_at then regexp_replace(fresh.doc,
        '"published_at":"[^"]*"', '"published_at":"' || cms_iso(target.shown_at) || '"') else fresh.doc end, fresh.order_key
    from ${withItems(ctx, id)} ${freshRows(ctx, id, "release_docs")}
    on conflict (tenant_id, environment_id, entry_id, locale) do update
      set slug = excluded.slug, published_at = excluded.published_at, updated_at = excluded.updated_at,
        version = excluded.version, doc = excluded.doc, order_key = excluded.order_key`,
];

/** What differs goes before anything comes: entries of a release may swap values that must be unique. */
function sideStatements(ctx: Context, id: string, table: string, from: string, columns: string[]): SQL[] {
  const of = (alias: string) => sql.raw(columns.map((column) => `${alias}.${column}`).join(", "));
  const isSame = isThere(
    from,
    "fresh",
    sql`${ofRelease(ctx, id, "fresh")} and fresh.entry_id = old.entry_id and fresh.field = old.field
      and fresh.locale = old.locale and fresh.ordinal = old.ordinal
      and (${of("fresh")}, fresh.published_at) is not distinct from (${of("old")}, old.published_at)`,
  );
  return [
    sql`delete from ${sql.raw(table)} old where ${inEnvironment(ctx, "old")} and old.entry_id = ${anyOf(ctx, id)}
      and old.perspective = 1 and not ${isSame}`,
    sql`insert into ${sql.raw(table)} (tenant_id, environment_id, entry_id, perspective, published_at, ${sql.raw(columns.join(", "))})
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, fresh.entry_id, 1, target.shown_at, ${of("fresh")}
      from ${withItems(ctx, id)} ${freshRows(ctx, id, from)}
      on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do nothing`,
  ];
}

/** The release is published, and the one that it takes back is rolled back. */
function releaseStatement(ctx: Context, id: string): SQL {
  return sql`with saved as (update releases release set state = 'published', version = release.version + 1,
      published_at = now(), published_by = ${ctx.actor.id}, updated_at = now(), updated_by = ${ctx.actor.id},
      failure = null, planned_by = null, claimed_at = null, rolled_back_by = null
      where ${inEnvironment(ctx, "release")} and release.id = ${id} returning *),
    undone as (update releases release set state = 'rolled_back', rolled_back_by = saved.id, version = release.version + 1,
      updated_at = now(), updated_by = ${ctx.actor.id}
      from saved where ${inEnvironment(ctx, "release")} and release.id = saved.inverse_of),
    named as (select coalesce(jsonb_agg(distinct type), '[]') as types,
        case when count(*) <= ${MOST_NAMED} then jsonb_agg(entry_id) end as entries, count(*) as total
      from release_targets target where ${ofRelease(ctx, id, "target")}),
    ${record(ctx, {
      event: sql`case when saved.inverse_of is null then 'release.published' else 'release.rolled_back' end`,
      from: sql`saved, named`,
      subject: sql`'release:' || saved.id`,
      payload: sql`jsonb_build_object('id', saved.id, 'types', named.types, 'entries', named.entries, 'inverse_of', saved.inverse_of)`,
      meta: sql`jsonb_build_object('entries', named.total, 'inverse_of', saved.inverse_of)`,
    })}
    select id::text from event_row`;
}
