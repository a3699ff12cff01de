import { expect, it } from "vitest";
import { sameValue } from "./same-value.ts";

it("compares values by what they hold, at every depth, whatever the order of keys", () => {
  expect(sameValue({ a: [{ b: 1, c: null }], d: "x" }, { d: "x", a: [{ c: null, b: 1 }] })).toBe(true);
  expect(sameValue({ a: undefined }, {})).toBe(true);
  for (const [one, other] of [
    [{ a: null }, {}],
    [
      [1, 2],
      [2, 1],
    ],
    [{}, []],
    [{ a: 1 }, [["a", 1]]],
    ["1", 1],
    [null, undefined],
  ])
    expect(sameValue(one, other), JSON.stringify([one, other])).toBe(false);
});
