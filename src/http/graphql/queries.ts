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
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLOutputType,
} from "graphql";
import {
  hasExtremes,
  kindOf,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../domain/content/types/index.ts";
import type { Builder, TypeInputs } from "./builder.ts";
import { byType, type ByType } from "./by-type.ts";
import type { RequestState, EntryValues } from "./request-state.ts";
import { columnName, columnsOf, isGroupable, spansOf } from "./input-types.ts";
import type { RootFields } from "./lazy-schema.ts";
import { camelCase, nameClaims, pascalCase } from "./names.ts";
import { anyEntryObject } from "./output-types.ts";
import {
  resolveAggregate,
  resolveAsset,
  resolveAssets,
  resolveConnection,
  resolveContent,
  resolveEntries,
  resolveList,
  resolveOne,
} from "./resolvers.ts";
import {
  Asset,
  DateTime,
  JsonScalar,
  Nearest,
  PerspectiveEnum,
  RichTextFormEnum,
  scalarOf,
  CommonEntry,
} from "./scalars.ts";
import { argumentOf, readingByArguments, renamingPaths } from "./graphql-paths.ts";

const required = <T extends GraphQLOutputType>(type: T) => new GraphQLNonNull(type);
const listOf = (type: GraphQLOutputType) => required(new GraphQLList(required(type as GraphQLObjectType)));

const VIEW = {
  locale: { type: GraphQLString },
  perspective: { type: PerspectiveEnum },
  release: { type: GraphQLString, description: "As after a release: `rel_…`." },
};
const PAGE = { page: { type: GraphQLInt }, limit: { type: GraphQLInt }, cursor: { type: GraphQLString } };
const CONNECTION = {
  first: { type: GraphQLInt },
  after: { type: GraphQLString },
  last: { type: GraphQLInt, description: "The last ones before `before`, or of all." },
  before: { type: GraphQLString },
};
const WORDS = { q: { type: GraphQLString, description: "Full-text search." } };

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
  fields: {
    value: { type: JsonScalar },
    label: { type: GraphQLString },
    count: { type: required(GraphQLInt) },
  },
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

const ASSETS: Record<string, GraphQLFieldConfig<unknown, RequestState>> = {
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

/**
 * The root fields that read: any type by `content`, and four fields for each type, which `ofType`
 * names.
 */
export function queryFields(
  builder: Builder,
  inputs: ByType<TypeInputs>,
  operations: Record<string, GraphQLFieldConfig<unknown, RequestState>>,
): { fields: RootFields; ofType: ReadonlyMap<string, string[]> } {
  const { schema } = builder;
  const fields: RootFields = new Map();
  const ofType = new Map<string, string[]>();
  fields.set("content", () => contentField(schema));
  for (const [name, field] of Object.entries(ASSETS)) fields.set(name, () => field);
  const claimField = nameClaims([...fields.keys(), ...Object.keys(operations)]);
  // By age, so that a type that is added takes no name from one that is there.
  for (const id of schema.types.keys()) {
    const name = claimField(camelCase(id));
    const made =
      (make: (builder: Builder, type: CompiledType, given: TypeInputs) => RootField) => (): RootField =>
        make(builder, schema.types.get(id)!, inputs.get(id)!);
    const own: RootFields = new Map([
      [name, made(oneField)],
      [claimField(`${name}List`), made(listField)],
      [claimField(`${name}Connection`), made(connectionField)],
      [claimField(`${name}Aggregate`), made(aggregateField)],
    ]);
    ofType.set(id, [...own.keys()]);
    for (const [field, make] of own) fields.set(field, make);
  }
  // After those of types, so that one of that name keeps it.
  fields.set(claimField("entries"), () => entriesField(schema));
  for (const [field, config] of Object.entries(operations)) fields.set(field, () => config);
  return { fields, ofType };
}

type RootField = GraphQLFieldConfig<unknown, RequestState>;

const contentField = (schema: EnvironmentSchema): RootField => ({
  type: listOf(anyEntryObject(schema)),
  description: "Entries of any type, by the type's id; filter and sort have the syntax of REST.",
  args: {
    type: { type: required(GraphQLString) },
    ...PAGE,
    ...VIEW,
    ...WORDS,
    sort: { type: new GraphQLList(required(GraphQLString)) },
    filter: { type: JsonScalar },
    richText: { type: RichTextFormEnum },
  },
  resolve: (_, args, state) =>
    renamingPaths(
      () => resolveContent(state, args as never),
      (path) => argumentOf(args, path),
    ),
});

const edgeOf = (name: string, node: GraphQLOutputType): GraphQLObjectType =>
  new GraphQLObjectType({
    name,
    fields: { cursor: { type: required(GraphQLString) }, node: { type: required(node) } },
  });
/** A page of entries of several types. */
const CommonEntryConnection = new GraphQLObjectType({
  name: "CommonEntryConnection",
  fields: {
    edges: { type: listOf(edgeOf("CommonEntryEdge", CommonEntry)) },
    nodes: { type: listOf(CommonEntry) },
    pageInfo: { type: required(PageInfo) },
    totalCount: { type: GraphQLInt, description: "Only with the first page." },
    totalCapped: { type: GraphQLBoolean, description: "Whether there are more than `totalCount`." },
  },
});

/** Types that queries of every environment lead to. */
export const OF_QUERIES = [Asset, AssetList, PageInfo, Facet, CommonEntryConnection];

const entriesField = (schema: EnvironmentSchema): RootField => ({
  type: required(CommonEntryConnection),
  description:
    "Entries of several types in one order; filter and sort have the syntax of REST, about fields that all of the types have.",
  args: {
    types: { type: required(new GraphQLList(required(GraphQLString))) },
    ...CONNECTION,
    ...VIEW,
    ...WORDS,
    sort: { type: new GraphQLList(required(GraphQLString)) },
    filter: { type: JsonScalar },
  },
  resolve: (_, args, state, info) =>
    renamingPaths(
      () => resolveEntries(state, schema, args as never, info),
      (path) => argumentOf(args, path),
    ),
});

const matchOf = ({ filter }: TypeInputs) => ({ filter: { type: filter }, ...WORDS });
/** How a list is sorted: by fields, at random, and of types with places by the distance from a point before that. */
const orderOf = ({ sort }: TypeInputs, type: CompiledType) => ({
  sort: { type: new GraphQLList(required(sort)) },
  random: {
    type: GraphQLString,
    description: "A seed: an order that looks random, the same for the same seed.",
  },
  ...([...type.fields.values()].some((field) => field.type === "location")
    ? { nearest: { type: Nearest, description: "Sorts by the distance from a point first." } }
    : {}),
});

function oneField({ schema, entries }: Builder, type: CompiledType): RootField {
  const isSingle = type.definition.singleton === true;
  return {
    type: entries.get(type.id)!,
    description: isSingle ? type.definition.name : `One ${type.definition.name} by id or slug.`,
    args: isSingle
      ? VIEW
      : {
          id: { type: GraphQLID },
          slug: { type: GraphQLString },
          version: { type: GraphQLInt, description: "Returns this version, in the form of a working copy." },
          ...VIEW,
        },
    resolve: (_, args, state, info) =>
      readingByArguments(schema, type, args, () => resolveOne(state, schema, type, args as never, info)),
  };
}

function listField({ schema, entries }: Builder, type: CompiledType, given: TypeInputs): RootField {
  return {
    type: listOf(entries.get(type.id)!),
    description: `Entries of the type ${type.definition.name}.`,
    args: { ...PAGE, ...VIEW, ...matchOf(given), ...orderOf(given, type) },
    resolve: (_, args, state, info) =>
      readingByArguments(schema, type, args, () => resolveList(state, schema, type, args as never, info)),
  };
}

function connectionField(builder: Builder, type: CompiledType, given: TypeInputs): RootField {
  const { schema } = builder;
  return {
    type: required(builder.connections!.get(type.id)!),
    description: `Entries of the type ${type.definition.name} as a Relay connection.`,
    args: {
      ...CONNECTION,
      exactTotal: {
        type: GraphQLBoolean,
        description: "Counts `totalCount` without the limit of 10,000, at the cost of an aggregate.",
      },
      ...VIEW,
      ...matchOf(given),
      ...orderOf(given, type),
      ...(given.facet ? { facets: { type: new GraphQLList(required(given.facet)) } } : {}),
    },
    resolve: (_, args, state, info) =>
      readingByArguments(schema, type, args, () =>
        resolveConnection(state, schema, type, args as never, info),
      ),
  };
}

function aggregateField(builder: Builder, type: CompiledType, given: TypeInputs): RootField {
  const { schema } = builder;
  return {
    type: listOf(aggregateObject(builder, type)),
    description: "Counts, sums and averages of the matches, per group: at most 1,000.",
    args: {
      ...VIEW,
      ...matchOf(given),
      ...(given.group ? { groupBy: { type: new GraphQLList(required(given.group)) } } : {}),
      timeZone: { type: GraphQLString, description: "Of spans of time, such as Europe/Berlin." },
    },
    resolve: (_, args, state, info) =>
      readingByArguments(schema, type, args, () =>
        resolveAggregate(state, schema, type, args as never, info),
      ),
  };
}

/** A page of each content type as Relay has it. */
export const connections = (builder: Builder): ByType<GraphQLObjectType> =>
  byType(builder.schema, (type) => connectionObject(builder, builder.entries.get(type.id)!, type));

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
      distance: { type: GraphQLFloat, description: "Kilometres from the point of `nearest`." },
      highlights: { type: JsonScalar, description: "By field: HTML fragments with the matches of `q`." },
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
  const columns = columnsOf(type);
  const single = columns.filter((field) => !field.multiple);
  const numbers = single.filter((field) => kindOf(field).canBeSummed);
  const ordered = single.filter(hasExtremes);
  const groups = columns.filter(isGroupable);
  const object = (
    suffix: string,
    fields: Field[],
    more: GraphQLFieldConfigMap<EntryValues, RequestState> = {},
    typeOf: (field: Field) => GraphQLOutputType = scalarOf,
  ) =>
    fields.length + Object.keys(more).length === 0
      ? undefined
      : new GraphQLObjectType<EntryValues, RequestState>({
          name: claim(`${name}${suffix}`),
          fields: {
            ...more,
            ...Object.fromEntries(
              fields.map((field) => [
                columnName(field.id),
                { type: typeOf(field), resolve: (owner: EntryValues) => ownValue(owner, field.id) ?? null },
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
  const Extremes = object("Extremes", ordered, datetimes)!;
  const spans = Object.fromEntries(
    spansOf(columns).map(({ name, value }) => [
      name,
      { type: GraphQLString, resolve: (owner: EntryValues) => ownValue(owner, value) ?? null },
    ]),
  );
  const Counts = object("Counts", single.filter(isGroupable), {}, () => GraphQLInt);
  const Group = object("Values", groups, spans);
  return new GraphQLObjectType({
    name: claim(`${name}Aggregate`),
    fields: {
      count: { type: required(GraphQLInt) },
      ...(Group ? { group: { type: Group, description: "The values of `groupBy`." } } : {}),
      min: { type: Extremes },
      max: { type: Extremes },
      ...(Numbers ? { avg: { type: Numbers }, sum: { type: Numbers } } : {}),
      ...(Counts ? { distinct: { type: Counts, description: "The number of different values." } } : {}),
    },
  });
}
