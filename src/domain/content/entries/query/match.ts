import { sql, type SQL } from "drizzle-orm";
import type { Context, ReadOptions } from "../../../../core/context.ts";
import { searchHits } from "../../search/index.ts";
import { typeOf, type EnvironmentSchema } from "../../types/index.ts";
import { whereSql } from "./filter-sql.ts";
import { affordable, costOfFilters, withValues, type Needed } from "./query-cost.ts";
import type { ListQuery, ViewQuery } from "./list-query.ts";
import { inType, isNarrowed, isNarrowReader, requireSearchable } from "./readable.ts";
import { unknownLocale } from "../refusals.ts";
import type { Order } from "./sort-sql.ts";
import { baseId, baseSource, from, type Source } from "./source.ts";

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

/** A condition, ` and …`, that refuses a list by filters which costs too much, and how it is limited. */
export function affordableList(
  source: Source,
  query: Match & { sort: string[] },
  order: Order,
): { condition: SQL; options: ReadOptions } {
  const fields = order.index ? [] : query.sort.map((name) => name.replace(/^-|:[^]*/g, ""));
  const needed = { fields: fields.filter((id) => source.type.fields.has(id)), what: "sort" } as const;
  const cost = withValues(costOfFilters(source, query.where), needed);
  return { condition: affordable(source, cost), options: optionsOf(source, cost) };
}

const optionsOf = ({ perspective, type }: Source, { trials }: { trials: number }): ReadOptions => ({
  kind: perspective === "draft" ? "editing" : "delivery",
  cost: trials > 0 ? { subject: `${perspective} ${type.id}`, trials } : undefined,
});

/**
 * The matching rows: the SQL after `from` and after `where`, a condition (` and …`) that refuses what
 * costs too much, and the limits of the read.
 */
export function matching(
  source: Source,
  query: Match,
  needed?: Needed,
): { tables: SQL; where: SQL; allowed: SQL; options: ReadOptions } {
  const { ctx, type, perspective, chain } = source;
  if (query.q !== undefined) requireSearchable(source);
  const hits =
    query.q === undefined
      ? sql``
      : sql` join ${searchHits(ctx, { type: type.id, perspective, locale: chain[0]!, q: query.q, isPlain: isNarrowReader(source) })} hit on hit.entry_id = ${baseId(source)}`;
  // What is searched for is little: each condition is tried on one hit after the other.
  const tried = { ...source, isTried: query.q !== undefined };
  const condition = query.where ? sql` and ${whereSql(tried, query.where)}` : sql``;
  const cost =
    query.q === undefined ? withValues(costOfFilters(source, query.where), needed) : { trials: 0, worst: "" };
  return {
    tables: sql`${from(source)}${hits}`,
    where: sql`${inType(source)}${condition}`,
    allowed: affordable(source, cost),
    options: optionsOf(source, cost),
  };
}

/** Whether the total is counted, up to the cap, rather than known. */
export const isCounted = (source: Source, query: Match): boolean =>
  query.where !== undefined || query.q !== undefined || query.perspective === "draft" || isNarrowed(source);
