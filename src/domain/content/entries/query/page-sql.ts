import { sql, type SQL } from "drizzle-orm";
import { asBase, gathered, matchingOf, remaining, rowsOf, wholeSql, type Matching } from "./gather.ts";
import {
  asKeys,
  behindCursor,
  keysOf,
  list,
  neededRows,
  number,
  pageOf,
  unionAll,
  type PageQuery,
} from "./page-keys.ts";
import { publishedTotal } from "./match.ts";
import { gatherable, type Cost } from "./query-cost.ts";
import { inType } from "./readable.ts";
import { from, type Source } from "./source.ts";
import { isInIndex, walkDriver, walkOrder, type Walk } from "./walk-sql.ts";

/** Counting what filters match stops here. */
export const COUNT_CAP = 10_000;
/**
 * What a page may look at before everything that matches is gathered. Tests set it, so that a few
 * entries go every way.
 */
export type Bounds = {
  /** The rows of an index that are counted and sorted by themselves. */
  counted: number;
  /** The entries that are looked at one by one, beyond those that the page needs. */
  walked: number;
};
const BOUNDS: Bounds = { counted: COUNT_CAP, walked: 1500 };
/** Where nobody asks how many there are. */
export const UNCOUNTED: Bounds = { counted: 1500, walked: 1500 };
/** The conditions whose rows are counted, to begin with those of the fewest. */
const MOST_COUNTED = 3;

/** What a page is planned from. */
type Plan = {
  source: Source;
  found: Matching;
  query: PageQuery;
  cost: Cost;
  counted: number;
  /** How many entries are looked at one by one. */
  tried: number;
};

/**
 * The CTEs `page` (the keys k0, k1, … of the order, the last of them the id) and `total` (`total`, and
 * `is_least` where there may be more) of a list with filters.
 *
 * The rows of the conditions that indexes serve are counted, as far as the bounds go. Where one has
 * few, all of these are looked at. Otherwise the newest of the rarest condition, or the first in the
 * order of the list, are looked at, and what matches among them is the page and the least total. Only
 * where they do not fill the page everything that matches is gathered.
 */
export function pageSql(
  source: Source,
  query: PageQuery,
  cost: Cost,
  { counted, walked }: Bounds = BOUNDS,
): SQL {
  const found = matchingOf(source, query.where);
  const tried = Math.max(0, neededRows(query) + walked);
  const plan = { source, found, query, cost, counted, tried };
  const isInOrder = found.sole?.isOrdered === true && isInIndex(source, query.order);
  return isInOrder && counted > 0 ? inOrderOfIndex(plan, found.sole!) : boundedSql(plan);
}

/** An index has exactly what matches, in the order of the list. */
function inOrderOfIndex({ source, query, counted }: Plan, driver: Matching["sole"] & {}): SQL {
  const { tables, where } = asBase(source, rowsOf(driver), true);
  const { columns } = query.order;
  return list([
    wholeSql(source),
    sql`total as materialized (select count(*) as total, false as is_least from (
      select 1 from ${tables} where ${where} limit ${number(counted + 1)}) counted)`,
    pageOf(
      query,
      sql`(select ${asKeys(columns)} from ${tables} where ${where}${behindCursor(query, columns)}
        order by ${query.order.by(columns)} limit ${number(neededRows(query))})`,
    ),
  ]);
}

const PICKED = { driver: sql`(select driver from picked)`, isAll: sql`(select is_all from picked)` };
const IS_SHORT = sql`(select is_short from short)`;
/** What is picked where no index says which entries to look at: the order of the list, or nothing. */
const ORDER = -1;
const NOTHING = -2;
const isPicked = (which: number): SQL => sql`${PICKED.driver} = ${number(which)}`;

function boundedSql(plan: Plan): SQL {
  const { source, found, query } = plan;
  const drivers = found.drivers.slice(0, found.drivers[0]?.rank === 0 ? 1 : MOST_COUNTED);
  const byIndex = found.isByIndex && query.order.isOfPublishing;
  const all = gathered(source, found, byIndex);
  const rows = found.drivers.map(({ driver }) => driver.rows);
  const allowed = gatherable(source, plan.cost, { drivers: rows, isLookedUp: !byIndex });
  const keys = asKeys(query.order.columns);
  const matches = sql`select ${keys} from ${all.tables} ${query.order.joins}`;
  return list([
    wholeSql(source),
    ...countedSql(plan, drivers),
    ...seenSql(plan, drivers, sql`${matches} where false`),
    sql`short as materialized (select case when ${PICKED.isAll} then false
      when (select count(*) from shown) >= ${number(neededRows(query))} then false
      else true${allowed} end as is_short)`,
    ...all.ctes,
    sql`everything as materialized (${matches} where ${all.where} and ${IS_SHORT})`,
    pageOf(
      query,
      unionAll([
        sql`select * from shown where not ${IS_SHORT}`,
        sql`select * from everything where true${behindCursor(query, keysOf(query.order))}`,
      ]),
    ),
    totalSql(plan),
  ]);
}

