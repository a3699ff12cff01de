import { compareDecimals, readDecimal } from "../../../core/decimals.ts";
import { ownValue } from "../../../core/own-value.ts";
import type { ComparedAs, Condition, Plain, Test } from "./condition.ts";

/** An entry as conditions see it: its facts, and its stored values that are not localised. */
export type Subject = {
  facts: Readonly<Record<string, unknown>>;
  data: Readonly<Record<string, unknown>>;
  /** Facts that nobody knows any more. */
  unknown?: readonly string[];
};

/**
 * Whether an entry meets a condition, like the SQL of `conditionSql`: a missing value, or one of another
 * type, makes every comparison false, and only `not` inverts that. An unknown fact makes the condition
 * `doubt`, at any depth: true for `deny`.
 */
export function holds(condition: Condition, subject: Subject, doubt = false): boolean {
  switch (condition.kind) {
    case "all":
      return condition.of.every((one) => holds(one, subject, doubt));
    case "any":
      return condition.of.some((one) => holds(one, subject, doubt));
    case "not":
      return !holds(condition.of, subject, !doubt);
    case "test": {
      if (condition.isFact && subject.unknown?.includes(condition.name)) return doubt;
      const owner = condition.isFact ? subject.facts : subject.data;
      const value = valueAt(owner, condition.name);
      if (value === undefined || value === null) return false;
      if (condition.comparison === "exists") return true;
      return (Array.isArray(value) ? (value as unknown[]) : [value]).some((one) => compares(condition, one));
    }
  }
}

/** A value by its name, or by its path in components. */
function valueAt(owner: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(owner, name) || !name.includes(".")) return ownValue(owner, name);
  return name.split(".").reduce<unknown>((at, step) => {
    const isObject = typeof at === "object" && at !== null && !Array.isArray(at);
    return isObject ? ownValue(at as typeof owner, step) : undefined;
  }, owner);
}

function compares({ as, comparison, values }: Test, given: unknown): boolean {
  const value = comparable(as, given);
  if (value === undefined) return false;
  const wanted = values[0]!;
  switch (comparison) {
    case "in":
      return values.includes(value);
    case "gt":
      return order(as, value, wanted) > 0;
    case "gte":
      return order(as, value, wanted) >= 0;
    case "lt":
      return order(as, value, wanted) < 0;
    case "lte":
      return order(as, value, wanted) <= 0;
    case "contains":
      return lower(value).includes(lower(wanted));
    case "starts_with":
      return lower(value).startsWith(lower(wanted));
    case "ends_with":
      return lower(value).endsWith(lower(wanted));
    case "exists":
      return true;
  }
}

/** The value in the form in which it is compared; undefined when it is of another type. */
function comparable(as: ComparedAs, value: unknown): Plain | undefined {
  switch (as) {
    case "number":
      return typeof value === "number" ? value : undefined;
    case "decimal":
      return typeof value === "string" ? readDecimal(value) : undefined;
    case "boolean":
      return typeof value === "boolean" ? value : undefined;
    case "day":
      return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value)
        ? `${value}T00:00:00.000Z`
        : undefined;
    case "text":
    case "datetime":
    case "clock":
      return typeof value === "string" ? value : undefined;
    case "any":
      return undefined;
  }
}

/** Strings are ordered by code points, as in Postgres' collation C. */
function order(as: ComparedAs, a: Plain, b: Plain): number {
  if (as === "decimal") return compareDecimals(String(a), String(b));
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [[...String(a)], [...String(b)]];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = left[i]!.codePointAt(0)! - right[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Only A to Z: the lower case of other letters depends on the implementation. */
const lower = (text: Plain) => String(text).replace(/[A-Z]/g, (letter) => letter.toLowerCase());
