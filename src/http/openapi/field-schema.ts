import { defaultExpression } from "../../core/rules/index.ts";
import { currencyCodes } from "../../core/currencies.ts";
import {
  elementOf,
  isNumeric,
  kindOf,
  optionsOf,
  numericBounds,
  SLUG_PATTERN,
  type Field,
} from "../../domain/content/types/index.ts";
import { refTo, type JsonSchema } from "./json-schema.ts";

/** `input` is what a write takes, `answer` what a read gives. */
export type Direction = "input" | "answer";

const DECIMAL: JsonSchema = { type: "string", pattern: "^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?$" };
const CLOCK_PATTERN = "^(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?$";

/** Schemas that fields refer to. */
export const FIELD_SCHEMAS: Record<string, JsonSchema> = {
  RichText: {
    type: "object",
    description: "A ProseMirror document.",
    required: ["type"],
    properties: {
      type: { type: "string", const: "doc" },
      content: {
        type: "array",
        items: { type: "object", required: ["type"], properties: { type: { type: "string" } } },
      },
    },
  },
  RichTextHtml: {
    type: "object",
    description: "HTML, which is stored as a document; `autop` turns blank lines into paragraphs.",
    required: ["html"],
    properties: { html: { type: "string", maxLength: 1_000_000 }, autop: { type: "boolean" } },
    additionalProperties: false,
  },
  Included: {
    type: "object",
    description: "A resolved reference, with `include`.",
    required: ["id"],
    properties: { id: { type: "string" }, status: { type: "string" } },
  },
};

