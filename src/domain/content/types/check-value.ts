import { isId } from "../../../core/ids.ts";
import { CLEAN_TEXT, isCleanText } from "../../../core/cut-text.ts";
import { EXACT_WHOLE } from "../../../core/exact-numbers.ts";
import { MAX_DETAILS, type ErrorDetail } from "../../../core/errors.ts";
import { isDay, readDatetime } from "../../../core/datetimes.ts";
import { addDetail } from "../../../core/nearest.ts";
import { hasContent, htmlToRichText, validateRichText, type RichTextDocument } from "../rich-text/index.ts";
import { fieldsToCheck, isOption, patternOf, shapeOf, sizeOfDefault } from "./field-rules.ts";
import type { Field, WriteNote } from "./schemas.ts";
import { MAX_SLUG_CHARS, SLUG_EXPECTATION, slugForm, slugProblem } from "./slug.ts";

const MAX_LENGTH: Partial<Record<Field["type"], number>> = {
  short_text: 1000,
  long_text: 200_000,
  markdown: 500_000,
  slug: MAX_SLUG_CHARS,
  email: 320,
  url: 2000,
  enum: 200,
};
/** Longest text that filters and unique checks see, in characters: it must fit an index. */
export const MAX_INDEXED_LENGTH = 500;
const MAX_ELEMENTS = 500;
const MAX_JSON_DEPTH = 32;
const EMAIL = /^[^\s@<>()[\]\\,;:"]+@[^\s@.]+(?:\.[^\s@.]+)+$/;

/**
 * What one request may take beyond what its size explains: characters of defaults, steps of patterns,
 * suggestions.
 */
export type WorkCount = { filled: number; matched: number; suggested: number };
export const newWorkCount = (): WorkCount => ({ filled: 0, matched: 0, suggested: 0 });
const MAX_WORK: WorkCount = { filled: 4_000_000, matched: 10_000_000, suggested: 50 };

/** What one value is checked against; problems are pushed to `issues` with their path. */
export type Check = {
  issues: ErrorDetail[];
  allowIncomplete: boolean;
  /** Whether absent fields stay without a value, even with a default. */
  noDefaults?: boolean;
  effort?: WorkCount;
  /** What was left out of HTML, and from where. */
  notes?: WriteNote[];
};
const MAX_NOTES = 50;

/**
 * Validates a field value and returns its stored form (datetimes in UTC, HTML as rich text). `null` and
 * `undefined` mean "no value". At most 50 issues are collected.
 */
export function checkValue(field: Field, value: unknown, path: string, check: Check): unknown {
  if (value === null || value === undefined || (value === "" && !field.multiple && isNoText(field))) {
    if (field.required && !check.allowIncomplete) fail(check, path, `is required: ${expectation(field)}`);
    return null;
  }
  if (!field.multiple) return checkOne(field, value, path, check);
  if (!Array.isArray(value)) return fail(check, path, `must be a list, each ${expectation(field)}`);
  if (value.length > MAX_ELEMENTS) return fail(check, path, `must have at most ${MAX_ELEMENTS} elements`);
  if (!inRange(field, value.length))
    fail(check, path, `must have ${range(field)} elements, not ${value.length}`);
  if (field.required && value.length === 0 && !check.allowIncomplete)
    fail(check, path, "needs at least one element");
  return value.map((element, i) => checkOne(field, element, `${path}[${i}]`, check));
}

/** Whether an empty text, as forms send it, is no value of the field. */
const isNoText = ({ type }: Field) => type === "slug" || type === "email" || type === "url";

/**
 * Checks the values of a component or block against its fields; names that do not exist are problems
 * too.
 */
export function checkFields(
  fields: Field[],
  value: unknown,
  path: string,
  check: Check,
  known: string[] = [],
): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return fail(check, path, "must be an object");
  }
  const given = value as Record<string, unknown>;
  const names = Object.keys(given);
  const shape = shapeOf(fields);
  for (const name of names) {
    if (shape.byId.has(name) || known.includes(name)) continue;
    misnamed(check, join(path, name.slice(0, 100)), "is not a field.", name, () => shape.byId.keys());
  }
  const out: Record<string, unknown> = {};
  for (const name of known) if (Object.hasOwn(given, name)) out[name] = given[name];
  for (const field of fieldsToCheck(shape, names, !check.allowIncomplete)) {
    if (check.issues.length >= MAX_DETAILS) return null;
    const isGiven = Object.hasOwn(given, field.id) || check.noDefaults;
    const own = Object.hasOwn(given, field.id) ? given[field.id] : undefined;
    const one = isGiven ? own : defaultOf(field, path, check);
    const checked = checkValue(field, one, join(path, field.id), check);
    // Where there is a default, only null says that there is no value.
    if (checked !== null || (isGiven && field.default !== undefined)) out[field.id] = checked;
  }
  return out;
}

