import { execute, getOperationAST, type DocumentNode, type ExecutionResult } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import type { BuiltSchema } from "./build-schema.ts";
import type { RequestState } from "./request-state.ts";
import { toGraphqlError } from "./graphql-errors.ts";
import { MAX_COST } from "./limits.ts";
import { typedVariables } from "./typed-variables.ts";
import { tokensOf, type Costing } from "./tokens-of-document.ts";
import { costError, costOfOperation, noSuchQuery, type Prepared } from "./prepared-documents.ts";

/** An operation of a document that was parsed, measured and validated. */
export type PreparedOperation = {
  prepared: Prepared;
  operationName: string | undefined;
  variables: Record<string, unknown> | undefined;
};

/** What one execution needs beside the operation. */
export type Execution = {
  state: RequestState;
  built: BuiltSchema;
  /** What a subscription is executed for. */
  rootValue?: unknown;
};

let yoga: YogaServerInstance<object, object> | undefined;

/**
 * Executes an operation by Yoga's pipeline; errors of resolvers are in `errors`. HTTP is read and answered
 * by `answerOverHttp`: neither requests nor responses are made for what is in memory.
 */
export async function executeByYoga(
  { prepared, operationName, variables = {} }: PreparedOperation,
  { state, built, rootValue }: Execution,
): Promise<ExecutionResult> {
  const { document, errors } = prepared;
  state.found.isInvalid = errors.length > 0;
  state.found.stage = !document ? "syntax" : state.found.isInvalid ? "validation" : "execution";
  if (!document || errors.length > 0) return { errors };
  if (!getOperationAST(document, operationName)) return { errors: [noSuchQuery(operationName)] };
  const cost = costOfOperation(prepared, built, operationName, variables);
  state.found.cost = cost;
  if (cost > MAX_COST) return { errors: [costError(cost)] };
  await takeTokens(state, { schema: built.graphql, document, operationName, variables, cost });
  yoga ??= newYoga();
  const result: ExecutionResult = await yoga.getEnveloped(state).execute({
    schema: built.graphql,
    document: document satisfies DocumentNode,
    contextValue: state,
    rootValue,
    variableValues: typedVariables(built.graphql, document, operationName, variables),
    operationName,
  });
  const { beside } = state.found;
  const receipt = state.ctx.outbox.receipt();
  const extensions = {
    ...(Object.keys(beside).length === 0 ? {} : { beside }),
    ...(receipt === undefined ? {} : { receipt }),
  };
  if (Object.keys(extensions).length === 0 || !("data" in result)) return result;
  return { ...result, extensions: { ...result.extensions, ...extensions } };
}

/** Takes the tokens of a whole document, once, before any of it is done. */
async function takeTokens({ quota, found }: RequestState, asked: Costing): Promise<void> {
  if (found.quota === "taken") return;
  const { bucket, tokens } = tokensOf(asked);
  found.quota = "used-up";
  await quota.take(bucket, tokens);
  found.quota = "taken";
}

const newYoga = () =>
  createYoga<object, object>({
    logging: false,
    parserAndValidationCache: false,
    maskedErrors: { maskError: toGraphqlError },
    plugins: [byGraphqlJs],
  });

/** Yoga's own executor takes any value with a key `then` for a promise, and a field or JSON may have one. */
const byGraphqlJs: Plugin = { onExecute: ({ setExecuteFn }) => setExecuteFn(execute) };
