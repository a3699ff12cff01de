import { sql, type SQL } from "drizzle-orm";
import { isId } from "../../../../core/ids.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { compareShown, type TimeComparison } from "../../../../db/compare-shown.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { fieldAt, filterKind, levelsIn, type Column, type Field } from "../../types/index.ts";
import { linkOf, referringSource } from "./back-references.ts";
import { readList, readText, readTime, readValue, type ValueKind } from "./filter-value.ts";
import {
  badQuery,
  baseId,
  elementRows,
  fieldRows,
  from,
  inPlace,
  isGiven,
  isShown,
  perspectiveOf,
  refRows,
  TIME_COLUMNS,
  type Source,
} from "./source.ts";
import { listedSql, listFilter } from "./list-filter.ts";
import { onParts } from "./parts.ts";
import { PLACE_OPERATORS, placeFilter } from "./places.ts";
import { idsOf } from "./reference-ids.ts";
import { withinFilter } from "./tree-sql.ts";
import { OPERATORS, type Filter, type Where } from "../../grants/index.ts";
import { inType, isNotIndexed, requireReadableField } from "./readable.ts";

const COMPARISONS = { eq: "=", gt: ">", gte: ">=", lt: "<", lte: "<=" } as const;
const MAX_REFERENCE_DEPTH = 3;
/** The maximum number of conditions, counted once per type that a reference can point to. */
const MAX_TERMS = 1000;

/**
 * Filters as a condition over the source's rows; throws INVALID for a field, operator or value that
 * cannot be.
 */
export function whereSql(source: Source, where: Where, depth = 0): SQL {
  if (++source.terms.count > MAX_TERMS)
    throw badQuery(
      "filter",
      `expands to more than ${MAX_TERMS} conditions: a reference may point to too many types`,
    );
  const parts = onParts(source.type, where);
  if (parts) return whereSql(source, parts, depth);
  switch (where.kind) {
    case "and":
    case "or":
      if (where.of.length === 0) return where.kind === "and" ? sql`true` : sql`false`;
      return sql`(${sql.join(
        where.of.map((one) => whereSql(source, one, depth)),
        where.kind === "and" ? sql` and ` : sql` or `,
      )})`;
    case "not":
      return sql`not ${whereSql(source, where.of, depth)}`;
    case "reference":
      return referencedSql(source, where, depth);
    case "element":
      return elementSql(source, where, depth);
    case "filter":
      return filterSql(source, where);
  }
}

/** Some element of a list of components, or some block, meets all of a condition. */
function elementSql(source: Source, where: Where & { kind: "element" }, depth: number): SQL {
  const column = fieldOf(source, where.field, where.path);
  const nested = (source.element?.depth ?? 0) + 1;
  const alias = `element${depth}_${nested}`;
  const element = { alias, levels: levelsIn(column), depth: nested };
  return exists(
    sql`${elementRows(source, alias, column)} and ${whereSql({ ...source, element }, where.of, depth)}`,
  );
}

function filterSql(source: Source, filter: Filter): SQL {
  const { path, operator } = filter;
  if (filter.field === "id") return idFilter(source, filter);
  if ((TIME_COLUMNS as readonly string[]).includes(filter.field)) {
    const column = sql.raw(`${source.alias}.${filter.field}`);
    return isNegative(filter)
      ? sql`not coalesce(${ownTimeFilter(column, positive(filter))}, false)`
      : sql`coalesce(${ownTimeFilter(column, filter)}, false)`;
  }
  const link = linkOf(source, filter.field, path);
  if (link) return listFilter(source, link, filter);
  const field = fieldOf(source, filter.field, path);
  if (operator === "exists" || operator === "null") return existsFilter(source, field, filter);
  if (PLACE_OPERATORS.includes(operator)) return placeFilter(source, field, filter);
  if (operator === "within") return withinFilter(source, field, filter);
  const kind = filterKind(field);
  if (kind === "none" || kind === "location" || kind === "parts")
    throw badQuery(
      path,
      `cannot be: a ${field.type} field can only be filtered by exists${kind === "location" ? ", null, near, box and polygon" : " and null; search its words with q"}`,
    );
  if (kind === "reference") return referenceFilter(source, field, filter);
  return isNegative(filter)
    ? sql`not ${valueFilter(source, field, positive(filter), kind)}`
    : valueFilter(source, field, filter, kind);
}

