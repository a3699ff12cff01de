import { sql, type SQL } from "drizzle-orm";
import { readDateOrDatetime } from "../../../core/datetimes.ts";
import { compareShown } from "../../../db/compare-shown.ts";
import { invalid } from "../../../core/errors.ts";
import { findAttribute, type Attribute, type ResourceSchema } from "./attributes.ts";
import type { Comparison, Filter, Value } from "./filter.ts";

/** Where a resource's values are in its rows. */
export type Sources = {
  schema: ResourceSchema;
  /** Scalars by their path, such as `meta.created`; `lower`: values that are always lower case. */
  columns: ReadonlyMap<string, { value: SQL; isLower?: boolean }>;
  /** Anything else by the name of its attribute, as jsonb; undefined where it cannot be filtered by. */
  json(name: string): SQL | undefined;
  /** A shorter way to ask whether an element of a list has this `value`. */
  holds?(name: string, value: string): SQL | undefined;
};

/** What a path leads to: one value as text, an object, or a list of objects. */
type Target =
  | { kind: "value"; attribute: Attribute; value: SQL; isLower: boolean }
  | { kind: "object" | "list"; attribute: Attribute; json: SQL };
type Scope = (path: string) => Target;

/**
 * A condition that is true or false, never null. Throws INVALID `scim/invalid-filter` for attributes
 * that cannot be filtered by.
 */
export function filterSql(sources: Sources, filter: Filter): SQL {
  const scope: Scope = (path) => {
    const found = findAttribute(sources.schema, path);
    if (!found) throw refused(`there is no "${path.slice(0, 100)}"`);
    const { attribute, sub, steps } = found;
    const column = sources.columns.get(steps.join("."));
    if (column)
      return {
        kind: "value",
        attribute: sub ?? attribute,
        value: column.value,
        isLower: column.isLower === true,
      };
    const [name, ...rest] = steps as [string, ...string[]];
    const root = sources.json(name);
    if (!root) throw refused(`"${path.slice(0, 100)}" cannot be filtered by`);
    if (sub && attribute.multiValued)
      return { kind: "list", attribute: narrowed(attribute, sub), json: root };
    const inner = rest.reduce((at, step) => sql`(${at}) -> ${step}::text`, root);
    if (sub || attribute.type !== "complex")
      return {
        kind: "value",
        attribute: sub ?? attribute,
        value: sql`((${inner}) #>> '{}')`,
        isLower: false,
      };
    return { kind: attribute.multiValued ? "list" : "object", attribute, json: inner };
  };
  return translate(filter, scope, sources);
}

/** A list filtered by one sub-attribute, as in `emails.value`. */
const narrowed = (attribute: Attribute, sub: Attribute): Attribute => ({
  ...attribute,
  subAttributes: [sub],
});

function translate(filter: Filter, scope: Scope, sources?: Sources): SQL {
  switch (filter.op) {
    case "and":
    case "or": {
      const parts = filter.filters.map((one) => translate(one, scope, sources));
      return sql`(${sql.join(parts, filter.op === "and" ? sql` and ` : sql` or `)})`;
    }
    case "not":
      return sql`(not ${translate(filter.filter, scope, sources)})`;
    case "has":
      return someElement(scope(filter.path), (inner) => translate(filter.filter, inner));
    case "pr": {
      const target = scope(filter.path);
      if (target.kind === "value") return sql`(coalesce(${target.value}::text, '') <> '')`;
      if (target.kind === "object")
        return sql`coalesce(jsonb_typeof(${target.json}) = 'object' and ${target.json} <> '{}', false)`;
      return someElement(target, (inner) =>
        target.attribute.subAttributes!.length === 1
          ? translate({ op: "pr", path: target.attribute.subAttributes![0]!.name }, inner)
          : sql`true`,
      );
    }
    default:
      return comparison(filter.op, filter.value, scope(filter.path), sources);
  }
}

