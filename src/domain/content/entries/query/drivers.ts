import { sql, type SQL } from "drizzle-orm";
import { inEnvironment } from "../../../../db/in-environment.ts";
import type { Filter, Where } from "../../grants/index.ts";
import { backReferenceOf, fieldAt, filterKind, type BackLink, type Column } from "../../types/index.ts";
import { listRows, referringSource } from "./back-references.ts";
import { compare, targetsOf, whereSql } from "./filter-sql.ts";
import { readList, readText, type ValueKind } from "./filter-value.ts";
import { onColumns, onParts } from "./parts.ts";
import { latitudesOf, PLACE_OPERATORS } from "./places.ts";
import { referenceIds } from "./reference-ids.ts";
import { inType, isNarrowed } from "./readable.ts";
import { withinRows } from "./tree-sql.ts";
import {
  baseId,
  from,
  inPlace,
  isGiven,
  isWhole,
  perspectiveOf,
  storeOf,
  targetColumn,
  type Source,
} from "./source.ts";

/**
 * A condition as the rows of an index: `published_at` and `entry_id` of what may match. An entry may
 * be there more than once.
 */
export type Driver = {
  /** A select list after `select`, and what stands behind `from`. */
  rows: SQL;
  /** The rows are what matches, and nothing else. */
  isExact: boolean;
  /** The index has them newest first. */
  isOrdered: boolean;
  /** An entry is there once. */
  isDistinct: boolean;
};

/** `published_at` and `entry_id` of the rows of a driver, more to come behind it. */
const COLUMNS = sql.raw("hit.published_at, hit.entry_id");

/** The conditions that all must hold. */
export const allOf = (where: Where): Where[] => (where.kind === "and" ? where.of.flatMap(allOf) : [where]);

/** Whether a condition leaves an entry or a few, found by an index. */
export function leavesFew({ type }: Source, where: Where): boolean {
  if (where.kind !== "filter" || (where.operator !== "eq" && where.operator !== "in")) return false;
  const field = type.fields.get(where.field);
  return where.field === "id" || field?.type === "slug" || field?.unique === true;
}

const BOUNDS = ["gt", "gte", "lt", "lte"];

/** Whether a condition is that a field has a value. */
const asksPresence = ({ operator, value }: Filter): boolean =>
  (operator === "exists" && String(value) === "true") || (operator === "null" && String(value) === "false");

/**
 * Conditions that must all hold, the bounds of one value as one: a row of the index is to be within all
 * of them. Of several values each bound may be met by another.
 */
export function joinRanges(source: Source, all: readonly Where[]): Where[] {
  const ranges = new Map<string, Filter[]>();
  const joined = all.flatMap((one): Where[] => {
    const [bound] = boundsOf(source, one) ?? [];
    if (!bound || one.kind !== "filter") return [one];
    const known = ranges.get(bound.field);
    if (known) known.push(bound);
    const of = known ?? [bound];
    ranges.set(bound.field, of);
    return known ? [] : [{ kind: "and", of }];
  });
  return joined;
}

/** The bounds that a condition consists of, all of one value; undefined for another condition. */
function boundsOf(source: Source, where: Where): Filter[] | undefined {
  const all = where.kind === "and" ? where.of : [where];
  const [first] = all;
  const field = first?.kind === "filter" ? fieldAt(source.type, first.field) : undefined;
  const areBounds = all.every(
    (one) => one.kind === "filter" && one.field === (first as Filter).field && BOUNDS.includes(one.operator),
  );
  return field && !field.multiple && areBounds ? (all as Filter[]) : undefined;
}

/**
 * How an index finds what a condition is about, undefined when none does. The condition is one that
 * `whereSql` takes.
 */
export function driverOf(source: Source, where: Where): Driver | undefined {
  if (source.version !== undefined) return undefined;
  const parts = onParts(source.type, where);
  if (parts) return driverOf(source, parts);
  const bounds = boundsOf(source, where);
  if (bounds) return driverOfFilter(source, bounds[0]!, bounds);
  switch (where.kind) {
    case "filter":
      return driverOfFilter(source, where);
    case "reference":
      return driverOfReference(source, where);
    case "element": {
      const driver = narrowed(source, allOf(where.of));
      return driver && { ...driver, isExact: false };
    }
    case "or":
      return unionOf(where.of.map((one) => driverOf(source, one)));
    case "and":
      return narrowed(source, joinRanges(source, where.of));
    case "not":
      return undefined;
  }
}

