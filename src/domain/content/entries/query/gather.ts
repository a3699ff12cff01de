import { sql, type SQL } from "drizzle-orm";
import type { Where } from "../../grants/index.ts";
import { absenceOf, allOf, driverOf, joinRanges, leavesFew, type Driver } from "./drivers.ts";
import { asksOfDocument, whereSql } from "./filter-sql.ts";
import { inType, isNarrowed } from "./readable.ts";
import { baseId, from, isWhole, type Source } from "./source.ts";

/** ` and …` for each. */
export const conditions = (parts: SQL[]): SQL =>
  sql.join(
    parts.map((one) => sql` and ${one}`),
    sql``,
  );

/** What matches: the CTEs that it needs, and what stands behind `from` and `where`, the base table under its alias. */
export type Matched = { ctes: SQL[]; tables: SQL; where: SQL };

/** Conditions that must all hold, each with how an index finds what it is about. */
export type Matching = {
  /** Each is tried on one entry after the other, under the alias of the base table. */
  tries: SQL[];
  /** Those that an index serves, and where they stand among all; the best to begin with first. */
  drivers: { driver: Driver; at: number; rank: number }[];
  /** Those that are met by what the rows of an index leave out, exactly. */
  absent: { driver: Driver; at: number }[];
  /** What is asked is known from indexes by the id: no entry needs to be looked at. */
  isByIndex: boolean;
  /** The one condition there is, when the rows of an index are exactly what meets it. */
  sole: Driver | undefined;
};

export function matchingOf(source: Source, where: Where | undefined): Matching {
  const all = where ? joinRanges(source, allOf(where)) : [];
  // They throw for what cannot be asked, before it is looked for in an index.
  const tries = all.map((one) => whereSql({ ...source, isTried: true }, one));
  const found = all.flatMap((one, at) => {
    const driver = driverOf(source, one);
    return driver ? [{ driver, at, rank: rankOf(driver, leavesFew(source, one)) }] : [];
  });
  const absent = all.flatMap((one, at) => {
    const driver = absenceOf(source, one);
    return driver?.isExact ? [{ driver, at }] : [];
  });
  const isByIndex = !isNarrowed(source) && !all.some((one) => asksOfDocument(source, one));
  const [first] = found;
  const isSole = all.length === 1 && isByIndex && first?.driver.isExact;
  return {
    tries,
    absent,
    drivers: found.sort((a, b) => a.rank - b.rank),
    isByIndex,
    sole: isSole ? first.driver : undefined,
  };
}

const rankOf = ({ isOrdered, isExact }: Driver, isFew: boolean): number =>
  isFew ? 0 : isOrdered ? 1 : isExact ? 2 : 3;

/** Every condition. */
export const triesOf = ({ tries }: Matching): SQL => conditions(tries);

/** Every condition but those that `drivers` have answered already. */
export const remaining = ({ tries }: Matching, drivers: readonly { driver: Driver; at: number }[]): SQL =>
  conditions(tries.filter((_, at) => !drivers.some((one) => one.at === at && one.driver.isExact)));

/** The row of the base table with an id, when it is one that the query may show. */
export const baseRow = (source: Source, id: string): SQL =>
  sql`cross join lateral (select base.* from ${from(source)} where ${inType(source)}
    and ${baseId(source)} = ${sql.raw(id)} offset 0) base`;

/**
 * ` and …`: the entry is published in the locale. Where none of the type is published in part, all of
 * them are.
 */
export function isInLocale(source: Source, id = baseId(source)): SQL {
  if (source.perspective === "draft") return sql``;
  const shown = { ...source, alias: "shown", reads: new Set<string>() };
  return sql` and ((select is_whole from whole) or exists (select 1 from ${from(shown)} where ${inType(shown)}
    and ${baseId(shown)} = ${id} offset 0))`;
}

export const wholeSql = (source: Source): SQL =>
  sql`whole as materialized (select ${isWhole(source)} as is_whole)`;

