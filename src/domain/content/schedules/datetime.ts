import { invalid } from "../../../core/errors.ts";
import { isLocalTime, readDatetime } from "../../../core/datetimes.ts";

/** The highest time value of a Date, in milliseconds. */
const LAST = 8.64e15;

/**
 * Parses a datetime: with an offset (`2026-01-31T09:00:00Z`), or without (`2026-01-31T09:00`) in the
 * time zone. A local time that the zone skips is moved one hour later; of one that occurs twice the
 * first is used. Throws INVALID.
 */
export function datetimeOf(at: string, timeZone: string): Date {
  if (!isTimeZone(timeZone))
    throw invalid("schedules/bad-time-zone", `There is no time zone "${timeZone.slice(0, 64)}".`, [
      { path: "time_zone", message: "must be an IANA time zone such as Europe/Berlin" },
    ]);
  const local = isLocalTime(at) ? localDatetime(at, timeZone).getTime() : Number.NaN;
  const utc = readDatetime(
    Number.isNaN(local) || Math.abs(local) > LAST ? at : new Date(local).toISOString(),
  );
  if (utc === undefined)
    throw invalid("schedules/bad-time", "at must be a datetime.", [
      { path: "at", message: "must be like 2026-01-31T09:00:00Z, or 2026-01-31T09:00 in the time zone" },
    ]);
  return new Date(utc);
}

function localDatetime(at: string, timeZone: string): Date {
  const wanted = Date.parse(`${at}Z`);
  if (Number.isNaN(wanted)) return new Date(wanted);
  const offsets = [-24, 0, 24].map((hours) => offsetAt(new Date(wanted + hours * 3_600_000), timeZone));
  const candidates = [...new Set(offsets)].map((offset) => wanted - offset).sort((a, b) => a - b);
  const exact = candidates.find((instant) => instant + offsetAt(new Date(instant), timeZone) === wanted);
  return new Date(exact ?? candidates.at(-1)!);
}

/** The zone's offset from UTC at an instant, in milliseconds. */
function offsetAt(instant: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(instant);
  const read = (type: string) => Number(parts.find((part) => part.type === type)!.value);
  const clock = Date.UTC(
    read("year"),
    read("month") - 1,
    read("day"),
    read("hour"),
    read("minute"),
    read("second"),
  );
  return clock - Math.floor(instant.getTime() / 1000) * 1000;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
