import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import type { ErrorDetail } from "../../../core/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { isOtherKind } from "./change-values.ts";
import { MAX_INDEXED_LENGTH } from "./field-kinds/index.ts";
import { PUBLISHED_DATA } from "./published-data.ts";
import type { Reshape } from "./renames.ts";
import type { Field, ResolvedType } from "./schemas.ts";
import { nameOfSet } from "./unique-together.ts";

/** Lists of fields that become unique together with a change, or are compared in another way. */
export function newSets(before: ResolvedType | undefined, after: ResolvedType): string[][] {
  const known = new Set((before?.unique ?? []).map(nameOfSet));
  const isSame = (id: string) => {
    const [was, is] = [before, after].map((type) => type?.fields.find((field) => field.id === id));
    return was !== undefined && is !== undefined && !isOtherKind(was, is);
  };
  return (after.unique ?? []).filter((ids) => !known.has(nameOfSet(ids)) || !ids.every(isSame));
}

/**
 * CTE `together`: for each copy of each entry of a type, and each locale by which the values differ, the
 * text that equal values share: that of `uniqueRows`, or with `isSingle` that of one field. `now` is what a change makes of the data.
 */
function togetherSql(
  ctx: Context,
  type: ResolvedType,
  ids: readonly string[],
  { locales, now }: { locales: readonly string[]; now: (data: SQL) => SQL },
  isSingle = false,
): SQL {
  const fields = ids.map((id) => type.fields.find((field) => field.id === id)!);
  const values = fields.map(({ id, localized }) =>
    localized ? sql`(copy.data -> ${id}::text ->> locale.code)` : sql`(copy.data ->> ${id}::text)`,
  );
  const texts = fields.map((field, i) =>
    field.type === "decimal" ? sql`trim_scale(${values[i]!}::numeric)::text` : values[i]!,
  );
  const isThere = values.map((value) => sql`coalesce(${value}, '') <> ''`);
  const codes = fields.some((field) => field.localized) ? locales : [""];
  return sql`copy as materialized (
      select entry.id, 0::smallint as perspective, null::timestamptz as published_at, ${now(sql`entry.data`)} as data
        from entries entry where ${inEnvironment(ctx, "entry")} and entry.type = ${type.id}
      union all select entry.id, 1, entry.published_at, ${now(PUBLISHED_DATA)} from entries entry
        left join entry_versions kept on ${inEnvironment(ctx, "kept")} and kept.entry_id = entry.id
          and kept.version = entry.published_version
        where ${inEnvironment(ctx, "entry")} and entry.type = ${type.id} and entry.published_version is not null),
    together as (select copy.id, copy.perspective, copy.published_at, locale.code as locale,
        ${isSingle ? texts[0]! : listOf(texts)} as key
      from copy, jsonb_array_elements_text(${JSON.stringify(codes)}::jsonb) as locale(code)
      where ${sql.join(isThere, sql` and `)})`;
}

/** The text of several values, as `uniqueRows` writes it. */
const listOf = (texts: readonly SQL[]): SQL =>
  sql`'[' || ${sql.join(
    texts.map((text) => sql`to_json(${text})::text`),
    sql` || ',' || `,
  )} || ']'`;

/** Single fields whose values become unique with a change, or are told apart or found in another way. */
function newUnique(before: ResolvedType, after: ResolvedType, stale: readonly string[] = []): Field[] {
  const isUnique = (field: Field | undefined) =>
    field !== undefined && (field.unique || field.type === "slug");
  return after.fields.filter((field) => {
    const was = before.fields.find(({ id }) => id === field.id);
    const isNew = !isUnique(was) || stale.includes(field.id);
    return was && isUnique(field) && (isNew || isOtherKind(was, field));
  });
}

/**
 * Statements that make the rows which keep single fields unique, for the entries that are there: nobody
 * publishes one of the values a second time before the entries are rebuilt. To be done when the rows of
 * fields that are found otherwise are gone.
 */
export const keepUnique = (
  ctx: Context,
  type: ResolvedType,
  before: ResolvedType,
  reshape: Reshape | undefined,
  { ready, locales }: { ready: SQL; locales: readonly string[] },
): SQL[] =>
  newUnique(before, type, reshape?.stale).map(
    ({ id, type: kind }) => sql`with ${togetherSql(ctx, type, [id], { locales, now: (data) => data }, true)}
      insert into entry_fields (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal,
        type, unique_value, text_value, published_at)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, id, perspective, ${id}, locale, 0,
        ${type.id}, key, case when ${kind} = 'slug' then key end, published_at
      from together where exists (${ready}) and length(key) <= ${MAX_INDEXED_LENGTH}::int
      on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
        set unique_value = excluded.unique_value`,
  );

type Options = { locales: readonly string[]; now: (data: SQL) => SQL };

/** Entries that have the same values in fields that are to be unique together, as working copies or published. */
export async function findDuplicates(
  ctx: Context,
  type: ResolvedType,
  sets: readonly string[][],
  { limit, ...options }: Options & { limit: number },
): Promise<ErrorDetail[]> {
  const found: ErrorDetail[] = [];
  for (const ids of sets) {
    const { rows } = await ctx.db.read(sql`with ${togetherSql(ctx, type, ids, options)}
      select perspective::int, locale, (array_agg(id order by id))[1:2], count(*)::int from together
      group by perspective, locale, key having count(*) > 1 order by 3, 1, 2 limit ${limit}::int`);
    for (const [perspective, locale, [first, second], count] of rows as Duplicate[])
      found.push({
        path: ids[0]!,
        message: `is together with ${ids.slice(1).join(", ")} the same in ${count} entries: ${first}, ${second}${count > 2 ? ", …" : ""}`,
        entry: second,
        perspective: perspective === 0 ? "draft" : "published",
        ...(locale === "" ? {} : { locale }),
      });
  }
  return found;
}

type Duplicate = [perspective: number, locale: string, entries: [string, string], count: number];

/** Statements that make the rows which keep fields unique together, for the entries that are there. */
export const keepTogether = (
  ctx: Context,
  type: ResolvedType,
  before: ResolvedType | undefined,
  { ready, locales }: { ready: SQL; locales: readonly string[] },
): SQL[] =>
  (before ? newSets(before, type) : []).flatMap((ids) => [
    sql`delete from entry_fields old where ${inEnvironment(ctx, "old")} and old.type = ${type.id}
      and old.field = ${nameOfSet(ids)} and exists (${ready})`,
    sql`with ${togetherSql(ctx, type, ids, { locales, now: (data) => data })}
      insert into entry_fields (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal,
        type, unique_value, published_at)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, id, perspective, ${nameOfSet(ids)}, locale, 0,
        ${type.id}, key, published_at
      from together where exists (${ready}) and length(key) <= ${MAX_INDEXED_LENGTH}::int
      on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
        set unique_value = excluded.unique_value`,
  ]);
