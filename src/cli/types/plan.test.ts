import { expect, it } from "vitest";
import { planModel } from "./plan.ts";
import type { Definition } from "./type-files.ts";

const type = (field: object) =>
  ({ id: "t", name: "T", fields: [{ id: "f", ...field }] }) as unknown as Definition;
const usage = { entries: async () => 3, values: async () => 3 };

it.each([
  [{ type: "integer" }, { type: "decimal", scale: 2 }, "data-losing"],
  [{ type: "integer" }, { type: "decimal" }, "safe"],
  [{ type: "date" }, { type: "datetime" }, "safe"],
  [{ type: "datetime" }, { type: "date" }, "data-losing"],
  [{ type: "enum", options: ["a"] }, { type: "enum", options: [{ value: "a", label: "A" }, "b"] }, "safe"],
  [
    { type: "enum", options: ["a", "b"] },
    { type: "enum", options: [{ value: "a", label: "A" }] },
    "data-losing",
  ],
  [{ type: "decimal", scale: 2 }, { type: "decimal", scale: 3 }, "safe"],
  [{ type: "decimal", scale: 2 }, { type: "decimal", scale: 1 }, "data-losing"],
  [{ type: "date", min: "now" }, { type: "date", min: "2026-01-01" }, "data-losing"],
  [{ type: "media", accept: ["image/*"] }, { type: "media", accept: ["image/*", "video/*"] }, "safe"],
  [{ type: "media" }, { type: "media", accept: ["image/*"] }, "data-losing"],
  [{ type: "rich_text", headings: [1, 2] }, { type: "rich_text", headings: [2] }, "data-losing"],
  [{ type: "rich_text", headings: [1] }, { type: "rich_text" }, "safe"],
])("from %j to %j is %s", async (before, after, risk) => {
  const [change] = await planModel(
    { types: [{ ...type(before), version: 1 }], components: [] },
    { types: [type(after)], components: [] },
    usage,
  );
  expect(change!.risk).toBe(risk);
});
