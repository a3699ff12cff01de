import { sql, type SQL } from "drizzle-orm";
import { inEnvironment } from "../../../../db/in-environment.ts";
import type { Where } from "../../grants/index.ts";
import { allOf, driverOf, joinRanges, type Driver } from "./drivers.ts";
import { whereSql } from "./filter-sql.ts";
import { inType, isNarrowed } from "./readable.ts";
import { baseId, from, type Source } from "./source.ts";

/** ` and …` for each. */
export const conditions = (parts: SQL[]): SQL =>
  sql.join(
    parts.map((one) => sql` and ${one}`),
    sql``,
  );

/** Conditions that must all hold, each with how an index finds what it is about. */
export type Matching = {
  /** Each is tried on one entry after the other, under the alias of the base table. */
  tries: SQL[];
  /** Those that an index serves, and where they stand among all; the best to begin with first. */
  drivers: { driver: Driver; at: number }[];
  /** The rows of indexes say everything: no entry needs to be looked at. */
  isByIndex: boolean;
};

export function matchingOf(source: Source, where: Where | undefined): Matching {
  const all = where ? joinRanges(source, allOf(where)) : [];
  // They throw for what cannot be asked, before it is looked for in an index.
  const tries = all.map((one) => whereSql({ ...source, isTried: true }, one));
  const found = all.flatMap((one, at) => {
    const driver = driverOf(source, one);
    return driver ? [{ driver, at }] : [];
  });
  const isByIndex =
    !isNarrowed(source) &&
    found.length > 0 &&
    found.length === all.length &&
    found.every(({ driver }) => driver.isExact);
  return {
    tries,
    drivers: found.sort((a, b) => rankOf(a.driver) - rankOf(b.driver)),
    isByIndex,
  };
}

const rankOf = ({ isOrdered, isExact }: Driver): number => (isOrdered ? 0 : isExact ? 1 : 2);

/** Every condition but those that `drivers` have answered already. */
export const remaining = ({ tries }: Matching, drivers: Matching["drivers"]): SQL =>
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

export const wholeSql = ({ ctx, type }: Source): SQL => sql`whole as materialized (select not exists (
  select 1 from entries entry where ${inEnvironment(ctx, "entry")} and entry.type = ${type.id}
    and entry.published_locales is not null) as is_whole)`;

/** Rows with `published_at` and `entry_id` as the base table, by themselves or looked up there. */
export function asBase(source: Source, rows: SQL, isByIndex: boolean): { tables: SQL; where: SQL } {
  return isByIndex
    ? {
        tables: sql`(select published_at, entry_id, entry_id as id from (${rows}) hit) base`,
        where: sql`true${isInLocale(source)}`,
      }
    : { tables: sql`(${rows}) hit ${baseRow(source, "hit.entry_id")}`, where: sql`true` };
}

/**
 * All that matches: the CTEs that it needs, and what stands behind `from` and `where`, the base table
 * under its alias. The ids that other indexes have are gathered before, to be joined by hash.
 */
export function gathered(
  source: Source,
  found: Matching,
  isByIndex: boolean,
): { ctes: SQL[]; tables: SQL; where: SQL } {
  const [first, ...others] = found.drivers;
  if (!first)
    return { ctes: [], tables: from(source), where: sql`${inType(source)}${conditions(found.tries)}` };
  // Read along their index, whatever the planner expects of what they are joined with.
  const rows = sql`select published_at, entry_id from (${rowsOf(first.driver)}) hit offset 0`;
  const { tables, where } = asBase(source, others.length > 0 ? rows : rowsOf(first.driver), isByIndex);
  const name = (i: number) => sql.raw(`also${i}`);
  const also = others.map((_, i) => sql`${baseId(source)} in (select entry_id from ${name(i)})`);
  return {
    ctes: others.map(
      ({ driver }, i) => sql`${name(i)} as materialized (select entry_id from (${driver.rows}) hit)`,
    ),
    tables,
    where: sql`${where}${conditions(also)}${remaining(found, found.drivers)}`,
  };
}

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
 * that each is looked up by itself. `others` says what matches where it is not filters alone.
 */
export function matchedSql(
  source: Source,
  where: Where | undefined,
  others?: { tables: SQL; where: SQL },
): SQL {
  const {
    ctes,
    tables,
    where: matches,
  } = others ? { ctes: [], ...others } : allMatching(source, matchingOf(source, where));
  return sql`${sql.join([wholeSql(source), ...ctes], sql`, `)},
    matched as materialized (select ${baseId(source)} as id from ${tables} where ${matches}),
    few as materialized (select count(*) <= ${sql.raw(String(FEW))} as is_few from matched)`;
}

const allMatching = (source: Source, found: Matching) => gathered(source, found, found.isByIndex);

/** What is looked up one by one. */
const FEW = 30_000;
