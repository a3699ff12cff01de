import {
  customNodes,
  usesOf,
  withCustomAttrs,
  type RichTextDocument,
  type RichTextLimits,
} from "../rich-text/index.ts";
import type { Field } from "./schemas.ts";

/** What of rich text a field takes; undefined when that is all. */
export function limitsOf({ nodes, marks, headings, links }: Field): RichTextLimits | undefined {
  const limits = { nodes, marks, headings, protocols: links?.protocols };
  return Object.values(limits).some((limit) => limit !== undefined) ? limits : undefined;
}

type Values = Record<string, unknown>;
type CustomNode = { type: string; fields: Field[]; attrs: Values; path: string };

/** The names of the components that may be in a field's documents. */
export const customNames = (field: Field): ReadonlySet<string> =>
  new Set((field.components ?? []).map(({ id }) => id));

const fieldsOf = (field: Field, type: string): Field[] =>
  field.components!.find(({ id }) => id === type)!.fields;

/** The components in a document of a field, with their values. */
export const customIn = (field: Field, doc: unknown): CustomNode[] =>
  field.components
    ? customNodes(doc as RichTextDocument, customNames(field)).map(({ node, path }) => ({
        type: node.type,
        fields: fieldsOf(field, node.type),
        attrs: node.attrs ?? {},
        path: `${path}.attrs`,
      }))
    : [];

/** A document of a field with other values in its components. */
export const withCustom = <Doc>(field: Field, doc: Doc, change: (node: CustomNode) => unknown): Doc =>
  field.components
    ? (withCustomAttrs(doc as RichTextDocument, customNames(field), (node, path) =>
        change({
          type: node.type,
          fields: fieldsOf(field, node.type),
          attrs: node.attrs ?? {},
          path: `${path}.attrs`,
        }),
      ) as Doc)
    : doc;

/** What a document refers to, each with the types of entries that it may be, if not any. */
export function targetsIn(field: Field, doc: unknown): { id: string; to?: string[] }[] {
  const allowed = { link: field.links?.to, embed: field.embeds, image: undefined };
  return usesOf(doc as RichTextDocument).map(({ by, id }) => ({
    id,
    ...(allowed[by] ? { to: allowed[by] } : {}),
  }));
}
