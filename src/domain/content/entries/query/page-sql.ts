import { sql, type SQL } from "drizzle-orm";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { filterKind } from "../../types/index.ts";
import type { Where } from "../../grants/index.ts";
import {
  asBase,
  baseRow,
  conditions,
  gathered,
  matchingOf,
  remaining,
  rowsOf,
  wholeSql,
  type Matching,
} from "./gather.ts";
import { COLUMN_TYPES, type ValueKind } from "./filter-value.ts";
import { inType } from "./readable.ts";
import type { Order } from "./sort-sql.ts";
import { baseId, from, inPlace, perspectiveOf, type Source } from "./source.ts";

/** Counting what filters match stops here. */
export const COUNT_CAP = 10_000;
/**
 * How many entries are few enough to be looked at one by one, and how many rows are looked at in the
 * order of an index before everything that matches is gathered and sorted. Tests set them, so that a
 * few entries go every way.
 */
export type Bounds = { most: number; walked: number };
const BOUNDS: Bounds = { most: COUNT_CAP, walked: 3000 };
/** The conditions whose rows are counted, to begin with those of the fewest. */
const MOST_COUNTED = 2;

const raw = sql.raw;
const number = (value: number) => raw(String(value));
const list = (parts: SQL[], between = ", ") => sql.join(parts, raw(between));
/** What of a list says which rows it shows. */
export type PageQuery = {
  where: Where | undefined;
  order: Order;
  limit: number;
  offset: number;
  /** The keys of the cursor. */
  after: (string | number | boolean | null)[] | undefined;
};

/**
 * The CTEs `page` (the keys k0, k1, … of the order, the last of them the id) and `total`, capped, of a
 * list with filters.
 *
 * Conditions that an index serves are counted first, up to the cap. The fewest entries are looked at
 * one by one and sorted. Where all have many, the order is walked until the page is full; where that
 * takes too long, everything that matches is gathered.
 */
export function pageSql(
  source: Source,
  { where, order, limit, offset, after }: PageQuery,
  { most, walked: rowsWalked }: Bounds = BOUNDS,
): SQL {
  const found = matchingOf(source, where);
  const isByIndex = found.isByIndex && isInIndex(source, order);
  const drivers = found.drivers.slice(0, MOST_COUNTED);
  const keys = order.columns.map((_, i) => raw(`k${i}`));
  const named = (columns: SQL[]) => list(columns.map((column, i) => sql`${column} as ${keys[i]!}`));
  const behind = (columns: SQL[]) => (after ? sql` and ${order.after(columns, after)}` : sql``);
  const need = offset + limit + 1;
  const cap = number(most);

  const counted = drivers.map(
    ({ driver }, i) =>
      sql`some${number(i)} as materialized (select published_at, entry_id from (${driver.rows}) hit limit ${cap} + 1),
        count${number(i)} as materialized (select count(*) as rows from some${number(i)})`,
  );
  const rowsIn = (i: number) => sql`(select rows from count${number(i)})`;
  const fewest = sql`least(${list(drivers.map((_, i) => rowsIn(i)))})`;
  const picked = sql`picked as materialized (select ${
    drivers.length === 0
      ? sql`-1`
      : sql`case when ${fewest} > ${cap} then -1 ${list(
          drivers.map((_, i) => sql`when ${fewest} = ${rowsIn(i)} then ${number(i)}`),
          " ",
        )} end`
  } as driver)`;
  const isPicked = (i: number) => sql`(select driver from picked) = ${number(i)}`;
  const isMany = isPicked(-1);

  const few = drivers.map((one, i) => {
    const rows = asBase(source, sql`select distinct published_at, entry_id from some${number(i)}`, isByIndex);
    const others = drivers.filter(({ driver }, j) => j !== i && driver.isExact);
    // What is whole in memory is looked up there.
    const also = others.map((other) => {
      const j = drivers.indexOf(other);
      return sql`case when ${rowsIn(j)} <= ${cap}
        then ${baseId(source)} in (select entry_id from some${number(j)}) else ${found.tries[other.at]} end`;
    });
    return sql`select ${named(order.columns)} from ${rows.tables} ${order.joins}
      where ${isPicked(i)} and ${rows.where}${conditions(also)}${remaining(found, [one, ...others])}`;
  });

  const walk = walkSql(source, found, order, { after, rows: need + rowsWalked });
  const walked =
    walk &&
    sql`walked as materialized (select ${named(walk.keys)} from ${walk.tables}
      where ${isMany}${walk.where} order by ${walk.orderBy} limit ${number(need)})`;
  const isShort = walked ? sql` and (select count(*) from walked) < ${number(need)}` : sql``;
  const all = gathered(source, found, isByIndex);
  const countable = gathered(source, found, found.isByIndex);
  const full = sql`full_page as materialized (select ${named(order.columns)} from ${all.tables} ${order.joins}
    where ${all.where} and ${isMany}${isShort}${behind(order.columns)}
    order by ${order.by(order.columns)} limit ${number(need)})`;
  const parts = [
    ...(few.length > 0 ? [sql`select * from matched where true${behind(keys)}`] : []),
    ...(walked ? [sql`select * from walked where (select count(*) from walked) >= ${number(need)}`] : []),
    sql`select * from full_page`,
  ];
  return list([
    wholeSql(source),
    ...counted,
    picked,
    ...(few.length > 0 ? [sql`matched as materialized (${list(few, " union all ")})`] : []),
    ...(walked ? [walked] : []),
    ...all.ctes,
    full,
    sql`page as materialized (select * from (${list(parts, " union all ")}) shown
      order by ${order.by(keys)} limit ${number(limit + 1)} offset ${number(offset)})`,
    sql`total as (select case when ${isMany} then (select count(*) from (select 1 from ${countable.tables}
      where ${countable.where} limit ${cap} + 1) counted)
      else ${few.length > 0 ? sql`(select count(*) from matched)` : sql`0`} end as total)`,
  ]);
}

