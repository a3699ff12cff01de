import { CLEAN_TEXT, isCleanText } from "../../../../core/cut-text.ts";
import { validate, type Budget } from "../json-schema/index.ts";
import { fail, isFull, MAX_WORK, newWorkCount, type Check, type FieldKind } from "./field-kind.ts";

const MAX_JSON_DEPTH = 32;

export const JSON_VALUE: FieldKind = {
  filter: "none",
  options: ["schema"],
  expects: ({ schema }) => (schema ? "JSON that fits its schema" : "any JSON value"),
  check({ schema }, value, path, check) {
    const problem = problemOf(value, 0);
    if (problem) return fail(check, path, problem);
    if (schema) checkBySchema(schema, value, path, check);
    return value;
  },
};

class TooCostly extends Error {}

function checkBySchema(schema: object, value: unknown, path: string, check: Check): void {
  try {
    for (const problem of validate(schema as never, value, path, budgetOf(check)))
      if (!isFull(check)) fail(check, problem.path, problem.message);
  } catch (error) {
    if (!(error instanceof TooCostly)) throw error;
    fail(check, path, "takes too long to check with its schema: send fewer or smaller values per request");
  }
}

/** What the request may still spend. */
function budgetOf(check: Check): Budget {
  const effort = (check.effort ??= newWorkCount());
  return {
    spend(steps) {
      effort.validated += steps;
      if (effort.validated > MAX_WORK.validated) throw new TooCostly();
    },
    match(pattern, text) {
      effort.matched += pattern.programSize() * text.length;
      if (effort.matched > MAX_WORK.matched) throw new TooCostly();
      return pattern.matcher(text).find();
    },
  };
}

function problemOf(node: unknown, depth: number): string | undefined {
  if (typeof node === "string") return isCleanText(node) ? undefined : `must be ${CLEAN_TEXT}`;
  if (typeof node !== "object" || node === null) return undefined;
  if (depth === MAX_JSON_DEPTH) return `must be nested at most ${MAX_JSON_DEPTH} levels deep`;
  for (const [key, child] of Object.entries(node)) {
    const problem = isCleanText(key) ? problemOf(child, depth + 1) : "must have valid Unicode keys";
    if (problem) return problem;
  }
  return undefined;
}
