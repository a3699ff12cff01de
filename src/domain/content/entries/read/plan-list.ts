import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { decodeCursor } from "../../../../core/cursors.ts";
import { scopesGrant } from "../../../../core/permissions.ts";
import { accessOf, type ContentAction } from "../../grants/index.ts";
import { PATH, type EnvironmentSchema } from "../../types/index.ts";
import { chosenPaths, readChosen } from "./chosen-fields.ts";
import { everyLocaleSql, presentEveryLocale, type EveryLocale } from "./every-locale.ts";
import { includeSql, type Included } from "./include.ts";
import { includedTypes, readInclude } from "./include-tree.ts";
import {
  affordable,
  baseId,
  basePageSql,
  COUNT_CAP,
  factsSql,
  from,
  inType,
  isCounted as hasLimit,
  matchedSql,
  matching,
  nowSql,
  orderOf,
  pageSql,
  publishedTotal,
  searchedPageSql,
  requireShownField,
  sortedPageSql,
  sourceOf,
  withOptions,
  UNCOUNTED,
  type Bounds,
  type ListQuery,
  type Order,
  type Source,
  type ViewQuery,
} from "../query/index.ts";
import { canOf, dataOf, hasMask, masked, publishedSubject, subjectOf } from "./mask.ts";
import type { Can } from "../schemas.ts";
import { ENTRY_COLUMN_COUNT, entryColumns, presentEntry, wholeEntry } from "./present-entry.ts";
import { pathSql, withoutHiddenPath } from "./path-sql.ts";
import { viewEntry } from "./view-entry.ts";

/** What stands before the keys in a page's rows: the total, unless it is counted apart, and whether there may be more. */
export const TOTAL_COLUMNS = 2;

/** The statements of a list; a page's rows are the columns of the total, the keys of the order and the entry. */
export function planList(
  ctx: Context,
  schema: EnvironmentSchema,
  typeId: string,
  query: ListQuery,
  { bounds, isPacked = false }: { bounds?: Bounds | undefined; isPacked?: boolean } = {},
) {
  const source = sourceOf(ctx, schema, typeId, query);
  const shown = planView(source, schema, query);
  // As one column, where rows of several types stand below each other.
  const view = isPacked ? { ...shown, columns: sql`jsonb_build_array(${shown.columns})` } : shown;
  const order = orderOf(source, query.sort, query.q !== undefined, query.isBackwards);
  const cursor =
    query.cursor === undefined ? undefined : decodeCursor(query.cursor, order.name, order.length);
  const offset = cursor ? 0 : (query.page - 1) * query.limit;
  const fields = order.index ? [] : order.needed;
  const found = matching(source, query, { fields, what: "sort" });
  const { tables, options } = found;
  const exactly = query.total === "exact" ? exactTotalSql(source, query) : undefined;
  const isSorted = query.where === undefined && order.index?.kind === "field";
  const isDeep = offset > 0 && order.index?.kind === "base";
  if (isSorted || isDeep || query.where !== undefined || query.q !== undefined)
    return {
      ...planPage(source, query, { view, order, found, after: cursor, offset, bounds }),
      count: exactly,
    };
  const where = sql`${found.where}${affordable(source, found.cost)}`;
  const total = totalSql(source, query, tables, where);
  const isCounted = query.total !== "false" && !exactly;
  const isFirst = query.page === 1 && !cursor;
  const after = cursor ? sql` and ${order.after(order.columns, cursor)}` : sql``;
  // As literals, the planner sees that the first rows are enough.
  const skipped = offset === 0 ? sql`` : sql` offset ${offset}::int`;
  const page = sql`select ${isFirst && isCounted ? sql`(${total})` : sql`null`}, false, ${textOf(order.columns)}, ${view.columns}
    from ${tables} ${order.joins} where ${where}${order.isPlaced}${after}
    order by ${order.by(order.columns)} limit ${sql.raw(String(query.limit + 1))}${skipped}`;
  const count = isCounted && !isFirst ? total : exactly;
  return { page, count, view, order, source, options };
}

const textOf = (columns: SQL[]): SQL =>
  sql.join(
    columns.map((column) => sql`${column}::text`),
    sql`, `,
  );

type Asked = {
  view: View;
  order: Order;
  found: ReturnType<typeof matching>;
  after: ReturnType<typeof decodeCursor> | undefined;
  offset: number;
  bounds: Bounds | undefined;
};

/** A list with filters, in the order of a field or from far behind: which entries, by indexes alone, and then what they show. */
function planPage(source: Source, query: ListQuery, { view, order, found, after, offset, bounds }: Asked) {
  const asked = { where: query.where, order, limit: query.limit, offset, after };
  const { options } = found;
  const keys = order.columns.map((_, i) => sql.raw(`page.k${i}`));
  // What filters leave is gathered, at that cost, only where a few of them are not enough.
  const isFiltered = query.where !== undefined && query.q === undefined;
  const isCounted = query.total !== "false";
  const total =
    query.where || query.q !== undefined
      ? sql`(select total from total), (select is_least from total)`
      : !isCounted
        ? sql`null, false`
        : sql`(${totalSql(source, query, from(source), inType(source))}), false`;
  const ctes =
    query.q !== undefined
      ? searchedPageSql(found, asked)
      : isFiltered
        ? pageSql(source, asked, found.cost, bounds ?? (isCounted ? undefined : UNCOUNTED))
        : order.index?.kind === "base"
          ? basePageSql(source, asked)
          : sortedPageSql(source, asked);
  const page = sql`with ${ctes}
    select ${total}, ${textOf(keys)}, ${view.columns}
    from (select 1 where true${isFiltered ? sql`` : affordable(source, found.cost)}) one left join (page cross join lateral (select base.* from ${from(source)}
      where ${inType(source)} and ${baseId(source)} = ${keys.at(-1)!} offset 0) base) on true
    order by ${order.by(keys)}`;
  return { page, count: undefined, view, order, source, options };
}

