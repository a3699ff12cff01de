import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import type { ErrorDetail } from "../../../core/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { PUBLISHED_DATA } from "./published-data.ts";
import type { ResolvedType } from "./schemas.ts";
import { nameOfSet } from "./unique-together.ts";

/** Lists of fields that become unique together with a change. */
export function newSets(before: ResolvedType, after: ResolvedType): string[][] {
  const known = new Set((before.unique ?? []).map(nameOfSet));
  return (after.unique ?? []).filter((ids) => !known.has(nameOfSet(ids)));
}

/**
 * Entries that have the same values in fields that are to be unique together, as working copies or
 * published; `now` is what a change makes of their data.
 */
export async function findDuplicates(
  ctx: Context,
  type: ResolvedType,
  sets: readonly string[][],
  { locales, now, limit }: { locales: string[]; now: (data: SQL) => SQL; limit: number },
): Promise<ErrorDetail[]> {
  const found: ErrorDetail[] = [];
  for (const ids of sets) {
    const localized = new Set(type.fields.filter((field) => field.localized).map(({ id }) => id));
    const value = (id: string) =>
      localized.has(id) ? sql`copy.data -> ${id}::text -> locale.code` : sql`copy.data -> ${id}::text`;
    const isLocalized = ids.some((id) => localized.has(id));
    const isThere = ids.map((id) => sql`coalesce(${value(id)}, 'null') not in ('null', '""')`);
    const { rows } = await ctx.db.read(sql`with copy as materialized (
        select entry.id, 'draft' as perspective, ${now(sql`entry.data`)} as data from entries entry
          where ${inEnvironment(ctx, "entry")} and entry.type = ${type.id}
        union all select entry.id, 'published', ${now(PUBLISHED_DATA)} from entries entry
          left join entry_versions kept on ${inEnvironment(ctx, "kept")} and kept.entry_id = entry.id
            and kept.version = entry.published_version
          where ${inEnvironment(ctx, "entry")} and entry.type = ${type.id} and entry.published_version is not null)
      select perspective, locale.code, (array_agg(copy.id order by copy.id))[1:2], count(*)::int from copy,
        jsonb_array_elements_text(${JSON.stringify(isLocalized ? locales : [""])}::jsonb) as locale(code)
      where ${sql.join(isThere, sql` and `)}
      group by perspective, locale.code, jsonb_build_array(${sql.join(ids.map(value), sql`, `)})
      having count(*) > 1 order by 3, 1, 2 limit ${limit}::int`);
    for (const [perspective, locale, [first, second], count] of rows as [
      string,
      string,
      [string, string],
      number,
    ][])
      found.push({
        path: ids[0]!,
        message: `is together with ${ids.slice(1).join(", ")} the same in ${count} entries: ${first}, ${second}${count > 2 ? ", …" : ""}`,
        entry: second,
        perspective,
        ...(locale === "" ? {} : { locale }),
      });
  }
  return found;
}
