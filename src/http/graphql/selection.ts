import {
  getArgumentValues,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from "graphql";
import {
  hasLocalizations,
  LOCALIZATIONS,
  relativesOf,
  type RelatedQuery,
  type ViewQuery,
} from "../../domain/content/entries/index.ts";
import {
  filterKind,
  holdsReferences,
  innerFields,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../domain/content/types/index.ts";
import type { Arguments } from "./arguments.ts";
import { linkNamed, listedQueryOf, relatedQueryOf } from "./back-references.ts";
import { camelCase } from "./names.ts";
import type { RequestState } from "./request-state.ts";

/** Calls `see` for every field that is selected below, through fragments. */
function eachField(
  info: GraphQLResolveInfo,
  set: SelectionSetNode | undefined,
  see: (name: string, below: SelectionSetNode | undefined, node: FieldNode) => void,
): void {
  for (const node of set?.selections ?? []) {
    if (node.kind === "Field") see(node.name.value, node.selectionSet, node);
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

/** What a selection looks into: as `include=` has it, and its back references with their arguments. */
export type Selected = Pick<ViewQuery, "include" | "related">;
/** Where a selection is: the types of the entries, or the fields of a component. */
type At = { types: readonly CompiledType[]; fields: readonly Field[] };

const entriesOf = (types: readonly CompiledType[]): At => ({
  types,
  fields: [...new Set(types.flatMap((type) => [...type.fields.values()]))],
});

/** The references that a selection looks into; `places` lead to where the entries are. */
export function selectedIncludes(
  schema: EnvironmentSchema,
  type: CompiledType | readonly CompiledType[],
  { info, state }: { info: GraphQLResolveInfo; state: RequestState },
  places: string[][] = [[]],
): Selected {
  const found = new Set<string>();
  const related = new Map<string, RelatedQuery>();
  /** The query that is known already, with the name of its step, or this one with a new name. */
  const known = (query: RelatedQuery, id: string): [name: string, query: RelatedQuery] => {
    const same = [...related].find(([, one]) => one.as === query.as && one.owner === query.owner);
    if (!same) related.set(`${id}#${related.size}`, query);
    return same ?? [...related].at(-1)!;
  };
  /** Where a reference leads to: by a step for each type that has it, where arguments say which of a list. */
  const listPaths = (
    at: At,
    field: Field,
    { name, path, node }: { name: string; path: string; node: FieldNode },
  ): string[] => {
    const prefix = path === "" ? "" : `${path}.`;
    const plain = `${prefix}${field.id}`;
    if (!field.multiple || field.type !== "reference" || !node.arguments?.length) return [plain];
    return at.types.flatMap((owner) => {
      if (owner.fields.get(field.id) !== field || camelCase(field.id) !== name) return [];
      const query = listedQueryOf(schema, owner, field, argumentsOf(state, info, owner, node));
      return [query ? `${prefix}${known(query, field.id)[0]}` : plain];
    });
  };
  const visit = (set: SelectionSetNode | undefined, at: At, path: string, inside: string): void =>
    eachField(info, set, (name, below, node) => {
      if (!below) return;
      const step = (id: string) => (path === "" ? id : `${path}.${id}`);
      for (const field of at.fields.filter((one) => camelCase(one.id) === name && holdsReferences(one))) {
        // References inside a component are included with the field that has the component.
        const within = inside || step(field.id);
        if (filterKind(field) === "reference") {
          for (const led of inside ? [within] : listPaths(at, field, { name, path, node })) {
            found.add(led);
            visit(below, entriesOf(targetTypes(schema, field)), led, "");
          }
        } else visit(below, { types: [], fields: innerFields(field) }, path, within);
      }
      if (name === LOCALIZATIONS && at.types.some(hasLocalizations)) found.add(step(name));
      const owners = at.types.filter((one) => relativesOf(one.definition).some(({ id }) => id === name));
      if (owners.length > 0) {
        found.add(step(name));
        visit(below, entriesOf(owners), step(name), "");
      }
      for (const owner of at.types) {
        const link = linkNamed(schema, owner, name);
        if (!link) continue;
        const query = relatedQueryOf(schema, owner, link, argumentsOf(state, info, owner, node));
        const [named, wanted] = known(query, link.id);
        wanted.isCounted ||= selectedIn(info, below).some((one) => COUNTED.includes(one));
        found.add(step(named));
        eachField(info, below, (name, nodes) => {
          if (name === "nodes") visit(nodes, entriesOf([link.type]), step(named), "");
          if (name === "edges")
            eachField(info, nodes, (name, node) => {
              if (name === "node") visit(node, entriesOf([link.type]), step(named), "");
            });
        });
      }
    });
  const start = (set: SelectionSetNode | undefined, rest: string[]): void => {
    if (rest.length === 0) return visit(set, entriesOf([type].flat()), "", "");
    eachField(info, set, (name, below) => {
      if (name === rest[0]) start(below, rest.slice(1));
    });
  };
  for (const place of places) for (const node of info.fieldNodes) start(node.selectionSet, place);
  return { include: withoutPrefixes([...found]), related };
}

const COUNTED = ["totalCount", "totalCapped"];

function selectedIn(info: GraphQLResolveInfo, set: SelectionSetNode): string[] {
  const names: string[] = [];
  eachField(info, set, (name) => void names.push(name));
  return names;
}

/** The arguments of a field of a type's object. */
function argumentsOf(
  { objectName }: RequestState,
  { schema, variableValues }: GraphQLResolveInfo,
  owner: CompiledType,
  node: FieldNode,
): Arguments {
  const object = schema.getType(objectName(owner.id)) as GraphQLObjectType;
  return getArgumentValues(object.getFields()[node.name.value]!, node, variableValues);
}

function targetTypes(schema: EnvironmentSchema, field: Field): CompiledType[] {
  if (field.type !== "reference") return [];
  const ids = field.to ?? [...schema.types.keys()];
  return [...new Set(ids)].flatMap((id) => schema.types.get(id) ?? []);
}

/** `author` is implied by `author.avatar`. */
function withoutPrefixes(paths: string[]): string[] {
  return paths.filter((path) => !paths.some((other) => other.startsWith(`${path}.`)));
}
