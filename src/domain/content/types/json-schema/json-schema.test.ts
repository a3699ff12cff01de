import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RE2JS } from "re2js";
import { schemaProblems, validate, type Budget, type Schema } from "./index.ts";

const budget = (most = 1_000_000): Budget & { spent: number } => ({
  spent: 0,
  spend(steps) {
    this.spent += steps;
    if (this.spent > most) throw new Error("too costly");
  },
  match: (pattern: RE2JS, text: string) => pattern.matcher(text).find(),
});
const fits = (schema: Schema, value: unknown) => validate(schema, value, "", budget()).length === 0;

const name = fc.constantFrom("a", "b", "c");
const scalar = fc.oneof(
  fc.constantFrom(null, true, false, "", "a", "ab", "2026-01-31", 0, 1, 2.5, -3),
  fc.integer({ min: -5, max: 5 }),
);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(name, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const count = fc.integer({ min: 0, max: 3 });
const { schema } = fc.letrec<{ schema: Schema }>((tie) => {
  const one = tie("schema");
  const some = fc.array(one, { minLength: 1, maxLength: 3 });
  const byName = fc.dictionary(name, one, { maxKeys: 3, noNullPrototype: true });
  return {
    schema: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.boolean(),
      fc.record(
        {
          type: fc.constantFrom("string", "number", "integer", "boolean", "object", "array", "null"),
          enum: fc.uniqueArray(scalar, {
            minLength: 1,
            maxLength: 3,
            selector: (one) => JSON.stringify(one),
          }),
        },
        { requiredKeys: [] },
      ),
      fc.record(
        { minLength: count, maxLength: count, pattern: fc.constantFrom("^a", "b$", "[0-9]+") },
        { requiredKeys: [] },
      ),
      fc.record(
        { minimum: count, exclusiveMaximum: count, multipleOf: fc.constantFrom(0.5, 1, 2) },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          items: one,
          prefixItems: some,
          minItems: count,
          maxItems: count,
          uniqueItems: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      fc.record(
        {
          properties: byName,
          required: fc.uniqueArray(name, { maxLength: 2 }),
          additionalProperties: one,
          propertyNames: fc.constantFrom<Schema>({ pattern: "^[ab]$" }, true),
          patternProperties: fc.constantFrom<object>({}, { "^a": { type: "string" } }),
          minProperties: count,
          dependentRequired: fc.constantFrom({}, { a: ["b"] }),
        },
        { requiredKeys: [] },
      ),
      fc.record({ allOf: some, anyOf: some, oneOf: some }, { requiredKeys: [] }),
      // Ajv fails to compile not beside anyOf.
      fc.record({ not: one }),
      // oxlint-disable-next-line unicorn/no-thenable
      fc.record({ if: one, then: one, else: one }, { requiredKeys: [] }),
      // Ajv forgets contains beside prefixItems.
      fc.record({ contains: one, minContains: count }, { requiredKeys: ["contains"] }),
      fc.record({ const: value }),
    ),
  };
});

describe("JSON Schemas", () => {
  it("agree with Ajv on random schemas and values", () => {
    const ajv = new Ajv2020({ strict: false, unevaluated: false, validateFormats: false, logger: false });
    fc.assert(
      fc.property(schema, value, (rules, given) => {
        expect(schemaProblems(rules, "schema")).toEqual([]);
        expect(fits(rules, given)).toBe(ajv.validate(rules as object, given));
      }),
      { numRuns: 2000 },
    );
  });

  it("follow references, also of trees, and name the place of each problem", () => {
    const tree: Schema = {
      $ref: "#/$defs/node",
      $defs: {
        node: {
          type: "object",
          required: ["name"],
          properties: {
            name: { type: "string" },
            children: { type: "array", items: { $ref: "#/$defs/node" } },
          },
          additionalProperties: false,
        },
      },
    };
    expect(schemaProblems(tree, "schema")).toEqual([]);
    const given = { name: "a", children: [{ name: "b" }, { name: 1 }, { more: 1, name: "c" }, {}] };
    expect(validate(tree, given, "data", budget())).toEqual([
      { path: "data.children[1].name", message: "must be of type string" },
      { path: "data.children[2].more", message: "is not allowed" },
      { path: "data.children[3].name", message: "is required" },
    ]);
  });

  it.each([
    [{ $ref: "#" }, "never ends"],
    [{ anyOf: [{ $ref: "#/$defs/a" }], $defs: { a: { not: { $ref: "#/$defs/a" } } } }, "never ends"],
    [{ $ref: "https://example.com/schema.json" }, "a place in the same schema"],
    [{ $ref: "#/$defs/none" }, "leads to nothing"],
    [{ $id: "https://example.com" }, "no keyword that is checked"],
    [{ $dynamicRef: "#a" }, "no keyword that is checked"],
    [{ propertys: {} }, 'Did you mean "properties"?'],
    [{ type: "text" }, "one of string, number"],
    [{ pattern: "(?<=a)b" }, "not a valid RE2 expression"],
    [{ patternProperties: { "(a": true } }, "not a valid RE2 expression"],
    [{ pattern: "((a{100}){100}){100}" }, "RE2 expression"],
    [{ format: "regex" }, "must be one of date"],
    [{ items: [{ type: "string" }] }, "must be a schema"],
    [{ multipleOf: 0 }, "a number above 0"],
    [{ description: "a".repeat(40_000) }, "too large"],
    [JSON.parse(`${'{"not":'.repeat(50)}true${"}".repeat(50)}`), "nested more than 40"],
  ])("%j is refused", (rules, message) => {
    expect(schemaProblems(rules as Schema, "schema")[0]?.message).toContain(message);
  });

  it("stop where many schemas multiply", () => {
    const $defs: Record<string, Schema> = { d0: { type: "string" } };
    for (let i = 1; i < 9; i++)
      $defs[`d${i}`] = { anyOf: [{ $ref: `#/$defs/d${i - 1}` }, { $ref: `#/$defs/d${i - 1}` }] };
    const many: Schema = { $defs, items: { $ref: "#/$defs/d8" } };
    expect(schemaProblems(many, "schema")).toEqual([]);
    expect(() => validate(many, Array(500).fill(1), "", budget(100_000))).toThrow("too costly");
  });

  it("match patterns that take forever where matching can go back", () => {
    const evil: Schema = { pattern: "^(a+)+$" };
    expect(schemaProblems(evil, "schema")).toEqual([]);
    expect(fits(evil, `${"a".repeat(50_000)}!`)).toBe(false);
  });
});
