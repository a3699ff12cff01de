import {
  getNullableType,
  GraphQLID,
  GraphQLInt,
  GraphQLNonNull,
  type GraphQLFieldConfig,
  type GraphQLResolveInfo,
} from "graphql";
import type * as z from "zod";
import { Answered } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import type { Operation, OperationFacts, OperationGroup } from "../../core/operation.ts";
import { performOperation } from "../../core/run-operation.ts";
import { countedWrite } from "./counted-write.ts";
import type { RequestState, EntryValues } from "./request-state.ts";
import { camelCase } from "./names.ts";
import { renamingPaths } from "./graphql-paths.ts";
import { answerTypes, argumentsOf, defOf, isNullable, unwrap, type Shape } from "./zod-types.ts";

type Field = GraphQLFieldConfig<unknown, RequestState>;
/** Where an argument goes: its place in the request, and its name there. */
export type Place = {
  in: "params" | "query" | "body";
  name: string;
  isNullable: boolean;
  /** Whether null is a value that may be given for it, of management. */
  mayBeNull?: boolean;
  /** The argument that it is as, when it is left out. */
  like?: string;
};
/** REST's path parameters, which are strings. */
const asParams = (given: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));

export const IF_VERSION = {
  type: GraphQLInt,
  description: "The version that you read; if it is outdated, that is a conflict.",
};
export type OperationFields = { query: Record<string, Field>; mutation: Record<string, Field> };

/** The root fields of every operation that has one. */
export function operationFields(groups: readonly OperationGroup<Operation<Context>>[]): OperationFields {
  const named = Object.assign({}, ...groups.map(({ schemas }) => schemas)) as Shape;
  const typeOf = answerTypes(named);
  const fields: OperationFields = { query: {}, mutation: {} };
  for (const operation of groups.flatMap(({ operations }) => operations)) {
    const { graphql, method } = operation;
    if (graphql) fields[method === "get" ? "query" : "mutation"][graphql.field] = fieldOf(operation, typeOf);
  }
  return fields;
}

/**
 * The schemas of the arguments of an operation, and where each argument goes. `environment` of a query
 * is none: a document of GraphQL is in one.
 */
export function argumentPlaces(
  { params = {}, query }: Pick<OperationFacts, "params" | "query">,
  body: Shape,
): { shape: Record<string, z.ZodType>; places: Map<string, Place> } {
  const places = new Map<string, Place>();
  const shape: Record<string, z.ZodType> = {};
  const take = (from: Shape, place: Place["in"]) => {
    for (const [name, schema] of Object.entries(from)) {
      if (place === "query" && name === "environment") continue;
      const argument = name in shape ? `new_${name}` : name;
      shape[argument] = schema;
      const { mayBeNull } = unwrap(schema);
      places.set(camelCase(argument), { in: place, name, isNullable: isNullable(schema), mayBeNull });
    }
  };
  take(params, "params");
  take((query?.shape ?? {}) as Shape, "query");
  take(body, "body");
  return { shape, places };
}

function fieldOf(operation: Operation<Context>, typeOf: ReturnType<typeof answerTypes>): Field {
  const { answer, method, graphql } = operation;
  const { shape, places } = argumentPlaces(operation, shapeOf(operation.body));
  const { pick, mayBeNull = false } = graphql!;
  const picked = pick === undefined ? answer : (shapeOf(answer)[pick] as z.ZodType);
  const type = answer ? typeOf(picked!) : new GraphQLNonNull(GraphQLID);
  return {
    type: mayBeNull ? getNullableType(type) : type,
    extensions: { writes: operation.writes },
    args: { ...argumentsOf(shape), ...(operation.isConditional ? { ifVersion: IF_VERSION } : {}) },
    resolve: (_, args, state, info) =>
      method === "get" ? read(operation, places, args, state) : write(operation, places, args, state, info),
  };
}

const shapeOf = (schema: z.ZodType | undefined): Shape => (schema && defOf(schema).shape) ?? {};

function read(
  operation: Operation<Context>,
  places: Map<string, Place>,
  args: EntryValues,
  state: RequestState,
) {
  state.found.isCacheable = false;
  return perform(operation, places, args, state).then(({ data }) => data);
}

async function write(
  operation: Operation<Context>,
  places: Map<string, Place>,
  args: EntryValues,
  state: RequestState,
  info: GraphQLResolveInfo,
): Promise<unknown> {
  const { data, beside } = await countedWrite(state, () => perform(operation, places, args, state));
  if (Object.values(beside).some(isSaid))
    state.found.beside[info.path.key] = Object.fromEntries(
      Object.entries(beside).map(([name, value]) => [camelCase(name), value]),
    );
  return data;
}

/** Empty lists next to `data` are left out, unless another one is not empty. */
const isSaid = (value: unknown): boolean =>
  value !== undefined && !(Array.isArray(value) && value.length === 0);

async function perform(
  operation: Operation<Context>,
  places: Map<string, Place>,
  args: EntryValues,
  state: RequestState,
): Promise<{ data: unknown; beside: Record<string, unknown> }> {
  const asked = { params: {}, query: {}, body: {} } as Record<string, Record<string, unknown>>;
  for (const [argument, place] of places) {
    const isNull = place.isNullable || (place.mayBeNull === true && args[argument] === null);
    const value = args[argument] ?? (isNull ? null : undefined);
    if (value !== undefined) asked[place.in]![place.name] = value;
  }
  const result = await renamingPaths(
    () =>
      performOperation(operation, state.ctx, {
        params: asParams(asked["params"]!),
        query: asked["query"]!,
        ifVersion: (args["ifVersion"] ?? undefined) as number | undefined,
        json: () => Promise.resolve(asked["body"]),
      }),
    (path) => writtenArgument(places, path),
  );
  const { data, facts } = result instanceof Answered ? result : { data: result, facts: {} };
  // What is deleted is answered by its id, the last one in the path.
  if (data === undefined) return { data: Object.values(asked["params"]!).at(-1), beside: {} };
  const { pick } = operation.graphql!;
  return {
    data: pick === undefined ? data : (data as EntryValues)[pick],
    beside: facts.beside ?? {},
  };
}

/** `time_zone` of a body is the argument `timeZone`. */
function writtenArgument(places: Map<string, Place>, path: string): string {
  const name = /^\w+/.exec(path)?.[0];
  const argument = [...places].find(([, place]) => place.name === name && place.in !== "params")?.[0];
  return name === undefined || argument === undefined ? path : argument + path.slice(name.length);
}
