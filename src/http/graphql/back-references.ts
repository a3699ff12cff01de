import { GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLString, type GraphQLFieldConfigMap } from "graphql";
import { parseListQuery, type Related, type RelatedQuery } from "../../domain/content/entries/index.ts";
import {
  backReferencesOf,
  type BackLink,
  type CompiledType,
  type EnvironmentSchema,
} from "../../domain/content/types/index.ts";
import type { Arguments } from "./arguments.ts";
import type { Builder } from "./builder.ts";
import { toRestFilter } from "./input-types.ts";
import { camelCase } from "./names.ts";
import type { EntryValues, RequestState } from "./request-state.ts";

/** The back reference that GraphQL calls so. */
export const linkNamed = (
  schema: EnvironmentSchema,
  type: CompiledType,
  name: string,
): BackLink | undefined => backReferencesOf(schema, type).find(({ id }) => camelCase(id) === name);

/** The key under which an entry has what a field with these arguments shows. */
const keyOf = ({ id }: BackLink, args: Arguments): string => `${id}#${JSON.stringify(args)}`;

/** Arguments as a query has them; throws INVALID as the arguments of a list do. */
export function relatedQueryOf(
  schema: EnvironmentSchema,
  owner: CompiledType,
  link: BackLink,
  args: Arguments,
): RelatedQuery {
  const params = new URLSearchParams();
  if (args["first"] != null) params.set("limit", String(args["first"]));
  if (args["sort"]?.length > 0) params.set("sort", args["sort"].join(","));
  if (args["filter"])
    params.set("filter", JSON.stringify(toRestFilter(schema, link.type, args["filter"] as EntryValues)));
  const { limit, sort, where } = parseListQuery(params);
  return {
    as: keyOf(link, args),
    limit,
    after: args["after"] ?? undefined,
    sort,
    where,
    isCounted: false,
    owner: owner.id,
    hasCursors: true,
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
