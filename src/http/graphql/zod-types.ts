import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLNullableType,
  type GraphQLOutputType,
  type GraphQLScalarType,
} from "graphql";
import type * as z from "zod";
import type { RequestState, EntryValues } from "./request-state.ts";
import { camelCase } from "./names.ts";
import { CommonEntry, DateTime, JsonScalar, RichTextFormEnum } from "./scalars.ts";

/** Texts by these names are ids. */
const IDS = new Set(["id", "new_id", "entry", "comment"]);
/** Enums with their own GraphQL type; all others are strings, so that values can be added. */
const ENUMS: Record<string, GraphQLNullableType> = { rich_text: RichTextFormEnum };

const OTHER_NAMES: Record<string, string> = { BulkAnswer: "BulkResult", Reference: "ReferenceTo" };
/** What GraphQL calls the objects that have this name in the API document. */
export const objectNameOf = (name: string): string => OTHER_NAMES[name] ?? name;

type Def = {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  shape?: Record<string, z.ZodType>;
  format?: string;
  catchall?: unknown;
};
const defOf = (schema: z.ZodType): Def => schema.def as unknown as Def;

/** A schema without what says that its value may be absent or null, and whether that was so. */
function unwrap(schema: z.ZodType): { inner: z.ZodType; mayBeNull: boolean; isOptional: boolean } {
  let [inner, mayBeNull, isOptional] = [schema, false, false];
  for (;;) {
    const { type, innerType } = defOf(inner);
    if (type !== "optional" && type !== "nullable" && type !== "default") break;
    if (type === "nullable") mayBeNull = true;
    else isOptional = true;
    inner = innerType!;
  }
  return { inner, mayBeNull, isOptional };
}

function scalarOf(name: string, schema: z.ZodType): GraphQLScalarType | undefined {
  const { type, format } = defOf(schema);
  const isDatetime = format === "datetime" || schema.meta()?.["format"] === "date-time";
  if (type === "string" && isDatetime) return DateTime;
  if (type === "string" || type === "enum") return IDS.has(name) ? GraphQLID : GraphQLString;
  if (type === "boolean") return GraphQLBoolean;
  if (type === "number") return (schema as z.ZodNumber).isInt ? GraphQLInt : GraphQLFloat;
  return undefined;
}

type Nullable = GraphQLNullableType & GraphQLOutputType;

const listOf = <T extends GraphQLNullableType>(type: T) => new GraphQLList(new GraphQLNonNull(type));

/**
 * The types of answers: schemas that have a name are objects, each made once; whatever else has parts
 * is JSON.
 */
export function answerTypes(
  named: Readonly<Record<string, z.ZodType>>,
): (schema: z.ZodType, name?: string) => GraphQLOutputType {
  const names = new Map(Object.entries(named).map(([name, schema]) => [schema, objectNameOf(name)]));
  const made = new Map<string, Nullable>([["Entry", CommonEntry]]);
  const object = (name: string, schema: z.ZodType): GraphQLObjectType => {
    const fields = Object.entries(defOf(schema).shape!).map(([id, part]) => [
      camelCase(id),
      {
        type: typeOf(part, id),
        resolve: (owner: EntryValues) => owner[id] ?? null,
      },
    ]);
    return new GraphQLObjectType<EntryValues, RequestState>({
      name,
      fields: Object.fromEntries(fields) as never,
    });
  };
  const nullableOf = (schema: z.ZodType, name: string): Nullable => {
    const known = names.get(schema);
    const { type, element } = defOf(schema);
    if (known !== undefined && type === "object") {
      const type = made.get(known) ?? object(known, schema);
      made.set(known, type);
      return type;
    }
    if (type !== "array") return scalarOf(name, schema) ?? JsonScalar;
    const inner = nullableOf(element!, name);
    return inner === JsonScalar ? JsonScalar : (listOf(inner) as Nullable);
  };
  const typeOf = (schema: z.ZodType, name = ""): GraphQLOutputType => {
    const { inner, mayBeNull, isOptional } = unwrap(schema);
    const type = nullableOf(inner, name);
    return mayBeNull || isOptional || type === JsonScalar ? type : new GraphQLNonNull(type);
  };
  return typeOf;
}

/** The arguments that the parts of an object make, by the names that GraphQL gives them. */
export function argumentsOf(shape: Readonly<Record<string, z.ZodType>>): GraphQLFieldConfigArgumentMap {
  return Object.fromEntries(
    Object.entries(shape).map(([id, schema]) => {
      const { inner, mayBeNull, isOptional } = unwrap(schema);
      const { type: kind, element } = defOf(inner);
      const scalar = kind === "array" ? scalarOf(id, element!) : scalarOf(id, inner);
      const nullable = ENUMS[id] ?? scalar ?? JsonScalar;
      const type = kind === "array" ? listOf(nullable) : nullable;
      const isNeeded = !mayBeNull && !isOptional;
      return [camelCase(id), { type: isNeeded ? new GraphQLNonNull(type) : type }];
    }),
  ) as GraphQLFieldConfigArgumentMap;
}

/** Whether a part of a body must be there and may be null: an argument that is left out means null. */
export function isNullable(schema: z.ZodType): boolean {
  const { mayBeNull, isOptional } = unwrap(schema);
  return mayBeNull && !isOptional;
}
