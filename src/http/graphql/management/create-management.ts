import {
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  getNullableType,
  printSchema,
  validateSchema,
  type GraphQLFieldConfig,
  type GraphQLOutputType,
} from "graphql";
import * as z from "zod";
import type { OperationFacts, OperationGroup } from "../../../core/operation.ts";
import { pascalCase, restName } from "../names.ts";
import { argumentPlaces, type Place } from "../operation-fields.ts";
import { answerTypes, argumentsOf, defOf, unwrap, wordsOf, type Shape } from "../zod-types.ts";
import { fieldPlaceOf } from "./field-places.ts";

/** What carries out a field of management: the request of REST that does the same. */
export type ManagementField = Pick<OperationFacts, "method" | "path"> & {
  worker: "content" | "identity";
  /** Where each argument goes. */
  places: Record<string, Place>;
  hasBody?: true;
  isList?: true;
};

/** The schema of management as it is built into CONTENT. */
export type Management = {
  sdl: string;
  fields: Record<string, ManagementField>;
  /** `TypeInput.field` of inputs within arguments that may be null; in all others null is nothing. */
  nullable: string[];
};

type Field = GraphQLFieldConfig<unknown, unknown>;
type Worker = ManagementField["worker"];

/**
 * Makes the GraphQL schema of management of the operations that have no field in the schema of
 * content: one root field for each, called as the operation. When the Workers are built, since the
 * operations of all of them are together then only.
 */
export function createManagement(groups: Readonly<Record<Worker, readonly OperationGroup[]>>): Management {
  const all = [...groups.content, ...groups.identity];
  const named = Object.assign({}, ...all.map(({ schemas }) => schemas)) as Shape;
  const types = { typeOf: answerTypes(named, partsOf), listOf: listTypes(), ...inputTypes(named) };
  const roots: Record<"query" | "mutation", Record<string, Field>> = { query: {}, mutation: {} };
  const fields: Management["fields"] = {};
  for (const worker of ["content", "identity"] as const)
    for (const operation of groups[worker].flatMap(({ operations }) => operations)) {
      if (fieldPlaceOf(operation) !== "management") continue;
      const { operationId, method } = operation;
      if (fields[operationId]) throw new Error(`There are two operations called ${operationId}.`);
      const { field, config } = rootField(operation, worker, types);
      roots[method === "get" ? "query" : "mutation"][operationId] = config;
      fields[operationId] = field;
    }
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: "Query", fields: roots.query }),
    mutation: new GraphQLObjectType({ name: "Mutation", fields: roots.mutation }),
  });
  const [fault] = validateSchema(schema);
  if (fault) throw fault;
  return { sdl: printSchema(schema), fields, nullable: types.nullable };
}

type Types = {
  typeOf: ReturnType<typeof answerTypes>;
  listOf: ReturnType<typeof listTypes>;
} & ReturnType<typeof inputTypes>;

function rootField(
  operation: OperationFacts,
  worker: Worker,
  { typeOf, listOf, argumentsIn }: Types,
): { field: ManagementField; config: Field } {
  const { operationId, method, path, body, answer, summary, description } = operation;
  const owner = pascalCase(operationId);
  const { shape, places } = argumentPlaces(operation, (body && partsOf(body)) ?? {});
  if (body && !partsOf(body)) throw new Error(`The body of ${operationId} is no object.`);
  const data = answer ? typeOf(answer, "answer", owner) : new GraphQLNonNull(GraphQLID);
  const type = operation.isList ? listOf(data) : data;
  for (const [argument, place] of places)
    if (unwrap(shape[restName(argument)]!).mayBeNull) place.mayBeNull = true;
  // What a body must repeat of its path need not be said twice.
  for (const [argument, place] of places)
    if (argument.startsWith("new") && place.in === "body" && places.get(place.name)?.in === "params") {
      const id = restName(argument);
      shape[id] = describedAs(shape[id]!, shape[id]!.optional());
      place.like = place.name;
    }
  const args = argumentsIn(shape, owner);
  if (operation.isConditional) {
    if (args["ifVersion"]) throw new Error(`${operationId} has an argument ifVersion of its own.`);
    args["ifVersion"] = {
      type: GraphQLInt,
      description:
        "The version that you read, as `If-Match`; if it is outdated, that is PRECONDITION_FAILED.",
    };
  }
  return {
    field: {
      ...{ method, path, worker },
      places: Object.fromEntries(places),
      ...(body ? { hasBody: true } : {}),
      ...(operation.isList ? { isList: true } : {}),
    },
    config: {
      // What is refused leaves the others of a document their answers, of which a secret is told once.
      type: getNullableType(type),
      description: `${summary}. ${description}`,
      args,
    },
  };
}

