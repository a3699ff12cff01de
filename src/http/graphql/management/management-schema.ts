import { buildSchema, isObjectType, isScalarType, type GraphQLObjectType } from "graphql";
import type { BuiltSchema } from "../build-schema.ts";
import { restName } from "../names.ts";
import type { EntryValues, RequestState } from "../request-state.ts";
import { DateTime, JsonScalar } from "../scalars.ts";
import type { Management } from "./create-management.ts";
import { performRequest, type SendRequest } from "./perform-request.ts";
import text from "./management.txt";

/** The context value of the resolvers of management. */
export type ManagementState = RequestState & {
  /** Sends a request of REST in the name of the caller. */
  send: SendRequest;
};

/** A root field is a request of its own: so many fit into what a document may cost. */
const REQUEST_COST = 400;

let made: Omit<BuiltSchema, "key" | "isIntrospectable"> | undefined;

/** The schema of management, the same in every environment: made when it is first asked for. */
export function managementSchema(isIntrospectable: boolean): BuiltSchema {
  made ??= make(JSON.parse(text) as Management);
  return { ...made, isIntrospectable, key: `management|${isIntrospectable}` };
}

function make({ sdl, fields, nullable }: Management): typeof made & object {
  const graphql = buildSchema(sdl, { assumeValid: true, assumeValidSDL: true });
  const roots = [graphql.getQueryType()!, graphql.getMutationType()!];
  for (const type of Object.values(graphql.getTypeMap())) {
    const own = [DateTime, JsonScalar].find(({ name }) => name === type.name);
    if (own && isScalarType(type)) {
      const { serialize, parseValue, parseLiteral } = own;
      Object.assign(type, { serialize, parseValue, parseLiteral });
    } else if (isObjectType(type) && !roots.includes(type) && !type.name.startsWith("__"))
      readByRestName(type);
  }
  const mayBeNull = new Set(nullable);
  for (const root of roots)
    for (const field of Object.values(root.getFields())) {
      const operation = fields[field.name]!;
      field.resolve = (_, args: EntryValues, state: ManagementState) =>
        performRequest({ operation, field, mayBeNull }, args, state);
    }
  return { graphql, rootCost: REQUEST_COST, objectName: () => "", describe: () => {}, examined: () => {} };
}

function readByRestName(type: GraphQLObjectType): void {
  for (const field of Object.values(type.getFields())) {
    const id = restName(field.name);
    field.resolve = (owner: EntryValues) => owner[id] ?? null;
  }
}
