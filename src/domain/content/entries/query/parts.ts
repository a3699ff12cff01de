import { readDateOrDatetime } from "../../../../core/datetimes.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { mapConditions, OPERATORS, type Filter, type Operator, type Where } from "../../grants/index.ts";
import {
  fieldAt,
  filterKind,
  hasInside,
  kindOf,
  openEnd,
  type CompiledType,
  type Field,
} from "../../types/index.ts";
import { onInner } from "./inner-where.ts";
import { badQuery } from "./source.ts";

/**
 * A condition on a value that has parts as conditions on those: `price: { amount: { gte: "10" } }`, and
 * of ranges `contains` and `overlaps`; one on what is inside components and blocks as one on inner
 * fields. Undefined for what is about no such field.
 */
export function onParts(type: CompiledType, where: Where): Where | undefined {
  if (where.kind !== "filter" && where.kind !== "reference") return undefined;
  const column = fieldAt(type, where.field);
  if (!column) return undefined;
  if (kindOf(column).parts)
    return where.kind === "filter" ? onEnds(column, where) : renamed(column, where.of);
  return where.kind === "reference" && hasInside(column) ? onInner(type, column, where, onParts) : undefined;
}

/** A condition as `onParts` has it, as far as that goes. */
export function onColumns(type: CompiledType, where: Where): Where {
  const parts = onParts(type, where);
  return parts ? onColumns(type, parts) : where;
}

/** Names of parts in the place of what a condition inside a field calls fields. */
const renamed = (field: Field, where: Where): Where =>
  mapConditions(where, (one) => {
    if (one.kind === "filter") return ofPart(field, one);
    throw badQuery(one.path, `has no parts: it is one of a ${field.type} field`);
  });

function ofPart(field: Field, filter: Filter): Where {
  const parts = kindOf(field).parts!;
  if (Object.hasOwn(parts, filter.field)) return { ...filter, field: `${field.id}.${filter.field}` };
  const isOperator = filter.operator === "eq" && (OPERATORS as readonly string[]).includes(filter.field);
  if (!isOperator)
    throw badQuery(
      filter.path,
      `names no part of a ${field.type} field.${didYouMean(filter.field, Object.keys(parts))}`,
    );
  const own: Filter = { ...filter, field: field.id, operator: filter.field as Operator };
  return onEnds(field, own) ?? own;
}

/** What a range contains or overlaps, as conditions on its ends; both ends belong to it. */
function onEnds(field: Field, filter: Filter): Where | undefined {
  const { operator, path, value } = filter;
  if (operator === "exists" || operator === "null") return undefined;
  const { parts, isRange } = kindOf(field);
  if (!isRange || (operator !== "contains" && operator !== "overlaps")) {
    const names = [...Object.keys(parts!), ...(isRange ? ["contains", "overlaps"] : []), "exists", "null"];
    throw badQuery(path, `cannot be: a ${field.type} field is filtered by ${names.join(", ")}`);
  }
  const [from, to] = operator === "contains" ? [value, value] : readEnds(value, path);
  if (isTurnedRound(field, from, to))
    throw badQuery(path, "must not end before it starts: the first end is after the second");
  const end = (name: string, comparison: Operator, given: unknown): Where[] =>
    given === null
      ? []
      : [
          {
            kind: "filter",
            path,
            field: `${field.id}.${openEnd(name)}`,
            operator: comparison,
            value: dayOf(field, given),
          },
        ];
  return { kind: "and", of: [...end("from", "lte", to), ...end("to", "gte", from)] };
}

/** `from,to`, or `{ from, to }`; null for an end that is open. */
function readEnds(value: unknown, path: string): [from: unknown, to: unknown] {
  const { from = null, to = null } = Object(value) as Record<string, unknown>;
  const ends = typeof value === "string" ? value.split(",").map((one) => one.trim() || null) : [from, to];
  if (ends.length !== 2 || ends.every((end) => end === null))
    throw badQuery(path, "must be the two ends of a range, such as 2026-01-01,2026-01-31; one may be empty");
  return ends as [unknown, unknown];
}

/** Whether both ends are given, and the first is after the second. */
function isTurnedRound(field: Field, from: unknown, to: unknown): boolean {
  if (from === null || to === null) return false;
  const isNumber = filterKind({ ...field, type: kindOf(field).parts!["from"]!.type }) === "number";
  const read = (end: unknown) =>
    isNumber ? Number(end) : (readDateOrDatetime(String(dayOf(field, end))) ?? Number.NaN);
  return read(from) > read(to);
}

/** Ranges of dates are compared by days. */
function dayOf({ type }: Field, value: unknown): unknown {
  return type === "date_range" && typeof value === "string"
    ? (readDateOrDatetime(value)?.slice(0, 10) ?? value)
    : value;
}
