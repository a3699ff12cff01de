import type * as z from "zod";
import { CLEAN_TEXT, isCleanText } from "./cut-text.ts";
import { invalid, MAX_DETAILS, type ErrorDetail } from "./errors.ts";
import { addDetail } from "./nearest.ts";

/**
 * Parses input by a zod schema; throws INVALID with one detail per problem, its path as `fields[2].id`.
 * Strings that cannot be stored (unpaired surrogates, NUL) are problems at any depth, except below keys
 * called `unchecked`, whose values are validated elsewhere. So are keys that would be lost.
 */
export function parseInput<T>(
  schema: z.ZodType<T>,
  input: unknown,
  reason: string,
  message: string,
  unchecked?: string,
): T {
  const parsed = schema.safeParse(input);
  const details: ErrorDetail[] = [];
  if (parsed.success) {
    findUnclean(input, [], details, unchecked);
    findLost(input, parsed.data, [], details);
    if (details.length === 0) return parsed.data;
    throw invalid(reason, message, details);
  }
  for (const issue of parsed.error.issues) {
    if (details.length >= MAX_DETAILS) break;
    const path = writePath(issue.path);
    if (issue.code !== "unrecognized_keys") {
      addDetail(details, path, issue.message);
      continue;
    }
    const valid = () => keysAt(schema, issue.path);
    for (const key of issue.keys.slice(0, MAX_DETAILS)) {
      const at = path === "" ? key.slice(0, 100) : `${path}.${key.slice(0, 100)}`;
      addDetail(details, at, "is not known.", { written: key, valid });
    }
  }
  throw invalid(reason, message, details);
}

/** The path of the first text that cannot be stored; undefined when all can. */
export function uncleanPath(input: unknown): string | undefined {
  const details: ErrorDetail[] = [];
  findUnclean(input, [], details, undefined);
  return details[0]?.path;
}

function findUnclean(
  value: unknown,
  path: PropertyKey[],
  details: ErrorDetail[],
  unchecked: string | undefined,
): void {
  const say = (at: PropertyKey[]) => addDetail(details, writePath(at), `must be ${CLEAN_TEXT}`);
  if (typeof value === "string") {
    if (!isCleanText(value)) say(path);
  } else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      path.push(i);
      findUnclean(value[i], path, details, unchecked);
      path.pop();
    }
  } else if (typeof value === "object" && value !== null) {
    for (const key in value) {
      if (key === unchecked) continue;
      path.push(key);
      if (isCleanText(key)) findUnclean((value as Record<string, unknown>)[key], path, details, unchecked);
      else say(path);
      path.pop();
    }
  }
}

/** Zod leaves out keys called `__proto__`, wherever it makes an object anew. */
function findLost(input: unknown, parsed: unknown, path: PropertyKey[], details: ErrorDetail[]): void {
  const isMade = typeof input === "object" && input !== null && typeof parsed === "object" && parsed !== null;
  if (!isMade || input === parsed || details.length >= MAX_DETAILS) return;
  for (const key of Object.keys(input)) {
    const at = [...path, Array.isArray(input) ? Number(key) : key];
    if (Object.hasOwn(parsed, key))
      findLost(
        (input as Record<string, unknown>)[key],
        (parsed as Record<string, unknown>)[key],
        at,
        details,
      );
    else if (key === "__proto__") addDetail(details, writePath(at), "is no name that can be used here");
  }
}

function writePath(path: PropertyKey[]): string {
  let out = "";
  for (const step of path) {
    if (typeof step === "number") out += `[${step}]`;
    else out += out === "" ? String(step).slice(0, 100) : `.${String(step).slice(0, 100)}`;
  }
  return out;
}

/** The keys that the object schema at a path knows. */
function keysAt(schema: z.ZodType, path: PropertyKey[]): string[] {
  let at: unknown = schema;
  const unwrap = (node: unknown): unknown => {
    const def = (node as { def?: { innerType?: unknown } })?.def;
    return def?.innerType ? unwrap(def.innerType) : node;
  };
  for (const step of path) {
    at = unwrap(at);
    at =
      typeof step === "number"
        ? (at as { def?: { element?: unknown } })?.def?.element
        : (at as { shape?: Record<PropertyKey, unknown> })?.shape?.[step];
  }
  const shape = (unwrap(at) as { shape?: Record<string, unknown> })?.shape;
  return shape ? Object.keys(shape) : [];
}
