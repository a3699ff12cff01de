import { expect, it } from "vitest";
import { isDay, isLocalTime, Datetime, readDateOrDatetime, readDatetime } from "./datetimes.ts";

it.each([
  ["2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"],
  ["2026-01-31T09:30Z", "2026-01-31T09:30:00.000Z"],
  ["2026-01-31T09:30:00.123456789+01:00", "2026-01-31T08:30:00.123Z"],
  ["2024-02-29T23:59:59-12:00", "2024-03-01T11:59:59.000Z"],
  ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
  ["9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"],
])("%s is %s", (text, utc) => {
  expect(readDatetime(text)).toBe(utc);
  expect(Datetime.safeParse(text).success).toBe(true);
});

const WRONG = [
  "9999-12-31T23:59:59-14:00",
  "0001-01-01T00:00:00+00:01",
  "0000-01-01T00:00:00Z",
  "+010000-01-01T00:00:00Z",
  "-000001-01-01T00:00:00Z",
  "2026-02-30T00:00:00Z",
  "2026-02-29T00:00:00Z",
  "1900-02-29T00:00:00Z",
  "2026-04-31T00:00:00Z",
  "2026-13-01T00:00:00Z",
  "2026-00-10T00:00:00Z",
  "2026-01-31T24:00:00Z",
  "2026-01-31T23:60:00Z",
  "2026-01-31T23:59:60Z",
  "2026-01-31T09:30:00+24:00",
  "2026-01-31T09:30:00+01:60",
  "2026-01-31T09:30:00+0100",
  "2026-01-31T09:30:00",
  "2026-01-31 09:30:00Z",
  "2026-01-31t09:30:00Z",
  "2026-01-31T09:30:00z",
  "2026-01-31junk",
  "2026-01-31T09:30:00Zjunk",
  "2026-01-31T09:30:00Z\n",
  " 2026-01-31T09:30:00Z",
  "1/2/2020",
  "1767225600000",
  "now",
  "infinity",
  "",
  "２０２６-01-31T09:30:00Z",
];
it.each(WRONG)("%j is no datetime", (text) => {
  expect([readDatetime(text), readDateOrDatetime(text), Datetime.safeParse(text).success]).toEqual([
    undefined,
    undefined,
    false,
  ]);
});

it("a day is one of the calendar, and a clock shows what clocks show", () => {
  expect(["2026-01-31", "2024-02-29", "2000-02-29", "9999-12-31"].every(isDay)).toBe(true);
  expect(
    ["2026-02-30", "2023-02-29", "2100-02-29", "0000-01-01", "2026-1-1", "2026-01-31 "].some(isDay),
  ).toBe(false);
  expect(["2026-01-31T09:30", "2026-01-31T09:30:59.5"].every(isLocalTime)).toBe(true);
  expect(["2026-02-30T09:30", "2026-01-31T24:00", "2026-01-31"].some(isLocalTime)).toBe(false);
  expect(readDateOrDatetime("2026-01-31")).toBe("2026-01-31T00:00:00.000Z");
});
