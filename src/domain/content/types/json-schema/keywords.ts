import { isDay, readClock, readDatetime } from "../../../../core/datetimes.ts";

/** A JSON Schema, as far as fields take one. */
export type Schema = boolean | { readonly [keyword: string]: unknown };

export const TYPES = ["string", "number", "integer", "boolean", "object", "array", "null"] as const;

/** Keywords whose value is a schema, a list of schemas, or schemas by name. */
export const SCHEMA_KEYWORDS = {
  one: ["additionalProperties", "propertyNames", "items", "contains", "not", "if", "then", "else"],
  list: ["allOf", "anyOf", "oneOf", "prefixItems"],
  byName: ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"],
} as const;

/** Of those the ones that ask something of the same value, rather than of something inside it. */
export const IN_PLACE = ["not", "if", "then", "else", "allOf", "anyOf", "oneOf", "dependentSchemas"];

const isText = (value: unknown) => typeof value === "string";
const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);
const isNames = (value: unknown) => Array.isArray(value) && value.every(isText);
const isType = (value: unknown) => (TYPES as readonly unknown[]).includes(value);

type Shape = { is: (value: unknown) => boolean; words: string };
const COUNT: Shape = { is: isCount, words: "a whole number" };
const NUMBER: Shape = { is: isNumber, words: "a number" };
const ANYTHING: Shape = { is: () => true, words: "any JSON" };

/** What the values of the other keywords look like. */
export const PLAIN_KEYWORDS: Readonly<Record<string, Shape>> = {
  type: {
    is: (value) => isType(value) || (Array.isArray(value) && value.length > 0 && value.every(isType)),
    words: `one of ${TYPES.join(", ")}, or a list of them`,
  },
  enum: { is: (value) => Array.isArray(value) && value.length > 0, words: "a list of values" },
  const: ANYTHING,
  required: { is: isNames, words: "a list of names" },
  dependentRequired: {
    is: (value) =>
      typeof value === "object" &&
      value !== null &&
      !Array.isArray(value) &&
      Object.values(value).every(isNames),
    words: "lists of names by name",
  },
  minProperties: COUNT,
  maxProperties: COUNT,
  minItems: COUNT,
  maxItems: COUNT,
  minContains: COUNT,
  maxContains: COUNT,
  minLength: COUNT,
  maxLength: COUNT,
  uniqueItems: { is: (value) => typeof value === "boolean", words: "true or false" },
  minimum: NUMBER,
  maximum: NUMBER,
  exclusiveMinimum: NUMBER,
  exclusiveMaximum: NUMBER,
  multipleOf: { is: (value) => isNumber(value) && (value as number) > 0, words: "a number above 0" },
  pattern: { is: isText, words: "an RE2 expression" },
  format: { is: (value) => isText(value) && Object.hasOwn(FORMATS, value as string), words: "" },
  $ref: {
    is: (value) => isText(value) && /^#(?:\/|$)/.test(value as string),
    words: "a place in the same schema, such as #/$defs/item",
  },
  title: { is: isText, words: "a text" },
  description: { is: isText, words: "a text" },
  $comment: { is: isText, words: "a text" },
  $schema: { is: isText, words: "a text" },
  default: ANYTHING,
  examples: ANYTHING,
  deprecated: ANYTHING,
  readOnly: ANYTHING,
  writeOnly: ANYTHING,
};

const EMAIL = /^[^\s@<>()[\]\\,;:"]+@[^\s@.]+(?:\.[^\s@.]+)+$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The formats that are checked. */
export const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  date: isDay,
  "date-time": (text) => readDatetime(text) !== undefined,
  time: (text) => readClock(text) !== undefined,
  email: (text) => EMAIL.test(text),
  uri: (text) => /^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text),
  uuid: (text) => UUID.test(text),
};
