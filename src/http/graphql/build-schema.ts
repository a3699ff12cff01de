import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  type GraphQLFieldConfigMap,
  type GraphQLOutputType,
} from "graphql";
import type { CompiledType, EnvironmentSchema, Field } from "../../domain/types/index.ts";
import { filterKind } from "../../domain/types/index.ts";
import { renderHtml, renderText } from "../../domain/rich-text/index.ts";
import { camelCase, pascalCase } from "./names.ts";
import { resolveContent, resolveList, resolveOne, type Door, type EntryValues } from "./resolvers.ts";

const JsonScalar = new GraphQLScalarType({
  name: "JSON",
  description: "Any JSON value.",
  serialize: (value) => value,
});
const DateTime = new GraphQLScalarType({
  name: "DateTime",
  description: "A moment, ISO 8601 UTC.",
  serialize: (value) => value,
});

const RichText = new GraphQLObjectType({
  name: "RichText",
  fields: {
    json: { type: JsonScalar, resolve: (doc) => doc },
    html: { type: GraphQLString, resolve: (doc) => renderHtml(doc) },
    text: { type: GraphQLString, resolve: (doc) => renderText(doc) },
  },
});

const Asset = new GraphQLObjectType({
  name: "Asset",
  fields: {
    id: { type: new GraphQLNonNull(GraphQLID) },
    sourceUrl: { type: GraphQLString, resolve: (asset) => asset.source_url ?? null },
    filename: { type: GraphQLString },
    mime: { type: GraphQLString },
    title: { type: GraphQLString },
    alt: { type: GraphQLString },
    caption: { type: GraphQLString },
    description: { type: GraphQLString },
  },
});

const Status = new GraphQLEnumType({
  name: "EntryStatus",
  values: { draft: {}, published: {}, changed: {}, unavailable: {} },
});
const PerspectiveEnum = new GraphQLEnumType({ name: "Perspective", values: { published: {}, draft: {} } });

const COMMON: GraphQLFieldConfigMap<EntryValues, Door> = {
  id: { type: new GraphQLNonNull(GraphQLID) },
  type: { type: GraphQLString },
  locale: { type: GraphQLString },
  version: { type: GraphQLInt },
  status: { type: Status },
  publishedAt: { type: DateTime, resolve: (entry) => entry["published_at"] ?? null },
  createdAt: { type: DateTime, resolve: (entry) => entry["created_at"] ?? null },
  updatedAt: { type: DateTime, resolve: (entry) => entry["updated_at"] ?? null },
};

const LIST_ARGUMENTS = {
  page: { type: GraphQLInt },
  limit: { type: GraphQLInt },
  cursor: { type: GraphQLString },
  sort: { type: new GraphQLList(new GraphQLNonNull(GraphQLString)) },
  locale: { type: GraphQLString },
  perspective: { type: PerspectiveEnum },
};

/** The GraphQL schema of an environment: generic `content`, and `blogPost` and `blogPostList` for each type. */
export function buildGraphqlSchema(schema: EnvironmentSchema): GraphQLSchema {
  const objects = new Map<string, GraphQLObjectType>();
  for (const type of schema.types.values()) {
    objects.set(
      type.id,
      new GraphQLObjectType({
        name: `${pascalCase(type.id)}Entry`,
        fields: () => entryFields(type, objects),
      }),
    );
  }
  const AnyEntry = new GraphQLObjectType<EntryValues, Door>({
    name: "Entry",
    description: "An entry of any type: its title and slug are those of its type's display and slug fields.",
    fields: {
      ...COMMON,
      title: {
        type: GraphQLString,
        resolve: (entry) => text(entry[schema.types.get(entry["type"] as string)?.displayField?.id ?? ""]),
      },
      slug: {
        type: GraphQLString,
        resolve: (entry) => text(entry[schema.types.get(entry["type"] as string)?.slugField?.id ?? ""]),
      },
      fields: {
        type: JsonScalar,
        resolve: (entry) =>
          Object.fromEntries(
            [...(schema.types.get(entry["type"] as string)?.fields.keys() ?? [])].map((id) => [
              id,
              entry[id] ?? null,
            ]),
          ),
      },
    },
  });
  const Where = new GraphQLInputObjectType({
    name: "Filter",
    description:
      'One condition, as filter[field][operator]=value in REST, such as { field: "price", operator: "gte", value: "10" }.',
    fields: {
      field: { type: new GraphQLNonNull(GraphQLString) },
      operator: { type: GraphQLString, defaultValue: "eq" },
      value: { type: new GraphQLNonNull(GraphQLString) },
    },
  });
  const listArguments = { ...LIST_ARGUMENTS, filter: { type: new GraphQLList(new GraphQLNonNull(Where)) } };
  const fields: GraphQLFieldConfigMap<unknown, Door> = {
    content: {
      type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(AnyEntry))),
      description: "Entries of any type, by the type's id.",
      args: { type: { type: new GraphQLNonNull(GraphQLString) }, ...listArguments },
      resolve: (_, args, door) => resolveContent(door, args as never),
    },
  };
  for (const type of schema.types.values()) {
    const name = camelCase(type.id);
    const object = objects.get(type.id)!;
    fields[name] = {
      type: object,
      description: `One ${type.definition.name} by id or slug.`,
      args: {
        id: { type: GraphQLID },
        slug: { type: GraphQLString },
        locale: { type: GraphQLString },
        perspective: { type: PerspectiveEnum },
      },
      resolve: (_, args, door, info) => resolveOne(door, type, args as never, info),
    };
    fields[`${name}List`] = {
      type: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(object))),
      description: `Entries of the type ${type.definition.name}.`,
      args: listArguments,
      resolve: (_, args, door, info) => resolveList(door, type, args as never, info),
    };
  }
  return new GraphQLSchema({
    query: new GraphQLObjectType({ name: "Query", fields }),
    types: [...objects.values()],
  });
}

function entryFields(
  type: CompiledType,
  objects: Map<string, GraphQLObjectType>,
): GraphQLFieldConfigMap<EntryValues, Door> {
  const fields: GraphQLFieldConfigMap<EntryValues, Door> = { ...COMMON };
  for (const field of type.fields.values()) {
    const name = camelCase(field.id);
    fields[name] = {
      type: outputType(field, objects),
      ...(field.help ? { description: field.help } : {}),
      resolve: (entry) => entry[field.id] ?? null,
    };
  }
  return fields;
}

function outputType(field: Field, objects: Map<string, GraphQLObjectType>): GraphQLOutputType {
  const one = singleType(field, objects);
  return field.multiple ? new GraphQLList(new GraphQLNonNull(one)) : one;
}

function singleType(
  field: Field,
  objects: Map<string, GraphQLObjectType>,
): GraphQLObjectType | GraphQLScalarType {
  if (filterKind(field) === "reference") {
    if (field.type === "media") return Asset;
    const target = field.to?.length === 1 ? objects.get(field.to[0]!) : undefined;
    return target ?? Reference;
  }
  switch (field.type) {
    case "integer":
    case "number":
      return GraphQLFloat;
    case "boolean":
      return GraphQLBoolean;
    case "datetime":
      return DateTime;
    case "rich_text":
      return RichText;
    case "json":
    case "location":
    case "component":
    case "blocks":
      return JsonScalar;
    default:
      return GraphQLString;
  }
}

const Reference = new GraphQLObjectType<EntryValues, Door>({
  name: "Reference",
  fields: { ...COMMON, fields: { type: JsonScalar, resolve: (entry) => entry } },
});
const text = (value: unknown) => (typeof value === "string" ? value : null);
