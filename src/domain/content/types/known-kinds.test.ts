import { expect, it } from "vitest";
import { withKnownKinds } from "./rich-text-rules.ts";
import type { Field } from "./schemas.ts";

it("a document is shown without the blocks and marks of kinds that its field has no more", () => {
  const kind = (id: string) => ({ id, fields: [{ id: "secret", type: "short_text" }] });
  const field = {
    id: "body",
    type: "rich_text",
    components: [kind("quote"), kind("term")],
    annotations: ["term"],
  } as unknown as Field;
  const text = (text: string, ...marks: string[]) => ({
    type: "text",
    text,
    marks: marks.map((type) => ({ type, attrs: { secret: "s" } })),
  });
  const block = (type: string) => ({ type, attrs: { secret: "s" } });
  const paragraph = { type: "paragraph", content: [text("a", "term"), text("b", "old", "bold")] };
  const doc = { type: "doc", content: [paragraph, block("quote"), block("older")] };
  const shown = withKnownKinds(field, doc);
  expect(shown.content).toHaveLength(2);
  const types = JSON.stringify(shown)
    .match(/"type":"\w+"/g)!
    .map((one) => one.slice(8, -1));
  expect(types).toEqual(["doc", "paragraph", "text", "term", "text", "bold", "quote"]);
  expect(withKnownKinds(field, null)).toBe(null);
});
