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
import { camelCase, pascalCase } from "./names.ts";
import { CommonEntry, DateTime, JsonScalar, RichTextFormEnum } from "./scalars.ts";

/** Texts by these names are ids. */
const IDS = new Set(["id", "new_id", "entry", "comment"]);
/** Enums with their own GraphQL type; all others are strings, so that values can be added. */
const ENUMS: Record<string, GraphQLNullableType> = { rich_text: RichTextFormEnum };

const OTHER_NAMES: Record<string, string> = { BulkAnswer: "BulkResult", Reference: "ReferenceTo" };
/** What GraphQL calls the objects that have this name in the API document. */
export const objectNameOf = (name: string): string => OTHER_NAMES[name] ?? name;

export type Shape = Readonly<Record<string, z.ZodType>>;
type Def = {
  type: string;
  innerType?: z.ZodType;
  element?: z.ZodType;
  shape?: Shape;
  options?: z.ZodType[];
  in?: z.ZodType;
  values?: unknown[];
  entries?: Readonly<Record<string, unknown>>;
  format?: string;
};
export const defOf = (schema: z.ZodType): Def => schema.def as unknown as Def;

/** A schema without what says that its value may be absent or null, and whether that was so. */
export function unwrap(schema: z.ZodType): { inner: z.ZodType; mayBeNull: boolean; isOptional: boolean } {
  let [inner, mayBeNull, isOptional] = [schema, false, false];
  for (;;) {
    const { type, innerType, in: given } = defOf(inner);
    if (type === "nullable") mayBeNull = true;
    else if (type === "optional" || type === "default") isOptional = true;
    else if (type !== "pipe") break;
    inner = (innerType ?? given)!;
  }
  return { inner, mayBeNull, isOptional };
}

function scalarOf(name: string, schema: z.ZodType): GraphQLScalarType | undefined {
  const { type, format, values, entries, options } = defOf(schema);
  const isDatetime = format === "datetime" || schema.meta()?.["format"] === "date-time";
  if (type === "string" && isDatetime) return DateTime;
  // `true` and `false` as REST has them in a query.
  if (entries && Object.keys(entries).toSorted().join() === "false,true") return GraphQLBoolean;
  if (type === "string" || type === "enum") return IDS.has(name) ? GraphQLID : GraphQLString;
  if (type === "union" && options!.every((one) => defOf(one).type === "string")) return GraphQLString;
  if (type === "literal" && typeof values?.[0] === "string") return GraphQLString;
  if (type === "boolean" || (type === "literal" && typeof values?.[0] === "boolean")) return GraphQLBoolean;
  if (type === "number") return (schema as z.ZodNumber).isInt ? GraphQLInt : GraphQLFloat;
  return undefined;
}

type Nullable = GraphQLNullableType & GraphQLOutputType;

const listOf = <T extends GraphQLNullableType>(type: T) => new GraphQLList(new GraphQLNonNull(type));

/** What an object is made of that has no name in the API document; undefined for what is JSON. */
type PartsOf = (schema: z.ZodType) => Shape | undefined;

/**
 * The types of answers: schemas that have a name are objects, each made once. Of what else has parts
 * `partsOf` says whether it is an object, called by its owner and its name there; without it that is
 * JSON.
 */
export function answerTypes(
  named: Shape,
  partsOf: PartsOf = () => undefined,
): (schema: z.ZodType, name?: string, owner?: string) => GraphQLOutputType {
  const names = new Map(Object.entries(named).map(([name, schema]) => [schema, objectNameOf(name)]));
  const made = new Map<string, Nullable>([["Entry", CommonEntry]]);
  const object = (name: string, shape: Shape): Nullable => {
    const fields = () =>
      Object.entries(shape).map(([id, part]) => [
        camelCase(id),
        {
          type: typeOf(part, id, name),
          description: wordsOf(part),
          resolve: (owner: EntryValues) => owner[id] ?? null,
        },
      ]);
    const type =
      made.get(name) ??
      new GraphQLObjectType<EntryValues, RequestState>({
        name,
        fields: () => Object.fromEntries(fields()) as never,
      });
    made.set(name, type);
    return type;
  };
  const nullableOf = (schema: z.ZodType, name: string, owner: string): Nullable => {
    const known = names.get(schema);
    const { type, element, shape } = defOf(schema);
    const parts = known !== undefined && type === "object" ? shape : partsOf(schema);
    if (parts) return object(known ?? owner + pascalCase(name), parts);
    if (type !== "array") return scalarOf(name, schema) ?? JsonScalar;
    const inner = nullableOf(unwrap(element!).inner, name, owner);
    return inner === JsonScalar ? JsonScalar : (listOf(inner) as Nullable);
  };
  const typeOf = (schema: z.ZodType, name = "", owner = ""): GraphQLOutputType => {
    const { inner, mayBeNull, isOptional } = unwrap(schema);
    const type = nullableOf(inner, name, owner);
    return mayBeNull || isOptional || type === JsonScalar ? type : new GraphQLNonNull(type);
  };
  return typeOf;
}

/** What is said of a schema; nothing in a Worker, whose schemas have no words. */
export const wordsOf = (schema: z.ZodType): string | undefined =>
  (schema.meta() ?? unwrap(schema).inner.meta())?.description;

type InputOf = (schema: z.ZodType, id: string) => GraphQLNullableType | undefined;

/**
 * The arguments that the parts of an object make, by the names that GraphQL gives them. What has parts
 * itself is what `inputOf` makes of it, else JSON.
 */
export function argumentsOf(shape: Shape, inputOf: InputOf = () => undefined): GraphQLFieldConfigArgumentMap {
  return Object.fromEntries(
    Object.entries(shape).map(([id, schema]) => {
      const { inner, mayBeNull, isOptional } = unwrap(schema);
      const { type: kind, element } = defOf(inner);
      const part = kind === "array" ? unwrap(element!).inner : inner;
      const nullable = ENUMS[id] ?? scalarOf(id, part) ?? inputOf(part, id) ?? JsonScalar;
      const type = kind === "array" ? listOf(nullable) : nullable;
      const isNeeded = !mayBeNull && !isOptional;
      const description = wordsOf(schema);
      return [camelCase(id), { type: isNeeded ? new GraphQLNonNull(type) : type, description }];
    }),
  ) as GraphQLFieldConfigArgumentMap;
}

/** Whether a part of a body must be there and may be null: an argument that is left out means null. */
export function isNullable(schema: z.ZodType): boolean {
  const { mayBeNull, isOptional } = unwrap(schema);
  return mayBeNull && !isOptional;
}
