import { CLEAN_TEXT, isCleanText } from "../../../../core/cut-text.ts";
import {
  hasContent,
  htmlToRichText,
  limitProblems,
  reduceToLimits,
  validateRichText,
  type RichTextDocument,
} from "../../rich-text/index.ts";
import { customNames, limitsOf, withCustom } from "../rich-text-rules.ts";
import type { Field } from "../schemas.ts";
import { fail, join, newWorkCount, type Check, type CheckFields, type FieldKind } from "./field-kind.ts";

const MAX_NOTES = 50;
const MAX_HTML_CHARS = 1_000_000;

export const RICH_TEXT: FieldKind = {
  filter: "none",
  searched: "words",
  options: ["nodes", "marks", "headings", "links", "embeds", "annotations"],
  expects: () => 'a ProseMirror document { "type": "doc", "content": […] } or { "html": "<p>…</p>" }',
  check(field, value, path, check, inner) {
    const problems = check.issues.length;
    const read = readRichText(field, value, path, check);
    const doc = check.issues.length === problems ? checkCustom(field, read, path, check, inner) : read;
    const isMissing = field.required && !check.allowIncomplete && check.issues.length === problems;
    if (isMissing && !hasContent(doc as RichTextDocument))
      fail(check, path, "is required: a text, an image or an embed, not an empty document");
    return doc;
  },
};

/** The values of components, which are complete also in a working copy: nothing asks for them when it is published. */
function checkCustom(field: Field, doc: unknown, path: string, check: Check, inner: CheckFields): unknown {
  check.effort ??= newWorkCount();
  const whole = { ...check, allowIncomplete: false };
  return withCustom(field, doc, ({ fields, attrs, path: at }) => inner(fields, attrs, join(path, at), whole));
}

function readRichText(field: Field, value: unknown, path: string, check: Check): unknown {
  const { html, autop } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (typeof html !== "string") {
    const problems = validateRichText(value, "", customNames(field));
    const limits = limitsOf(field);
    if (problems.length === 0 && limits) problems.push(...limitProblems(value as RichTextDocument, limits));
    for (const problem of problems)
      fail(check, problem.path === "" ? path : join(path, problem.path), problem.message);
    return value;
  }
  if (!isCleanText(html)) return fail(check, path, `must be ${CLEAN_TEXT}`);
  if (html.length > MAX_HTML_CHARS) return fail(check, path, "must be at most 1,000,000 characters of HTML");
  const { doc, counts } = htmlToRichText(html, { autop: autop === true, custom: customNames(field) });
  const limits = limitsOf(field);
  const reduced = limits ? reduceToLimits(doc, limits) : { doc, notes: [] };
  const room = Math.max(0, MAX_NOTES - (check.notes?.length ?? 0));
  for (const [message, count] of [...counts, ...reduced.notes].slice(0, room))
    check.notes?.push({ path, message, count });
  return reduced.doc;
}
