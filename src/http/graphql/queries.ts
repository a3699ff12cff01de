import { ownValue } from "../../core/own-value.ts";
import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfigMap,
  type GraphQLOutputType,
} from "graphql";
import { filterKind, type CompiledType, type Field } from "../../domain/content/types/index.ts";
import type { RequestState, EntryValues } from "./request-state.ts";
import type { TypeInputs } from "./input-types.ts";
import { camelCase, pascalCase } from "./names.ts";
import { anyEntryObject, type Builder } from "./output-types.ts";
import {
  resolveAggregate,
  resolveAsset,
  resolveAssets,
  resolveConnection,
  resolveContent,
  resolveList,
  resolveOne,
} from "./resolvers.ts";
import { Asset, DateTime, JsonScalar, PerspectiveEnum, RichTextFormEnum } from "./scalars.ts";
import { withGraphQLPaths } from "./graphql-paths.ts";

const required = <T extends GraphQLOutputType>(type: T) => new GraphQLNonNull(type);
const listOf = (type: GraphQLOutputType) => required(new GraphQLList(required(type as GraphQLObjectType)));

const VIEW = { locale: { type: GraphQLString }, perspective: { type: PerspectiveEnum } };
const PAGE = { page: { type: GraphQLInt }, limit: { type: GraphQLInt }, cursor: { type: GraphQLString } };
const WORDS = { q: { type: GraphQLString, description: "Words to find." } };

const PageInfo = new GraphQLObjectType({
  name: "PageInfo",
  fields: {
    hasNextPage: { type: required(GraphQLBoolean) },
    hasPreviousPage: { type: required(GraphQLBoolean) },
    startCursor: { type: GraphQLString },
    endCursor: { type: GraphQLString },
  },
});
const FacetValue = new GraphQLObjectType({
  name: "FacetValue",
  fields: { value: { type: JsonScalar }, count: { type: required(GraphQLInt) } },
});
const Facet = new GraphQLObjectType({
  name: "Facet",
  fields: { field: { type: required(GraphQLString) }, values: { type: listOf(FacetValue) } },
});
const AssetList = new GraphQLObjectType({
  name: "AssetList",
  fields: {
    items: { type: listOf(Asset) },
    totalCount: { type: required(GraphQLInt) },
    nextCursor: { type: GraphQLString },
  },
});

/** The root fields that read: any type by `content`, and four fields for each type. */
export function queryFields(
  builder: Builder,
  inputs: ReadonlyMap<string, TypeInputs>,
  claimField: (name: string) => string,
): GraphQLFieldConfigMap<unknown, RequestState> {
  const { schema } = builder;
  const fields: GraphQLFieldConfigMap<unknown, RequestState> = {
    content: {
      type: listOf(anyEntryObject(schema)),
      description: "Entries of any type, by the type's id; filter and sort are written as in REST.",
      args: {
        type: { type: required(GraphQLString) },
        ...PAGE,
        ...VIEW,
        ...WORDS,
        sort: { type: new GraphQLList(required(GraphQLString)) },
        filter: { type: JsonScalar },
        richText: { type: RichTextFormEnum },
      },
      resolve: (_, args, state) => resolveContent(state, args as never),
    },
    asset: {
      type: Asset,
      args: { id: { type: required(GraphQLID) } },
      resolve: (_, args, state) => resolveAsset(state, args as { id: string }),
    },
    assetList: {
      type: required(AssetList),
      description: "The environment's assets, newest first.",
      args: { limit: { type: GraphQLInt }, cursor: { type: GraphQLString } },
      resolve: (_, args, state) => resolveAssets(state, args),
    },
  };
  // By age, so that a type that is added takes no name from one that is there.
  for (const type of schema.types.values()) {
    const name = claimField(camelCase(type.id));
    const named = <T>(work: () => Promise<T>) => withGraphQLPaths(schema, type, work);
    const given = inputs.get(type.id)!;
    const sort = { type: new GraphQLList(required(given.sort)) };
    const match = { filter: { type: given.filter }, ...WORDS };
    const object = builder.entries.get(type.id)!;
    const title = type.definition.name;
    fields[name] = {
      type: object,
      description: `One ${title} by id or slug.`,
      args: {
        id: { type: GraphQLID },
        slug: { type: GraphQLString },
        version: { type: GraphQLInt, description: "Shows this version, as a working copy." },
        ...VIEW,
      },
      resolve: (_, args, state, info) => named(() => resolveOne(state, schema, type, args as never, info)),
    };
    fields[claimField(`${name}List`)] = {
      type: listOf(object),
      description: `Entries of the type ${title}.`,
      args: { ...PAGE, ...VIEW, ...match, sort },
      resolve: (_, args, state, info) => named(() => resolveList(state, schema, type, args as never, info)),
    };
    fields[claimField(`${name}Connection`)] = {
      type: required(connectionObject(builder, object, type)),
      description: `Entries of the type ${title} as a Relay connection.`,
      args: {
        first: { type: GraphQLInt },
        after: { type: GraphQLString },
        ...VIEW,
        ...match,
        sort,
        ...(given.facet ? { facets: { type: new GraphQLList(required(given.facet)) } } : {}),
      },
      resolve: (_, args, state, info) =>
        named(() => resolveConnection(state, schema, type, args as never, info)),
    };
    fields[claimField(`${name}Aggregate`)] = {
      type: listOf(aggregateObject(builder, type)),
      description: "Counts and sums over what matches, one for each group: at most 1,000.",
      args: {
        ...VIEW,
        ...match,
        ...(given.group ? { groupBy: { type: new GraphQLList(required(given.group)) } } : {}),
      },
      resolve: (_, args, state, info) =>
        named(() => resolveAggregate(state, schema, type, args as never, info)),
    };
  }
  return fields;
}

