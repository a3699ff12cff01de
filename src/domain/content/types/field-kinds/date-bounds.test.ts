import { expect, it } from "vitest";
import type { Field } from "../schemas.ts";
import { boundsProblem } from "./date-bounds.ts";

const isWithin = (now: string, value: string, bounds: Partial<Field>) => {
  const check = { issues: [], allowIncomplete: false, now: Date.parse(now) };
  return boundsProblem({ id: "at", type: "date", ...bounds } as Field, value, check) === undefined;
};

it.each([
  // A month before the last of March is the last of February.
  ["2024-03-31T12:00:00Z", "-1m", "2024-02-29"],
  ["2026-03-31T12:00:00Z", "-1m", "2026-02-28"],
  ["2024-02-29T12:00:00Z", "-1y", "2023-02-28"],
  ["2026-01-31T12:00:00Z", "+1m", "2026-02-28"],
  ["2026-12-31T23:59:59Z", "+1d", "2027-01-01"],
  ["2026-01-15T00:00:00Z", "+2w", "2026-01-29"],
  ["2026-01-15T23:30:00Z", "+1h", "2026-01-16"],
  ["2026-01-15T23:30:00Z", "now", "2026-01-15"],
])("at %s the day of %s is %s", (now, bound, day) => {
  const before = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
  const after = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  expect([before, day, after].map((one) => isWithin(now, one, { min: bound }))).toEqual([false, true, true]);
  expect([before, day, after].map((one) => isWithin(now, one, { max: bound }))).toEqual([true, true, false]);
});

it("is to the millisecond for datetimes, and in UTC for dates", () => {
  const now = "2026-01-15T12:00:00.000Z";
  expect(isWithin(now, "2026-01-15T11:59:59.999Z", { min: "now" })).toBe(false);
  expect(isWithin(now, "2026-01-15T12:00:00.000Z", { min: "now", max: "now" })).toBe(true);
  expect(isWithin(now, "2026-01-15T12:00:00.000Z", { max: "2026-01-15" })).toBe(false);
  expect(isWithin(now, "2026-01-15", { max: "2026-01-15T09:00:00+14:00" })).toBe(false);
});

it("asks nothing of what an older definition said", () => {
  expect(isWithin("2026-01-15T12:00:00Z", "2026-01-15", { min: 5, max: 5 })).toBe(true);
});
