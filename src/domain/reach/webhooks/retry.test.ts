import { expect, it } from "vitest";
import { readRetryAfter, retryDelay } from "./retry.ts";

const now = Date.parse("2026-01-31T09:30:00Z");
const DAY = 86_400;

it.each([
  ["120", 120],
  [" 0 ", 0],
  ["99999999999", DAY],
  ["9".repeat(400), DAY],
  ["Sat, 31 Jan 2026 09:31:00 GMT", 60],
  ["Fri, 31 Dec 9999 23:59:59 GMT", DAY],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["-5", undefined],
  ["1.5", undefined],
  ["1e3", undefined],
  ["soon", undefined],
  [null, undefined],
])("Retry-After %j is waited for %j seconds", (header, seconds) => {
  expect(readRetryAfter(header, now)).toBe(seconds);
  expect(retryDelay([10], 1, readRetryAfter(header, now), 0.5)).toBe(Math.max(10, seconds ?? 0));
});