function comparison(op: Comparison, value: Value, target: Target, sources: Sources | undefined): SQL {
  if (target.kind === "value") return compare(op, value, target);
  const { attribute } = target;
  const sub = attribute.subAttributes!.length === 1 ? attribute.subAttributes![0]! : undefined;
  const asked = sub ?? attribute.subAttributes!.find(({ name }) => name === "value");
  if (!asked) throw refused(`"${attribute.name}" has parts: name one of them`);
  if (op === "eq" && asked.name === "value" && typeof value === "string") {
    const holds = sources?.holds?.(attribute.name, value);
    if (holds) return holds;
  }
  return someElement(target, (inner) => compare(op, value, inner(asked.name)));
}

/** Whether one element of a list, or an object, matches. */
function someElement(target: Target, ask: (inner: Scope) => SQL): SQL {
  if (target.kind === "value") throw refused(`"${target.attribute.name}" has no parts`);
  const { attribute, json } = target;
  const inner: Scope = (path) => {
    const sub = attribute.subAttributes!.find(({ name }) => name.toLowerCase() === path.toLowerCase());
    if (!sub) throw refused(`"${attribute.name}" has no "${path.slice(0, 100)}"`);
    return { kind: "value", attribute: sub, value: sql`(item ->> ${sub.name}::text)`, isLower: false };
  };
  const elements = target.kind === "object" ? sql`jsonb_build_array(${json})` : json;
  return sql`exists (select 1 from jsonb_array_elements(case jsonb_typeof(${elements})
    when 'array' then ${elements} else '[]' end) item
    where jsonb_typeof(item) = 'object' and ${ask(inner)})`;
}

function compare(op: Comparison, value: Value, target: Target): SQL {
  if (target.kind !== "value") throw refused("a part was expected");
  const { attribute, value: column, isLower } = target;
  if (value === null) {
    if (op !== "eq" && op !== "ne") throw refused(`"${op}" takes no value`);
    return op === "eq" ? sql`(${column} is null)` : sql`(${column} is not null)`;
  }
  if (attribute.type === "boolean") {
    const word = String(value).toLowerCase();
    if ((op !== "eq" && op !== "ne") || !/^(?:true|false)$/.test(word))
      throw refused(`"${attribute.name}" can only be compared with eq or ne to true or false`);
    return known(column, op, sql`${column}::text`, sql`${word}::text`);
  }
  if (attribute.type === "dateTime") {
    const text = String(value).toUpperCase();
    const datetime = readDateOrDatetime(text) ?? readDateOrDatetime(`${text}Z`);
    if (datetime === undefined)
      throw refused(`"${attribute.name}" must be compared with a datetime such as 2026-01-31T09:30:00Z`);
    if (op === "co" || op === "sw" || op === "ew")
      throw refused(`"${attribute.name}" is a datetime: "${op}" is for strings`);
    const matches = compareShown(column, TIME_COMPARISONS[op], datetime);
    return op === "ne" ? sql`(${matches} is not true)` : sql`(${matches} is true)`;
  }
  const text = sql`${isLower ? String(value).toLowerCase() : String(value)}::text`;
  // The same function for both sides: lower case depends on the database's locale.
  if (attribute.caseExact || isLower) return known(column, op, column, text);
  return known(column, op, sql`lower(${column})`, sql`lower(${text})`);
}

function known(column: SQL, op: Comparison, left: SQL, right: SQL): SQL {
  if (op === "ne") return sql`(${left} is distinct from ${right})`;
  return sql`(${column} is not null and ${OPERATIONS[op](left, right)})`;
}

/** `ne` is what is not equal. */
const TIME_COMPARISONS = { eq: "=", ne: "=", gt: ">", ge: ">=", lt: "<", le: "<=" } as const;

const OPERATIONS: Record<Exclude<Comparison, "ne">, (left: SQL, right: SQL) => SQL> = {
  eq: (left, right) => sql`${left} = ${right}`,
  co: (left, right) => sql`position(${right} in ${left}) > 0`,
  sw: (left, right) => sql`starts_with(${left}, ${right})`,
  ew: (left, right) => sql`right(${left}, length(${right})) = ${right}`,
  gt: (left, right) => sql`${left} > ${right}`,
  ge: (left, right) => sql`${left} >= ${right}`,
  lt: (left, right) => sql`${left} < ${right}`,
  le: (left, right) => sql`${left} <= ${right}`,
};

const refused = (why: string) =>
  invalid("scim/invalid-filter", `The filter is not supported: ${why}.`, [], 400);