/** The CTEs `page` and `total` of what a search finds; it is asked once for both. */
export function searchedPageSql(
  { tables, where }: { tables: SQL; where: SQL },
  { order, limit, offset, after }: PageQuery,
): SQL {
  const keys = order.columns.map((_, i) => raw(`k${i}`));
  const named = list(order.columns.map((column, i) => sql`${column} as ${keys[i]!}`));
  const behind = after ? sql` where ${order.after(keys, after)}` : sql``;
  return sql`matched as materialized (select ${named} from ${tables} ${order.joins} where ${where}),
    page as materialized (select * from matched${behind} order by ${order.by(keys)}
      limit ${number(limit + 1)} offset ${number(offset)}),
    total as (select count(*) as total from matched)`;
}

/** Whether the rows of a driver have the keys of the order. */
const isInIndex = (source: Source, order: Order): boolean =>
  order.index?.kind === "base" && source.perspective === "published";

type Walk = { keys: SQL[]; tables: SQL; where: SQL; orderBy: SQL };

/** Entries in the order of an index, the conditions tried on each; undefined when no index has it. */
function walkSql(
  source: Source,
  found: Matching,
  order: Order,
  { after, rows }: { after: PageQuery["after"]; rows: number },
): Walk | undefined {
  const most = number(rows);
  if (order.index?.kind === "base") {
    const [first] = found.drivers;
    if (source.perspective === "published" && first?.driver.isOrdered) {
      const columns = [raw("hit.published_at"), raw("hit.entry_id")];
      const behind = after ? sql`where ${order.after(columns, after)}` : sql``;
      const rows = sql`select published_at, entry_id from (${rowsOf(first.driver)}) hit ${behind}
        order by ${order.by(columns)} limit ${most}`;
      const base = asBase(source, rows, found.isByIndex);
      const keys = found.isByIndex ? order.columns : columns;
      return {
        keys,
        tables: base.tables,
        where: sql` and ${base.where}${remaining(found, [first])}`,
        orderBy: order.by(keys),
      };
    }
    const behind = after ? sql` and ${order.after(order.columns, after)}` : sql``;
    return {
      keys: order.columns,
      tables: sql`(select base.* from ${from(source)} where ${inType(source)}${behind}
        order by ${order.by(order.columns)} limit ${most}) base`,
      where: conditions(found.tries),
      orderBy: order.by(order.columns),
    };
  }
  if (order.index?.kind !== "field") return undefined;
  const values = valuesInOrder(source, order.index, after, sql`limit ${most}`);
  if (!values) return undefined;
  return {
    keys: values.keys,
    tables: sql`${values.rows} ${baseRow(source, "walk.entry_id")}`,
    where: conditions(found.tries),
    orderBy: values.orderBy,
  };
}

