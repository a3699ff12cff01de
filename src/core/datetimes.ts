import * as z from "zod";

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const CLOCK = /^([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?$/;
const MOMENT = /^(.{10})T([\d:.]{5,18})(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const FIRST = Date.parse("0001-01-01T00:00:00Z");
const LAST = Date.parse("9999-12-31T23:59:59.999Z");

/** Whether a text is a day of the calendar, `2026-01-31`, in the years 1 to 9999. */
export function isDay(text: string): boolean {
  const [, year, month, day] = DAY.exec(text)?.map(Number) ?? [];
  if (!year || !month || !day || month > 12) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const last = month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
  return day <= last;
}

/** The time of a clock such as `09:30`, with its seconds; undefined for anything else. */
export function readClock(text: string): string | undefined {
  if (!/^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/.test(text)) return undefined;
  return text.length === 5 ? `${text}:00` : text;
}

/** Whether a text is a day and the time of a clock without a zone, `2026-01-31T09:30`. */
export function isLocalTime(text: string): boolean {
  return text[10] === "T" && isDay(text.slice(0, 10)) && CLOCK.test(text.slice(11));
}

/**
 * A datetime in the accepted format, a profile of RFC 3339 (`2026-01-31T09:30:00+01:00`: capital `T` and
 * `Z`, no spaces, seconds optional), converted to UTC with milliseconds. Undefined for anything else:
 * invalid dates, 24:00, leap seconds, and years outside 1 to 9999 in UTC.
 */
export function readDatetime(text: string): string | undefined {
  const [, day, clock] = MOMENT.exec(text) ?? [];
  if (!day || !isDay(day) || !CLOCK.test(clock!)) return undefined;
  const time = Date.parse(text);
  return time >= FIRST && time <= LAST ? new Date(time).toISOString() : undefined;
}

/** A datetime, or a date, which means its start in UTC. */
export function readDateOrDatetime(text: string): string | undefined {
  return isDay(text) ? `${text}T00:00:00.000Z` : readDatetime(text);
}

/** A datetime in input, as `readDatetime` accepts it. */
export const Datetime = z
  .string()
  .refine((text) => readDatetime(text) !== undefined, "must be a datetime such as 2026-01-31T09:30:00Z")
  .meta({ format: "date-time" });
