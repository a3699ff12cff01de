import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { anyEntrySql, anySeenSql, firstPublishedPart, publishedPart, WHOLE } from "../entries/index.ts";
import { accessOf } from "../grants/index.ts";
import type { EnvironmentSchema } from "../types/index.ts";
import { entryOf, isThere, itemOf, listedOf, lookUp, ofRelease, targetOf } from "./target-sql.ts";

/** The columns of a finding: whether it is an error, its kind, and what it is about. */
const found = (
  isError: SQL,
  kind: string,
  about: SQL,
  path = sql`null`,
  locale = sql`null`,
  detail = sql`null`,
) =>
  sql`select ${isError} as is_error, ${kind}::text as kind, ${about}, (${path})::text as path, (${locale})::text as locale,
    (${detail})::text as detail`;

const OF_ITEM = sql`item.entry_id as entry, item.type`;
const ERROR = sql`true`;
const WARNING = sql`false`;

/**
 * CTEs `item`, `target` and `finding` (`is_error`, `kind`, `entry`, `type`, `path`, `locale`,
 * `detail`): what speaks against publishing a release as its targets are. `localeSets` are those that
 * its items name.
 */
export function findingCtes(
  ctx: Context,
  schema: EnvironmentSchema,
  id: string,
  localeSets: readonly string[][],
): SQL {
  const arms = [
    ...ofItems(ctx, id),
    ...ofValues(ctx, schema, id),
    ...ofReferences(ctx, id),
    ...refusedArms(ctx, schema, id, localeSets),
  ];
  return sql`release as (select * from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id}),
    item as materialized (select item.* from ${listedOf(ctx, id)} ${itemOf(ctx, id)}),
    target as materialized (select target.* from item ${targetOf(ctx, id)}),
    finding as materialized (${sql.join(arms, sql` union all `)})`;
}

const entryOfItem = (ctx: Context, id: string): SQL => sql`item ${entryOf(ctx)} ${targetOf(ctx, id)}`;

/** Rows of an entry in a release, by the item before them. */
const rowsOf = (ctx: Context, id: string, table: string, alias: string): SQL =>
  lookUp(table, alias, sql`${ofRelease(ctx, id, alias)} and ${sql.raw(alias)}.entry_id = item.entry_id`);

const inRelease = (ctx: Context, id: string, entry: SQL): SQL =>
  isThere("release_targets", "also", sql`${ofRelease(ctx, id, "also")} and also.entry_id = ${entry}`);

function ofItems(ctx: Context, id: string): SQL[] {
  const now = sql`jsonb_build_object('version', entry.published_version, 'locales', entry.published_locales)`;
  return [
    sql`${found(ERROR, "missing", OF_ITEM)} from item
      where not ${isThere("entries", "entry", sql`${inEnvironment(ctx, "entry")} and entry.id = item.entry_id`)}`,
    sql`${found(ERROR, "no-version", OF_ITEM, sql`null`, sql`null`, sql`item.version`)} from item ${targetOf(ctx, id)}
      where target.data is null and item.restores is null and item.action = 'publish'`,
    sql`${found(ERROR, "no-locale", OF_ITEM, sql`null`, sql`code`)} from item, jsonb_array_elements_text(item.locales) code,
      environments here where here.tenant_id = ${ctx.tenantId}::uuid and here.id = ${ctx.environmentId}::uuid
      and not here.locales @> jsonb_build_array(jsonb_build_object('code', code))`,
    sql`${found(WARNING, "changed", OF_ITEM, sql`null`, sql`null`, sql`item.added_version || ' ' || entry.version`)}
      from ${entryOfItem(ctx, id)} where item.version is null and item.restores is null and item.action = 'publish'
      and entry.version <> item.added_version`,
    sql`${found(sql`not coalesce((item.restores -> 'overwrites')::boolean, false)`, "changed-since", OF_ITEM)}
      from ${entryOfItem(ctx, id)} where item.restores is not null
      and jsonb_strip_nulls(${now}) <> jsonb_strip_nulls(item.restores -> 'from')`,
    sql`${found(WARNING, "elsewhere", OF_ITEM, sql`null`, sql`null`, sql`other.release_id`)} from item
      ${lookUp("release_items", "other", sql`${inEnvironment(ctx, "other")} and other.entry_id = item.entry_id`)}
      ${lookUp("releases", "known", sql`${inEnvironment(ctx, "known")} and known.id = other.release_id`)}
      where other.release_id <> item.release_id and known.state in ('open', 'scheduled', 'failed')`,
  ];
}

