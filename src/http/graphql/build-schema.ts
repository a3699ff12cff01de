import { GraphQLObjectType, GraphQLSchema, specifiedScalarTypes } from "graphql";
import type { EnvironmentSchema } from "../../domain/content/types/index.ts";
import type { RequestState } from "./request-state.ts";
import { CONTENT_GROUPS } from "../operation-groups.ts";
import { operationFields, type OperationFields } from "./operation-fields.ts";
import { typeInputs } from "./input-types.ts";
import { mutationFields } from "./mutations.ts";
import { nameClaims } from "./names.ts";
import { entryObjects } from "./output-types.ts";
import { queryFields } from "./queries.ts";
import { UnavailableEntry } from "./scalars.ts";

/** Names of types that are there in every environment. */
const OWN_TYPES = [
  ...specifiedScalarTypes.map(({ name }) => name),
  ..."Query Mutation Subscription JSON DateTime RichText RichTextForm Location LocationInput Near Asset AssetList Entry CommonEntry UnavailableEntry".split(
    " ",
  ),
  ..."EntryStatus EntryCan Perspective PageInfo Facet FacetValue Refusal BulkItem BulkResult EntryVersion Difference ReferenceTo".split(
    " ",
  ),
  ..."TrashedEntry Schedule Standing Comment Notification TextFilter NumberFilter BooleanFilter TimeFilter".split(
    " ",
  ),
  ..."LocationFilter PresenceFilter IdFilter ReferenceFilter".split(" "),
];

/** A schema ready to be executed, with the GraphQL type of each content type. */
export type BuiltSchema = { graphql: GraphQLSchema; objectName: RequestState["objectName"]; bytes: number };

const BYTES_PER_TYPE = 40_000;
const BYTES_PER_FIELD = 6000;

/** The fields of declared operations, the same in every environment. */
let own: OperationFields | undefined;

/** The GraphQL schema of an environment, made of its content types. */
export function buildGraphqlSchema(schema: EnvironmentSchema): BuiltSchema {
  const claim = nameClaims(OWN_TYPES);
  const builder = entryObjects(schema, claim);
  const inputs = typeInputs(schema, claim);
  own ??= operationFields(CONTENT_GROUPS);
  const operations = own;
  const claimField = nameClaims(["content", "asset", "assetList", ...Object.keys(operations.query)]);
  const graphql = new GraphQLSchema({
    query: new GraphQLObjectType({
      name: "Query",
      fields: { ...queryFields(builder, inputs, claimField), ...operations.query },
    }),
    mutation: new GraphQLObjectType({
      name: "Mutation",
      fields: mutationFields(builder, inputs, operations.mutation),
    }),
    types: [...builder.entries.values(), UnavailableEntry],
  });
  const fields = [...schema.types.values()].reduce((sum, type) => sum + type.fields.size, 0);
  return {
    graphql,
    objectName: (typeId) => builder.entries.get(typeId ?? "")?.name ?? UnavailableEntry.name,
    bytes: BYTES_PER_TYPE * (schema.types.size + 1) + BYTES_PER_FIELD * fields,
  };
}
