import { readDateOrDatetime } from "../../../../core/datetimes.ts";
import type { Field } from "../schemas.ts";
import { range, type Bound, type Check, type FieldKind } from "./field-kind.ts";

const RELATIVE = /^(?:now|([+-])(\d{1,5})(h|d|w|m|y))$/;

const readAbsolute = (bound: Bound): string | undefined =>
  typeof bound === "string" ? readDateOrDatetime(bound) : undefined;
const isRelative = (bound: Bound): boolean => typeof bound === "string" && RELATIVE.test(bound);

/** The bounds of dates: a date, a datetime, `now`, or as far from now as `+30d` and `-1y` say. */
export const DATE_BOUND: FieldKind["bound"] = {
  expects: "a date, a datetime, now, or a distance from now such as +30d or -1y (h, d, w, m or y)",
  isValid: (bound) => readAbsolute(bound) !== undefined || isRelative(bound),
  compare(a, b) {
    const [from, to] = [readAbsolute(a), readAbsolute(b)];
    if (isRelative(a) && isRelative(b)) return compareDistances(String(a), String(b));
    return from === undefined || to === undefined ? Number.NaN : Date.parse(from) - Date.parse(to);
  },
};

/** Of distances from now; NaN when that depends on the lengths of months. */
function compareDistances(a: string, b: string): number {
  const [first, second] = SOME_TIMES.map((now) => {
    const check = { issues: [], allowIncomplete: false, now };
    return Math.sign(relativeTime(a, check) - relativeTime(b, check));
  }) as [number, number];
  return first === second ? first : Number.NaN;
}

/** Before a long month, and before a short one. */
const SOME_TIMES = [Date.UTC(2023, 0, 1), Date.UTC(2023, 1, 1)];

/** What is wrong with a date or a datetime that is out of bounds. */
export function boundsProblem(field: Field, value: string, check: Check): string | undefined {
  if (field.min === undefined && field.max === undefined) return undefined;
  const time = Date.parse(readDateOrDatetime(value)!);
  const at = (bound: Bound | undefined) =>
    bound === undefined ? undefined : timeOf(bound, value.length === 10, check);
  const [min, max] = [at(field.min), at(field.max)];
  const isWithin = (min === undefined || time >= min) && (max === undefined || time <= max);
  return isWithin ? undefined : `must be ${range(field)}, not ${value}`;
}

/** A bound in milliseconds; of days the one in which it is. Undefined for one that is not asked of stored values. */
function timeOf(bound: Bound, isDay: boolean, check: Check): number | undefined {
  const absolute = readAbsolute(bound);
  if (absolute === undefined && (check.isStored || !isRelative(bound))) return undefined;
  const time = absolute === undefined ? relativeTime(String(bound), check) : Date.parse(absolute);
  return isDay ? Math.floor(time / DAY_MS) * DAY_MS : time;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNIT_MS = { h: HOUR_MS, d: DAY_MS, w: 7 * DAY_MS } as const;

function relativeTime(bound: string, check: Check): number {
  const now = (check.now ??= Date.now());
  const [, sign, count, unit] = RELATIVE.exec(bound)!;
  if (unit === undefined) return now;
  const distance = Number(`${sign}${count}`);
  if (unit !== "m" && unit !== "y") return now + distance * UNIT_MS[unit as keyof typeof UNIT_MS];
  const date = new Date(now);
  const months = unit === "y" ? 12 * distance : distance;
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}
