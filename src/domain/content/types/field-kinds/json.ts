import { CLEAN_TEXT, isCleanText } from "../../../../core/cut-text.ts";
import { fail, type FieldKind } from "./field-kind.ts";

const MAX_JSON_DEPTH = 32;

export const JSON_VALUE: FieldKind = {
  filter: "none",
  expects: () => "any JSON value",
  check(_field, value, path, check) {
    const problem = problemOf(value, 0);
    return problem ? fail(check, path, problem) : value;
  },
};

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
