import { sql, type SQL } from "drizzle-orm";
import type { ReadOptions, Row } from "../../../../core/context.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { filterKind, type Field } from "../../types/index.ts";
import type { Facets } from "../schemas.ts";
import { badQuery, baseId, isShown, perspectiveOf, type Source } from "./source.ts";
import { requireReadableField } from "./readable.ts";
import { matching, type Match } from "./match.ts";

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
  const { tables, where, options } = matching(source, query, { fields: ids, what: "facets" });
  const parts = ids.map(
    (id) => sql`(select ${id}::text as field, facet.value, count(distinct facet.entry_id)::int as count
    from (${valuesOf(source, facetField(source, id))}) facet join matched on matched.id = facet.entry_id
    group by facet.value order by count desc, facet.value limit ${sql.raw(String(MAX_VALUES))})`,
  );
  const statement = sql`with matched as materialized (select ${baseId(source)} as id from ${tables}
    where ${where})
    select * from (${sql.join(parts, sql` union all `)}) counted order by field, count desc, value`;
  return { statement, options: { ...options, kind: "aggregate" } };
}

/** Rows of `facetsSql` by field. */
export function readFacets(source: Source, ids: string[], rows: Row[]): Facets {
  const facets: Facets = Object.fromEntries(ids.map((id) => [id, []]));
  for (const [id, value, count] of rows as [string, string, number][]) {
    const field = source.type.fields.get(id)!;
    facets[id]!.push({ value: present(field, value), count });
  }
  return facets;
}

function present(field: Field, value: string): string | number | boolean {
  if (field.type === "boolean") return value === "1";
  return filterKind(field) === "number" ? Number(value) : value;
}

function facetField(source: Source, id: string): Field {
  const canCount = (field: Field) => !["none", "location", "time"].includes(filterKind(field));
  const field = source.type.fields.get(id);
  if (field && canCount(field)) {
    requireReadableField(source, id, "facets");
    return field;
  }
  const valid = [...source.type.fields.values()].filter(canCount).map((one) => one.id);
  throw badQuery("facets", `cannot count "${id.slice(0, 64)}".${didYouMean(id, valid)}`);
}

function valuesOf(source: Source, field: Field): SQL {
  const locales = field.localized ? source.chain : [""];
  const isReference = filterKind(field) === "reference";
  const column = isReference
    ? sql`facet.target_id`
    : filterKind(field) === "number"
      ? sql`facet.number_value`
      : sql`facet.text_value`;
  return sql`select facet.entry_id, ${column}::text as value
    from ${sql.raw(isReference ? "entry_refs" : "entry_fields")} facet
    where ${inEnvironment(source.ctx, "facet")} and facet.type = ${source.type.id}
    and facet.perspective = ${perspectiveOf(source)}
      and facet.field = ${field.id} and facet.locale in ${locales}
      and ${column} is not null${isShown(source, "facet", field)}`;
}
