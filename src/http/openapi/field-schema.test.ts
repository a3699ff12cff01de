import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { checkValue, FIELD_TYPES, type Field } from "../../domain/content/types/index.ts";
import { FIELD_SCHEMAS, fieldSchema } from "./field-schema.ts";

const ajv = new Ajv2020({ strict: false });
(addFormats as unknown as (to: Ajv2020) => void)(ajv);
ajv.addSchema({ $id: "api", components: { schemas: FIELD_SCHEMAS } });

const validatorOf = (field: Field) =>
  ajv.compile(JSON.parse(JSON.stringify(fieldSchema(field, "input")).replaceAll('"#/', '"api#/')) as object);
const accepts = (field: Field, value: unknown) => {
  const check = { issues: [], allowIncomplete: false };
  checkValue(field, value, "value", check);
  return check.issues.length === 0;
};

const text = { min: 2, max: 5, pattern: "[a-z-]+" };
const RULES: Record<(typeof FIELD_TYPES)[number], object> = {
  short_text: text,
  long_text: text,
  markdown: text,
  slug: {},
  email: {},
  url: {},
  color: {},
  enum: { options: ["abc", "edge"] },
  integer: { min: 1, max: 10 },
  number: { min: 1.5 },
  decimal: { scale: 2 },
  money: { currencies: ["EUR", "JPY"] },
  time: {},
  date_range: {},
  datetime_range: { open_ends: ["to"] },
  number_range: { open_ends: [] },
  boolean: {},
  date: {},
  datetime: {},
  json: {},
  location: {},
  media: {},
  reference: { to: ["author"] },
  rich_text: {},
  component: { fields: [{ id: "label", type: "short_text", required: true }] },
  blocks: {
    components: [
      { id: "hero", fields: [{ id: "label", type: "short_text", required: true }] },
      { id: "rule", fields: [{ id: "on", type: "boolean" }] },
    ],
  },
};
const VALUES: unknown[] = [
  "abc",
  "a",
  "abcdefgh",
  "ABC",
  "edge",
  "a@b.co",
  "https://example.org/x",
  "#1a2b3c",
  "#12",
  "2026-01-31",
  "2026-02-31",
  "09:30",
  "09:30:15",
  "24:00",
  "12.50",
  "1e5",
  { amount: "12", currency: "EUR" },
  { amount: "12", currency: "USD" },
  { amount: 12 },
  { from: "2026-01-31", to: null },
  { from: "2026-01-31", to: "2026-02-01" },
  { from: "2026-01-31T09:30:00Z" },
  { from: 1, to: 2 },
  { from: 1 },
  { until: 1 },
  "2026-01-31T09:30:00Z",
  "2026-01-31T09:30:00.5+01:00",
  "ast_01jd3f0b6vfs8t4z9c7q2m5n8x",
  "cnt_01jd3f0b6vfs8t4z9c7q2m5n8x",
  0,
  5,
  1.5,
  2.5,
  100,
  true,
  {},
  [],
  ["abc"],
  { lat: 1, lon: 2 },
  { lat: 91, lon: 2 },
  { lat: 1, lon: 2, alt: 3 },
  { html: "<p>x</p>" },
  { type: "doc", content: [] },
  { label: "x" },
  { label: 1 },
  [{ type: "hero", label: "x" }],
  [{ type: "hero" }],
  [{ type: "rule" }],
  [{ type: "other" }],
  null,
];

describe("the JSON Schema of a field", () => {
  it.each(FIELD_TYPES.flatMap((type) => [true, false].map((required) => ({ type, required }))))(
    "takes what a write takes: $type, required $required",
    ({ type, required }) => {
      const field = { id: "value", type, required, ...RULES[type] } as Field;
      const validate = validatorOf(field);
      for (const value of VALUES)
        if (accepts(field, value)) expect(validate(value), JSON.stringify(value)).toBe(true);
    },
  );

  it.each(
    FIELD_TYPES.filter(
      (type) => !["json", "rich_text", "component", "blocks", "url", "email"].includes(type),
    ),
  )("refuses what a write refuses: %s", (type) => {
    const field = { id: "value", type, required: true, ...RULES[type] } as Field;
    const validate = validatorOf(field);
    for (const value of VALUES)
      if (!accepts(field, value)) expect(validate(value), JSON.stringify(value)).toBe(false);
  });

  it("leaves patterns that JSON Schema cannot express to the words", () => {
    const field = { id: "value", type: "short_text", pattern: "(?i)abc" } as Field;
    expect(JSON.stringify(fieldSchema(field, "input"))).not.toContain('"pattern"');
  });

  it("has no choice without alternatives", () => {
    const block = { id: "hero", fields: [{ id: "data", type: "json" }] };
    const field = { id: "value", type: "blocks", components: [block] } as unknown as Field;
    for (const direction of ["input", "answer"] as const) {
      const written = JSON.stringify(fieldSchema(field, direction));
      expect(written).not.toContain('"oneOf"');
      expect(written).not.toMatch(/"anyOf":\[\{\}/);
    }
  });
});
