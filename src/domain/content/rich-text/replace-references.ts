import type { RichTextNode } from "./schema.ts";

const INLINE_PARENTS = new Set(["paragraph", "heading", "caption", "term", "preformatted"]);

/**
 * A copy of the document in which references to `id` point to `replacement`, or are removed when it is
 * null: a link becomes its text, an embedded entry or image that is a block becomes an empty paragraph.
 */
export function replaceReferences<Node extends RichTextNode>(
  doc: Node,
  id: string,
  replacement: string | null,
): Node {
  const content = doc.content?.flatMap((child) => {
    const name = child.type === "entryEmbed" ? "entry" : child.type === "image" ? "asset" : undefined;
    if (name === undefined || child.attrs?.[name] !== id) return [replaceReferences(child, id, replacement)];
    if (replacement !== null) return [{ ...child, attrs: { ...child.attrs, [name]: replacement } }];
    return INLINE_PARENTS.has(doc.type) ? [] : [{ type: "paragraph" }];
  });
  const marks = doc.marks?.flatMap((mark) => {
    if (mark.attrs?.["href"] !== `entry:${id}`) return [mark];
    return replacement === null ? [] : [{ ...mark, attrs: { ...mark.attrs, href: `entry:${replacement}` } }];
  });
  return { ...doc, ...(content ? { content } : {}), ...(marks ? { marks } : {}) };
}
