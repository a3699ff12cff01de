import { expect, it } from "vitest";
import { BoundedCache } from "./bounded-cache.ts";

it("drops what was not used for longest when the bytes are up", () => {
  const cache = new BoundedCache<string>(100);
  cache.set("a", "A", 25);
  cache.set("b", "B", 25);
  cache.set("c", "C", 25);
  cache.set("d", "D", 25);
  expect(cache.get("a")).toBe("A");
  cache.set("e", "E", 20);
  expect([cache.get("a"), cache.get("b"), cache.get("e"), cache.bytes]).toEqual(["A", undefined, "E", 95]);
  cache.set("e", "E2", 10);
  expect([cache.get("e"), cache.bytes]).toEqual(["E2", 85]);
  cache.delete("e");
  cache.delete("nobody");
  expect(cache.bytes).toBe(75);
});

it("does not keep what would take most of the room", () => {
  const cache = new BoundedCache<string>(100);
  cache.set("a", "A", 25);
  cache.set("big", "B", 26);
  expect([cache.get("a"), cache.get("big"), cache.bytes]).toEqual(["A", undefined, 25]);
});
