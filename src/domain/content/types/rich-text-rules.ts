import {
  customParts,
  isCustomName,
  usesOf,
  withCustomAttrs,
  withoutCustomParts,
  type CustomNames,
  type MarkedNode,
  type RichTextDocument,
  type RichTextLimits,
} from "../rich-text/index.ts";
import type { Field } from "./schemas.ts";

/** What of rich text a field takes; undefined when that is all. */
export function limitsOf({
  nodes,
  marks,
  headings,
  links,
  annotations = [],
}: Field): RichTextLimits | undefined {
  const limits = { nodes, marks: marks && [...marks, ...annotations], headings, protocols: links?.protocols };
  return Object.values(limits).some((limit) => limit !== undefined) ? limits : undefined;
}

type Values = Record<string, unknown>;
type CustomValues = { type: string; fields: Field[]; attrs: Values; path: string };

/** The names of the components that may be in a field's documents, as blocks and as marks. */
export function customNames({ components = [], annotations = [] }: Field): CustomNames {
  const ids = components.map(({ id }) => id);
  return {
    nodes: new Set(ids.filter((id) => !annotations.includes(id))),
    marks: new Set(ids.filter((id) => annotations.includes(id))),
  };
}

type Part = { part: { type: string; attrs?: Values }; path: string };

/** A component in a document; what it is on, if it is a mark. */
export type CustomIn = CustomValues & MarkedNode;

const valuesOf = (field: Field, { part, path }: Part): CustomValues => ({
  type: part.type,
  fields: field.components!.find(({ id }) => id === part.type)!.fields,
  attrs: part.attrs ?? {},
  path: `${path}.attrs`,
});

/** An entry may have no document, at any depth. */
const isThere = (doc: unknown): boolean => doc !== null && doc !== undefined;

/** The components in a document of a field, as blocks and as marks, with their values. */
export const customIn = (field: Field, doc: unknown): CustomIn[] =>
  field.components && isThere(doc)
    ? customParts(doc as RichTextDocument, customNames(field)).map(({ on, behind, ...part }) => ({
        ...valuesOf(field, part),
        ...(on ? { on, behind } : {}),
      }))
    : [];

/** A document of a field with other values in its components. */
export const withCustom = <Doc>(field: Field, doc: Doc, change: (part: CustomValues) => unknown): Doc =>
  field.components && isThere(doc)
    ? (withCustomAttrs(doc as RichTextDocument, customNames(field), (part) =>
        change(valuesOf(field, part)),
      ) as Doc)
    : doc;

/** A document without blocks and marks of kinds that its field does not have, such as those of long ago. */
export function withKnownKinds<Doc>(field: Field, doc: Doc): Doc {
  const names = customNames(field);
  const isUnknown = (name: string, kind: keyof CustomNames) =>
    isCustomName(name, kind) && !names[kind].has(name);
  return isThere(doc) ? (withoutCustomParts(doc as RichTextDocument, isUnknown, () => {}) as Doc) : doc;
}

/** What a document refers to, each with the types of entries that it may be, if not any. */
export function targetsIn(field: Field, doc: unknown): { id: string; to?: string[] }[] {
  const allowed = { link: field.links?.to, embed: field.embeds, image: undefined };
  return usesOf(doc as RichTextDocument).map(({ by, id }) => ({
    id,
    ...(allowed[by] ? { to: allowed[by] } : {}),
  }));
}
