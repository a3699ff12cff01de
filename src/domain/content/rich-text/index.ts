import type { RichTextDocument } from "./schema.ts";

export type { RichTextDocument, RichTextMark, RichTextNode } from "./schema.ts";
export type { RichTextIssue } from "./validate-rich-text.ts";
/** Lists what is wrong with a rich text value: `[]` when it can be stored. */
export { validateRichText } from "./validate-rich-text.ts";
/** Whether a document shows anything: text, an image, an embed or a shortcode. */
export { hasContent } from "./has-content.ts";
/** Renders a document as safe HTML. */
export { renderHtml } from "./render-html.ts";
/** Renders a document as plain text. */
export { renderText } from "./render-text.ts";
/** Turns HTML, WordPress' included, into a document that validates; `notes` names what could not be kept. */
export { htmlToRichText } from "./from-html.ts";
/** Lists the entries and assets a document refers to. */
export { collectReferences } from "./references.ts";
/** Points references elsewhere, or takes them out. */
export { replaceReferences } from "./replace-references.ts";

/** A new document with one empty paragraph. */
export function emptyDoc(): RichTextDocument {
  return { type: "doc", content: [{ type: "paragraph" }] };
}