function ofValues(ctx: Context, schema: EnvironmentSchema, id: string): SQL[] {
  const locales = JSON.stringify(
    [...schema.chains].map(([locale, chain]) => ({
      locale,
      chain,
      is_default: locale === schema.defaultLocale,
    })),
  );
  const wanted = sql`case when item.locales is not null then array(select jsonb_array_elements_text(item.locales)) end`;
  const model = sql`${lookUp("content_types", "type", sql`${inEnvironment(ctx, "type")} and type.id = item.type`)}
    cross join lateral jsonb_to_record(type.model) as model(needs jsonb, localized jsonb, first_stage text, publish_from jsonb)`;
  const isPublished = sql`item.action = 'publish' and item.restores is null and target.data is not null`;
  return [
    sql`${found(ERROR, "incomplete", OF_ITEM, sql`lacks.path`, sql`lacks.locale`)} from ${entryOfItem(ctx, id)} ${model}
      cross join lateral jsonb_to_recordset(cms_incomplete(target.data, model.needs, model.localized, ${locales}::jsonb,
        ${wanted}, target.with_shared)) as lacks(path text, locale text) where ${isPublished}`,
    sql`${found(ERROR, "unreviewed", OF_ITEM, sql`'stage'`, sql`null`, sql`model.publish_from`)} from ${entryOfItem(ctx, id)} ${model}
      where ${isPublished} and not model.publish_from ? coalesce(entry.stage, model.first_stage)`,
    sql`${found(WARNING, "no-translation", OF_ITEM, sql`null`, sql`one.locale`)} from ${entryOfItem(ctx, id)} ${model}
      cross join jsonb_to_recordset(${locales}::jsonb) as one(locale text)
      where ${isPublished} and model.localized <> '[]' and (item.locales is null or item.locales ? one.locale)
      and not exists (select 1 from jsonb_array_elements_text(model.localized) field
        where coalesce(target.data -> field -> one.locale, 'null') <> 'null')`,
    sql`${found(ERROR, "taken", sql`mine.entry_id as entry, mine.type`, sql`mine.field`, sql`nullif(mine.locale, '')`, sql`other.entry_id`)}
      from item ${rowsOf(ctx, id, "release_fields", "mine")}
      ${lookUp(
        "entry_fields",
        "other",
        sql`${inEnvironment(ctx, "other")} and other.type = mine.type and other.perspective = 1
          and other.field = mine.field and other.locale = mine.locale and other.unique_value = mine.unique_value`,
      )} where mine.unique_value is not null and not ${inRelease(ctx, id, sql`other.entry_id`)}`,
    sql`${found(ERROR, "taken", sql`mine.entry_id as entry, mine.type`, sql`mine.field`, sql`nullif(mine.locale, '')`, sql`other.entry_id`)}
      from item ${rowsOf(ctx, id, "release_fields", "mine")}
      ${lookUp(
        "release_fields",
        "other",
        sql`${ofRelease(ctx, id, "other")} and other.type = mine.type and other.field = mine.field
          and other.locale = mine.locale and other.unique_value = mine.unique_value`,
      )} where mine.unique_value is not null and other.entry_id <> mine.entry_id`,
  ];
}

function ofReferences(ctx: Context, id: string): SQL[] {
  const isError = sql`not (select allow_broken_references from release)`;
  const ofRef = sql`ref.entry_id as entry, ref.type`;
  const at = [sql`ref.field`, sql`nullif(ref.locale, '')`, sql`ref.target_id`] as const;
  const isGone = sql`target.version is null and entry.published_version is not null`;
  const isTarget = (table: string) =>
    isThere(table, "known", sql`${inEnvironment(ctx, "known")} and known.id = ref.target_id`);
  const ofGone = sql`target.entry_id as entry, target.type`;
  const to = [sql`ref.field`, sql`nullif(ref.locale, '')`, sql`ref.entry_id`] as const;
  return [
    sql`${found(isError, "broken", ofRef, ...at)} from item ${rowsOf(ctx, id, "release_refs", "ref")}
      where not ${isTarget("entries")} and not ${isTarget("assets")}`,
    sql`${found(WARNING, "unpublished-target", ofRef, ...at)} from item ${rowsOf(ctx, id, "release_refs", "ref")}
      ${lookUp("entries", "known", sql`${inEnvironment(ctx, "known")} and known.id = ref.target_id`)}
      where known.published_version is null and not ${isThere(
        "release_targets",
        "shown",
        sql`${ofRelease(ctx, id, "shown")} and shown.entry_id = ref.target_id and shown.version is not null`,
      )}`,
    sql`${found(isError, "referenced", ofGone, ...to)} from ${entryOfItem(ctx, id)} ${lookUp(
      "entry_refs",
      "ref",
      sql`${inEnvironment(ctx, "ref")} and ref.target_id = item.entry_id and ref.perspective = 1`,
    )} where ${isGone} and not ${inRelease(ctx, id, sql`ref.entry_id`)}`,
    sql`${found(isError, "referenced", ofGone, ...to)} from ${entryOfItem(ctx, id)} ${lookUp(
      "release_refs",
      "ref",
      sql`${ofRelease(ctx, id, "ref")} and ref.target_id = item.entry_id and ref.entry_id <> item.entry_id`,
    )} where ${isGone}`,
  ];
}

/** Entries that the actor may not publish as the items say, or may not see at all. */
function refusedArms(
  ctx: Context,
  schema: EnvironmentSchema,
  id: string,
  localeSets: readonly string[][],
): SQL[] {
  const access = accessOf(ctx, schema);
  if (!access) return [];
  const may = (locales?: string[]) => {
    const known = locales?.filter((one) => schema.chains.has(one));
    const of = (part: Parameters<typeof anyEntrySql>[2]) => anyEntrySql(access, "content:publish", part);
    return sql`(case when item.action = 'publish' and entry.published_version is null
      then ${of(firstPublishedPart(known) ?? WHOLE)} else ${of(publishedPart(schema, known))} end)`;
  };
  const whens = localeSets.map(
    (one) => sql`when item.locales = ${JSON.stringify(one)}::jsonb then ${may(one)}`,
  );
  const granted = whens.length > 0 ? sql`(case ${sql.join(whens, sql` `)} else ${may()} end)` : may();
  return [
    sql`${found(ERROR, "refused", OF_ITEM)} from ${entryOfItem(ctx, id)}
      where not (${granted} and (${anySeenSql(access)} or ${granted}))`,
  ];
}
