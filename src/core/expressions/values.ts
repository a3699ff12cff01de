import { Decimal, textOfExact } from "./decimal.ts";

/** A length of time, in milliseconds. */
export class Duration {
  readonly ms: number;
  constructor(ms: number) {
    this.ms = ms;
  }
}

/**
 * A value in an expression. Integers are bigints, other numbers doubles or exact decimals, moments
 * dates; objects are maps, so that no name in them means anything.
 */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | Decimal
  | string
  | Date
  | Duration
  | Value[]
  | Map<string, Value>;

export type Kind =
  | "null"
  | "bool"
  | "int"
  | "double"
  | "decimal"
  | "string"
  | "timestamp"
  | "duration"
  | "list"
  | "map";

/** What is known of a value before there is one. A map without `fields` can have any. */
export type ValueType =
  | { kind: Exclude<Kind, "list" | "map"> | "any" }
  | { kind: "list"; of: ValueType }
  | { kind: "map"; fields?: ReadonlyMap<string, ValueType> };

export const ANY: ValueType = { kind: "any" };
export const listOf = (of: ValueType): ValueType => ({ kind: "list", of });
export const mapOf = (fields: Iterable<[string, ValueType]>): ValueType => ({
  kind: "map",
  fields: new Map(fields),
});

export function kindOfValue(value: Value): Kind {
  switch (typeof value) {
    case "string":
      return "string";
    case "bigint":
      return "int";
    case "number":
      return "double";
    case "boolean":
      return "bool";
    default:
      if (value === null) return "null";
      if (Array.isArray(value)) return "list";
      if (value instanceof Map) return "map";
      if (value instanceof Decimal) return "decimal";
      return value instanceof Date ? "timestamp" : "duration";
  }
}

const KIND_WORDS: Record<Kind | "any", string> = {
  null: "null",
  bool: "true or false",
  int: "an integer",
  double: "a number",
  decimal: "a decimal",
  string: "a text",
  timestamp: "a moment",
  duration: "a duration",
  list: "a list",
  map: "an object",
  any: "any value",
};

/** A kind of values in words, for messages. */
export const kindInWords = (kind: Kind | "any"): string => KIND_WORDS[kind];

/** A value of JSON. Whole numbers stay doubles: nothing says that they are integers. */
export function fromJson(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== "object") return value as Value;
  return new Map(Object.entries(value).map(([name, one]) => [name, fromJson(one)]));
}

/** A value as JSON: decimals, moments and durations as texts, integers as numbers. */
export function toJson(value: Value): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Decimal) return textOfExact(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Duration) return `${value.ms / 1000}s`;
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, one]) => [name, toJson(one)]));
  return value;
}
