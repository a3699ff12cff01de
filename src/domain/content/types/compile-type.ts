import { kindOf, type FilterKind } from "./field-kinds/index.ts";
import type { BackReference, Field, ResolvedType } from "./schemas.ts";

/** A type prepared for reading and writing entries. */
export type CompiledType = {
  id: string;
  version: number;
  definition: ResolvedType;
  fields: ReadonlyMap<string, Field>;
  /** Former ids of fields, each with the present one. */
  former: ReadonlyMap<string, string>;
  /** The lists of entries that refer to its entries. */
  backReferences: ReadonlyMap<string, BackReference>;
  /** The slug by which entries are read. */
  slugField: Field | undefined;
  /** The field that leads to the entry above, where entries are read by their paths. */
  pathParent: Field | undefined;
  /** The slugs that are made of other fields, with those. */
  madeSlugs: readonly { field: Field; sources: Field[] }[];
  displayField: Field | undefined;
  hasLocalized: boolean;
  /** Whether what is inside components of all its entries has side rows. */
  isInnerIndexed: boolean;
};

/** Prepares a checked definition. */
export function compileType(definition: ResolvedType, version: number, isInnerIndexed = true): CompiledType {
  const { fields } = definition;
  const slugField = slugFieldOf(fields);
  const displayId = definition.display_field;
  return {
    id: definition.id,
    version,
    definition,
    fields: new Map(fields.map((field) => [field.id, field])),
    former: new Map(Object.entries(definition.former ?? {})),
    backReferences: new Map(listsOf(definition).map((one) => [one.id, one])),
    slugField,
    pathParent: slugField?.path ? fields.find(({ id }) => id === definition.parent) : undefined,
    madeSlugs: fields.flatMap((field) =>
      field.from
        ? [{ field, sources: field.from.flatMap((id) => fields.find((one) => one.id === id) ?? []) }]
        : [],
    ),
    displayField:
      fields.find((field) => field.id === displayId) ??
      fields.find((field) => field.id === "title" && field.type === "short_text") ??
      fields.find((field) => field.id === "name" && field.type === "short_text") ??
      fields.find((field) => field.type === "short_text" && !field.multiple),
    hasLocalized: fields.some((field) => field.localized),
    isInnerIndexed,
  };
}

/** The slug by which entries are read. */
export const slugFieldOf = (fields: readonly Field[]): Field | undefined =>
  fields.find((field) => field.type === "slug" && field.primary) ??
  fields.find((field) => field.type === "slug");

/** The back references of a type, the children of a tree's entries among them. */
export const listsOf = ({ id, parent, back_references: lists = [] }: ResolvedType): BackReference[] =>
  parent === undefined ? lists : [...lists, { id: "children", type: id, field: parent }];

/** Which column of the side table a field's values go to. */
export const filterKind = (field: Field): FilterKind => kindOf(field).filter;

/** Whether the values of a field have a lowest and a highest: numbers and times, of whatever kind. */
export const hasExtremes = (field: Field): boolean =>
  field.type !== "boolean" && ["number", "decimal", "time"].includes(filterKind(field));

/** The fields inside a component, or inside any of the components of a field of blocks. */
export function innerFields(field: Field): Field[] {
  if (field.type === "rich_text") return [];
  return field.fields ?? field.components?.flatMap((component) => component.fields) ?? [];
}

/** Whether a field refers to entries or assets, by itself or inside its components. */
export function holdsReferences(field: Field): boolean {
  return filterKind(field) === "reference" || innerFields(field).some(holdsReferences);
}
