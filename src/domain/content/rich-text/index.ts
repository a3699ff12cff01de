import type { RichTextDocument } from "./schema.ts";

export type { RichTextDocument, RichTextMark, RichTextNode } from "./schema.ts";
export type { RichTextIssue } from "./validate-rich-text.ts";
export {
  customParts,
  isCustomName,
  withCustomAttrs,
  withoutCustomParts,
  withWholeTexts,
  type CustomNames,
  type MarkedNode,
} from "./custom-parts.ts";
/** Validates a rich text value; `[]` when it is valid. */
export { validateRichText } from "./validate-rich-text.ts";
/** Whether a document shows anything: text, an image, an embed or a shortcode. */
export { hasContent } from "./has-content.ts";
export {
  LIMITED_NODES,
  LINK_PROTOCOLS,
  limitProblems,
  reduceToLimits,
  type RichTextLimits,
} from "./limits.ts";
/** The names of marks. */
export { MARK_NAMES } from "./schema.ts";
/** Renders a document as safe HTML. */
export { renderHtml } from "./render-html.ts";
/** Renders a document as plain text. */
export { renderText } from "./render-text.ts";
/** Converts HTML, including WordPress', to a valid document; `notes` lists what was removed. */
export { htmlToRichText } from "./from-html.ts";
/** Lists the entries and assets a document refers to. */
export { collectReferences, usesOf } from "./references.ts";
/** Points references elsewhere, or takes them out. */
export { replaceReferences } from "./replace-references.ts";

/** A new document with one empty paragraph. */
export function emptyDoc(): RichTextDocument {
  return { type: "doc", content: [{ type: "paragraph" }] };
}
