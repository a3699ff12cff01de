import { describe, expect, it } from "vitest";
import { AnswerCache, type CachedAnswer } from "./answer-cache.ts";

const answer = (text: string, tags: string[], now = 0): CachedAnswer => {
  const body = new TextEncoder().encode(text).buffer as ArrayBuffer;
  return {
    body,
    headers: [],
    etag: text,
    tags,
    storedAt: now,
    freshUntil: now + 1000,
    staleUntil: now + 2000,
    keptUntil: now + 3000,
    bytes: body.byteLength,
  };
};
const fill = (cache: AnswerCache, key: string, value: CachedAnswer | Response, at = 0) =>
  cache.fill(
    key,
    () => at,
    async () => value,
  ).answer;

describe("the answer cache", () => {
  it("forgets by tag, and only by tag", async () => {
    const cache = new AnswerCache();
    await fill(cache, "a", answer("a", ["x", "y"]));
    await fill(cache, "b", answer("b", ["y"]));
    expect(cache.purge(["x"], 1)).toBe(1);
    expect([cache.get("a"), cache.get("b")?.etag]).toEqual([undefined, "b"]);
    cache.purge(["y"], 2);
    expect(cache.bytes).toBe(0);
  });

  it("does not keep a fill that began before one of its tags was purged", async () => {
    const cache = new AnswerCache();
    let finish!: (value: CachedAnswer) => void;
    const { answer: filling } = cache.fill(
      "a",
      () => 5,
      () => new Promise((resolve) => (finish = resolve)),
    );
    cache.purge(["x"], 6);
    finish(answer("old", ["x"]));
    await filling;
    expect(cache.get("a")).toBeUndefined();
    await fill(cache, "a", answer("new", ["x"]), 7);
    expect(cache.get("a")?.etag).toBe("new");
  });

  it("never joins a fill that began before a purge", async () => {
    const cache = new AnswerCache();
    const first = cache.fill(
      "a",
      () => 1,
      () => new Promise(() => {}),
    );
    cache.purge(["x"], 2);
    expect([
      first.isLeader,
      cache.fill(
        "a",
        () => 3,
        async () => answer("b", ["x"]),
      ).isLeader,
    ]).toEqual([true, true]);
  });

  it("fills a key once for all who ask meanwhile", async () => {
    const cache = new AnswerCache();
    let loads = 0;
    const load = async () => answer(`v${++loads}`, []);
    const asked = Array.from({ length: 10 }, () => cache.fill("a", () => 0, load));
    await Promise.all(asked.map((one) => one.answer));
    expect([loads, asked.filter((one) => one.isLeader).length]).toEqual([1, 1]);
  });

  it("gives a response that is not shared to who asked first, and none to the others", async () => {
    const cache = new AnswerCache();
    const own = new Response("no", { status: 500 });
    const [first, second] = [0, 1].map((at) =>
      cache.fill(
        "a",
        () => at,
        async () => own,
      ),
    );
    expect([await first!.answer, await second!.answer]).toEqual([own, undefined]);
  });

  it("stays within its bytes, the least used out first, and never keeps a Response", async () => {
    const cache = new AnswerCache(20_000);
    for (let i = 0; i < 30; i++) {
      await fill(cache, `k${i}`, answer("x".repeat(1000), [`t${i}`]));
      cache.touch("k0");
    }
    expect(cache.bytes).toBeLessThanOrEqual(20_000);
    expect([cache.get("k0") !== undefined, cache.get("k1"), cache.get("k29") !== undefined]).toEqual([
      true,
      undefined,
      true,
    ]);
    await fill(cache, "big", answer("x".repeat(5000), []));
    await fill(cache, "error", new Response("no", { status: 500 }));
    expect([cache.get("big"), cache.get("error")]).toEqual([undefined, undefined]);
  });
});
