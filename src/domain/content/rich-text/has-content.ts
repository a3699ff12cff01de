import type { RichTextNode } from "./schema.ts";

/** What shows nothing in a text: blanks of every width. `cms_rich_text_has_content` knows the same. */
const SHOWN = /[^\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff]/;
const MEDIA = ["image", "embed", "entryEmbed", "shortcode"];

/** Whether a document shows anything: a text that is not blank, an image, an embed or a shortcode. */
export function hasContent(node: RichTextNode): boolean {
  const waiting = [node];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (typeof next !== "object") continue;
    if (MEDIA.includes(next.type) || (typeof next.text === "string" && SHOWN.test(next.text))) return true;
    if (Array.isArray(next.content)) for (const child of next.content) if (child) waiting.push(child);
  }
  return false;
}
