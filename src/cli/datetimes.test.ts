import { expect, it } from "vitest";
import { cutText } from "./cut-text.ts";
import { isRealDay, realDatetime } from "./datetimes.ts";

it("moments of files are those that calendars and clocks show", () => {
  expect(realDatetime("2026-01-31T09:30:00.5+01:00")).toBe("2026-01-31T08:30:00.500Z");
  for (const text of [
    "2026-02-30T00:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T09:30:00",
    "2026-01-31junk",
    "",
  ])
    expect(realDatetime(text), text).toBeUndefined();
  expect([isRealDay("2024-02-29"), isRealDay("2026-02-29"), isRealDay("1/2/2020")]).toEqual([
    true,
    false,
    false,
  ]);
});

it("texts of files are not cut within a character", () => {
  expect(cutText(`${"a".repeat(9)}😀`, 10)).toBe("a".repeat(9));
  expect(cutText(`${"a".repeat(8)}😀`, 10)).toBe(`${"a".repeat(8)}😀`);
});
