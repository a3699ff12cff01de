import { expect, it } from "vitest";
import { writeTypes } from "./write-types.ts";

const type = (id: string, year: number) => ({
  id,
  name: id,
  fields: [{ id: "title", type: "short_text" as const }],
  created_at: `${year}-01-01T00:00:00.000Z`,
});
const namesOf = (...types: ReturnType<typeof type>[]) =>
  Object.fromEntries(
    [
      ...writeTypes(types as never, { locales: [{ code: "en" }] as never }).matchAll(/^ {4}(\w+): (\w+);$/gm),
    ].map(([, id, name]) => [id, name]),
  );

it.each([
  ["media", "media_entry"],
  ["media_entry", "media"],
  ["a_1", "a1"],
  ["a1", "a_1"],
])("a type %s keeps its name when %s is added", (before, added) => {
  const old = namesOf(type(before, 2020));
  const both = namesOf(type(added, 2021), type(before, 2020));
  expect(both).toMatchObject(old);
  expect(both[added]).not.toBe(both[before]);
});

it("writes the path of entries that are read by theirs", () => {
  const fields = [
    { id: "slug", type: "slug", path: true },
    { id: "above", type: "reference", to: ["page"] },
  ];
  const text = writeTypes([{ id: "page", name: "Page", parent: "above", fields }] as never, {
    locales: [{ code: "en" }] as never,
  });
  expect(text).toContain("  path: LongText | null;\n");
  expect(text).toContain('import type { LongText, Reference } from "flowcms/client";');
});

it("writes the components of rich text, as blocks and as annotations", () => {
  const term = { id: "term", fields: [{ id: "word", type: "short_text", required: true }] };
  const components = [{ id: "callout", name: "Callout", fields: [{ id: "tone", type: "short_text" }] }];
  const fields = [
    { id: "body", type: "rich_text", components: ["callout", term], annotations: ["term"] },
    { id: "plain", type: "rich_text" },
  ];
  const text = writeTypes(
    [{ id: "page", name: "Page", fields }] as never,
    { locales: [{ code: "en" }] as never },
    components as never,
  );
  expect(text).toContain(
    "body: RichText<{\n    callout: Callout;\n  }, {\n    term: {\n      word: string;\n    };\n  }> | null;",
  );
  expect(text).toContain("plain: RichText | null;");
});