/** Rows with `published_at` and `entry_id` as the base table, by themselves or looked up there. */
export function asBase(source: Source, rows: SQL, isByIndex: boolean): { tables: SQL; where: SQL } {
  return isByIndex
    ? {
        tables: sql`(select published_at, entry_id, entry_id as id from (${rows}) hit) base`,
        where: sql`true${isInLocale(source)}`,
      }
    : { tables: sql`(${rows}) hit ${baseRow(source, "hit.entry_id")}`, where: sql`true` };
}

/** Of how many conditions the rows are put side by side; the others are tried on what these leave. */
const MOST_JOINED = 8;

/** All that matches, by every index that tells of it. */
export function gathered(source: Source, found: Matching, isByIndex: boolean): Matched {
  const drivers = found.drivers.slice(0, MOST_JOINED);
  const absent = found.absent.slice(0, MOST_JOINED);
  const [first, ...others] = drivers.map(({ driver }) => driver);
  const tries = remaining(found, [...drivers, ...absent]);
  if (!first && absent.length === 0) {
    const columns =
      isByIndex && source.perspective === "published" ? sql`published_at, entry_id` : sql`base.*`;
    const tables = sql`(select ${columns} from ${from(source)} where ${inType(source)}) base`;
    return { ctes: [], tables, where: sql`true${tries}` };
  }
  const all = others.reduce(
    (rows, one) => joined(rows, rowsOf(one), true),
    first ? rowsOf(first) : everyRow(source),
  );
  const rows = absent.reduce((rows, one) => joined(rows, one.driver.rows, false), all);
  const { tables, where } = asBase(source, rows, isByIndex);
  return { ctes: [], tables, where: sql`${where}${tries}` };
}

const everyRow = (source: Source): SQL =>
  source.perspective === "draft"
    ? sql`select null::timestamptz as published_at, base.id as entry_id from ${from(source)} where ${inType(source)}`
    : sql`select base.published_at, base.entry_id from ${from(source)} where ${inType(source)}`;

/**
 * The rows that others have too, or have not. A full join takes no longer where the planner knows
 * nothing of their numbers: it never looks at each pair.
 */
const joined = (rows: SQL, others: SQL, areThere: boolean): SQL =>
  sql`select published_at, entry_id from (select one.published_at, one.entry_id, other.entry_id as other_id
    from (${rows}) one full join (select entry_id from (${others}) hit) other on other.entry_id = one.entry_id
    offset 0) pair where entry_id is not null and other_id is ${sql.raw(areThere ? "not null" : "null")}`;

/** The rows of a driver, each entry once; in the order of the index nothing is gathered for that. */
export function rowsOf({ rows, isDistinct, isOrdered }: Driver): SQL {
  if (isDistinct) return rows;
  const order = isOrdered ? sql` order by published_at desc, entry_id desc` : sql``;
  return sql`select distinct published_at, entry_id from (${rows}) hit${order}`;
}

/** Whether a query is about every entry of the type. */
export const isAboutAll = (
  source: Source,
  query: { where?: Where | undefined; q?: string | undefined },
): boolean => query.where === undefined && query.q === undefined && !isNarrowed(source);

/**
 * The CTEs `whole`, `matched` (the id of each entry that matches) and `few`: whether they are so few
 * that each is looked up by itself. `searched` is what matches where it is not filters alone.
 */
export function matchedSql(source: Source, where: Where | undefined, searched?: Matched): SQL {
  const { ctes, tables, where: matches } = searched ?? allMatching(source, matchingOf(source, where));
  return sql`${sql.join([wholeSql(source), ...ctes], sql`, `)},
    matched as materialized (select ${baseId(source)} as id from ${tables} where ${matches}),
    few as materialized (select count(*) <= ${sql.raw(String(FEW))} as is_few from matched)`;
}

const allMatching = (source: Source, found: Matching) => gathered(source, found, found.isByIndex);

/** What is looked up one by one. */
const FEW = 30_000;