/** A field's default, within the limit per request. */
export function defaultOf(field: Field, path: string, check: Check): unknown {
  if (field.default === undefined || field.default === null) return undefined;
  const effort = (check.effort ??= newWorkCount());
  effort.filled += sizeOfDefault(field);
  if (effort.filled <= MAX_WORK.filled) return field.default;
  return fail(check, join(path, field.id), "has a default value that this request would insert too often");
}

function checkOne(field: Field, value: unknown, path: string, check: Check): unknown {
  const wrong = () => fail(check, path, `must be ${expectation(field)}`);
  if (typeof value === "string" && !isCleanText(value)) return fail(check, path, `must be ${CLEAN_TEXT}`);
  switch (field.type) {
    case "short_text":
    case "long_text":
    case "markdown":
      return typeof value === "string" ? checkText(field, value, path, check) : wrong();
    case "slug":
      return typeof value === "string" ? checkSlug(field, slugForm(value), path, check) : wrong();
    case "email":
      return typeof value === "string" && EMAIL.test(value) ? checkText(field, value, path, check) : wrong();
    case "url":
      return typeof value === "string" && isWebUrl(value) ? checkText(field, value, path, check) : wrong();
    case "color":
      return typeof value === "string" && /^#[0-9a-f]{6}(?:[0-9a-f]{2})?$/i.test(value)
        ? value.toLowerCase()
        : wrong();
    case "enum":
      return isOption(field, value) ? value : wrong();
    case "integer":
      if (!Number.isInteger(value)) return wrong();
      return Number.isSafeInteger(value)
        ? checkNumber(field, value as number, path, check)
        : fail(check, path, `must be ${EXACT_WHOLE}`);
    case "number":
      return typeof value === "number" && Number.isFinite(value)
        ? checkNumber(field, value, path, check)
        : wrong();
    case "boolean":
      return typeof value === "boolean" ? value : wrong();
    case "date":
      return typeof value === "string" && isDay(value) ? value : wrong();
    case "datetime":
      return (typeof value === "string" ? readDatetime(value) : undefined) ?? wrong();
    case "location":
      return checkLocation(value) ?? wrong();
    case "media":
      return isId("ast", value) ? value : wrong();
    case "reference":
      return isId("cnt", value) ? value : wrong();
    case "json":
      return checkJson(value, path, check);
    case "rich_text":
      return checkRichText(field, value, path, check);
    case "component":
      return checkFields(field.fields!, value, path, check);
    case "blocks":
      return checkBlocks(field, value, path, check);
  }
}

function checkSlug(field: Field, slug: string, path: string, check: Check): unknown {
  const problem = slugProblem(slug);
  return problem === undefined
    ? checkText(field, slug, path, check)
    : fail(check, path, `must be ${problem}`);
}

function checkText(field: Field, value: string, path: string, check: Check): string {
  const longest = field.unique || field.type === "slug" ? MAX_INDEXED_LENGTH : Number.POSITIVE_INFINITY;
  const max = Math.min(field.max ?? Number.POSITIVE_INFINITY, MAX_LENGTH[field.type] ?? 1000, longest);
  const min = field.min ?? 0;
  const length = field.type === "slug" ? [...value].length : value.length;
  if (length > max) fail(check, path, `must be at most ${max} characters long, not ${length}`);
  else if (length < min) fail(check, path, `must be at least ${min} characters long, not ${length}`);
  else if (field.pattern !== undefined && !matches(field, value, path, check)) {
    fail(check, path, `must match the pattern ${field.pattern}`);
  } else if (field.required && value === "" && !check.allowIncomplete)
    fail(check, path, "is required: must not be empty");
  return value;
}

function matches(field: Field, value: string, path: string, check: Check): boolean {
  const { pattern, steps } = patternOf(field);
  const effort = (check.effort ??= newWorkCount());
  effort.matched += steps * value.length;
  if (effort.matched <= MAX_WORK.matched) return pattern.matches(value);
  fail(check, path, "takes too long to match with its pattern: send fewer or shorter values per request");
  return true;
}

function checkNumber(field: Field, value: number, path: string, check: Check): number {
  if (!inRange(field, value)) fail(check, path, `must be ${range(field)}, not ${value}`);
  return value + 0;
}

function checkLocation(value: unknown): unknown {
  const { lat, lon, ...rest } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const isWithin = (n: unknown, limit: number) => typeof n === "number" && Math.abs(n) <= limit;
  return isWithin(lat, 90) && isWithin(lon, 180) && Object.keys(rest).length === 0 ? { lat, lon } : undefined;
}

