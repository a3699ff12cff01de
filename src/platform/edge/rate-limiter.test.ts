import { expect, it } from "vitest";
import { BUCKET_SIZE, spend } from "./purge-bucket.ts";
import { countRequest, windowOf } from "./rate-limiter.ts";

const never = async () => ({ success: true });

it("refuses a caller over the limit until the minute is over", () => {
  const window = windowOf("caller-1", 0);
  const passed = Array.from({ length: 12 }, () => countRequest(window, 10, never, () => {})).filter(Boolean);
  expect(passed).toHaveLength(10);
  expect(windowOf("caller-1", 59_999)).toBe(window);
  expect(countRequest(windowOf("caller-1", 60_000), 10, never, () => {})).toBe(true);
});

it("reports to the shared limiter in steps and heeds its refusal", async () => {
  const window = windowOf("caller-2", 0);
  const work: Promise<unknown>[] = [];
  let reports = 0;
  const refuse = async () => ({ success: ++reports < 2 });
  for (let i = 0; i < 100; i++) countRequest(window, 60_000, refuse, (one) => void work.push(one));
  await Promise.all(work);
  expect(reports).toBe(2);
  expect(countRequest(window, 60_000, refuse, () => {})).toBe(false);
});

it("spends purges within the account's quota and says what has to wait", () => {
  const tags = Array.from({ length: 3000 }, (_, i) => `t${i}`);
  const first = spend({ tokens: BUCKET_SIZE, filledAt: 0 }, tags, 0);
  expect([first.calls.length, first.calls[0]!.length, first.starved.length]).toEqual([25, 100, 500]);
  const second = spend(first.bucket, first.starved, 24_000);
  expect([second.calls.length, second.starved.length]).toEqual([2, 300]);
  expect(spend(second.bucket, ["x"], 24_001).starved).toEqual(["x"]);
});
