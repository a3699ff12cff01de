import type { GraphQLResolveInfo, SelectionSetNode } from "graphql";
import {
  filterKind,
  holdsReferences,
  innerFields,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../domain/content/types/index.ts";
import { camelCase } from "./names.ts";

/** Calls `see` for every field that is selected below, through fragments. */
function eachField(
  info: GraphQLResolveInfo,
  set: SelectionSetNode | undefined,
  see: (name: string, below: SelectionSetNode | undefined) => void,
): void {
  for (const node of set?.selections ?? []) {
    if (node.kind === "Field") see(node.name.value, node.selectionSet);
    else if (node.kind === "InlineFragment") eachField(info, node.selectionSet, see);
    else eachField(info, info.fragments[node.name.value]?.selectionSet, see);
  }
}

/**
 * The names that are selected below the field at the end of `steps`, such as `["avg"]`; below the
 * resolved field without.
 */
export function selectedBelow(info: GraphQLResolveInfo, steps: string[] = []): string[] {
  const found = new Set<string>();
  const visit = (set: SelectionSetNode | undefined, rest: string[]): void =>
    eachField(info, set, (name, below) => {
      if (rest.length === 0) found.add(name);
      else if (name === rest[0]) visit(below, rest.slice(1));
    });
  for (const node of info.fieldNodes) visit(node.selectionSet, steps);
  return [...found];
}

/**
 * The references that a selection looks into, as the paths of `include=`; `steps` lead to where the
 * entries are.
 */
export function selectedIncludes(
  schema: EnvironmentSchema,
  type: CompiledType,
  info: GraphQLResolveInfo,
  steps: string[] = [],
): string[] {
  const found = new Set<string>();
  const visit = (set: SelectionSetNode | undefined, fields: Field[], path: string, inside: string): void =>
    eachField(info, set, (name, below) => {
      if (!below) return;
      for (const field of fields.filter((one) => camelCase(one.id) === name && holdsReferences(one))) {
        // References inside a component are included with the field that has the component.
        const at = inside || (path === "" ? field.id : `${path}.${field.id}`);
        if (filterKind(field) === "reference") {
          found.add(at);
          visit(below, targetFields(schema, field), at, "");
        } else visit(below, innerFields(field), path, at);
      }
    });
  const start = (set: SelectionSetNode | undefined, rest: string[]): void => {
    if (rest.length === 0) return visit(set, [...type.fields.values()], "", "");
    eachField(info, set, (name, below) => {
      if (name === rest[0]) start(below, rest.slice(1));
    });
  };
  for (const node of info.fieldNodes) start(node.selectionSet, steps);
  return withoutPrefixes([...found]);
}

function targetFields(schema: EnvironmentSchema, field: Field): Field[] {
  if (field.type !== "reference") return [];
  const ids = field.to ?? [...schema.types.keys()];
  return [...new Set(ids.flatMap((id) => [...(schema.types.get(id)?.fields.values() ?? [])]))];
}

/** `author` is implied by `author.avatar`. */
function withoutPrefixes(paths: string[]): string[] {
  return paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`)));
}
