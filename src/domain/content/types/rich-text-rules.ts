import { usesOf, type RichTextDocument, type RichTextLimits } from "../rich-text/index.ts";
import type { Field } from "./schemas.ts";

/** What of rich text a field takes; undefined when that is all. */
export function limitsOf({ nodes, marks, headings, links }: Field): RichTextLimits | undefined {
  const limits = { nodes, marks, headings, protocols: links?.protocols };
  return Object.values(limits).some((limit) => limit !== undefined) ? limits : undefined;
}

/** What a document refers to, each with the types of entries that it may be, if not any. */
export function targetsIn(field: Field, doc: unknown): { id: string; to?: string[] }[] {
  const allowed = { link: field.links?.to, embed: field.embeds, image: undefined };
  return usesOf(doc as RichTextDocument).map(({ by, id }) => ({
    id,
    ...(allowed[by] ? { to: allowed[by] } : {}),
  }));
}
