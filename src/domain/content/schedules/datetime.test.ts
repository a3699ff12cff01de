import { expect, it } from "vitest";
import { datetimeOf } from "./datetime.ts";

it.each([
  ["2026-01-31T09:00:00Z", "Europe/Berlin", "2026-01-31T09:00:00.000Z"],
  ["2026-01-31T09:00:00+02:00", "UTC", "2026-01-31T07:00:00.000Z"],
  ["2026-01-31T09:00", "Europe/Berlin", "2026-01-31T08:00:00.000Z"],
  ["2026-07-31T09:00:30", "Europe/Berlin", "2026-07-31T07:00:30.000Z"],
  ["2026-07-31T09:00", "Asia/Kolkata", "2026-07-31T03:30:00.000Z"],
  ["2026-07-31T00:30", "Pacific/Auckland", "2026-07-30T12:30:00.000Z"],
  ["2026-03-29T02:30", "Europe/Berlin", "2026-03-29T01:30:00.000Z"],
  ["2026-10-25T02:30", "Europe/Berlin", "2026-10-25T00:30:00.000Z"],
  ["2026-11-01T01:30", "America/New_York", "2026-11-01T05:30:00.000Z"],
])("%s in %s is %s", (at, zone, utc) => {
  expect(datetimeOf(at, zone).toISOString()).toBe(utc);
});

it.each([
  ["tomorrow", "UTC", "schedules/bad-time"],
  ["+200000-01-01T00:00:00Z", "UTC", "schedules/bad-time"],
  ["Oct 27 2030", "Europe/Berlin", "schedules/bad-time"],
  ["2030-10-27", "Europe/Berlin", "schedules/bad-time"],
  ["2030-13-45T99:99", "Europe/Berlin", "schedules/bad-time"],
  ["2026-01-31T09:00", "Mars/Olympus", "schedules/bad-time-zone"],
])("refuses %s in %s", (at, zone, reason) => {
  expect(() => datetimeOf(at, zone)).toThrow(expect.objectContaining({ reason }));
});