/** Whether a condition asks for what no index has by the id of an entry. */
export function asksOfDocument(source: Source, where: Where): boolean {
  const parts = onParts(source.type, where);
  if (parts) return asksOfDocument(source, parts);
  switch (where.kind) {
    case "and":
    case "or":
      return where.of.some((one) => asksOfDocument(source, one));
    case "not":
      return asksOfDocument(source, where.of);
    case "reference":
    case "element":
      return false;
    case "filter": {
      const field = fieldAt(source.type, where.field);
      if (!field) return where.field !== "id" && !source.type.backReferences.has(where.field);
      if (field.inner) return false;
      const asksPresence = where.operator === "exists" || where.operator === "null";
      return asksPresence && (field.multiple || filterKind(field) === "none");
    }
  }
}

const exists = (rows: SQL): SQL => sql`exists (${rows})`;
const isNegative = ({ operator }: Filter) => operator === "ne" || operator === "nin";
const positive = (filter: Filter): Filter => ({
  ...filter,
  operator: filter.operator === "ne" ? "eq" : "in",
});

function fieldOf(source: Source, id: string, path: string): Column {
  const field = fieldAt(source.type, id);
  if (field) {
    requireReadableField(source, field.id, path);
    return field;
  }
  const { fields, backReferences } = source.type;
  const names = [...fields.keys(), ...backReferences.keys(), "id", ...TIME_COLUMNS];
  const suggestion = source.isOneOfMany ? "" : didYouMean(id, names);
  throw badQuery(path, `names no field of ${source.type.id}.${suggestion}`);
}

function valueFilter(source: Source, field: Column, filter: Filter, kind: ValueKind): SQL {
  const column = sql.raw(`hit.${kind}_value`);
  const matches = sql`${compare(column, kind, filter, field)}${isGiven(column, field)}`;
  const locales = field.localized ? source.chain : "";
  if (isByValue(source, field, filter)) return exists(atPublished(source, field, matches));
  return exists(
    sql`${fieldRows(source, "hit", field, locales)} and ${matches}${isShown(source, "hit", field)}`,
  );
}

/** How many values are looked up one after the other. */
const MOST_VALUES = 3;

/** Whether one value, or one of a few, is asked for where the index of values has the newest first. */
function isByValue(source: Source, field: Column, { operator, value }: Filter): boolean {
  const isFew = operator === "eq" || (operator === "in" && readList(value, field.id).length <= MOST_VALUES);
  const isInOneLocale = (!field.localized || source.chain.length === 1) && !source.element;
  return isFew && isInOneLocale && source.isTried === true && source.perspective === "published";
}

/**
 * The values of a published entry among equal ones of others: what is looked at newest first finds
 * them side by side.
 */
function atPublished(source: Source, field: Column, matches: SQL): SQL {
  return sql`select 1 from (select 1 from entry_fields hit where ${inEnvironment(source.ctx, "hit")}
    and hit.type = ${source.type.id} and hit.perspective = ${perspectiveOf(source)} and hit.field = ${field.id}
    and hit.locale = ${field.localized ? source.chain[0]! : ""}${inPlace(sql.raw("hit"), field)} and ${matches}
    and hit.published_at = ${sql.raw(source.alias)}.published_at and hit.entry_id = ${baseId(source)} offset 0) hit`;
}

function referenceFilter(source: Source, field: Column, filter: Filter): SQL {
  const ids = idsOf(field, filter);
  const found = exists(sql`${refRows(source, "hit", field)} and hit.target_id in ${ids}`);
  return isNegative(filter) ? sql`not ${found}` : found;
}

