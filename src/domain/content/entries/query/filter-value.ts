import { sql, type SQL } from "drizzle-orm";
import { CLEAN_TEXT, isCleanText } from "../../../../core/cut-text.ts";
import { EXACT_WHOLE, isNumberText, readExactNumber } from "../../../../core/exact-numbers.ts";
import { writeNumber } from "../../../../core/decimals.ts";
import { readDateOrDatetime } from "../../../../core/datetimes.ts";
import { kindOf, MAX_INDEXED_LENGTH, type Field } from "../../types/index.ts";
import { badQuery } from "./source.ts";

/** The column of the side table that a value is compared with, and its type. */
export const COLUMN_TYPES = {
  text: "text",
  number: "double precision",
  decimal: "numeric",
  time: "timestamptz",
} as const;
export type ValueKind = keyof typeof COLUMN_TYPES;

const MAX_VALUES = 100;

/** A value from a query string or from JSON, as text. */
export function readText(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "boolean") return String(value);
  throw badQuery(path, "must be a string, number or boolean");
}

/** Several values: a JSON list, or a text with commas between them. */
export function readList(value: unknown, path: string): string[] {
  const list = Array.isArray(value)
    ? value.map((one) => readText(one, path))
    : readText(value, path)
        .split(",")
        .map((one) => one.trim());
  if (list.length === 0 || list.length > MAX_VALUES)
    throw badQuery(path, `must list 1 to ${MAX_VALUES} values`);
  return list;
}

/** One value as a typed parameter of the statement. */
export function readValue(value: unknown, kind: ValueKind, path: string, field?: Field): SQL {
  const text = readText(value, path);
  if (!isCleanText(text)) throw badQuery(path, `must be ${CLEAN_TEXT}`);
  const asType = sql.raw(COLUMN_TYPES[kind]);
  const { operand, expects } = field ? kindOf(field) : {};
  if (operand) {
    const read = text.length > MAX_INDEXED_LENGTH ? undefined : operand(text.trim());
    if (read === undefined)
      throw badQuery(path, `must be ${expects!({ ...field!, min: undefined, max: undefined })}`);
    return sql`${read}::${asType}`;
  }
  switch (kind) {
    case "text":
      if (text.length > MAX_INDEXED_LENGTH)
        throw badQuery(path, `must be a string of at most ${MAX_INDEXED_LENGTH} characters`);
      return sql`${text}::${asType}`;
    case "decimal":
    case "number": {
      const number = readExactNumber(text.trim());
      if (number === undefined) throw badQuery(path, notExact(text.trim(), field));
      return sql`${number}::${asType}`;
    }
    case "time":
      return sql`${readTime(text, path)}::${asType}`;
  }
}

/** A datetime in UTC with milliseconds. */
export function readTime(value: unknown, path: string): string {
  const datetime = readDateOrDatetime(readText(value, path));
  if (datetime !== undefined) return datetime;
  throw badQuery(path, "must be a date such as 2026-01-31 or a datetime such as 2026-01-31T09:30:00Z");
}

/** What is wrong with a text that is no number, or one that would be rounded. */
function notExact(text: string, field: Field | undefined): string {
  if (!isNumberText(text)) return "must be a number";
  return field?.type === "integer" && Math.abs(Number(text)) > Number.MAX_SAFE_INTEGER
    ? `must be ${EXACT_WHOLE}`
    : "has more digits than a double can hold: round it";
}

/** `lat,lon,km`, or `{ lat, lon, km }`. */
export function readNear(value: unknown, path: string): { lat: number; lon: number; km: number } {
  const given = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const [lat, lon, km] =
    typeof value === "string"
      ? value.split(",", 4).map((one) => readExactNumber(one.trim()))
      : [given["lat"], given["lon"], given["km"]];
  const isWithin = (n: unknown, min: number, max: number): n is number =>
    typeof n === "number" && n >= min && n <= max;
  if (!isWithin(lat, -90, 90) || !isWithin(lon, -180, 180) || !isWithin(km, 0, 20_040))
    throw badQuery(path, "must be latitude, longitude and kilometres, such as 52.52,13.4,10");
  return { lat, lon, km };
}
