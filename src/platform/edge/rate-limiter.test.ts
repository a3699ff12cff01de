import { expect, it } from "vitest";
import { countRequest, windowOf } from "./rate-limiter.ts";

const willing = { limit: async () => ({ success: true }) };
const behind = { waitUntil: () => {} };

it("refuses a caller over the limit until the minute is over", () => {
  const window = windowOf("caller-1", "default", 10, 0);
  const passed = Array.from({ length: 12 }, () => countRequest(window, willing, behind)).filter(Boolean);
  expect(passed).toHaveLength(10);
  expect(windowOf("caller-1", "default", 10, 59_999)).toBe(window);
  expect(countRequest(windowOf("caller-1", "default", 10, 60_000), willing, behind)).toBe(true);
});

it("reports to the shared limiter in steps and heeds its refusal", async () => {
  const window = windowOf("caller-2", "default", 60_000, 0);
  const work: Promise<unknown>[] = [];
  let reports = 0;
  const refusing = { limit: async () => ({ success: ++reports < 2 }) };
  for (let i = 0; i < 100; i++) countRequest(window, refusing, { waitUntil: (one) => void work.push(one) });
  await Promise.all(work);
  expect(reports).toBe(2);
  expect(countRequest(window, refusing, behind)).toBe(false);
});
