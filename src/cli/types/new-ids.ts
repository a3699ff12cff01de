import { UsageError } from "../command.ts";
import type { Block, Definition, Field, Model } from "./type-files.ts";

/** The old ids of types and components by their new ones. */
export type OldIds = { types: ReadonlyMap<string, string>; components: ReadonlyMap<string, string> };

/** Those that are still to be done: the environment has the old id and not the new one. */
export function leftToRename(
  current: Model,
  { types, components }: OldIds,
  flags: readonly string[],
): OldIds {
  const left = (known: readonly Definition[], ids: ReadonlyMap<string, string>) => {
    const has = (id: string) => known.some((one) => one.id === id);
    for (const [to, from] of ids)
      if (!has(from) && !has(to) && flags.includes(`${from}=${to}`))
        throw new UsageError(`--rename "${from}=${to}": the environment has no "${from}".`);
    return new Map([...ids].filter(([to, from]) => has(from) && !has(to)));
  };
  return { types: left(current.types, types), components: left(current.components, components) };
}

/** The definitions of an environment as they would be if they had always had their new ids. */
export function underNewIds<T extends Definition>(
  current: Model<T>,
  { types, components }: OldIds,
): Model<T> {
  const by = (ids: ReadonlyMap<string, string>) => {
    const now = new Map([...ids].map(([to, from]) => [from, to]));
    return (id: string) => now.get(id) ?? id;
  };
  const [type, component] = [by(types), by(components)];
  const fieldUnder = (field: Field): Field => {
    const {
      links,
      annotations,
      components: parts,
    } = field as Field & {
      links?: { to?: string[] };
      annotations?: string[];
    };
    const ids = (list: unknown) => (list as string[]).map(type);
    return {
      ...field,
      ...(field["to"] ? { to: ids(field["to"]) } : {}),
      ...(field["embeds"] ? { embeds: ids(field["embeds"]) } : {}),
      ...(links?.to ? { links: { ...links, to: ids(links.to) } } : {}),
      ...(typeof field.component === "string" ? { component: component(field.component) } : {}),
      ...(annotations
        ? { annotations: annotations.map((id) => (parts?.includes(id) ? component(id) : id)) }
        : {}),
      ...(field.fields ? { fields: field.fields.map(fieldUnder) } : {}),
      ...(parts ? { components: parts.map((one) => partUnder(one)) } : {}),
    };
  };
  const partUnder = (one: string | Block) =>
    typeof one === "string" ? component(one) : { ...one, fields: one.fields.map(fieldUnder) };
  const definitionUnder = (one: T, id: string): T => ({
    ...one,
    id,
    fields: one.fields.map(fieldUnder),
    ...(one["back_references"]
      ? {
          back_references: (one["back_references"] as { type: string }[]).map((list) => ({
            ...list,
            type: type(list.type),
          })),
        }
      : {}),
  });
  return {
    types: current.types.map((one) => definitionUnder(one, type(one.id))),
    components: current.components.map((one) => definitionUnder(one, component(one.id))),
  };
}
