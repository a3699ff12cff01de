import {
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
} from "graphql";
import { ownValue } from "../../core/own-value.ts";
import {
  namedWhere,
  parseListQuery,
  type Related,
  type RelatedQuery,
} from "../../domain/content/entries/index.ts";
import {
  backReferencesOf,
  type BackLink,
  type CompiledType,
  type EnvironmentSchema,
  type Field,
} from "../../domain/content/types/index.ts";
import type { Arguments } from "./arguments.ts";
import type { Builder } from "./builder.ts";
import { argumentOf, renamingThrown } from "./graphql-paths.ts";
import { graphqlFilterPath, toRestFilter } from "./input-types.ts";
import { camelCase } from "./names.ts";
import type { EntryValues, RequestState } from "./request-state.ts";

/** The back reference that GraphQL calls so. */
export const linkNamed = (
  schema: EnvironmentSchema,
  type: CompiledType,
  name: string,
): BackLink | undefined => backReferencesOf(schema, type).find(({ id }) => camelCase(id) === name);

/** The key under which an entry has what a field with these arguments shows. */
const keyOf = ({ id }: { id: string }, args: Arguments): string => `${id}#${JSON.stringify(args)}`;

/** Arguments as a query has them; throws INVALID as the arguments of a list do. */
export function relatedQueryOf(
  schema: EnvironmentSchema,
  owner: CompiledType,
  link: BackLink,
  args: Arguments,
): RelatedQuery {
  const params = new URLSearchParams();
  if (args["first"] != null) params.set("limit", String(args["first"]));
  const query = listQueryOf(schema, owner, { ...link, args, params });
  return { ...query, after: args["after"] ?? undefined, hasCursors: true };
}

/** A list of references that is asked for with arguments; undefined without any. */
export function listedQueryOf(
  schema: EnvironmentSchema,
  owner: CompiledType,
  field: Field,
  args: Arguments,
): RelatedQuery | undefined {
  if (!hasArguments(args)) return undefined;
  const params = new URLSearchParams();
  if (args["limit"] != null) params.set("limit", String(args["limit"]));
  const type = schema.types.get(field.to?.[0] ?? "") ?? owner;
  const query = listQueryOf(schema, owner, { id: field.id, type, args, params });
  return args["limit"] == null ? { ...query, limit: undefined } : query;
}

const hasArguments = (args: Arguments): boolean => Object.values(args).some((one) => one != null);

type Asked = { id: string; type: CompiledType; args: Arguments; params: URLSearchParams };

function listQueryOf(
  schema: EnvironmentSchema,
  owner: CompiledType,
  { id, type, args, params }: Asked,
): RelatedQuery {
  const named = (path: string) => {
    const inFilter = path.startsWith("filter[");
    return `${camelCase(id)}.${inFilter ? graphqlFilterPath(schema, type, path) : argumentOf(args, path)}`;
  };
  if (args["sort"]?.length > 0) params.set("sort", args["sort"].join(","));
  if (args["filter"])
    params.set("filter", JSON.stringify(toRestFilter(schema, type, args["filter"] as EntryValues)));
  const { limit, sort, where } = renamingThrown(() => parseListQuery(params), named);
  return {
    as: keyOf({ id }, args),
    limit,
    sort,
    where: where && namedWhere(where, named),
    isCounted: false,
    owner: owner.id,
    named,
  };
}

/** `related(limit, filter, sort)`: the arguments of a list of references, with what the root field has read. */
export function listedField(
  { inputs }: Builder,
  field: Field,
  read: (entry: EntryValues, value: unknown) => unknown,
): Pick<GraphQLFieldConfig<EntryValues, RequestState>, "args" | "extensions" | "resolve"> {
  const target = field.to?.length === 1 ? inputs!.get(field.to[0]!) : undefined;
  return {
    args: {
      limit: { type: GraphQLInt },
      ...(target
        ? {
            filter: { type: target.filter },
            sort: { type: new GraphQLList(new GraphQLNonNull(target.sort)) },
          }
        : {}),
    },
    extensions: { usualSize: 10 },
    resolve: (entry, args: Arguments) =>
      read(entry, ownValue(entry, hasArguments(args) ? keyOf(field, args) : field.id)),
  };
}

/** `articles(first, after, filter, sort)`: as a connection, with what the root field has read. */
export function listFields(
  { schema, inputs, connections }: Builder,
  type: CompiledType,
): GraphQLFieldConfigMap<EntryValues, RequestState> {
  return Object.fromEntries(
    backReferencesOf(schema, type).map((link) => {
      const { filter, sort } = inputs!.get(link.type.id)!;
      return [
        camelCase(link.id),
        {
          type: connections!.get(link.type.id)!,
          description: `Entries of the type ${link.type.definition.name} whose ${camelCase(link.field.id)} is this one, the newest first.`,
          args: {
            first: { type: GraphQLInt },
            after: { type: GraphQLString },
            filter: { type: filter },
            sort: { type: new GraphQLList(new GraphQLNonNull(sort)) },
          },
          resolve: (entry: EntryValues, args: Arguments) =>
            connectionOf(entry[keyOf(link, args)] as Related | undefined, args),
        },
      ];
    }),
  );
}

function connectionOf(found: Related | undefined, args: Arguments) {
  if (!found) return null;
  const { data, cursors = [], total = null, total_capped, next_cursor } = found;
  return {
    nodes: data,
    edges: data.map((node, i) => ({ node, cursor: cursors[i], highlights: null })),
    pageInfo: {
      hasNextPage: next_cursor !== null,
      hasPreviousPage: args["after"] != null,
      startCursor: cursors[0] ?? null,
      endCursor: cursors.at(-1) ?? null,
    },
    totalCount: total,
    totalCapped: total === null ? null : total_capped === true,
    facets: null,
  };
}
