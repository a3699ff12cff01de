export type { RichTextDocument, RichTextNode } from "./schema.ts";
/** Lists what is wrong with a rich text value: `[]` when it can be stored. */
export { validateRichText } from "./validate-rich-text.ts";
/** Renders a document as safe HTML. */
export { renderHtml } from "./render-html.ts";
/** Renders a document as plain text. */
export { renderText } from "./render-text.ts";
/** Turns HTML, WordPress' included, into a document; `notes` names what could not be kept. */
export { htmlToRichText } from "./from-html.ts";
/** Lists the entries and assets a document refers to. */
export { collectReferences } from "./references.ts";
