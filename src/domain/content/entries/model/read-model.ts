import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import type { EnvironmentSchema } from "../../types/index.ts";
import { textArray } from "../../../../db/text-array.ts";

/**
 * CTE `model`: what the statements need to know of one type, as the database keeps it: how it
 * renders, its slug, what it needs and from which stages it is published.
 */
export function typeModel(ctx: Context, type: SQL): SQL {
  return sql`model as materialized (select type.id as type, kept.* from content_types type,
    jsonb_to_record(type.model) as kept(fields jsonb, slug text, slug_localized boolean, localized jsonb,
      needs jsonb, first_stage text, publish_from jsonb)
    where ${inEnvironment(ctx, "type")} and type.id = ${type})`;
}

/** Which locales a publishing is about: all of them, or some. */
export type Locales = readonly string[] | undefined;

/**
 * CTE `docs`: the rendered JSON of each entry in `saved`, for each locale in which it is published or
 * has a published fallback. `data` is the published data. With `wanted`, only for locales that depend on
 * those. Needs `model`.
 */
export function renderDocs(
  schema: EnvironmentSchema,
  data: SQL,
  wanted?: Locales,
  withShared = sql`false`,
): SQL {
  const locales = [...schema.chains].map(([locale, chain]) => ({ locale, chain }));
  return sql`docs as (
    select saved.*, locale.locale,
      case when model.slug is null then null
        when model.slug_localized then cms_resolve(${data} -> model.slug, chain.list) #>> '{}'
        else ${data} ->> model.slug end as slug,
      '{"id":' || to_json(saved.id)::text || ',"type":' || to_json(saved.type)::text || ',"locale":' ||
        to_json(locale.locale)::text
        || ',"version":' || coalesce((saved.published_locales ->> locale.locale)::int,
          saved.version) || ',"status":"published","published_at":"' || cms_iso(saved.published_at)
        || '","created_at":"' || cms_iso(saved.created_at) || '","updated_at":"' ||
          cms_iso(saved.updated_at) || '",'
        || cms_render_fields(${data}, model.fields, chain.list) || '}' as doc
    from saved join model on model.type = saved.type
      cross join jsonb_to_recordset(${JSON.stringify(locales)}::jsonb) as locale(locale text, chain jsonb)
      cross join lateral (select array_agg(code) as list
        from jsonb_array_elements_text(locale.chain) code) chain
    where (saved.published_locales is null or saved.published_locales ?| chain.list)
      ${wanted ? sql`and (${withShared} or chain.list && ${textArray(wanted)})` : sql``})`;
}

/**
 * CTEs that update the published rows of each entry in `saved` to its working copy, in the wanted
 * locales (and for values that are not localised with `withShared`). Needs `docs`.
 */
export function publishRows(ctx: Context, wanted?: Locales, withShared = sql`true`): SQL {
  const isWanted = (alias: string) =>
    wanted
      ? sql` and case when ${sql.raw(alias)}.locale = '' then ${withShared}
        else ${sql.raw(alias)}.locale = any (${textArray(wanted)}) end`
      : sql``;
  const isMine = (alias: string, perspective: 0 | 1) =>
    sql`${inEnvironment(ctx, alias)} and ${sql.raw(`${alias}.entry_id = saved.id and ${alias}.perspective = ${perspective}`)}`;
  return sql`put_docs as (
    insert into published_entries (tenant_id, environment_id, entry_id, locale, type, slug, published_at,
      created_at, updated_at, version, doc, order_key)
    select ${ctx.tenantId}::uuid, environment_id, id, locale, type, slug, published_at, created_at,
      updated_at, version, doc, order_key from docs
    on conflict (tenant_id, environment_id, entry_id, locale) do update
      set slug = excluded.slug, published_at = excluded.published_at, updated_at = excluded.updated_at,
        version = excluded.version, doc = excluded.doc, order_key = excluded.order_key),
    old_published_fields as (delete from entry_fields old using saved
      where ${isMine("old", 1)}${isWanted("old")} and not exists (
      select 1 from entry_fields draft where ${isMine("draft", 0)} and draft.field = old.field
      and draft.locale = old.locale and draft.ordinal = old.ordinal)),
    put_published_fields as (insert into entry_fields as old (tenant_id, environment_id, entry_id,
      perspective, field, locale, ordinal, type, text_value, number_value, decimal_value, time_value, unique_value,
      published_at, element)
      select ${ctx.tenantId}::uuid, draft.environment_id, draft.entry_id, 1, draft.field, draft.locale,
        draft.ordinal, draft.type, draft.text_value, draft.number_value, draft.decimal_value, draft.time_value, draft.unique_value,
        saved.published_at, draft.element
      from saved join entry_fields draft on ${isMine("draft", 0)}${isWanted("draft")}
      on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
        set text_value = excluded.text_value, number_value = excluded.number_value, decimal_value = excluded.decimal_value,
          time_value = excluded.time_value, unique_value = excluded.unique_value,
          published_at = excluded.published_at, element = excluded.element
        where (old.text_value, old.number_value, old.decimal_value, old.time_value, old.unique_value, old.published_at,
            old.element)
          is distinct from (excluded.text_value, excluded.number_value, excluded.decimal_value, excluded.time_value,
            excluded.unique_value, excluded.published_at, excluded.element)),
    old_published_refs as (delete from entry_refs old using saved
      where ${isMine("old", 1)}${isWanted("old")} and not exists (
      select 1 from entry_refs draft where ${isMine("draft", 0)} and draft.field = old.field
      and draft.locale = old.locale and draft.ordinal = old.ordinal)),
    put_published_refs as (insert into entry_refs as old (tenant_id, environment_id, entry_id, perspective,
      field, locale, ordinal, type, target_id, published_at)
      select ${ctx.tenantId}::uuid, draft.environment_id, draft.entry_id, 1, draft.field, draft.locale,
        draft.ordinal, draft.type, draft.target_id, saved.published_at
      from saved join entry_refs draft on ${isMine("draft", 0)}${isWanted("draft")}
      on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
        set target_id = excluded.target_id, published_at = excluded.published_at
        where (old.target_id, old.published_at) is distinct from (excluded.target_id,
          excluded.published_at))`;
}

/** CTEs that take the published rows of each entry in `gone` away. */
export function unpublishRows(ctx: Context): SQL {
  return sql`gone_docs as (delete from published_entries old using gone where ${inEnvironment(ctx, "old")}
    and old.entry_id = gone.id),
    gone_fields as (delete from entry_fields old using gone where ${inEnvironment(ctx, "old")}
      and old.entry_id = gone.id and old.perspective = 1),
    gone_refs as (delete from entry_refs old using gone where ${inEnvironment(ctx, "old")}
      and old.entry_id = gone.id and old.perspective = 1)`;
}