/** The properties and the required names of an object with these fields. */
export function fieldsSchema(fields: readonly Field[], direction: Direction): JsonSchema {
  const required = fields
    .filter((field) => field.required && field.default === undefined && !field.from)
    .map((field) => field.id);
  const shown = direction === "answer" ? fields : fields.filter((field) => field.computed === undefined);
  return {
    type: "object",
    ...(direction === "input" && required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(shown.map((field) => [field.id, fieldSchema(field, direction)])),
  };
}

/** The JSON Schema of a field's value, in one locale. */
export function fieldSchema(field: Field, direction: Direction): JsonSchema {
  const one = oneValue(elementOf(field), direction);
  const value: JsonSchema = field.multiple
    ? { type: "array", items: one, maxItems: 500, ...within(field, "Items") }
    : one;
  const said =
    field.help ?? `${field.multiple ? "A list, each " : ""}${kindOf(field).expects(elementOf(field))}`;
  const words = {
    ...(field.name === undefined ? {} : { title: field.name }),
    description: field.localized ? `${said} (with \`locale=*\` an object by locale)` : said,
    ...(field.default === undefined || defaultExpression(field) ? {} : { default: field.default }),
    ...(field.computed === undefined ? {} : { readOnly: true }),
  };
  const isAny = field.type === "json";
  return isAny || (field.required && !field.from && direction === "input")
    ? { ...words, ...value }
    : { ...words, anyOf: [value, { type: "null" }] };
}

function oneValue(field: Field, direction: Direction): JsonSchema {
  switch (field.type) {
    case "short_text":
    case "long_text":
    case "markdown":
      return { type: "string", ...within(field, "Length"), ...patternOf(field) };
    case "slug":
      return { type: "string", pattern: SLUG_PATTERN, ...within(field, "Length") };
    case "email":
      return { type: "string", format: "email", ...within(field, "Length") };
    case "url":
      return { type: "string", format: "uri", ...within(field, "Length") };
    case "color":
      return { type: "string", pattern: "^#[0-9A-Fa-f]{6}(?:[0-9A-Fa-f]{2})?$" };
    case "enum":
      return { type: isNumeric(field) ? "number" : "string", enum: [...optionsOf(field).keys()] };
    case "integer":
    case "number":
      return { type: field.type, ...within(field, "imum") };
    case "decimal":
      return decimalSchema(direction);
    case "money":
      return objectOf(
        {
          amount: decimalSchema(direction),
          currency: { type: "string", enum: field.currencies ?? currencyCodes() },
        },
        ["amount", "currency"],
      );
    case "time":
      return { type: "string", pattern: CLOCK_PATTERN };
    case "date_range":
      return rangeSchema(field, { type: "string", format: "date" });
    case "datetime_range":
      return rangeSchema(field, { type: "string", format: "date-time" });
    case "number_range":
      return rangeSchema(field, { type: "number", ...within(field, "imum") });
    case "boolean":
      return { type: "boolean" };
    case "date":
      return { type: "string", format: "date" };
    case "datetime":
      return { type: "string", format: "date-time" };
    case "json":
      return jsonSchema(field);
    case "location":
      return {
        type: "object",
        required: ["lat", "lon"],
        properties: {
          lat: { type: "number", minimum: -90, maximum: 90 },
          lon: { type: "number", minimum: -180, maximum: 180 },
        },
        additionalProperties: false,
      };
    case "media":
    case "reference":
      return referenceSchema(field, direction);
    case "rich_text":
      return direction === "input"
        ? { anyOf: [refTo("RichText"), refTo("RichTextHtml")] }
        : { anyOf: [refTo("RichText"), { type: "string", description: "With `rich_text=html|text`." }] };
    case "component":
      return field.component === undefined
        ? fieldsSchema(field.fields ?? [], direction)
        : refTo(componentSchemaName(field.component, direction));
    case "blocks":
      return blocksSchema(field, direction);
  }
}

const decimalSchema = (direction: Direction): JsonSchema =>
  direction === "input" ? { anyOf: [DECIMAL, { type: "number" }] } : DECIMAL;

const objectOf = (properties: Record<string, JsonSchema>, required: string[]): JsonSchema => ({
  type: "object",
  ...(required.length > 0 ? { required } : {}),
  properties,
  additionalProperties: false,
});

/** Its own schema, where that can stand inside another one: references are to places in it. */
function jsonSchema({ schema = {} }: Field): JsonSchema {
  return JSON.stringify(schema).includes('"$ref"') ? {} : (schema as JsonSchema);
}

function rangeSchema({ open_ends: open = ["from", "to"] }: Field, end: JsonSchema): JsonSchema {
  const ends = ["from", "to"] as const;
  const schemaOf = (name: "from" | "to") => (open.includes(name) ? { anyOf: [end, { type: "null" }] } : end);
  const given = ends.filter((name) => !open.includes(name));
  return { ...objectOf({ from: schemaOf("from"), to: schemaOf("to") }, given), minProperties: 1 };
}

function referenceSchema(field: Field, direction: Direction): JsonSchema {
  const prefix = field.type === "media" ? "ast" : "cnt";
  const id = { type: "string", pattern: `^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$` };
  if (direction === "input") return id;
  const targets = field.to?.map(refTo) ?? [];
  return { anyOf: [id, ...targets, refTo("Included")] };
}

function blocksSchema(field: Field, direction: Direction): JsonSchema {
  const blocks = (field.components ?? []).map((component) => {
    if (component.component !== undefined) return reusableBlock(component, direction);
    const { properties, required = [] } = fieldsSchema(component.fields, direction) as {
      properties: object;
      required?: string[];
    };
    return {
      type: "object",
      title: component.name ?? component.id,
      required: ["type", ...required],
      properties: { type: { type: "string", const: component.id }, ...properties },
    };
  });
  const items = blocks.length === 1 ? blocks[0]! : { oneOf: blocks };
  return { type: "array", maxItems: 500, items, ...within(field, "Items") };
}

function reusableBlock(
  { id, name }: { id: string; name?: string | undefined },
  direction: Direction,
): JsonSchema {
  return {
    title: name ?? id,
    allOf: [
      refTo(componentSchemaName(id, direction)),
      { type: "object", required: ["type"], properties: { type: { type: "string", const: id } } },
    ],
  };
}

/** Components and content types have ids of their own. */
export const componentSchemaName = (id: string, direction: Direction): string =>
  direction === "input" ? `${id}.input` : id;

/** The schemas of the reusable components that fields use, also inside each other, by their names. */
export function componentSchemas(
  fields: readonly Field[],
  found: Record<string, JsonSchema> = {},
): Record<string, JsonSchema> {
  const add = (id: string | undefined, inner: readonly Field[]): void => {
    if (id !== undefined) {
      if (found[id]) return;
      for (const direction of ["answer", "input"] as const)
        found[componentSchemaName(id, direction)] = fieldsSchema(inner, direction);
    }
    componentSchemas(inner, found);
  };
  for (const { component, fields: inner, components = [] } of fields) {
    if (inner) add(component, inner);
    for (const block of components) add(block.component, block.fields);
  }
  return found;
}

function within(field: Field, what: "Length" | "Items" | "imum"): JsonSchema {
  const { min, max } = numericBounds(field);
  return {
    ...(min === undefined ? {} : { [`min${what}`]: min }),
    ...(max === undefined ? {} : { [`max${what}`]: max }),
  };
}

/** RE2 knows expressions that JSON Schema does not: those are left to the words. */
function patternOf({ pattern }: Field): JsonSchema {
  if (pattern === undefined) return {};
  const whole = `^(?:${pattern})$`;
  try {
    return { pattern: new RegExp(whole, "u").source };
  } catch {
    return {};
  }
}
