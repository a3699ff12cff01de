import { sql, type SQL } from "drizzle-orm";
import { didYouMean } from "../../../../core/nearest.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { columnsWhere, fieldAt, filterKind, kindOf, ORDER, type Column } from "../../types/index.ts";
import { COLUMN_TYPES } from "./filter-value.ts";
import { inType, requireReadableField } from "./readable.ts";
import {
  badQuery,
  baseId,
  fieldRows,
  from,
  isShown,
  refRows,
  sortOf,
  storeOf,
  TIME_COLUMNS,
  type Source,
} from "./source.ts";

/** What a list is sorted by: the value of a row of the base table, and the field whose value it is. */
type SortValue = {
  field: Column;
  value: SQL;
  /** Of a field that no index has in the order of the list: how many rows are looked up for it. */
  computedOf?: number;
};

/** The rows that lead from an entry to a value of one that it refers to. */
const THROUGH_REFERENCE = 3;

const isSortable = (column: Column): boolean =>
  !column.multiple && Object.hasOwn(COLUMN_TYPES, filterKind(column));

/** A field of the type, one inside a component, or one of the entry that a field refers to: `author.name`. */
export function valueToSortBy(source: Source, path: string, i: number): SortValue {
  const field = fieldAt(source.type, path);
  if (field && isSortable(field)) {
    requireReadableField(source, field.id, sortOf(source));
    return { field, value: valueOf(source, field) };
  }
  const through = field ? undefined : referenceIn(source, path);
  if (through) return valueThrough(source, through.field, through.rest, i);
  const valid = [
    ...columnsWhere(source.type, (one) => isSortable(one) || kindOf(one).orderedBy !== undefined),
    ...(source.type.definition.ordered ? [ORDER] : []),
    ...["id", ...TIME_COLUMNS],
  ];
  throw badQuery(sortOf(source), `cannot use "${path.slice(0, 64)}".${didYouMean(path, valid)}`);
}

/** The value of a field of a row, in the locale whose value is shown. */
function valueOf(source: Source, field: Column): SQL {
  const tried = { ...source, isTried: true };
  const { column } = storeOf(field);
  const place = sql.raw(String(field.place ?? 0));
  const values = (field.localized ? source.chain : [""]).map((locale) => {
    const rows = fieldRows(tried, "hit", field, locale, sql.raw(`hit.${column}`));
    return sql`(${rows} and hit.ordinal = ${place}${field.inner ? isShown(source, "hit", field) : sql``})`;
  });
  return sql`coalesce(${sql.join(values, sql`, `)})`;
}

/** The reference that a path starts with, and what it names of the entry there. */
function referenceIn(source: Source, path: string): { field: Column; rest: string } | undefined {
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const field = fieldAt(source.type, path.slice(0, dot));
    if (field?.type === "reference" && !field.multiple) return { field, rest: path.slice(dot + 1) };
  }
  return undefined;
}

/** The value of the entry that a field refers to, if that one is shown. */
function valueThrough(source: Source, field: Column, rest: string, i: number): SortValue {
  requireReadableField(source, field.id, sortOf(source));
  const alias = `sorted${i}`;
  const targets = (field.to ?? [...source.schema.types.keys()]).flatMap((id) => {
    const type = source.schema.types.get(id);
    const column = type && fieldAt(type, rest);
    return column && isSortable(column) ? [{ column, source: { ...source, type, alias } }] : [];
  });
  const [first] = targets;
  if (!first)
    throw badQuery(
      sortOf(source),
      `cannot use "${`${field.id}.${rest}`.slice(0, 64)}": it names no single value`,
    );
  const kinds = new Set(targets.map(({ column }) => filterKind(column)));
  if (kinds.size > 1)
    throw badQuery(sortOf(source), `cannot use "${rest.slice(0, 64)}": its values differ from type to type`);
  const cases = targets.map(({ column, source: target }) => {
    requireReadableField(target, column.id, sortOf(source));
    return sql`when ${inType(target)} then ${valueOf(target, column)}`;
  });
  const inLocale =
    source.perspective === "published" ? sql` and ${sql.raw(alias)}.locale = ${source.chain[0]}` : sql``;
  const join = sql`cross join lateral (select ${sql.raw(alias)}.* from ${from(first.source)}
    where ${inEnvironment(source.ctx, alias)} and ${baseId(first.source)} = ${sql.raw(`ref${alias}`)}.target_id${inLocale}
    offset 0) ${sql.raw(alias)}`;
  const found = refRows(
    { ...source, isTried: true },
    `ref${alias}`,
    field,
    join,
    sql`case ${sql.join(cases, sql` `)} end`,
  );
  return { field: first.column, value: sql`(${found} limit 1)`, computedOf: THROUGH_REFERENCE };
}
