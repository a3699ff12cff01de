import type { ErrorDetail } from "../../../core/errors.ts";
import type { Actor } from "../../../core/context.ts";
import { isCleanText } from "../../../core/cut-text.ts";
import { readExactNumber } from "../../../core/exact-numbers.ts";
import { readDecimal } from "../../../core/decimals.ts";
import { readClock, readDateOrDatetime } from "../../../core/datetimes.ts";
import { addDetail } from "../../../core/nearest.ts";
import { fieldAt, filterKind, slugForm, type Column, type CompiledType, type Field } from "../types/index.ts";
import {
  ALWAYS,
  FACTS,
  NEVER,
  joined,
  negated,
  type ComparedAs,
  type Comparison,
  type Condition,
  type Plain,
  type Test,
} from "./condition.ts";
import { holds } from "./holds.ts";
import { mapConditions, whereOf, type Filter, type Where } from "./where.ts";

/** Who acts, as `$me` and `$actor.…` see it; undefined while a policy is only being checked. */
export type Binding = Pick<Actor, "id" | "kind" | "roles" | "attributes"> | undefined;

/**
 * A grant's conditions on entries of a type, for who acts. Undefined when they cannot be: a field
 * that the type lacks, a value of the wrong kind, something of the actor that they do not have;
 * `issues` then say why.
 */
export function conditionOf(
  type: CompiledType,
  conditions: Readonly<Record<string, unknown>>,
  binding: Binding,
  issues: ErrorDetail[] = [],
  suggests = true,
): Condition | undefined {
  const where = whereOf(conditions, issues);
  if (!where || issues.length > 0) return undefined;
  const found = read({ type, binding, issues, suggests }, where);
  return issues.length === 0 ? found : undefined;
}

type Reader = { type: CompiledType; binding: Binding; issues: ErrorDetail[]; suggests: boolean };

function read(reader: Reader, where: Where): Condition {
  switch (where.kind) {
    case "and":
    case "or":
      return joined(
        where.kind === "and" ? "all" : "any",
        where.of.map((one) => read(reader, one)),
      );
    case "not":
      return negated(read(reader, where.of));
    case "reference":
      return readInside(reader, where);
    case "element":
      return NEVER;
    case "filter":
      return where.field.startsWith("$actor.") ? readActor(reader, where) : readFilter(reader, where);
  }
}

/** A condition on what is inside a component that is there once, as one on paths. */
function readInside(reader: Reader, where: Where & { kind: "reference" }): Condition {
  const column = columnOf(reader.type, where.field);
  if (column?.type !== "component")
    return refuse(
      reader,
      where.path,
      "cannot look into what an entry refers to: name the id it must refer to",
    );
  if (column.multiple)
    return refuse(reader, where.path, "cannot look into a list: a condition is about one component");
  const inside = mapConditions(where.of, (one) => ({ ...one, field: `${column.id}.${one.field}` }));
  return read(reader, inside);
}

/** A field, or one inside a component, also under an id that the field at the top had before. */
function columnOf(type: CompiledType, path: string): Column | undefined {
  const [top, ...rest] = path.split(".") as [string, ...string[]];
  return fieldAt(type, path) ?? fieldAt(type, [type.former.get(top) ?? top, ...rest].join("."));
}

function refuse(reader: Reader, path: string, message: string): Condition {
  addDetail(reader.issues, path, message);
  return NEVER;
}

function readFilter(reader: Reader, filter: Filter): Condition {
  const { type } = reader;
  const isFact = (FACTS as readonly string[]).includes(filter.field);
  // A policy may name a field as it was called before, if no other is called so now.
  const field = columnOf(type, filter.field);
  if (!isFact && !field) {
    const names = { written: filter.field, valid: () => [...type.fields.keys(), ...FACTS] };
    addDetail(
      reader.issues,
      filter.path,
      `names no field of ${type.id}.`,
      reader.suggests ? names : undefined,
    );
    return NEVER;
  }
  if (field?.localized)
    return refuse(
      reader,
      filter.path,
      "cannot be used: a localised field has several values; use a field that is not localised",
    );
  if (field?.place !== undefined || (field?.inner && field.inner.levels > 0))
    return refuse(reader, filter.path, "cannot be used in a policy: it is part of a value");
  const as = field ? comparedAs(field) : filter.field.endsWith("_at") ? "datetime" : "text";
  const value = field?.type === "slug" ? slugForm(filter.value) : filter.value;
  return test(reader, { ...filter, value }, { name: field?.id ?? filter.field, isFact, as });
}

/** A condition on who acts is decided when it is bound. */
function readActor(reader: Reader, filter: Filter): Condition {
  const { binding } = reader;
  const name = filter.field.slice("$actor.".length);
  const value = binding && attributeOf(binding, name);
  const of = Array.isArray(value) ? value[0] : value;
  const as = typeof of === "number" ? "number" : typeof of === "boolean" ? "boolean" : "text";
  const asked = test(reader, filter, { name, isFact: false, as });
  if (!binding) return asked;
  return holds(asked, { facts: {}, data: value === undefined ? {} : { [name]: value } }) ? ALWAYS : NEVER;
}

