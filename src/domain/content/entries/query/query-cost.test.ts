import { expect, it } from "vitest";
import { readWhere } from "../../grants/index.ts";
import { compileType } from "../../types/compile-type.ts";
import type { Field } from "../../types/index.ts";
import { costOfFilters } from "./query-cost.ts";
import type { Source } from "./source.ts";

const field = (id: string, type: Field["type"], more: Partial<Field> = {}): Field =>
  ({ id, type, required: false, unique: false, localized: false, multiple: false, ...more }) as Field;
const type = compileType(
  {
    id: "note",
    name: "Note",
    fields: [
      field("title", "short_text", { localized: true }),
      field("plain", "short_text"),
      field("code", "short_text", { unique: true }),
      field("body", "rich_text"),
      field("words", "short_text", { multiple: true }),
      field("author", "reference"),
      field("seo", "component", { fields: [field("kind", "short_text")] }),
      field("parts", "component", {
        multiple: true,
        fields: [field("kind", "short_text"), field("size", "number")],
      }),
    ],
  },
  1,
);
const schema = { types: new Map([["note", type]]) };
const source = { type, schema, chain: ["fr", "en"] } as unknown as Source;
const trials = (query: string) => costOfFilters(source, readWhere(new URLSearchParams(query), [])).trials;

it.each([
  ["", 0],
  ["filter[plain]=a&filter[plain][gte]=b", 0],
  ["filter[plain]=a&filter[author]=cnt_1", 0],
  ["filter[plain][contains]=a", 1],
  ["filter[title][contains]=a", 2],
  ["filter[plain][exists]=false", 0.5],
  ["filter[plain][null]=true", 0.5],
  ["filter[title][exists]=false", 0.5],
  ["filter[plain][exists]=true", 0],
  ["filter[body][exists]=true", 5],
  ["filter[words][exists]=true", 5],
  ["filter[words][null]=true", 5],
  ["filter[seo][kind]=a", 0],
  ["filter[seo][kind][contains]=a", 1],
  ["filter[seo][kind][exists]=true", 1],
  ["filter[parts][kind]=a", 0],
  ["filter[parts][kind]=a&filter[parts][size]=1", 3],
  ["filter[author][parts][kind][ne]=a", 2],
  ["filter[plain][ne]=a", 0.5],
  ["filter[title][ne]=a", 2],
  ["filter[not][plain]=a", 0.5],
  ["filter[not][plain][exists]=false", 1],
  ["filter[not][author][plain]=a", 1],
  ["filter[or][0][plain]=a&filter[or][1][plain]=b", 2],
  ["filter[author][plain]=a", 0],
  ["filter[author][plain][contains]=a", 1],
  ["filter[code]=a&filter[plain][contains]=a", 0],
  ['filter[id]=cnt_1&filter={"or":[{"plain":"a"},{"plain":{"contains":"b"}}]}', 0],
  ['filter[code][contains]=a&filter={"plain":{"contains":"b"}}', 2],
])("%s is tried %d times on each entry", (query, expected) => {
  expect(trials(query)).toBe(expected);
});
