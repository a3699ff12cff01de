import { sql, type SQL } from "drizzle-orm";
import type { Context, ReadOptions } from "../../../../core/context.ts";
import { searchHits } from "../../search/index.ts";
import { typeOf, type EnvironmentSchema } from "../../types/index.ts";
import { whereSql } from "./filter-sql.ts";
import { affordable, costOfFilters, withValues, type Needed } from "./query-cost.ts";
import type { ListQuery, ViewQuery } from "./list-query.ts";
import { inType, isNarrowed, isNarrowReader, requireSearchable } from "./readable.ts";
import { unknownLocale } from "../refusals.ts";
import { baseId, baseSource, from, type Source } from "./source.ts";

/** Counting what filters match stops here. */
export const COUNT_CAP = 10_000;

/** What of a query says which entries are meant. */
export type Match = Pick<ListQuery, "where" | "q" | "perspective">;

/** The source of a query; throws NOT_FOUND for an unknown type and INVALID for an unknown locale. */
export function sourceOf(
  ctx: Context,
  schema: EnvironmentSchema,
  typeId: string,
  query: Pick<ViewQuery, "locale" | "perspective" | "version">,
): Source {
  const type = typeOf(schema, typeId);
  const locale = query.locale ?? schema.defaultLocale;
  const isEveryLocale = locale === "*" && query.perspective === "draft";
  const chain = isEveryLocale ? schema.chains.get(schema.defaultLocale) : schema.chains.get(locale);
  if (!chain) throw unknownLocale(schema, locale, { takesEvery: query.perspective === "draft" });
  const { perspective, version } = query;
  return baseSource({
    ...{ ctx, schema, type, perspective, chain, version, isEveryLocale },
    terms: { count: 0 },
  });
}

/** The matching rows: the SQL after `from` and after `where`, and the cost of finding them. */
export function matching(
  source: Source,
  query: Match,
  needed?: Needed,
): { tables: SQL; where: SQL; options: ReadOptions } {
  const { ctx, type, perspective, chain } = source;
  if (query.q !== undefined) requireSearchable(source);
  const hits =
    query.q === undefined
      ? sql``
      : sql` join ${searchHits(ctx, { type: type.id, perspective, locale: chain[0]!, q: query.q, isPlain: isNarrowReader(source) })} hit on hit.entry_id = ${baseId(source)}`;
  const condition = query.where ? sql` and ${whereSql(source, query.where)}` : sql``;
  const cost =
    query.q === undefined ? withValues(costOfFilters(source, query.where), needed) : { trials: 0, worst: "" };
  const isDraft = perspective === "draft";
  return {
    tables: sql`${from(source)}${hits}`,
    where: sql`${inType(source)}${condition}${affordable(source, cost)}`,
    options: {
      kind: isDraft ? "editing" : "delivery",
      cost: cost.trials > 0 ? { subject: `${perspective} ${type.id}`, trials: cost.trials } : undefined,
    },
  };
}

/** Whether the total is counted, up to the cap, rather than known. */
export const isCounted = (source: Source, query: Match): boolean =>
  query.where !== undefined || query.q !== undefined || query.perspective === "draft" || isNarrowed(source);
