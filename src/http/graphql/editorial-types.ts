import {
  GraphQLBoolean,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLOutputType,
} from "graphql";
import type { Door, EntryValues } from "./door.ts";
import { camelCase } from "./names.ts";
import { CommonEntry, DateTime, JsonScalar } from "./scalars.ts";

/** An object whose fields REST calls by the snake_case of their names. */
function object(name: string, fields: Record<string, GraphQLOutputType>): GraphQLObjectType {
  return new GraphQLObjectType<EntryValues, Door>({
    name,
    fields: Object.fromEntries(
      Object.entries(fields).map(([id, type]) => [
        camelCase(id),
        { type, resolve: (owner: EntryValues) => owner[id] ?? null },
      ]),
    ),
  });
}

const id = new GraphQLNonNull(GraphQLID);
const text = GraphQLString;

export const Refusal = object("Refusal", { code: text, reason: text, message: text, details: JsonScalar });
const BulkItem = object("BulkItem", {
  index: new GraphQLNonNull(GraphQLInt),
  id,
  outcome: new GraphQLNonNull(text),
  entry: CommonEntry,
  cancelled_schedules: new GraphQLList(new GraphQLNonNull(text)),
  notes: JsonScalar,
  error: Refusal,
});
export const BulkResult = object("BulkResult", {
  atomic: GraphQLBoolean,
  succeeded: new GraphQLNonNull(GraphQLInt),
  failed: new GraphQLNonNull(GraphQLInt),
  items: new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(BulkItem))),
});
export const EntryVersion = object("EntryVersion", {
  version: new GraphQLNonNull(GraphQLInt),
  name: text,
  created_by: text,
  created_at: DateTime,
  data: JsonScalar,
});
export const Difference = object("Difference", {
  path: text,
  change: text,
  from: JsonScalar,
  to: JsonScalar,
});
export const ReferenceTo = object("ReferenceTo", {
  id,
  type: text,
  field: text,
  locale: text,
  perspective: text,
});
export const TrashedEntry = object("TrashedEntry", {
  id,
  type: text,
  version: GraphQLInt,
  deleted_at: DateTime,
  deleted_by: text,
  data: JsonScalar,
});
