import { RE2JS } from "re2js";
import type { ErrorDetail } from "../../../../core/errors.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { FORMATS, IN_PLACE, PLAIN_KEYWORDS, SCHEMA_KEYWORDS, type Schema } from "./keywords.ts";

const MAX_CHARS = 30_000;
const MAX_SCHEMAS = 1000;
const MAX_PATTERN_STEPS = 10_000;
/** How many schemas may ask something of one value in turn, one inside the other. */
const MAX_IN_PLACE = 20;
const MAX_DEPTH = 40;
const ISSUES = 10;

type Reader = { root: Schema; issues: ErrorDetail[]; schemas: number; steps: number };
type Visit = (schema: Schema, path: string, depth: number) => void;

/** What is wrong with a JSON Schema: unknown keywords, references that lead out of it or never end, its size. */
export function schemaProblems(schema: Schema, path: string): ErrorDetail[] {
  if (JSON.stringify(schema).length > MAX_CHARS)
    return [{ path, message: `is too large: at most ${MAX_CHARS} characters of JSON are allowed` }];
  const reader: Reader = { root: schema, issues: [], schemas: 0, steps: 0 };
  checkSchema(reader, schema, path, 0);
  if (reader.issues.length === 0) checkEnds(reader, path);
  return reader.issues.slice(0, ISSUES);
}

function checkSchema(reader: Reader, schema: unknown, path: string, depth: number): void {
  const say = (at: string, message: string) => reader.issues.push({ path: at, message });
  if (reader.issues.length >= ISSUES || typeof schema === "boolean") return;
  if (typeof schema !== "object" || schema === null || Array.isArray(schema))
    return void say(path, "must be a schema: an object, true or false");
  if (++reader.schemas > MAX_SCHEMAS) return void say(path, `has more than ${MAX_SCHEMAS} schemas inside`);
  if (depth > MAX_DEPTH) return void say(path, `is nested more than ${MAX_DEPTH} levels deep`);
  eachSchema(schema as Schema, path, (inner, at) => checkSchema(reader, inner, at, depth + 1), say);
  for (const [keyword, value] of Object.entries(schema))
    checkKeyword(reader, keyword, value, `${path}.${keyword}`);
}

const ALL_KEYWORDS = [...Object.values(SCHEMA_KEYWORDS).flat(), ...Object.keys(PLAIN_KEYWORDS)];

function checkKeyword(reader: Reader, keyword: string, value: unknown, at: string): void {
  const say = (message: string) => reader.issues.push({ path: at.slice(0, 200), message });
  if (!ALL_KEYWORDS.includes(keyword))
    return void say(`is no keyword that is checked.${didYouMean(keyword, ALL_KEYWORDS)}`);
  const shape = Object.hasOwn(PLAIN_KEYWORDS, keyword) ? PLAIN_KEYWORDS[keyword] : undefined;
  if (shape && !shape.is(value))
    return void say(
      `must be ${keyword === "format" ? `one of ${Object.keys(FORMATS).join(", ")}` : shape.words}`,
    );
  if (keyword === "pattern") checkPattern(reader, value as string, say);
  if (keyword === "patternProperties")
    for (const one of Object.keys(Object(value))) checkPattern(reader, one, say);
  if (keyword === "$ref" && resolve(reader.root, value as string) === undefined)
    say(`leads to nothing: ${(value as string).slice(0, 100)}`);
}

function checkPattern(reader: Reader, pattern: string, say: (message: string) => void): void {
  try {
    reader.steps += RE2JS.compile(pattern).programSize();
    if (reader.steps > MAX_PATTERN_STEPS) say("exceeds the limit: the patterns of the schema are too large");
  } catch (error) {
    say(`is not a valid RE2 expression: ${(error as Error).message.slice(0, 200)}`);
  }
}

/** Each schema inside a schema; `say` is told of those that are where no schema can be. */
function eachSchema(
  schema: Schema,
  path: string,
  visit: (inner: Schema, path: string, keyword: string) => void,
  say?: (path: string, message: string) => void,
): void {
  const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  for (const [keyword, value] of Object.entries(schema)) {
    const at = `${path}.${keyword}`;
    const has = (keywords: readonly string[]) => keywords.includes(keyword);
    if (has(SCHEMA_KEYWORDS.one)) visit(value as Schema, at, keyword);
    else if (has(SCHEMA_KEYWORDS.list)) {
      if (!Array.isArray(value) || value.length === 0) say?.(at, "must be a list of schemas");
      else value.forEach((one: Schema, i) => visit(one, `${at}[${i}]`, keyword));
    } else if (has(SCHEMA_KEYWORDS.byName)) {
      if (!isObject(value)) say?.(at, "must be schemas by name");
      else
        for (const [name, one] of Object.entries(value as object))
          visit(one as Schema, `${at}.${name}`, keyword);
    }
  }
}

/** References must lead somewhere inside the value in the end: what asks itself of the same value never ends. */
function checkEnds(reader: Reader, path: string): void {
  const lengths = new Map<Schema, number>();
  const open = new Set<Schema>();
  const lengthOf = (schema: Schema): number => {
    if (typeof schema === "boolean") return 0;
    const known = lengths.get(schema);
    if (known !== undefined) return known;
    if (open.has(schema)) return Infinity;
    open.add(schema);
    const inner: Schema[] = [];
    eachSchema(schema, "", (one, _at, keyword) => {
      if (IN_PLACE.includes(keyword)) inner.push(one);
    });
    if (typeof schema["$ref"] === "string") inner.push(resolve(reader.root, schema["$ref"])!);
    const length = 1 + Math.max(0, ...inner.map(lengthOf));
    open.delete(schema);
    lengths.set(schema, length);
    return length;
  };
  const visit: Visit = (schema, at, depth) => {
    if (typeof schema === "boolean" || reader.issues.length > 0) return;
    const length = lengthOf(schema);
    const message =
      length === Infinity
        ? "never ends: a reference leads back to itself for the same value"
        : `asks one value more than ${MAX_IN_PLACE} schemas in turn`;
    if (length > MAX_IN_PLACE) reader.issues.push({ path: at, message });
    else eachSchema(schema, at, (inner, below) => visit(inner, below, depth + 1));
  };
  visit(reader.root, path, 0);
}

/** The schema that a local reference leads to. */
export function resolve(root: Schema, ref: string): Schema | undefined {
  let at: unknown = root;
  for (const step of ref.split("/").slice(1)) {
    const name = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  const isSchema = typeof at === "boolean" || (typeof at === "object" && at !== null && !Array.isArray(at));
  return isSchema ? (at as Schema) : undefined;
}