/** The row of an entry of any type, in the locale; with every locale in one of them. */
function anyTarget(source: Source, target: Source, id: SQL): SQL {
  const row = sql.raw(target.alias);
  const isIt = (of: SQL) => sql`${inEnvironment(source.ctx, target.alias)} and ${of} = ${id}`;
  if (source.everyIn)
    return sql`select ${row}.* from published_entries ${row} where ${isIt(sql`${row}.entry_id`)}
      order by ${row}.locale limit 1`;
  const inLocale = source.perspective === "published" ? sql` and ${row}.locale = ${source.chain[0]}` : sql``;
  return sql`select ${row}.* from ${from(target)} where ${isIt(baseId(target))}${inLocale} offset 0`;
}

const tooDeep = (path: string) => badQuery(path, `follows references more than ${MAX_REFERENCE_DEPTH} deep`);

/** A condition on the entries that a reference field points to, such as `author: { name: "Ann" }`. */
function referencedSql(source: Source, where: Where & { kind: "reference" }, depth: number): SQL {
  const link = linkOf(source, where.field, where.path);
  if (link) {
    if (depth === MAX_REFERENCE_DEPTH) throw tooDeep(where.path);
    const target = referringSource(source, link, `target${depth}`);
    return listedSql(source, { link, target, path: where.path }, whereSql(target, where.of, depth + 1));
  }
  const field = fieldOf(source, where.field, where.path);
  if (field.type !== "reference") {
    const inner = firstName(where.of);
    throw badQuery(
      `${where.path}[${inner}]`,
      `has no operator "${inner}" for a ${field.type} field.${didYouMean(inner, OPERATORS)}`,
    );
  }
  if (depth === MAX_REFERENCE_DEPTH) throw tooDeep(where.path);
  const targets = (field.to ?? [...source.schema.types.keys()]).flatMap((id) => {
    const type = source.schema.types.get(id);
    return type ? [{ ...source, type, alias: `target${depth}`, isOneOfMany: true, element: undefined }] : [];
  });
  const conditions = conditionsOf(targets, where.of, depth);
  if (conditions.length === 0) {
    // The first one has the message.
    if (targets[0])
      whereSql({ ...targets[0], isOneOfMany: source.isOneOfMany ?? false }, where.of, depth + 1);
    throw badQuery(where.path, "refers to no content type that exists");
  }
  const ref = `ref${depth}`;
  const target = targets[0]!;
  const id = sql.raw(`${ref}.target_id`);
  // Looked up by its id before anything is asked of it, whatever the planner expects of the conditions.
  const join = sql`cross join lateral (${anyTarget(source, target, id)}) ${sql.raw(target.alias)}`;
  return exists(sql`${refRows(source, ref, field, join)} and (${sql.join(conditions, sql` or `)})`);
}

/** The types a reference field leads to that have what a condition on them names. */
export function targetsOf(source: Source, field: Field, where: Where): Source[] {
  return (field.to ?? [...source.schema.types.keys()]).flatMap((id) => {
    const type = source.schema.types.get(id);
    const target = type && {
      ...source,
      type,
      alias: "target",
      isOneOfMany: true,
      element: undefined,
      terms: { count: 0 },
      reads: new Set<string>(),
    };
    return target && conditionsOf([target], where, 0).length > 0 ? [target] : [];
  });
}

/** Of several target types, those that lack the field are passed over. */
function conditionsOf(targets: Source[], where: Where, depth: number): SQL[] {
  return targets.flatMap((target) => {
    try {
      return [sql`(${inType(target)} and ${whereSql(target, where, depth + 1)})`];
    } catch (error) {
      if (target.terms.count > MAX_TERMS || isNotIndexed(error)) throw error;
      return [];
    }
  });
}

function firstName(where: Where): string {
  if (where.kind === "filter" || where.kind === "reference" || where.kind === "element")
    return where.field.slice(0, 64);
  const inner = where.kind === "not" ? where.of : where.of[0];
  return inner ? firstName(inner) : where.kind;
}

function existsFilter(source: Source, field: Column, { operator, path, value }: Filter): SQL {
  const text = readText(value, path);
  if (text !== "true" && text !== "false") throw badQuery(path, "must be true or false");
  const kind = filterKind(field);
  const locales = field.localized ? source.chain : "";
  // An empty list is a value that has no rows, unless it is inside a component.
  const found = field.inner
    ? exists(sql`${fieldRows(source, "hit", field, locales)}${isShown(source, "hit", field)}`)
    : kind === "none" || field.multiple
      ? hasDocument(source, field)
      : kind === "reference"
        ? exists(refRows(source, "hit", field))
        : exists(
            sql`${fieldRows(source, "hit", field, locales)} and ${isThere(field)}${isShown(source, "hit", field)}`,
          );
  return (operator === "exists") === (text === "true") ? found : sql`not ${found}`;
}

