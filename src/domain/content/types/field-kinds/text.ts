import { cutText } from "../../../../core/cut-text.ts";
import { patternOf } from "../field-rules.ts";
import type { Field } from "../schemas.ts";
import { MAX_SLUG_CHARS, SLUG_EXPECTATION, slugForm, slugProblem } from "../slug.ts";
import {
  fail,
  MAX_INDEXED_LENGTH,
  MAX_WORK,
  newWorkCount,
  numericBounds,
  within,
  type Cell,
  type Check,
  type FieldKind,
} from "./field-kind.ts";

const MAX_LENGTH: Partial<Record<Field["type"], number>> = {
  short_text: 1000,
  long_text: 200_000,
  markdown: 500_000,
  slug: MAX_SLUG_CHARS,
  email: 320,
  url: 2000,
};
const EMAIL = /^[^\s@<>()[\]\\,;:"]+@[^\s@.]+(?:\.[^\s@.]+)+$/;

/** The row of a text that filters compare. */
export const textCell = (value: unknown): Cell[] =>
  typeof value === "string" ? [{ t: cutText(value, MAX_INDEXED_LENGTH) }] : [];

/** A field type of strings that `accepts` takes, within their length and their pattern. */
function textKind(
  what: (field: Field) => string,
  accepts: (value: string) => boolean,
): Pick<FieldKind, "expects" | "check" | "hasLength"> {
  return {
    hasLength: true,
    expects: what,
    check: (field, value, path, check) =>
      typeof value === "string" && accepts(value)
        ? checkText(field, value, path, check)
        : fail(check, path, `must be ${what(field)}`),
  };
}

const isAnyText = () => true;
const indexed = { filter: "text", cells: textCell, canBeUnique: true } as const;

export const SHORT_TEXT: FieldKind = {
  ...textKind((field) => `a text${within(field)}`, isAnyText),
  ...indexed,
  canBeMultiple: true,
  searched: "words",
};

export const LONG_TEXT: FieldKind = {
  ...textKind((field) => `a text${within(field)}`, isAnyText),
  filter: "none",
  searched: "words",
};

export const MARKDOWN: FieldKind = {
  ...textKind((field) => `Markdown text${within(field)}`, isAnyText),
  filter: "none",
  searched: "words",
};

export const EMAIL_ADDRESS: FieldKind = {
  ...textKind(
    () => "an email address",
    (value) => EMAIL.test(value),
  ),
  ...indexed,
  canBeMultiple: true,
  isEmptyTextNothing: true,
  searched: "exact",
};

export const WEB_URL: FieldKind = {
  ...textKind(() => "an http or https URL", isWebUrl),
  ...indexed,
  canBeMultiple: true,
  isEmptyTextNothing: true,
};

export const SLUG: FieldKind = {
  ...indexed,
  operand: slugForm,
  options: ["from", "path", "primary"],
  isEmptyTextNothing: true,
  searched: "exact",
  expects: () => SLUG_EXPECTATION,
  check(field, value, path, check) {
    if (typeof value !== "string") return fail(check, path, `must be ${SLUG_EXPECTATION}`);
    const slug = slugForm(value);
    const isStep = !field.path || !slug.includes("/");
    const problem = isStep ? slugProblem(slug) : "one step of a path, without slashes";
    return problem === undefined
      ? checkText(field, slug, path, check)
      : fail(check, path, `must be ${problem}`);
  },
};

export const COLOR: FieldKind = {
  ...indexed,
  canBeMultiple: true,
  expects: () => "a colour such as #1a2b3c",
  check: (_field, value, path, check) =>
    typeof value === "string" && /^#[0-9a-f]{6}(?:[0-9a-f]{2})?$/i.test(value)
      ? value.toLowerCase()
      : fail(check, path, "must be a colour such as #1a2b3c"),
};

function checkText(field: Field, value: string, path: string, check: Check): string {
  const longest = field.unique || field.type === "slug" ? MAX_INDEXED_LENGTH : Number.POSITIVE_INFINITY;
  const bounds = numericBounds(field);
  const max = Math.min(bounds.max ?? Number.POSITIVE_INFINITY, MAX_LENGTH[field.type] ?? 1000, longest);
  const min = bounds.min ?? 0;
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

function isWebUrl(value: string): boolean {
  return /^https?:\/\/[^\s]+$/i.test(value) && URL.canParse(value);
}