/** Whether an entry meets a condition by having no row in an index, and what it would have to have there. */
export function absenceIn(source: Source, where: Where): { field: Column; filter?: Filter } | undefined {
  const filter = onColumns(source.type, where.kind === "not" ? where.of : where);
  const field = filter.kind === "filter" ? fieldAt(source.type, filter.field) : undefined;
  if (!field || filter.kind !== "filter" || source.version !== undefined) return undefined;
  const kind = filterKind(field);
  if (kind === "none" || kind === "location" || kind === "parts") return undefined;
  const { operator, value } = filter;
  if (operator === "exists" || operator === "null") {
    const isAbsence = (operator === "exists") === (String(value) === "false");
    // A component in one locale hides what is inside that of another, values or not.
    const isHidden = field.inner && field.localized && source.chain.length > 1;
    const isWhole = !field.multiple && field.place === undefined && !isHidden;
    return isAbsence && where.kind !== "not" && isWhole ? { field } : undefined;
  }
  // The value that is shown of a localised field may be another one than that which is there.
  if (field.localized && source.chain.length > 1) return undefined;
  const positive = where.kind === "not" ? operator : { ne: "eq", nin: "in" }[operator as "ne" | "nin"];
  return positive === "eq" || positive === "in"
    ? { field, filter: { ...filter, operator: positive } }
    : undefined;
}

/** How an index finds the entries that do not meet a condition, undefined when none does. */
export function absenceOf(source: Source, where: Where): Driver | undefined {
  const absence = absenceIn(source, where);
  if (!absence) return undefined;
  const { field, filter } = absence;
  if (filter) return driverOfFilter(source, filter);
  const { table, column } = storeOf(field);
  const isThere = table === "entry_refs" ? sql`true` : sql`hit.${sql.raw(column)} is not null`;
  const rows = rowsWith(source, field, isThere);
  return { rows, isExact: true, isOrdered: false, isDistinct: false };
}

/** Of several conditions that must all hold, one serves; the others have to be tried. */
function narrowed(source: Source, where: readonly Where[]): Driver | undefined {
  for (const one of where) {
    const driver = driverOf(source, one);
    if (driver) return { ...driver, isExact: driver.isExact && where.length === 1 };
  }
  return undefined;
}

function unionOf(drivers: (Driver | undefined)[]): Driver | undefined {
  if (drivers.length === 0 || drivers.some((one) => one === undefined)) return undefined;
  const [first, ...others] = drivers as [Driver, ...Driver[]];
  if (others.length === 0) return first;
  return {
    rows: sql.join(
      [first, ...others].map((one) => sql`(${one.rows})`),
      sql` union all `,
    ),
    isExact: [first, ...others].every((one) => one.isExact),
    isOrdered: false,
    isDistinct: false,
  };
}

function driverOfFilter(
  source: Source,
  filter: Filter,
  bounds: readonly Filter[] = [filter],
): Driver | undefined {
  if (filter.field === "id") return driverOfIds(source, filter);
  const field = fieldAt(source.type, filter.field);
  if (!field) return undefined;
  const locales = field.localized ? source.chain : [""];
  const isExact = locales.length === 1;
  const { operator } = filter;
  const isOne = operator === "eq" || (operator === "contains" && filterKind(field) === "reference");
  const found = (condition: SQL): Driver => ({
    rows: rowsWith(source, field, condition),
    isExact,
    isOrdered: isOne && isExact,
    isDistinct: isExact && !field.multiple,
  });
  switch (filterKind(field)) {
    case "reference": {
      if (operator === "within") {
        const hits = rowsWith(source, field, sql`true`);
        return { ...found(sql`true`), rows: withinRows(source, field, filter, hits) };
      }
      if (asksPresence(filter)) {
        // An empty list is a value without rows.
        if (field.inner || field.multiple) return undefined;
        return { ...found(sql`true`), isOrdered: isExact };
      }
      const ids = referenceIds(field, filter);
      return ids && found(sql`${targetColumn(field)} ${oneOf(ids)}`);
    }
    case "location": {
      if (!PLACE_OPERATORS.includes(operator)) return undefined;
      return {
        ...found(sql`hit.ordinal % 2 = 0 and hit.number_value ${latitudesOf(filter)}`),
        isExact: false,
      };
    }
    case "text": {
      if (operator !== "eq" && operator !== "in") return undefined;
      return found(compare(sql.raw("hit.text_value"), "text", filter, field));
    }
    case "number":
    case "decimal":
    case "time": {
      if (!["eq", "in", "gt", "gte", "lt", "lte"].includes(operator)) return undefined;
      const kind = filterKind(field) as ValueKind;
      const column = sql.raw(`hit.${kind}_value`);
      const within = bounds.map((one) => compare(column, kind, one, field));
      return found(sql`${sql.join(within, sql` and `)}${isGiven(column, field)}`);
    }
    case "parts":
    case "none":
      return undefined;
  }
}