/** A page of a list, as `assetList` has it in the schema of content. */
function listTypes(): (data: GraphQLOutputType) => GraphQLOutputType {
  const made = new Map<string, GraphQLObjectType>();
  return (data) => {
    const name = `${String(getNullableType(data)).replace(/\W/g, "")}List`;
    const type =
      made.get(name) ??
      new GraphQLObjectType({
        name,
        fields: {
          items: { type: data },
          totalCount: { type: GraphQLInt, description: "Null where items are not counted." },
          nextCursor: {
            type: GraphQLString,
            description: "The `cursor` of the next page; null on the last.",
          },
        },
      });
    made.set(name, type);
    return new GraphQLNonNull(type);
  };
}

/** The arguments of a field, and the types of what has parts among them; each is made once. */
function inputTypes(named: Shape) {
  const names = new Map(Object.entries(named).map(([name, schema]) => [schema, name]));
  const made = new Map<string, { type: GraphQLInputObjectType; of: string }>();
  const nullable: string[] = [];
  const inputOf =
    (owner: string) =>
    (schema: z.ZodType, id: string): GraphQLInputObjectType | undefined => {
      const parts = partsOf(schema);
      if (!parts) return undefined;
      const name = names.get(schema) ?? owner + pascalCase(id);
      const typeName = `${name}Input`;
      const of = Object.keys(parts).join();
      const known = made.get(typeName);
      if (known && known.of !== of) throw new Error(`Two inputs would be called ${typeName}.`);
      if (known) return known.type;
      for (const [part, one] of Object.entries(parts))
        if (unwrap(one).mayBeNull) nullable.push(`${typeName}.${part}`);
      const type = new GraphQLInputObjectType({
        name: typeName,
        fields: () => argumentsIn(parts, name),
      });
      made.set(typeName, { type, of });
      return type;
    };
  const argumentsIn = (shape: Shape, owner: string) => {
    for (const id of Object.keys(shape)) requireRestName(id);
    return argumentsOf(shape, inputOf(owner));
  };
  return { argumentsIn, nullable };
}

/** The parts of an object, or of one of several that are told apart by a part of theirs. */
function partsOf(schema: z.ZodType): Shape | undefined {
  const { type, shape, options } = defOf(schema);
  if (type === "object") return Object.keys(shape!).length > 0 ? shape : undefined;
  if (type !== "union" || !(schema instanceof z.ZodDiscriminatedUnion)) return undefined;
  const shapes = options!.map((option) => partsOf(option));
  if (shapes.some((one) => one === undefined)) return undefined;
  return merged(shapes as Shape[]);
}

/** What is not a part of all of them may be absent. */
function merged(shapes: readonly Shape[]): Shape {
  const parts: Record<string, z.ZodType> = {};
  for (const id of new Set(shapes.flatMap((shape) => Object.keys(shape)))) {
    const found = shapes.flatMap((shape) => shape[id] ?? []);
    const part = found[0]!;
    parts[id] = found.length === shapes.length ? part : describedAs(part, part.optional());
  }
  return parts;
}

const describedAs = (one: z.ZodType, other: z.ZodType): z.ZodType => {
  const words = wordsOf(one);
  return words === undefined ? other : other.describe(words);
};

function requireRestName(id: string): void {
  const [name] = [...argumentPlaces({}, { [id]: z.string() }).places.keys()];
  if (restName(name!) !== id) throw new Error(`${id} does not come back from the name ${name} of GraphQL.`);
}
