import { sql, type SQL } from "drizzle-orm";
import type { ReadOptions, Row } from "../../../../core/context.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import {
  columnsWhere,
  fieldAt,
  filterKind,
  kindOf,
  optionsOf,
  type Column,
  type Field,
} from "../../types/index.ts";
import type { Facets } from "../schemas.ts";
import { isAboutAll, isInLocale, matchedSql, wholeSql } from "./gather.ts";
import { badQuery, inPlace, isGiven, isShown, perspectiveOf, storeOf, type Source } from "./source.ts";
import { requireReadableField } from "./readable.ts";
import { matching, type Match } from "./match.ts";
import { affordable } from "./query-cost.ts";

const MAX_VALUES = 50;

/**
 * Counts the values of some fields over everything that matches; throws INVALID for fields that have
 * no single values.
 */
export function facetsSql(
  source: Source,
  query: Match,
  ids: string[],
): { statement: SQL; options: ReadOptions } {
  const found = matching(source, query, { fields: ids, what: "facets" });
  const isAll = isAboutAll(source, query);
  const parts = ids.map((id) => {
    const field = facetField(source, id);
    const isSingle = !field.multiple && (!field.localized || source.chain.length === 1);
    const count = isSingle ? sql`count(*)` : sql`count(distinct facet.entry_id)`;
    const values = isAll
      ? sql`${valuesOf(source, field)}${isInLocale(source, sql.raw("facet.entry_id"))}`
      : matchedValues(source, field);
    return sql`(select ${id}::text as field, facet.value, ${count}::int as count from (${values}) facet
      group by facet.value order by count desc, facet.value limit ${sql.raw(String(MAX_VALUES))})`;
  });
  const matched = isAll
    ? wholeSql(source)
    : matchedSql(source, query.where, query.q === undefined ? undefined : found);
  const statement = sql`with ${matched}
    select * from (${sql.join(parts, sql` union all `)}) counted where true${affordable(source, found.cost)}
    order by field, count desc, value`;
  return { statement, options: { ...found.options, kind: "aggregate" } };
}

/** The values of the entries that match: looked up for each of a few, joined with those of many. */
function matchedValues(source: Source, field: Column): SQL {
  const isFew = sql`(select is_few from few)`;
  return sql`select facet.entry_id, facet.value from matched
      cross join lateral (${valuesOf(source, field, sql.raw("matched.id"))} offset 0) facet where ${isFew}
    union all select facet.entry_id, facet.value from (${valuesOf(source, field)} offset 0) facet
      where not ${isFew} and facet.entry_id in (select id from matched)`;
}

/** Rows of `facetsSql` by field. */
export function readFacets(source: Source, ids: string[], rows: Row[]): Facets {
  const facets: Facets = Object.fromEntries(ids.map((id) => [id, []]));
  for (const [id, value, count] of rows as [string, string, number][]) {
    const field = fieldAt(source.type, id)!;
    const shown = present(field, value);
    const label = optionsOf(field).get(shown as string | number);
    facets[id]!.push({ value: shown, ...(label === undefined ? {} : { label }), count });
  }
  return facets;
}

const present = (field: Field, value: string) => kindOf(field).shown?.(value) ?? value;

const canCount = (field: Field) => !UNCOUNTED.includes(filterKind(field));
const UNCOUNTED: readonly string[] = ["none", "parts", "location", "time"];

function facetField(source: Source, id: string): Column {
  const field = fieldAt(source.type, id);
  if (field && canCount(field)) {
    requireReadableField(source, field.id, "facets");
    return field;
  }
  const valid = columnsWhere(source.type, canCount);
  throw badQuery("facets", `cannot count "${id.slice(0, 64)}".${didYouMean(id, valid)}`);
}

/** `entry_id` and `value` of a field: of every entry, or of one. */
function valuesOf(source: Source, field: Column, entry?: SQL): SQL {
  const locales = field.localized ? source.chain : [""];
  const { table, column: name } = storeOf(field);
  const column = sql.raw(`facet.${name}`);
  const which = entry ? sql`facet.entry_id = ${entry}` : sql`facet.type = ${source.type.id}`;
  return sql`select facet.entry_id, ${column}::text as value
    from ${sql.raw(table)} facet
    where ${inEnvironment(source.ctx, "facet")} and ${which}
    and facet.perspective = ${perspectiveOf(source)}
      and facet.field = ${field.id} and facet.locale in ${locales}${inPlace(sql.raw("facet"), field)}
      and ${column} is not null${isGiven(column, field)}${isShown(source, "facet", field)}`;
}
