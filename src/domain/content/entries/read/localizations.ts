import { sql, type SQL } from "drizzle-orm";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { textArray } from "../../../../db/text-array.ts";
import type { CompiledType } from "../../types/index.ts";
import { isReadableField, readableLocales, type Source } from "../query/index.ts";

/** The step of `include` for the locales that an entry is shown in, each with its slug. */
export const LOCALIZATIONS = "localizations";

/** Whether entries of a type have it: a field or back reference of that name comes first. */
export const hasLocalizations = (type: CompiledType): boolean =>
  !type.fields.has(LOCALIZATIONS) && !type.backReferences.has(LOCALIZATIONS);

/** Under which the localizations of an entry are found. */
export const localizationsKey = (id: string): string => `${id} ${LOCALIZATIONS}`;

/** A scalar: the locales of an entry of one of these types, in the order of the environment. */
export function localizationsSql(source: Source, types: readonly CompiledType[], owner: SQL): SQL {
  const { ctx, schema, perspective } = source;
  const shown = types.map((type) => readableLocales(ctx, schema, type));
  const locales = [...schema.chains.keys()].filter((code) => shown.every((list) => list.includes(code)));
  const slugs = types.flatMap((type) => {
    const slug = type.slugField;
    return slug && isReadableField(source, type, slug.id) ? [[type, slug] as const] : [];
  });
  const pairs = (slug: SQL, order: SQL) =>
    sql`coalesce(jsonb_agg(jsonb_build_object('locale', shown.locale, 'slug', ${slug}) order by ${order}), '[]')`;
  if (perspective === "published") {
    const named = sql`case when own.type = any (${textArray(slugs.map(([{ id }]) => id))}) then shown.slug end`;
    return sql`(select ${pairs(named, sql`array_position(${textArray(locales)}, shown.locale)`)}
      from published_entries shown join entries own on ${inEnvironment(ctx, "own")} and own.id = shown.entry_id
      where ${inEnvironment(ctx, "shown")} and shown.entry_id = ${owner}
        and shown.locale = any (${textArray(locales)})
        and (own.published_locales is null or own.published_locales ? shown.locale))`;
  }
  const given = locales.map((locale, place) => ({ locale, place, chain: schema.chains.get(locale)! }));
  const cases = slugs.map(
    ([type, { id, localized }]) =>
      sql`when ${type.id} then ${
        localized
          ? sql`cms_resolve(own.data -> ${id}, array(select jsonb_array_elements_text(shown.chain))) #>> '{}'`
          : sql`own.data ->> ${id}`
      }`,
  );
  const slug = cases.length > 0 ? sql`case own.type ${sql.join(cases, sql` `)} end` : sql`null::text`;
  return sql`(select ${pairs(slug, sql`shown.place`)} from entries own
    cross join jsonb_to_recordset(${JSON.stringify(given)}::jsonb) as shown(locale text, place int, chain jsonb)
    where ${inEnvironment(ctx, "own")} and own.id = ${owner})`;
}