/** The CTEs `some0`, `size0`, … with rows of each driver, and `picked`: which of them to look at. */
function countedSql({ source, found, query, counted, tried }: Plan, drivers: Matching["drivers"]): SQL[] {
  const isNewest = isInIndex(source, query.order);
  const most = found.sole ? counted : tried;
  const ctes = drivers.map(({ driver }, i) => {
    const rows = driver.isOrdered ? rowsOf(driver) : driver.rows;
    const some = found.sole ? asBase(source, rows, true) : { tables: sql`(${rows}) hit`, where: sql`true` };
    return sql`some${number(i)} as materialized (select published_at, entry_id from ${some.tables}
        where ${some.where} limit ${number(most + 1)}),
      size${number(i)} as materialized (select count(*) as rows, min(published_at) as oldest from some${number(i)})`;
  });
  const every = drivers.map((_, i) => i);
  const ordered = every.filter((i) => isNewest && tried > 0 && drivers[i]!.driver.isOrdered);
  const of = (column: string) => (i: number) => sql`(select ${sql.raw(column)} from size${number(i)})`;
  // With as many rows, the rarer one reaches further back.
  const rarest = ordered.length > 0 ? leastOf(ordered, of("oldest")) : number(ORDER);
  if (every.length === 0)
    return [
      sql`picked as materialized (select case when ${isSmall(source, tried)} then ${number(NOTHING)}
        else ${number(ORDER)} end as driver, false as is_all)`,
    ];
  return [
    ...ctes,
    sql`picked as materialized (select case when is_all then ${leastOf(every, of("rows"))} else ${rarest} end as driver,
      is_all from (select least(${list(every.map(of("rows")))}) <= ${number(most)} as is_all) few)`,
  ];
}

/** Which of some has the least value. */
function leastOf(which: number[], value: (i: number) => SQL): SQL {
  const least = sql`least(${list(which.map(value))})`;
  const cases = which.map((i) => sql`when ${value(i)} = ${least} then ${number(i)}`);
  return sql`case ${list(cases, " ")} end`;
}

/** Whether the type has no more entries than are looked at one by one. */
const isSmall = (source: Source, tried: number): SQL =>
  source.perspective === "published"
    ? sql`(${publishedTotal(source)}) <= ${number(tried)}`
    : sql`(select count(*) from (select 1 from ${from(source)} where ${inType(source)}
        limit ${number(tried + 1)}) counted) <= ${number(tried)}`;

/**
 * The CTEs `seen`, what matches of the entries that are looked at from the start of the list, and
 * `shown`, what of it stands behind the cursor.
 */
function seenSql(plan: Plan, drivers: Matching["drivers"], nothing: SQL): SQL[] {
  const { source, found, query, tried: rows } = plan;
  const { order, after } = query;
  const byIndex = found.isByIndex && order.isOfPublishing;
  const counted = drivers.map((one, i) => {
    const columns = sql.raw(`${one.driver.isOrdered ? "" : "distinct "}published_at, entry_id`);
    const { tables, where } = asBase(source, sql`select ${columns} from some${number(i)}`, byIndex);
    return sql`select ${asKeys(order.columns)} from ${tables} ${order.joins}
      where ${isPicked(i)} and ${where}${remaining(found, [one])}`;
  });
  const isWalked = sql`not ${PICKED.isAll} and ${isPicked(ORDER)}`;
  const walk = (after: PageQuery["after"]) =>
    rows > 0 ? walkOrder(source, found, { order, after, rows }) : undefined;
  const start = walk(undefined);
  // Where an index has counted what matches, the page is enough.
  const limit = found.sole ? neededRows(query) : undefined;
  const seen = [...counted, ...(start ? [walkedSql(start, isWalked, limit)] : [])];
  const ctes = [sql`seen as materialized (${seen.length > 0 ? unionAll(seen) : nothing})`];
  if (!after) return [...ctes, sql`shown as (select * from seen)`];
  const further = walk(after);
  const later = drivers.flatMap((one, i) =>
    rows > 0 && isInIndex(source, order) && one.driver.isOrdered
      ? [
          walkedSql(
            walkDriver(source, found, one, { order, after, rows }),
            sql`not ${PICKED.isAll} and ${isPicked(i)}`,
            neededRows(query),
          ),
        ]
      : [],
  );
  const shown = [
    sql`select * from seen where ${PICKED.isAll}${behindCursor(query, keysOf(order))}`,
    ...later,
    ...(further ? [walkedSql(further, isWalked, neededRows(query))] : []),
  ];
  return [...ctes, sql`shown as materialized (${unionAll(shown)})`];
}

const walkedSql = ({ keys, tables, where, orderBy }: Walk, isWalked: SQL, limit: number | undefined): SQL =>
  sql`(select ${asKeys(keys)} from ${tables} where ${isWalked} and ${where}
    ${limit === undefined ? sql`` : sql`order by ${orderBy} limit ${number(limit)}`})`;

/** Exact where all of it has been looked at; otherwise as many as there are for certain. */
function totalSql({ found, query, counted }: Plan): SQL {
  if (found.sole?.isDistinct) return sql`total as (select rows as total, false as is_least from size0)`;
  const atLeast = (seen: SQL) =>
    sql`greatest(${seen}, ${number(query.offset)} + (select count(*) from page))`;
  if (found.sole)
    return sql`total as (select case when is_least then ${atLeast(sql`entries`)} else entries end as total, is_least
      from (select count(distinct entry_id) as entries, count(*) > ${number(counted)} as is_least from some0) found)`;
  return sql`total as (select case when ${IS_SHORT} then (select count(*) from everything)
      when ${PICKED.isAll} then (select count(*) from seen)
      else ${atLeast(sql`(select count(*) from seen)`)} end as total,
    not ${PICKED.isAll} and not ${IS_SHORT} as is_least)`;
}