/** How many entries match, without a limit but that of what a query may cost; a search has one by itself. */
function exactTotalSql(source: Source, query: ListQuery): SQL | undefined {
  if (query.q !== undefined || !hasLimit(source, query)) return undefined;
  const { cost } = matching(source, query);
  return sql`with ${matchedSql(source, query.where)} select count(*) from matched where true${affordable(source, cost)}`;
}

/**
 * Exact for unfiltered published entries (a trigger maintains the count); otherwise counted up to a
 * limit.
 */
function totalSql(source: Source, query: ListQuery, tables: SQL, where: SQL): SQL {
  if (hasLimit(source, query))
    return sql`select count(*) from (select 1 from ${tables} where ${where}
      limit ${sql.raw(String(COUNT_CAP + 1))}) counted`;
  return publishedTotal(source);
}

type View = {
  columns: SQL;
  item(row: Row): string;
  /** The actor's permissions on a working copy. */
  can(row: Row): Can;
};

/** What is selected of an entry and how its row becomes JSON. The first selected column is the id. */
export function planView(source: Source, schema: EnvironmentSchema, query: ViewQuery): View {
  const { ctx, type, perspective } = source;
  const read = query.fields && readChosen(schema, type, query.fields, query.include);
  const chosen = read?.chosen;
  for (const path of chosen ? chosenPaths(type, chosen) : []) requireShownField(source, path, "fields");
  const shown = "limit" in query ? (query as ListQuery).limit : undefined;
  const wanted = { ...query, ...withOptions(query, [...query.include, ...(read?.includes ?? [])]) };
  const include = readInclude(schema, type, wanted, shown ?? 1);
  const { included, plans } =
    include.size > 0
      ? includeSql(source, include, wanted, shown !== undefined)
      : { included: sql`null`, plans: new Map<never, never>() };
  const path = pathSql(source);
  const shownPath = path ? sql`, ${path}` : sql``;
  for (const one of includedTypes(schema, type, include)) source.reads.add(one);
  const locale = query.locale ?? schema.defaultLocale;
  const isPlain = include.size === 0 && query.fields === undefined && query.richText === "json";
  const show = (entry: Record<string, unknown>, found: unknown) =>
    JSON.stringify(viewEntry(source, entry, { included: found as Included, include, plans }, query, chosen));
  const may = (permission: ContentAction) => scopesGrant(ctx.actor.scopes, permission);
  const access = accessOf(ctx, schema);
  const can = (row: Row) => {
    const whole = access ? wholeEntry(schema, type, row, locale) : {};
    return canOf(access, schema, type, subjectOf(whole, dataOf(row)), locale, may);
  };
  if (source.everyIn) {
    return {
      columns: sql`base.entry_id, ${everyLocaleSql(ctx, "base")}, ${included}${shownPath}`,
      item([, found, more, at]) {
        const entry = presentEveryLocale(ctx, schema, type, found as EveryLocale);
        return show(path ? withoutHiddenPath(type, { ...entry, [PATH]: at }) : entry, more);
      },
      can,
    };
  }
  if (perspective === "published") {
    const isMasked = access !== undefined && hasMask(access, type, "content:read", locale);
    const shown = (doc: string, facts: unknown) => {
      const entry = JSON.parse(doc) as Record<string, unknown>;
      if (!isMasked) return entry;
      return masked(access, type, "content:read", entry, publishedSubject(type, entry, facts), locale);
    };
    return {
      columns: sql`base.entry_id, base.doc, ${included}${isMasked ? sql`, ${factsSql(ctx, "base")}` : sql``}${shownPath}`,
      item(row) {
        const [, doc, found, facts] = row;
        const text = path ? withPath(doc as string, row[isMasked ? 4 : 3]) : (doc as string);
        if (!isMasked && isPlain) return text;
        const entry = withoutHiddenPath(type, shown(text, facts));
        return isPlain ? JSON.stringify(entry) : show(entry, found);
      },
      can,
    };
  }
  // What was readable in an old version and is not now stays hidden.
  const isOld = access !== undefined && source.version !== undefined;
  return {
    columns: sql`${entryColumns("base")}, ${included}${isOld ? sql`, ${nowSql(ctx, type, sql`base.id`)}` : sql``}${shownPath}`,
    item(row) {
      const entry = presentEntry(ctx, schema, type, row, locale);
      if (isOld) {
        const now = row[ENTRY_COLUMN_COUNT + 1] as Record<string, unknown>;
        const subject = subjectOf(now, now["data"] as Record<string, unknown>);
        masked(access, type, "content:read-draft", entry, subject, locale);
      }
      if (path)
        withoutHiddenPath(type, Object.assign(entry, { [PATH]: row[ENTRY_COLUMN_COUNT + (isOld ? 2 : 1)] }));
      return isPlain ? JSON.stringify(entry) : show(entry, row[ENTRY_COLUMN_COUNT]);
    },
    can,
  };
}

/** A finished answer with the path behind its fields. */
const withPath = (doc: string, path: unknown): string =>
  `${doc.slice(0, -1)},${JSON.stringify(PATH)}:${JSON.stringify(path)}}`;
