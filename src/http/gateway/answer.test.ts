import { expect, it } from "vitest";
import { showCached } from "./answer.ts";

const now = Date.now();
const cached = (storedAt: number) => ({
  body: new TextEncoder().encode('"x"').buffer as ArrayBuffer,
  headers: [["etag", '"1"']] satisfies [string, string][],
  ...{ etag: '"1"', tags: [], storedAt, freshUntil: now, staleUntil: now, keptUntil: 0, bytes: 3 },
});
const replyTo = (init: RequestInit = {}) => ({
  request: new Request("https://cms.example/", init),
  requestId: "r",
});

it("says how old an answer is, which was never stored after it was asked for", () => {
  const ageOf = (storedAt: number) => showCached(replyTo(), cached(storedAt), "HIT", now).headers.get("age");
  expect(ageOf(now - 2500)).toBe("2");
  // Who waits for an answer that another fetches has asked before it was there.
  expect(ageOf(now + 5)).toBe("0");
  expect(showCached(replyTo(), cached(now), "MISS", now).headers.has("age")).toBe(false);
});

it("shows no body to who has it, or asked for none", async () => {
  const known = showCached(replyTo({ headers: { "if-none-match": '"1"' } }), cached(now), "HIT", now);
  expect([known.status, await known.text(), known.headers.get("etag")]).toEqual([304, "", '"1"']);
  const head = showCached(replyTo({ method: "HEAD" }), cached(now), "HIT", now);
  expect([head.status, await head.text()]).toEqual([200, ""]);
});