/** The values of a field in their order, as `walk`; undefined behind the last of them. */
function valuesInOrder(
  source: Source,
  { field, isDescending }: Extract<Order["index"], { kind: "field" }>,
  after: PageQuery["after"],
  limit: SQL,
): { rows: SQL; keys: SQL[]; orderBy: SQL } | undefined {
  const isDraft = source.perspective === "draft";
  const kind = filterKind(field);
  const value = raw(`hit.${kind}_value${kind === "text" ? ' collate "cms_und"' : ""}`);
  const orderOf = (value: SQL, alias: string) =>
    sql`${value} ${raw(isDescending ? "desc" : "asc")},
      ${raw(`${alias}.published_at ${isDescending ? "asc" : "desc"}, ${alias}.entry_id ${isDescending ? "asc" : "desc"}`)}`;
  const rows = (condition: SQL) => sql`select ${value} as value, hit.published_at, hit.entry_id
    from entry_fields hit where ${inEnvironment(source.ctx, "hit")} and hit.type = ${source.type.id}
    and hit.perspective = ${perspectiveOf(source)} and hit.field = ${field.id}
    and hit.locale = ${field.localized ? source.chain[0]! : ""}${inPlace(raw("hit"), field)}
    and hit.${raw(`${kind}_value`)} is not null${condition} order by ${orderOf(value, "hit")} ${limit}`;
  const keys = isDraft
    ? [raw("walk.value"), raw("walk.entry_id")]
    : [raw("walk.value"), raw("walk.published_at"), raw("walk.entry_id")];
  const orderBy = orderOf(raw("walk.value"), "walk");
  if (!after) return { rows: sql`(${rows(sql``)}) walk`, keys, orderBy };
  const [given, ...rest] = after;
  if (given === null) return undefined;
  const cast = COLUMN_TYPES[kind as ValueKind];
  const at = sql`${String(given)}::${raw(cast)}`;
  const further = isDraft
    ? sql`hit.entry_id ${raw(isDescending ? ">" : "<")} ${String(rest[0])}`
    : sql`(hit.published_at, hit.entry_id) ${raw(isDescending ? ">" : "<")} (${String(rest[0])}::timestamptz, ${String(rest[1])})`;
  return {
    rows: sql`(select * from ((${rows(sql` and ${value} = ${at} and ${further}`)}) union all
      (${rows(sql` and ${value} ${raw(isDescending ? "<" : ">")} ${at}`)})) walk
      order by ${orderBy} ${limit}) walk`,
    keys,
    orderBy,
  };
}

/**
 * The CTE `page` of a list without filters in the order of a field's values: those, and behind them
 * the entries that have none.
 */
export function sortedPageSql(source: Source, { order, limit, offset, after }: PageQuery): SQL {
  const keys = order.columns.map((_, i) => raw(`k${i}`));
  const named = (columns: SQL[]) => list(columns.map((column, i) => sql`${column} as ${keys[i]!}`));
  const index = order.index as Extract<Order["index"], { kind: "field" }>;
  const values = valuesInOrder(source, index, after, sql``);
  const need = number(offset + limit + 1);
  const walked = values
    ? sql`select ${named(values.keys)} from ${values.rows} ${baseRow(source, "walk.entry_id")}
        order by ${values.orderBy} limit ${need}`
    : sql`select ${named(order.columns)} from ${from(source)} ${order.joins} where false`;
  const kind = filterKind(index.field);
  const without = sql`not exists (select 1 from entry_fields hit where ${inEnvironment(source.ctx, "hit")}
    and hit.type = ${source.type.id} and hit.perspective = ${perspectiveOf(source)}
    and hit.field = ${index.field.id} and hit.locale = ${index.field.localized ? source.chain[0]! : ""}
    and hit.${raw(`${kind}_value`)} is not null${inPlace(raw("hit"), index.field)} and hit.entry_id = ${baseId(source)})`;
  const none = `${COLUMN_TYPES[kind as ValueKind]}${kind === "text" ? ' collate "cms_und"' : ""}`;
  const columns = [raw(`null::${none}`), ...order.columns.slice(1)];
  const behind = after?.[0] === null ? sql` and ${order.after(columns, after)}` : sql``;
  return sql`walked as materialized (${walked}),
    unvalued as materialized (select ${named(columns)} from ${from(source)} where ${inType(source)}
      and (select count(*) from walked) < ${need} and ${without}${behind}
      order by ${order.by(columns)} limit ${need}),
    page as materialized (select * from (select * from walked union all select * from unvalued) shown
      order by ${order.by(keys)} limit ${number(limit + 1)} offset ${number(offset)})`;
}