/** Whether a row of a field has a value; an open end of a range is infinite. */
function isThere(field: Column): SQL {
  const kind = filterKind(field);
  if (kind === "parts") return sql`hit.ordinal = 0`;
  const column = sql.raw(`hit.${kind === "location" ? "number" : kind}_value`);
  return sql`${column} is not null${isGiven(column, field)}`;
}

function hasDocument(source: Source, field: Field): SQL {
  const row = sql.raw(source.alias);
  if (source.perspective === "published") return sql`(${row}.doc::jsonb ->> ${field.id} is not null)`;
  if (!field.localized) return sql`(${row}.data ->> ${field.id} is not null)`;
  const terms = source.chain.map((locale) => sql`${row}.data -> ${field.id} ->> ${locale} is not null`);
  return sql`(${sql.join(terms, sql` or `)})`;
}

function idFilter(source: Source, { operator, path, value }: Filter): SQL {
  const isList = operator === "in" || operator === "nin";
  if (!isList && operator !== "eq" && operator !== "ne")
    throw badQuery(path, "has only the operators eq, ne, in and nin");
  const ids = isList ? readList(value, path) : [readText(value, path)];
  if (!ids.every((id) => isId("cnt", id))) throw badQuery(path, "must be entry ids such as cnt_01jd…");
  const found = sql`${baseId(source)} in ${ids}`;
  return operator === "ne" || operator === "nin" ? sql`not ${found}` : found;
}

/** A condition on when an entry was made, changed or published. */
function ownTimeFilter(column: SQL, filter: Filter): SQL {
  const { operator, path, value } = filter;
  const is = (comparison: TimeComparison, one: unknown) =>
    compareShown(column, comparison, readTime(one, path));
  if (operator === "in") {
    const equal = readList(value, path).map((one) => is("=", one));
    return sql`(${sql.join(equal, sql` or `)})`;
  }
  return operator in COMPARISONS
    ? is(COMPARISONS[operator as keyof typeof COMPARISONS], value)
    : compare(column, "time", filter);
}

export function compare(column: SQL, kind: ValueKind, filter: Filter, field?: Field): SQL {
  const { operator, path, value } = filter;
  const read = (one: unknown) => readValue(one, kind, path, field);
  const needsText = () => {
    if (kind !== "text") throw badQuery(path, `${operator} is for strings; use eq, in, gt, gte, lt or lte`);
    return sql`lower(${read(value)})`;
  };
  switch (operator) {
    case "eq":
    case "gt":
    case "gte":
    case "lt":
    case "lte": {
      // Equality is the same in every collation: it is asked in that of the index.
      const collation = operator === "eq" ? sql` collate "cms_und"` : sql` collate "C"`;
      return sql`${column}${kind === "text" ? collation : sql``} ${sql.raw(COMPARISONS[operator])} ${read(value)}`;
    }
    case "in":
      return sql`${column}${kind === "text" ? sql` collate "cms_und"` : sql``}
        in (${sql.join(readList(value, path).map(read), sql`, `)})`;
    case "contains":
      return sql`position(${needsText()} in lower(${column})) > 0`;
    case "starts_with":
      return sql`starts_with(lower(${column}), ${needsText()})`;
    case "ends_with": {
      const end = needsText();
      return sql`right(lower(${column}), length(${end})) = ${end}`;
    }
    case "exists":
      return readText(value, path) === "false" ? sql`${column} is null` : sql`${column} is not null`;
    case "null":
      return readText(value, path) === "false" ? sql`${column} is not null` : sql`${column} is null`;
    case "ne":
    case "nin":
    case "near":
    case "box":
    case "polygon":
    case "overlaps":
    case "within":
      throw badQuery(path, `has no operator ${operator}`);
  }
}
