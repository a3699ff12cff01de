import type { JsonSchema } from "../../http/openapi/json-schema.ts";

/**
 * Whether a type is what callers give or what they are given: what they give may be undefined and
 * read-only.
 */
export type Direction = "given" | "answered";

const REFERENCE = "#/components/schemas/";

/** The TypeScript type of a JSON Schema; references are names. */
export function typeText(schema: JsonSchema, direction: Direction): string {
  const { $ref, anyOf, oneOf, allOf, type, enum: values } = schema as Written;
  if ($ref !== undefined) return nameOf($ref);
  if ("const" in schema) return JSON.stringify(schema["const"]);
  if (values) return union(values.map((value) => JSON.stringify(value)));
  const choices = anyOf ?? oneOf;
  if (choices) return union(choices.map((one) => typeText(one, direction)));
  if (allOf) return allOf.map((one) => inBrackets(typeText(one, direction))).join(" & ");
  if (Array.isArray(type)) return union(type.map((one) => typeText({ ...schema, type: one }, direction)));
  switch (type) {
    case "string":
    case "boolean":
    case "null":
      return type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return arrayText(schema as Written, direction);
    case "object":
      return objectText(schema as Written, direction);
    default:
      return "unknown";
  }
}

type Written = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  description?: string;
};

/** The names of the components that a schema refers to. */
export function namesIn(schema: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const one of schema) namesIn(one, found);
  else if (typeof schema === "object" && schema !== null)
    for (const [key, value] of Object.entries(schema))
      if (key === "$ref") found.add(nameOf(value as string));
      else namesIn(value, found);
  return found;
}

const COMMENT_CHARS = 100;

/** A comment for editors' tooltips, in lines of at most 100 characters; empty for no words. */
export function commentText(said: string | undefined): string {
  const words = (said ?? "").replaceAll("*/", "*\\/").split(/\s+/).filter(Boolean);
  if (words.length === 0) return "";
  const lines = [""];
  for (const word of words) {
    const line = lines.at(-1)!;
    if (line.length + word.length < COMMENT_CHARS)
      lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
    else lines.push(word);
  }
  return lines.length === 1
    ? `/** ${lines[0]} */\n`
    : `/**\n${lines.map((line) => ` * ${line}\n`).join("")} */\n`;
}

const nameOf = (ref: string): string => ref.slice(REFERENCE.length).replaceAll(/\W/g, "");
const inBrackets = (text: string): string => (/[|&]|^readonly /.test(text) ? `(${text})` : text);
const union = (parts: string[]): string => [...new Set(parts)].join(" | ");

function arrayText({ items }: Written, direction: Direction): string {
  const element = items === undefined ? "unknown" : inBrackets(typeText(items, direction));
  return direction === "given" ? `readonly ${element}[]` : `${element}[]`;
}

function objectText(schema: Written, direction: Direction): string {
  const { properties = {}, required = [], additionalProperties } = schema;
  const names = Object.keys(properties);
  const others =
    typeof additionalProperties === "object" ? typeText(additionalProperties, direction) : "unknown";
  if (names.length === 0)
    return others === "unknown" ? "Record<string, unknown>" : `{ [name: string]: ${others} }`;
  const lines = names.map((name) => {
    const isRequired = required.includes(name);
    const type = typeText(properties[name]!, direction);
    const mayBeAbsent = !isRequired && direction === "given" && type !== "unknown" ? " | undefined" : "";
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
    return `${commentText(properties[name]!["description"] as string | undefined)}${key}${isRequired ? "" : "?"}: ${type}${mayBeAbsent};`;
  });
  // A loose object names what is certain; `{}` is how zod writes "anything besides".
  if (additionalProperties !== undefined && additionalProperties !== false)
    lines.push(`[name: string]: ${others};`);
  return `{\n${lines.join("\n")}\n}`;
}
