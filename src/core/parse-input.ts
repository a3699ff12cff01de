import type * as z from "zod";
import { invalid } from "./errors.ts";
import { didYouMean } from "./nearest.ts";

/** Parses input by a zod schema; throws INVALID with one detail per problem, its path as `fields[2].id`. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown, reason: string, message: string): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.slice(0, 50).flatMap((issue) => {
    const path = writePath(issue.path);
    if (issue.code !== "unrecognized_keys") return [{ path, message: issue.message }];
    const valid = keysAt(schema, issue.path);
    return issue.keys.map((key) => ({
      path: path === "" ? key.slice(0, 100) : `${path}.${key.slice(0, 100)}`,
      message: `is not known.${didYouMean(key, valid)}`,
    }));
  });
  throw invalid(reason, message, details);
}

function writePath(path: PropertyKey[]): string {
  let out = "";
  for (const step of path) {
    if (typeof step === "number") out += `[${step}]`;
    else out += out === "" ? String(step) : `.${String(step)}`;
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