function connectionObject(
  { claim }: Builder,
  node: GraphQLObjectType<EntryValues, RequestState>,
  type: CompiledType,
): GraphQLObjectType {
  const name = pascalCase(type.id);
  const Edge = new GraphQLObjectType({
    name: claim(`${name}Edge`),
    fields: {
      cursor: { type: required(GraphQLString) },
      node: { type: required(node) },
      highlights: { type: JsonScalar, description: "By field, where the words of `q` stand, as HTML." },
    },
  });
  return new GraphQLObjectType({
    name: claim(`${name}Connection`),
    fields: {
      edges: { type: listOf(Edge) },
      nodes: { type: listOf(node) },
      pageInfo: { type: required(PageInfo) },
      totalCount: { type: GraphQLInt, description: "Only with the first page." },
      totalCapped: { type: GraphQLBoolean, description: "Whether there are more than `totalCount`." },
      facets: { type: new GraphQLList(required(Facet)) },
    },
  });
}

/** What is computed is what is selected: `{ count avg { price } max { publishedAt } }`. */
function aggregateObject({ claim }: Builder, type: CompiledType): GraphQLObjectType {
  const name = pascalCase(type.id);
  const single = [...type.fields.values()].filter((field) => !field.multiple);
  const numbers = single.filter((field) => filterKind(field) === "number" && field.type !== "boolean");
  const times = single.filter((field) => filterKind(field) === "time");
  const groups = single.filter((field) => !["none", "location"].includes(filterKind(field)));
  const object = (
    suffix: string,
    fields: Field[],
    more: GraphQLFieldConfigMap<EntryValues, RequestState> = {},
  ) =>
    fields.length + Object.keys(more).length === 0
      ? undefined
      : new GraphQLObjectType<EntryValues, RequestState>({
          name: claim(`${name}${suffix}`),
          fields: {
            ...more,
            ...Object.fromEntries(
              fields.map((field) => [
                camelCase(field.id),
                { type: scalarOf(field), resolve: (owner: EntryValues) => ownValue(owner, field.id) ?? null },
              ]),
            ),
          },
        });
  const datetimes = Object.fromEntries(
    ["created_at", "updated_at", "published_at"].map((id) => [
      camelCase(id),
      { type: DateTime, resolve: (owner: EntryValues) => owner[id] ?? null },
    ]),
  );
  const Numbers = object("Numbers", numbers);
  const Extremes = object("Extremes", [...numbers, ...times], datetimes)!;
  const Group = object("Values", groups);
  return new GraphQLObjectType({
    name: claim(`${name}Aggregate`),
    fields: {
      count: { type: required(GraphQLInt) },
      ...(Group ? { group: { type: Group, description: "The values of `groupBy`." } } : {}),
      min: { type: Extremes },
      max: { type: Extremes },
      ...(Numbers ? { avg: { type: Numbers }, sum: { type: Numbers } } : {}),
    },
  });
}

function scalarOf(field: Field) {
  if (field.type === "boolean") return GraphQLBoolean;
  if (field.type === "datetime") return DateTime;
  return filterKind(field) === "number" ? GraphQLFloat : GraphQLString;
}
