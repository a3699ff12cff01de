import { AppError, invalid, notFound } from "../../../core/errors.ts";
import { didYouMean } from "../../../core/nearest.ts";
import { usesOfKind } from "./field-places.ts";
import type { Definitions, StoredComponent, StoredDefinition } from "./read-definitions.ts";
import type { Reshape } from "./renames.ts";
import type { AuthoredField, Field, TypeDefinition } from "./schemas.ts";

/** The old ids of types or components by their new ones. */
export type OldIds = ReadonlyMap<string, string>;
export type NewIds = { types: OldIds; components: OldIds };

type Wanted = { definition: { id: string }; from?: string | undefined };

/** Types and components that get another id; throws where they cannot. */
export function newIdsOf(
  current: Definitions,
  wanted: { types: readonly Wanted[]; components: readonly Wanted[] },
): NewIds {
  return {
    types: oldIdsOf("types", "content type", current.types, wanted.types),
    components: oldIdsOf("components", "component", current.components, wanted.components),
  };
}

function oldIdsOf(
  slice: "types" | "components",
  what: string,
  current: ReadonlyMap<string, { former: readonly string[] }>,
  wanted: readonly Wanted[],
): OldIds {
  const found = new Map<string, string>();
  for (const {
    definition: { id },
    from,
  } of wanted) {
    if (from === undefined) continue;
    if (from === id) throw notRenamed(`must be another id than "${id}"`);
    const known = current.get(id);
    // Repeating a change must be possible.
    if (known?.former.includes(from) && !current.has(from)) continue;
    if (!current.has(from))
      throw notFound(
        `${slice}/not-found`,
        `There is no ${what} "${from.slice(0, 64)}" to rename.${didYouMean(from.slice(0, 64), current.keys())}`,
      );
    if (known)
      throw new AppError(
        "CONFLICT",
        `${slice}/id-taken`,
        `The ${what} "${id}" exists already: "${from}" cannot be called so.`,
      );
    if ([...found.values()].includes(from)) throw notRenamed(`"${from}" is renamed twice`);
    found.set(id, from);
  }
  return found;
}

const notRenamed = (message: string) =>
  invalid("types/invalid-renames", "The renames are not possible.", [{ path: "rename_from", message }]);

type Name = { type: (id: string) => string; component: (id: string) => string };

/** Definitions as they would be if types and components had always had their new ids. */
export function underNewIds(current: Definitions, { types, components }: NewIds): Definitions {
  if (types.size + components.size === 0) return current;
  const name = { type: nameBy(types), component: nameBy(components) };
  return {
    ...current,
    types: new Map(
      [...current.types.values()].map((type) => {
        const now = typeUnder(type, name);
        return [now.id, now];
      }),
    ),
    components: new Map(
      [...current.components.values()].map((component) => {
        const now = componentUnder(component, name);
        return [now.definition.id, now];
      }),
    ),
  };
}

function nameBy(ids: OldIds): (id: string) => string {
  const now = new Map([...ids].map(([to, from]) => [from, to]));
  return (id) => now.get(id) ?? id;
}

function typeUnder(stored: StoredDefinition, name: Name): StoredDefinition {
  const renamed = <T extends TypeDefinition | StoredDefinition["definition"]>(type: T): T => ({
    ...type,
    id: name.type(type.id),
    fields: (type.fields as Field[]).map((field) => fieldUnder(field, name)),
    ...(type.back_references
      ? { back_references: type.back_references.map((list) => ({ ...list, type: name.type(list.type) })) }
      : {}),
  });
  return {
    ...stored,
    id: name.type(stored.id),
    authored: renamed(stored.authored),
    definition: renamed(stored.definition),
    uses: stored.uses.map(name.component),
  };
}

function componentUnder({ definition, ...stored }: StoredComponent, name: Name): StoredComponent {
  const fields = definition.fields.map((field) => fieldUnder(field, name));
  return { ...stored, definition: { ...definition, id: name.component(definition.id), fields } };
}

type Part = NonNullable<AuthoredField["components"]>[number] & { component?: string };

function fieldUnder<F extends AuthoredField | Field>(field: F, name: Name): F {
  const ids = (list: readonly string[]) => [...new Set(list.map(name.type))];
  const inside = (fields: readonly (AuthoredField | Field)[]) => fields.map((one) => fieldUnder(one, name));
  const part = (one: Part): unknown => {
    if (typeof one === "string") return name.component(one);
    // The kind of a block is the id of its component, where that is a reusable one.
    const reusable = one.component === undefined ? {} : reusableAs(name.component(one.component));
    return { ...one, ...reusable, fields: inside(one.fields) };
  };
  const parts = (field.components ?? []) as Part[];
  const isReusable = (id: string) => parts.some((one) => one === id || one.component === id);
  return {
    ...field,
    ...(field.annotations
      ? { annotations: field.annotations.map((id) => (isReusable(id) ? name.component(id) : id)) }
      : {}),
    ...(field.to ? { to: ids(field.to) } : {}),
    ...(field.links?.to ? { links: { ...field.links, to: ids(field.links.to) } } : {}),
    ...(field.embeds ? { embeds: ids(field.embeds) } : {}),
    ...(field.component === undefined ? {} : { component: name.component(field.component) }),
    ...(field.fields ? { fields: inside(field.fields) } : {}),
    ...(field.components ? { components: parts.map(part) } : {}),
  };
}

const reusableAs = (id: string) => ({ id, component: id });

/** What components with another id come to for the values of a type: blocks say of which kind they are. */
export function reshapeOfKinds(
  { definition }: StoredDefinition,
  now: StoredDefinition,
  { components }: NewIds,
): Reshape {
  const reshape: Reshape = { renames: [], steps: [], before: now.definition.fields };
  let fields = definition.fields;
  for (const [to, from] of components) {
    const name = { type: (id: string) => id, component: (id: string) => (id === from ? to : id) };
    for (const { path, at, as } of usesOfKind(fields, from)) {
      reshape.renames.push([[...path, from].join("."), [...path, to].join(".")]);
      reshape.steps.push({ at, kind: { from, to, as } });
    }
    fields = fields.map((field) => fieldUnder(field, name));
  }
  return reshape;
}

/** The id that something has now which is called by a former one. */
export const presentIdOf = (
  current: ReadonlyMap<string, { former: readonly string[] }>,
  id: string,
): string | undefined =>
  current.has(id) ? undefined : [...current].find(([, { former }]) => former.includes(id))?.[0];
