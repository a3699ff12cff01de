import { sql, type SQL } from "drizzle-orm";
import type { Context, ReadOptions } from "../../../../core/context.ts";
import { searchHits } from "../../search/index.ts";
import { typeOf, type CompiledType, type EnvironmentSchema } from "../../types/index.ts";
import { whereSql } from "./filter-sql.ts";
import { costOfFilters, FREE, withValues, type Cost, type Needed } from "./query-cost.ts";
import type { ListQuery, ViewQuery } from "./list-query.ts";
import { baseRow, type Matched } from "./gather.ts";
import { inType, isNarrowed, isNarrowReader, readableLocales, requireSearchable } from "./readable.ts";
import { unknownLocale } from "../refusals.ts";
import { baseSource, from, type Source } from "./source.ts";

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
  const isEveryLocale = locale === "*";
  const chain = isEveryLocale ? schema.chains.get(schema.defaultLocale) : schema.chains.get(locale);
  if (!chain) throw unknownLocale(schema, locale);
  const { perspective, version } = query;
  const everyIn =
    isEveryLocale && perspective === "published"
      ? (type: CompiledType) => readableLocales(ctx, schema, type)
      : undefined;
  return baseSource({
    ...{ ctx, schema, type, perspective, chain, version, isEveryLocale, everyIn },
    terms: { count: 0 },
  });
}

const optionsOf = ({ perspective, type }: Source, { trials }: { trials: number }): ReadOptions => ({
  kind: perspective === "draft" ? "editing" : "delivery",
  cost: trials > 0 ? { subject: `${perspective} ${type.id}`, trials } : undefined,
});

/**
 * The rows of the type, or those that a search finds and filters leave of them: the SQL after `from` and
 * after `where`, the CTEs that these name, what it costs, and the limits of the read.
 * Filters without a search are the business of `pageSql` and `matchedSql`.
 */
export function matching(
  source: Source,
  query: Match,
  needed?: Needed,
): Matched & { cost: Cost; options: ReadOptions } {
  if (query.q === undefined) {
    const cost = withValues(costOfFilters(source, query.where), needed);
    return { ctes: [], tables: from(source), where: inType(source), cost, options: optionsOf(source, cost) };
  }
  requireSearchable(source);
  const { ctx, type, perspective, chain } = source;
  const isPlain = isNarrowReader(source);
  const wanted = { type: type.id, perspective, locale: chain[0]!, q: query.q, isPlain };
  const condition = query.where ? sql` and ${whereSql({ ...source, isTried: true }, query.where)}` : sql``;
  return {
    ctes: [sql`hits as materialized (select entry_id, rank from ${searchHits(ctx, wanted)} hit)`],
    tables: sql`hits hit ${baseRow(source, "hit.entry_id")}`,
    where: sql`true${condition}`,
    cost: FREE,
    options: optionsOf(source, FREE),
  };
}

/** Whether the total is counted, up to the cap, rather than known. */
export const isCounted = (source: Source, query: Match): boolean =>
  query.where !== undefined ||
  query.q !== undefined ||
  query.perspective === "draft" ||
  source.everyIn !== undefined ||
  isNarrowed(source);

/** `total`: how many entries of the type are published in the locale; a trigger maintains it. */
export const publishedTotal = ({ ctx, type, chain }: Source): SQL =>
  sql`select coalesce(sum(total), 0)::bigint as total from published_counts
    where tenant_id = ${ctx.tenantId}::uuid
    and environment_id = ${ctx.environmentId}::uuid and type = ${type.id} and locale = ${chain[0]}`;