function checkJson(value: unknown, path: string, check: Check): unknown {
  const visit = (node: unknown, depth: number): string | undefined => {
    if (typeof node === "string") return isCleanText(node) ? undefined : `must be ${CLEAN_TEXT}`;
    if (typeof node !== "object" || node === null) return undefined;
    if (depth === MAX_JSON_DEPTH) return `must be nested at most ${MAX_JSON_DEPTH} levels deep`;
    for (const [key, child] of Object.entries(node)) {
      const problem = isCleanText(key) ? visit(child, depth + 1) : "must have valid Unicode keys";
      if (problem) return problem;
    }
    return undefined;
  };
  const problem = visit(value, 0);
  return problem ? fail(check, path, problem) : value;
}

function checkRichText(field: Field, value: unknown, path: string, check: Check): unknown {
  const problems = check.issues.length;
  const doc = readRichText(value, path, check);
  const isMissing = field.required && !check.allowIncomplete && check.issues.length === problems;
  if (isMissing && !hasContent(doc as RichTextDocument))
    fail(check, path, "is required: a text, an image or an embed, not an empty document");
  return doc;
}

function readRichText(value: unknown, path: string, check: Check): unknown {
  const { html, autop } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (typeof html === "string") {
    if (!isCleanText(html)) return fail(check, path, `must be ${CLEAN_TEXT}`);
    if (html.length > 1_000_000) return fail(check, path, "must be at most 1,000,000 characters of HTML");
    const { doc, counts } = htmlToRichText(html, { autop: autop === true });
    const room = MAX_NOTES - (check.notes?.length ?? 0);
    for (const [message, count] of [...counts].slice(0, room)) check.notes?.push({ path, message, count });
    return doc;
  }
  const problems = validateRichText(value);
  for (const problem of problems)
    fail(check, problem.path === "" ? path : join(path, problem.path), problem.message);
  return value;
}

function checkBlocks(field: Field, value: unknown, path: string, check: Check): unknown {
  if (!Array.isArray(value)) return fail(check, path, `must be ${expectation(field)}`);
  if (value.length > MAX_ELEMENTS || !inRange(field, value.length))
    fail(check, path, `must have ${range(field)} blocks`);
  const components = new Map(field.components!.map((component) => [component.id, component]));
  return value.slice(0, MAX_ELEMENTS).map((block: unknown, i) => {
    if (check.issues.length >= MAX_DETAILS) return null;
    const at = `${path}[${i}]`;
    const type = typeof block === "object" && block !== null ? (block as { type?: unknown }).type : undefined;
    const written = typeof type === "string" ? type : "";
    const component = components.get(written);
    if (!component) {
      return misnamed(check, `${at}.type`, "must name a block.", written, () => components.keys());
    }
    return checkFields(component.fields, block, at, check, ["type"]);
  });
}

/** The expected value of a field, for messages. */
export function expectation(field: Field): string {
  const within = field.min !== undefined || field.max !== undefined ? ` (${range(field)})` : "";
  const words: Record<Field["type"], string> = {
    short_text: `a text${within}`,
    long_text: `a text${within}`,
    markdown: `Markdown text${within}`,
    rich_text: 'a ProseMirror document { "type": "doc", "content": […] } or { "html": "<p>…</p>" }',
    integer: `an integer${within}`,
    number: `a number${within}`,
    boolean: "true or false",
    date: "a date such as 2026-01-31",
    datetime: "a datetime such as 2026-01-31T09:30:00Z",
    slug: SLUG_EXPECTATION,
    enum: `one of ${(field.options ?? []).slice(0, 20).join(", ")}`,
    email: "an email address",
    url: "an http or https URL",
    color: "a colour such as #1a2b3c",
    json: "any JSON value",
    location: '{ "lat": -90…90, "lon": -180…180 }',
    media: "an asset id such as ast_01jd…",
    reference: `an entry id such as cnt_01jd…${field.to ? ` of type ${field.to.join(" or ")}` : ""}`,
    component: "an object",
    blocks: `a list of blocks, each with its type: ${(field.components ?? []).map((c) => c.id).join(", ")}`,
  };
  return words[field.type];
}

/** A name that is none of the valid ones. */
export function misnamed(
  check: Check,
  path: string,
  message: string,
  written: string,
  valid: () => Iterable<string>,
): null {
  const isSuggested = (check.effort ??= newWorkCount()).suggested++ < MAX_WORK.suggested;
  addDetail(check.issues, path, message, isSuggested ? { written, valid } : undefined);
  return null;
}

function fail(check: Check, path: string, message: string): null {
  addDetail(check.issues, path, message);
  return null;
}

const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`);
const inRange = (field: Field, n: number) => n >= (field.min ?? -Infinity) && n <= (field.max ?? Infinity);

function range({ min, max }: Field): string {
  if (min !== undefined && max !== undefined) return `${min} to ${max}`;
  return min !== undefined ? `at least ${min}` : `at most ${max ?? MAX_ELEMENTS}`;
}

function isWebUrl(value: string): boolean {
  return /^https?:\/\/[^\s]+$/i.test(value) && URL.canParse(value);
}
