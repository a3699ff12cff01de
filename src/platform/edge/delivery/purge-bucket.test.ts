import { expect, it } from "vitest";
import { BUCKET_SIZE, spend } from "./purge-bucket.ts";

it("spends purges within the account's quota and says what has to wait", () => {
  const tags = Array.from({ length: 3000 }, (_, i) => `t${i}`);
  const first = spend({ tokens: BUCKET_SIZE, filledAt: 0 }, tags, 0);
  expect([first.calls.length, first.calls[0]!.length, first.starved.length]).toEqual([25, 100, 500]);
  const second = spend(first.bucket, first.starved, 24_000);
  expect([second.calls.length, second.starved.length]).toEqual([2, 300]);
  expect(spend(second.bucket, ["x"], 24_001).starved).toEqual(["x"]);
});
