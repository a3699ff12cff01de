import {
  getNamedType,
  GraphQLObjectType,
  GraphQLSchema,
  specifiedScalarTypes,
  type GraphQLNamedType,
} from "graphql";
import type { EnvironmentSchema } from "../../domain/content/types/index.ts";
import type { RequestState } from "./request-state.ts";
import { CONTENT_GROUPS } from "../operation-groups.ts";
import { operationFields, type OperationFields } from "./operation-fields.ts";
import { typeInputs } from "./input-types.ts";
import { mutationFields } from "./mutations.ts";
import { LazyRoot, LazySchema, typesBelow } from "./lazy-schema.ts";
import { componentName, nameClaims, OWN_TYPES, pascalCase } from "./names.ts";
import { componentTypes, entryObjects } from "./output-types.ts";
import { connections, OF_QUERIES, queryFields } from "./queries.ts";
import { AssetChange, ReleaseChange, subscriptionFields } from "./subscriptions.ts";
import { ALL_FILTERS, OF_ENTRIES, UnavailableEntry } from "./scalars.ts";
import { sharedInterface } from "./shared-interfaces.ts";

/** A schema ready to be executed, with the GraphQL type of each content type. */
export type BuiltSchema = {
  graphql: GraphQLSchema;
  objectName: RequestState["objectName"];
  /** Tells it from every other schema: documents are kept under it. */
  key: string;
  isIntrospectable: boolean;
  /** What each root field costs by itself. */
  rootCost: number;
  /** Puts words into it, for who looks at it. */
  describe(): void;
  /** Told when a document has been examined by it. */
  examined(): void;
};

/** The schema of an environment, and what it takes in memory by now. */
export type ContentSchema = Pick<BuiltSchema, "objectName" | "isIntrospectable" | "rootCost"> & {
  graphql: LazySchema;
  /** As far as documents have named its types. */
  bytes(): number;
};

/** As measured: of a type by its name alone, of one that is made, and of each field of that. */
const BYTES = { name: 1500, type: 37_000, field: 1400, least: 14_000 };

/** The fields of declared operations, the same in every environment. */
let own: OperationFields | undefined;

/** The GraphQL schema of an environment, made of its content types when documents name them. */
export function buildGraphqlSchema(schema: EnvironmentSchema): ContentSchema {
  const components = new Map([...(schema.components?.keys() ?? [])].map((id) => [componentName(id), id]));
  const builder = entryObjects(schema, nameClaims([...OWN_TYPES, ...components.keys()]));
  const inputs = typeInputs(builder);
  builder.inputs = inputs;
  builder.connections = connections(builder);
  own ??= operationFields(CONTENT_GROUPS);
  const { query: queryOperations, mutation: mutations } = own;
  const queries = queryFields(builder, inputs, queryOperations);
  const query = new LazyRoot("Query", () => queries.fields);
  const mutation = new LazyRoot("Mutation", () => mutationFields(builder, inputs, mutations));
  const subscription = new LazyRoot("Subscription", () =>
    subscriptionFields(schema, getNamedType(query.getFields()["content"]!.type) as GraphQLObjectType),
  );
  const roots = new Map([query, mutation, subscription].map((root) => [root.name, root]));
  const implementations = once(() => [
    ...[...schema.types.keys()].map((id) => builder.entries.get(id)!),
    UnavailableEntry,
  ]);
  const idsByName = once(() => new Map([...schema.types.keys()].map((id) => [pascalCase(id), id])));

  const inputsByName = once(() => new Map([...builder.componentInputNames].map(([id, name]) => [name, id])));

  const find = (name: string): GraphQLNamedType | undefined => {
    if (roots.has(name)) return roots.get(name);
    if (name === "Entry") return getNamedType(query.getFields()["content"]!.type);
    if (name === "EntryChange") return getNamedType(subscription.getFields()["entryChanged"]!.type);
    const shared = name.startsWith("Has") ? sharedInterface(builder, name) : undefined;
    if (shared) return shared;
    const owner = idsByName().get(ownerOf(name) ?? "");
    const component =
      components.get(name) ??
      inputsByName().get(name) ??
      (owner ? undefined : componentBelow(components, name));
    const made = component === undefined ? undefined : componentTypes(builder, component);
    if (made)
      return typesBelow([made.object, made.input], made.object.name).get(name) ?? staticTypes().get(name);
    if (!owner) return staticTypes().get(name);
    const { filter, sort, facet, group, fields } = inputs.get(owner)!;
    const ofType = queries.ofType.get(owner)!.map((field) => query.getFields()[field]!.type);
    const all = [...ofType, builder.entries.get(owner)!, filter, sort, fields, facet ?? [], group ?? []];
    return typesBelow(all.flat(), pascalCase(owner)).get(name) ?? staticTypes().get(name);
  };

  const graphql = new LazySchema({ query, mutation, subscription, implementations, find });
  const sizeOf = (id: string) => BYTES.type + BYTES.field * (schema.types.get(id)?.fields.size ?? 0);
  return {
    graphql,
    objectName: (typeId) => builder.entries.get(typeId ?? "")?.name ?? UnavailableEntry.name,
    isIntrospectable: schema.graphql.introspection !== false,
    rootCost: 1,
    bytes: () =>
      [...builder.made].reduce((sum, id) => sum + sizeOf(id), BYTES.least + BYTES.name * schema.types.size),
  };
}

const OF_TYPES =
  "Entry|Filter|Sort|Facet|Group|Input|Edge|Connection|Aggregate|Numbers|Extremes|Values|Counts";
const OWNED = new RegExp(`^(.+?)(?:_[A-Z].*|(?:${OF_TYPES})(?:_\\d+)?)$`);

/** The content type in whose name a GraphQL type is called so, if any. */
const ownerOf = (name: string): string | undefined => OWNED.exec(name)?.[1];

/** The component inside of which a GraphQL type is that is called so, if any. */
function componentBelow(components: ReadonlyMap<string, string>, name: string): string | undefined {
  for (const [above, id] of components) if (name.startsWith(`${above}_`)) return id;
  return undefined;
}

/** The types that are there in every environment, by name. */
const staticTypes = once(() => {
  own ??= operationFields(CONTENT_GROUPS);
  const roots = new GraphQLSchema({
    query: new GraphQLObjectType({ name: "Query", fields: own.query }),
    mutation: new GraphQLObjectType({ name: "Mutation", fields: own.mutation }),
    types: [
      AssetChange,
      ReleaseChange,
      ...OF_QUERIES,
      ...OF_ENTRIES,
      ...ALL_FILTERS,
      ...specifiedScalarTypes,
    ],
    assumeValid: true,
  });
  return new Map(Object.entries(roots.getTypeMap()));
});

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