function driverOfIds(source: Source, { operator, path, value }: Filter): Driver | undefined {
  if (operator !== "eq" && operator !== "in") return undefined;
  const ids = operator === "in" ? readList(value, path) : [readText(value, path)];
  const published = sql.raw(
    source.perspective === "draft" ? "null::timestamptz" : `${source.alias}.published_at`,
  );
  return {
    rows: sql`select ${published} as published_at, ${baseId(source)} as entry_id
      from ${from(source)} where ${inType(source)} and ${baseId(source)} ${oneOf(ids)}`,
    isExact: true,
    isOrdered: false,
    isDistinct: true,
  };
}

function rowsWith(source: Source, field: Column, condition: SQL): SQL {
  const locales = field.localized ? source.chain : [""];
  return sql`select ${COLUMNS} from ${sql.raw(storeOf(field).table)} hit where ${inEnvironment(source.ctx, "hit")}
    and hit.type = ${source.type.id} and hit.perspective = ${perspectiveOf(source)}
    and hit.field = ${field.id} and hit.locale ${oneOf(locales)}${inPlace(sql.raw("hit"), field)} and ${condition}`;
}

const oneOf = (values: readonly string[]): SQL =>
  values.length === 1 ? sql`= ${values[0]}` : sql`in ${values}`;

/** What refers to entries that an index finds; those are looked at first, they are the fewer ones. */
function driverOfReference(source: Source, where: Where & { kind: "reference" }): Driver | undefined {
  const link = backReferenceOf(source.schema, source.type, where.field);
  if (link) return driverOfList(source, link, where);
  const field = fieldAt(source.type, where.field)!;
  const targets = targetsOf(source, field, where.of).map((target) => {
    const driver = driverOf(target, where.of);
    return driver && { ...driver, rows: shownTargets(target, where.of, driver) };
  });
  const found = unionOf(targets);
  if (!found) return undefined;
  const locales = field.localized ? source.chain : [""];
  const isExact = locales.length === 1;
  return {
    rows: sql`select ${COLUMNS} from (${found.rows}) target cross join lateral (
      select hit.published_at, hit.entry_id from ${sql.raw(storeOf(field).table)} hit
        where ${inEnvironment(source.ctx, "hit")}
        and ${targetColumn(field)} = target.entry_id and hit.type = ${source.type.id}
        and hit.perspective = ${perspectiveOf(source)} and hit.field = ${field.id}
        and hit.locale ${oneOf(locales)} offset 0) hit`,
    isExact,
    isOrdered: false,
    isDistinct: isExact && !field.multiple && targets.every((one) => one?.isDistinct),
  };
}

/** What entries that an index finds refer to, which have them in a back reference. */
function driverOfList(
  source: Source,
  link: BackLink,
  { of }: Where & { kind: "reference" },
): Driver | undefined {
  const target = {
    ...referringSource(source, link, "target"),
    terms: { count: 0 },
    reads: new Set<string>(),
  };
  const driver = driverOf(target, of);
  if (!driver) return undefined;
  const rows = shownTargets(target, of, driver);
  const owner = { ...source, alias: "owner", reads: new Set<string>() };
  const published = sql.raw(source.perspective === "draft" ? "null::timestamptz" : "owner.published_at");
  return {
    rows: sql`select owner.published_at, owner.entry_id from (${rows}) target
      cross join lateral (${referredBy(target, link)}) hit
      cross join lateral (select ${published} as published_at, ${baseId(owner)} as entry_id from ${from(owner)}
        where ${inType(owner)} and ${baseId(owner)} = hit.target_id offset 0) owner`,
    isExact: true,
    isOrdered: false,
    isDistinct: false,
  };
}

/** What an entry under the alias `target` refers to by the field that a back reference is made of. */
const referredBy = (target: Source, link: BackLink): SQL =>
  sql`select hit.target_id from entry_refs hit where ${inEnvironment(target.ctx, "hit")}
    and hit.entry_id = target.entry_id${listRows(target, link, "hit")} offset 0`;

/** Of what an index finds, the entries that are shown and meet the condition. */
function shownTargets(target: Source, where: Where, { rows, isExact }: Driver): SQL {
  const id = sql.raw("hit.entry_id");
  const isKnown = isExact && !isNarrowed(target);
  const shown = sql`select 1 from ${from(target)} where ${inType(target)} and ${baseId(target)} = ${id}`;
  if (!isKnown)
    return sql`select hit.entry_id from (${rows}) hit where exists (select 1 from (${shown}
      and ${whereSql({ ...target, isTried: true }, where)} offset 0) shown)`;
  const isShown =
    target.perspective === "draft"
      ? sql`true`
      : sql`(${isWhole(target)} or exists (select 1 from (${shown} offset 0) shown))`;
  return sql`select hit.entry_id from (${rows}) hit where ${isShown}`;
}
