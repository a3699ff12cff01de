import { GraphQLInterfaceType, type GraphQLOutputType } from "graphql";
import type { CompiledType, EnvironmentSchema, Field } from "../../domain/content/types/index.ts";
import type { Builder } from "./builder.ts";
import { camelCase, componentName, pascalCase } from "./names.ts";
import type { EntryValues, RequestState } from "./request-state.ts";

/** The fields of a content type that others may share: those with one reusable component. */
function sharedFields({ types, components }: EnvironmentSchema, type: CompiledType): Field[] {
  return [...type.fields.values()].filter(({ type: kind, component, multiple }) => {
    if (kind !== "component" || component === undefined || multiple) return false;
    // Types and components of such a name have it for what they are made of.
    const likeIt = `has_${component}`;
    return !types.has(likeIt) && !components?.has(likeIt);
  });
}

/** `HasSeo` for a field `seo` with the component `seo`, `HasSeo_Meta` for a field `meta` with it. */
function nameOf({ id, component }: Field): string {
  const name = `Has${componentName(component!)}`;
  return id === component ? name : `${name}_${pascalCase(id)}`;
}

/** The interfaces of a type's entries besides that of all: one for each component that other types may have, too. */
export const sharedInterfaces = (
  { schema, shared }: Builder,
  type: CompiledType,
  typeOf: (field: Field) => GraphQLOutputType,
): GraphQLInterfaceType[] =>
  sharedFields(schema, type).map((field) => {
    const name = nameOf(field);
    const made =
      shared.get(name) ??
      new GraphQLInterfaceType({
        name,
        description: `Entries whose ${camelCase(field.id)} is the component ${field.component!}.`,
        fields: () => ({ [camelCase(field.id)]: { type: typeOf(field) } }),
        resolveType: (entry: EntryValues, state: RequestState) =>
          state.objectName(entry["type"] as string | undefined),
      });
    shared.set(name, made);
    return made;
  });

/** The interface of that name; undefined where no content type has it. */
export function sharedInterface(builder: Builder, name: string): GraphQLInterfaceType | undefined {
  const { schema, shared, entries } = builder;
  const isLikely = [...(schema.components?.keys() ?? [])].some((id) =>
    name.startsWith(`Has${componentName(id)}`),
  );
  if (!isLikely) return undefined;
  for (const id of schema.types.keys()) {
    if (shared.has(name)) break;
    entries.get(id)!.getInterfaces();
  }
  return shared.get(name);
}
