import { expect, it } from "vitest";
import { planChangeFrom } from "./plan-options.ts";

it("reads what is to change, and nothing else", () => {
  expect(planChangeFrom({})).toBeUndefined();
  expect(planChangeFrom({ plan: "team" })).toEqual({ plan: "team", quotas: {} });
  expect(planChangeFrom({ plan: "default", writes: "default" })).toEqual({
    plan: null,
    quotas: { writes: null },
  });
  expect(planChangeFrom({ writes: "500", "costly-reads": "1" })).toEqual({
    quotas: { writes: 500, "costly-reads": 1 },
  });
});

it.each([
  [{ plan: "huge" }, "free, team, business"],
  [{ plan: "toString" }, "free, team, business"],
  [{ writes: "499" }, "500 to"],
  [{ writes: "1000001" }, "1000000"],
  [{ "costly-reads": "0" }, "1 to"],
  [{ "costly-reads": "many" }, "1 to"],
])("refuses %j by name", (given, words) => {
  expect(() => planChangeFrom(given)).toThrow(words);
});
