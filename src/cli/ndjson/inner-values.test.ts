import { expect, it } from "vitest";
import { knownValue, withNulls } from "./inner-values.ts";

const FIELD = {
  id: "body",
  type: "rich_text",
  components: [
    {
      id: "term",
      fields: [
        { id: "word", type: "short_text", default: "edge" },
        { id: "length", type: "integer", computed: "word.size()" },
      ],
    },
  ],
  annotations: ["term"],
};
const doc = (attrs: object) => ({
  type: "doc",
  content: [
    {
      type: "heading",
      attrs: { level: 2 },
      content: [{ type: "text", text: "a", marks: [{ type: "term", attrs }] }],
    },
  ],
});

it("annotations are written again without defaults in place of nothing, and without what is computed", () => {
  expect(withNulls([FIELD] as never, { body: doc({ length: 4 }) })).toEqual({ body: doc({ word: null }) });
});

it("annotations of a version lose what their component has no more", () => {
  expect(knownValue(FIELD as never, doc({ word: "a", old: 1 }))).toEqual(doc({ word: "a" }));
});
