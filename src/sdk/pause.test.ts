import { describe, expect, it } from "vitest";
import { pauseBefore } from "./pause.ts";

describe("the pause before another attempt", () => {
  it("grows twice as long each time, never over 12 s, and differs from caller to caller", () => {
    for (let attempt = 1; attempt <= 10; attempt++) {
      const middle = Math.min(8000, 200 * 2 ** (attempt - 1));
      const pauses = Array.from({ length: 50 }, () => pauseBefore(attempt, null));
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(middle * 0.5);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(middle * 1.5);
      expect(new Set(pauses).size).toBeGreaterThan(1);
    }
  });

  it("is what Retry-After says, in seconds or as a date", () => {
    expect(pauseBefore(1, "7")).toBeGreaterThanOrEqual(7000);
    expect(pauseBefore(1, "7")).toBeLessThan(7300);
    const date = pauseBefore(1, new Date(Date.now() + 30_000).toUTCString());
    expect(date).toBeGreaterThan(28_000);
    expect(date).toBeLessThan(30_300);
  });

  it("is the usual one when Retry-After is over or no time at all", () => {
    for (const text of ["0", "soon", "-5", new Date(0).toUTCString()])
      expect(pauseBefore(1, text)).toBeLessThanOrEqual(300);
  });
});
