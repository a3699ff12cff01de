import { sql, type SQL } from "drizzle-orm";
import { didYouMean } from "../../../../core/nearest.ts";
import { fieldAt, filterKind } from "../../types/index.ts";
import { badQuery, TIME_COLUMNS, type Source } from "../query/index.ts";

/** The spans of time that groups are made by, and how the group of a moment is written. */
const UNITS = {
  year: "YYYY",
  quarter: 'YYYY-"Q"Q',
  month: "YYYY-MM",
  week: 'IYYY-"W"IW',
  day: "YYYY-MM-DD",
  hour: 'YYYY-MM-DD"T"HH24:00',
} as const;
export type TimeUnit = keyof typeof UNITS;
export const TIME_UNITS = Object.keys(UNITS) as TimeUnit[];

/** What groups are made by: a field, or the span of time that its value is in. */
export type GroupKey = { name: string; id: string; unit?: TimeUnit };

/** Reads `author` and `published_at:month`. */
export function readGroupKey(source: Source, name: string): GroupKey {
  const [id, unit, ...rest] = name.split(":") as [string, string | undefined];
  if (unit === undefined) return { name, id };
  if (!Object.hasOwn(UNITS, unit) || rest.length > 0)
    throw badQuery(
      "group_by",
      `has no span of time "${unit.slice(0, 64)}": use ${TIME_UNITS.join(", ")}.${didYouMean(unit, TIME_UNITS)}`,
    );
  const field = fieldAt(source.type, id);
  const isTime = field ? filterKind(field) === "time" : (TIME_COLUMNS as readonly string[]).includes(id);
  if (!isTime) throw badQuery("group_by", `cannot use "${name.slice(0, 64)}": it is no date or datetime`);
  return { name, id, unit: unit as TimeUnit };
}

/** The group of a value; days are those of no time zone. */
export function groupSql(source: Source, { id, unit }: GroupKey, value: SQL, timeZone: string): SQL {
  if (unit === undefined) return value;
  const zone = fieldAt(source.type, id)?.type === "date" ? "UTC" : timeZone;
  return sql`to_char(${value} at time zone ${zone}::text, ${UNITS[unit]}::text)`;
}

/** Whether a time zone has a name that is known, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z][\w+/-]{0,63}$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name }).format(0);
    return true;
  } catch {
    return false;
  }
}
