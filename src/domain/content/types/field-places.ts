import type { Field } from "./schemas.ts";

/**
 * How stored values lead further: by a key, through the values by locale, through the elements of a
 * list, through the blocks of a kind, through the components of a kind in a document, as nodes or marks.
 */
export type Descent = ["key" | "block" | "node" | "mark", string] | ["locales" | "each"];

/** A field in a definition, and where its values are. */
export type Place = {
  field: Field;
  path: string[];
  isLocalized: boolean;
  /** The reusable component that it is a field of. */
  reusable: string | undefined;
  /** The way to the innermost list, block or document that it is in; empty when it is in none. */
  outer: Descent[];
  /** The keys from there to its values. */
  keys: string[];
};

type From = Omit<Place, "field">;
const START: From = { path: [], isLocalized: false, reusable: undefined, outer: [], keys: [] };

/** The field at a path of a definition, with the ids of blocks in it: `seo.title`, `page.hero.text`. */
export function findPlace(fields: readonly Field[], path: string): Place | undefined {
  return find(fields, path.split("."), START);
}

function find(fields: readonly Field[], [id, ...rest]: string[], from: From): Place | undefined {
  const field = fields.find((one) => one.id === id);
  if (!field) return undefined;
  const isLocalized = from.isLocalized || field.localized;
  const here = { ...from, isLocalized, path: [...from.path, id!], keys: [...from.keys, id!] };
  if (rest.length === 0) return { ...here, field };
  const inner = innerOf(here, field, rest[0]!);
  return inner && find(inner.fields, inner.isNamed ? rest.slice(1) : rest, inner.from);
}

/** The fields inside a field, and the way to their values. */
function innerOf(here: From, field: Field, block: string) {
  const down = (...more: Descent[]) => ({ outer: [...wayTo(here), ...more], keys: [] });
  if (field.type === "component") {
    const from = { ...here, reusable: field.component ?? here.reusable };
    return {
      fields: field.fields!,
      isNamed: false,
      from: field.multiple ? { ...from, ...down(["each"]) } : from,
    };
  }
  const component = field.components?.find(({ id }) => id === block);
  if (!component) return undefined;
  const step: Descent = [stepInto(field, block), block];
  const path = [...here.path, block];
  return {
    fields: component.fields,
    isNamed: true,
    from: { ...here, path, reusable: component.component ?? here.reusable, ...down(step) },
  };
}

const stepInto = ({ type, annotations }: Field, component: string): "block" | "node" | "mark" => {
  if (type !== "rich_text") return "block";
  return annotations?.includes(component) ? "mark" : "node";
};

const wayTo = ({ outer, keys, isLocalized }: From): Descent[] => [
  ...outer,
  ...keys.flatMap((key, i): Descent[] =>
    // Only fields at the top are localised.
    outer.length === 0 && i === 0 && isLocalized ? [["key", key], ["locales"]] : [["key", key]],
  ),
];

/** Where the values of a reusable component are in the entries of a type. */
export function usesOfComponent(
  fields: readonly Field[],
  id: string,
  from: From = START,
): { path: string[]; at: Descent[] }[] {
  return fields.flatMap((field) => {
    const isLocalized = from.isLocalized || field.localized;
    const here = { ...from, isLocalized, path: [...from.path, field.id], keys: [...from.keys, field.id] };
    const blocks = field.components?.map((one) => one.id) ?? [];
    return (field.fields ? [""] : blocks).flatMap((block) => {
      const inner = innerOf(here, field, block)!;
      const own = field.fields
        ? field.component
        : field.components!.find((one) => one.id === block)!.component;
      if (own === id) return [{ path: inner.from.path, at: wayTo(inner.from) }];
      return usesOfComponent(inner.fields, id, inner.from);
    });
  });
}

/** The lists of blocks and the documents of a type that may hold a reusable component, and the way to them. */
export function usesOfKind(
  fields: readonly Field[],
  id: string,
  from: From = START,
): { path: string[]; at: Descent[]; as: "block" | "node" | "mark" }[] {
  return fields.flatMap((field) => {
    const isLocalized = from.isLocalized || field.localized;
    const here = { ...from, isLocalized, path: [...from.path, field.id], keys: [...from.keys, field.id] };
    const parts = field.components ?? [];
    const own = parts.some(({ component }) => component === id)
      ? [{ path: here.path, at: wayTo(here), as: stepInto(field, id) }]
      : [];
    const blocks = field.fields ? [""] : parts.map((one) => one.id);
    return [
      ...blocks.flatMap((block) => {
        const inner = innerOf(here, field, block)!;
        return usesOfKind(inner.fields, id, inner.from);
      }),
      ...own,
    ];
  });
}

/** Fields with those of a reusable component changed, wherever it is. */
export function withinComponent(
  fields: readonly Field[],
  id: string,
  change: (fields: Field[]) => Field[],
): Field[] {
  const changed = (inner: Field[], own: string | undefined) =>
    own === id ? change(inner) : withinComponent(inner, id, change);
  return fields.map((field) => ({
    ...field,
    ...(field.fields ? { fields: changed(field.fields, field.component) } : {}),
    ...(field.components
      ? {
          components: field.components.map((one) => ({ ...one, fields: changed(one.fields, one.component) })),
        }
      : {}),
  }));
}

/** The paths of all fields of a definition, for suggestions. */
export function placesOf(fields: readonly Field[], path = "", found: string[] = []): string[] {
  for (const { id, fields: inner = [], components = [] } of fields) {
    if (found.length >= 2000) return found;
    found.push(path + id);
    placesOf(inner, `${path}${id}.`, found);
    for (const one of components) placesOf(one.fields, `${path}${id}.${one.id}.`, found);
  }
  return found;
}
