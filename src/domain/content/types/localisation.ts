import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import type { ErrorDetail } from "../../../core/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { textArray } from "../../../db/text-array.ts";
import { PUBLISHED_DATA } from "./published-data.ts";
import type { Reshape } from "./renames.ts";
import { reshapedSql } from "./reshape-entries.ts";
import type { Field } from "./schemas.ts";

/** What becomes of values when a field becomes localised, or is so no more; without a rule they count as lost. */
export type LocaleRules = { localize?: "default" | "all" | undefined; unlocalize?: "default" | undefined };

type Environment = { defaultLocale: string; chains: ReadonlyMap<string, readonly string[]> };

/** A reshape that also moves values between locales, of fields that change whether they have some. */
export function withLocales(
  reshape: Reshape,
  after: readonly Field[],
  { localize, unlocalize }: LocaleRules,
  { defaultLocale, chains }: Environment,
): Reshape {
  const now = new Map(after.map((field) => [field.id, field]));
  const changed = reshape.before.filter(
    ({ id, localized }) =>
      now.has(id) && now.get(id)!.localized !== localized && (localized ? unlocalize : localize),
  );
  if (changed.length === 0) return reshape;
  const all = [...new Set([defaultLocale, ...(chains.get(defaultLocale) ?? []), ...chains.keys()])];
  const ids = new Set(changed.map(({ id }) => id));
  return {
    ...reshape,
    steps: [
      ...reshape.steps,
      ...changed.map(({ id, localized }) =>
        localized
          ? { unlocalize: id, locales: all }
          : { localize: id, locales: localize === "all" ? all : [defaultLocale] },
      ),
    ],
    before: reshape.before.map((field) =>
      ids.has(field.id) ? { ...field, localized: !field.localized } : field,
    ),
    stale: [...ids],
  };
}

const MAX_LOST = 20;

/** Values of other locales than the one that is kept, where they differ from it. */
export async function lostLocales(ctx: Context, type: string, { steps }: Reshape): Promise<ErrorDetail[]> {
  const kept = steps.flatMap((step) => ("unlocalize" in step ? [step] : []));
  if (kept.length === 0) return [];
  const others = steps.filter((step) => !("unlocalize" in step));
  const ofCopy = (
    perspective: string,
    data: SQL,
  ) => sql`select entry.id, ${perspective}::text, given.unlocalize, other.key
    from entries entry left join entry_versions kept on ${inEnvironment(ctx, "kept")}
      and kept.entry_id = entry.id and kept.version = entry.published_version
    cross join lateral (select ${reshapedSql(data, others)} as data offset 0) copy
    cross join jsonb_to_recordset(${JSON.stringify(kept)}::jsonb) as given(unlocalize text, locales jsonb)
    cross join lateral jsonb_each(case when jsonb_typeof(copy.data -> given.unlocalize) = 'object'
      then copy.data -> given.unlocalize else '{}' end) other
    where ${inEnvironment(ctx, "entry")} and entry.type = ${type} and other.value <> 'null'
      and other.value is distinct from
        cms_resolve(copy.data -> given.unlocalize, ${textArray(kept[0]!.locales)})`;
  const { rows } = await ctx.db.read(
    sql`(${ofCopy("draft", sql`entry.data`)} limit ${MAX_LOST}::int)
      union all (${ofCopy("published", PUBLISHED_DATA)} and entry.published_version is not null
        and (entry.published_version <> entry.version or entry.published_data is not null)
        limit ${MAX_LOST}::int)`,
    { kind: "rebuild" },
  );
  return (rows as [string, string, string, string][])
    .slice(0, MAX_LOST)
    .map(([entry, perspective, field, locale]) => ({
      path: `${field}.${locale}`,
      message: `is another value than the one that is kept, and would be lost (${entry}${perspective === "published" ? ", published" : ""})`,
      ...{ entry, perspective, locale },
    }));
}