function comparedAs(field: Field): ComparedAs {
  const kind = filterKind(field);
  if (kind === "none" || kind === "location" || kind === "parts") return "any";
  if (kind === "time") return field.type === "date" ? "day" : "datetime";
  if (kind === "decimal") return "decimal";
  if (kind === "number")
    return field.type === "boolean" ? "boolean" : field.type === "time" ? "clock" : "number";
  return "text";
}

function test(reader: Reader, filter: Filter, of: Pick<Test, "name" | "isFact" | "as">): Condition {
  const { operator, path, value } = filter;
  const say = (comparison: Comparison, values: Plain[]): Condition => ({
    kind: "test",
    ...of,
    comparison,
    values,
  });
  if (operator === "exists" || operator === "null") {
    const text = String(value);
    if (text !== "true" && text !== "false") return refuse(reader, path, "must be true or false");
    const there = say("exists", []);
    return (operator === "exists") === (text === "true") ? there : negated(there);
  }
  const isOfPlaces = operator === "near" || operator === "box" || operator === "polygon";
  if (of.as === "any" || isOfPlaces || operator === "overlaps" || operator === "within")
    return refuse(reader, path, "cannot be compared in a policy: use exists or null");
  const isList = operator === "in" || operator === "nin";
  const values = readValues(reader, path, value, of.as, isList);
  if (!values) return NEVER;
  switch (operator) {
    case "eq":
    case "in":
      return say("in", values);
    case "ne":
    case "nin":
      return negated(say("in", values));
    case "gt":
    case "gte":
    case "lt":
    case "lte":
      if (of.as === "boolean") return refuse(reader, path, "cannot be ordered: use eq or ne");
      break;
    case "contains":
    case "starts_with":
    case "ends_with":
      if (of.as !== "text") return refuse(reader, path, `cannot be used: ${operator} is for strings`);
  }
  return values.length === 1 ? say(operator, values) : refuse(reader, path, "accepts one value");
}

function readValues(
  reader: Reader,
  path: string,
  given: unknown,
  as: ComparedAs,
  isList: boolean,
): Plain[] | undefined {
  const isText = typeof given === "string" && !given.startsWith("$");
  const listed = Array.isArray(given)
    ? (given as unknown[])
    : isList && isText
      ? given.split(",").map((one) => one.trim())
      : [given];
  if (Array.isArray(given) && !isList)
    return void refuse(reader, path, "accepts one value: use in or nin for several");
  if (listed.length === 0 || listed.length > 100)
    return void refuse(reader, path, "must list 1 to 100 values");
  const values = listed.flatMap((one): unknown[] => {
    const name = typeof one === "string" ? placeholder(one) : undefined;
    if (name === undefined) return [one];
    if (name === "")
      return [refuse(reader, path, `does not support "${String(one).slice(0, 64)}": use $me or $actor.…`)];
    if (!reader.binding) return [];
    const bound = attributeOf(reader.binding, name);
    if (bound === undefined)
      return [refuse(reader, path, `needs ${String(one)}, which the caller does not have`)];
    return Array.isArray(bound) ? (bound as string[]) : [bound];
  });
  if (reader.issues.length > 0) return undefined;
  const read = values.map((one) => readPlain(one, as));
  const wrong = read.findIndex((one) => one === undefined);
  if (wrong !== -1) return void refuse(reader, path, `must be ${EXPECTED[as]}`);
  // What only the actor will bring is compared with nothing while the policy is checked.
  return read.length === 0 ? [as === "number" ? 0 : as === "boolean" ? false : ""] : (read as Plain[]);
}

/** The caller's value of a placeholder; undefined for a plain string, empty for an unknown placeholder. */
function placeholder(text: string): string | undefined {
  if (text === "$me") return "id";
  if (text.startsWith("$actor.")) return text.slice("$actor.".length);
  return text.startsWith("$") ? "" : undefined;
}

function attributeOf(binding: NonNullable<Binding>, name: string): Plain | readonly string[] | undefined {
  if (name === "id" || name === "kind") return binding[name];
  if (name === "roles") return binding.roles ?? [];
  return Object.hasOwn(binding.attributes ?? {}, name) ? binding.attributes![name] : undefined;
}

const EXPECTED: Record<ComparedAs, string> = {
  text: "a text",
  number: "a number",
  decimal: 'a decimal such as "12.50"',
  boolean: "true or false",
  day: "a date such as 2026-01-31",
  datetime: "a date or a datetime such as 2026-01-31T09:30:00Z",
  clock: "a time such as 09:30",
  any: "something else",
};

function readPlain(value: unknown, as: ComparedAs): Plain | undefined {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return undefined;
  const text = String(value);
  switch (as) {
    case "text":
      return isCleanText(text) && text.length <= 1000 ? text : undefined;
    case "decimal":
      return typeof value === "boolean" ? undefined : readDecimal(text.trim());
    case "number":
      return typeof value === "boolean" ? undefined : readExactNumber(text.trim());
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "day":
    case "datetime":
      return readDateOrDatetime(text);
    case "clock":
      return readClock(text);
    case "any":
      return undefined;
  }
}
