import * as z from "zod";
import { expect, it } from "vitest";
import { schemaWriter } from "./json-schema.ts";

it("puts schemas that have a name among the components, with their descriptions", () => {
  const Node: z.ZodType = z.object({
    name: z.string().describe("A name."),
    get children() {
      return z.array(Node).optional();
    },
  });
  const { write, components } = schemaWriter({ Node });
  expect(write(z.array(Node))).toEqual({ type: "array", items: { $ref: "#/components/schemas/Node" } });
  expect(components["Node"]).toMatchObject({
    properties: {
      name: { type: "string", description: "A name." },
      children: { items: { $ref: "#/components/schemas/Node" } },
    },
  });
});

it("names any JSON value, and refuses other schemas that refer to themselves without a name", () => {
  const { write, components } = schemaWriter({});
  expect(write(z.object({ a: z.json() }))).toMatchObject({
    properties: { a: { $ref: "#/components/schemas/JsonValue" } },
  });
  expect(Object.keys(components)).toEqual(["JsonValue"]);
  const Unnamed: z.ZodType = z.object({
    get self() {
      return Unnamed.optional();
    },
  });
  expect(() => write(z.object({ Unnamed }))).toThrow("needs a name");
});

it("leaves out properties that may not be there", () => {
  const { write } = schemaWriter({});
  const schema = z.strictObject({ a: z.string(), b: z.undefined().optional() });
  expect(write(schema)).toEqual({
    type: "object",
    properties: { a: { type: "string" } },
    required: ["a"],
    additionalProperties: false,
  });
});
