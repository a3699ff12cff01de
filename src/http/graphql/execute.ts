import { execute, getOperationAST, type DocumentNode } from "graphql";
import { createYoga, type Plugin, type YogaInitialContext, type YogaServerInstance } from "graphql-yoga";
import type { BuiltSchema } from "./build-schema.ts";
import type { RequestState } from "./request-state.ts";
import { toGraphqlError } from "./graphql-errors.ts";
import { MAX_COST } from "./limits.ts";
import { costError, costOfOperation, noSuchQuery, prepare, type Prepared } from "./prepared-documents.ts";

/** What one execution needs. */
export type Execution = { state: RequestState; built: BuiltSchema; prepared?: Prepared };

let yoga: YogaServerInstance<Execution, object> | undefined;

/** Answers a GraphQL request as GraphQL over HTTP requires; errors of resolvers are in `errors`. */
export function executeByYoga(request: Request, execution: Execution): Promise<Response> {
  yoga ??= createYoga<Execution, object>({
    graphqlEndpoint: "*",
    schema: ({ built }) => built.graphql,
    context: ({ state }) => state,
    batching: false,
    multipart: false,
    landingPage: false,
    graphiql: false,
    cors: false,
    logging: false,
    parserAndValidationCache: false,
    maskedErrors: { maskError: toGraphqlError },
    plugins: [prepared],
  });
  return Promise.resolve(yoga.fetch(request, execution));
}

/**
 * Documents come parsed, measured and validated from memory, and none is executed that may cost too
 * much.
 */
const prepared: Plugin<Execution> = {
  onParse({ params, context, setParsedDocument }) {
    const execution = context as unknown as Execution;
    const { state, built } = execution;
    execution.prepared = prepare(built, String(params.source));
    state.found.isInvalid = execution.prepared.errors.length > 0;
    state.found.stage = !execution.prepared.document
      ? "syntax"
      : state.found.isInvalid
        ? "validation"
        : "execution";
    const { document, errors } = execution.prepared;
    const { operationName } = (context as unknown as YogaInitialContext).params;
    const isKnown = document && getOperationAST(document, operationName);
    // Yoga parses any document that it does not get parsed, at any nesting depth, and with its own
    // messages.
    const refusal = errors[0] ?? noSuchQuery(operationName);
    setParsedDocument(isKnown ? document : (refusal as Error as never as DocumentNode));
  },
  onValidate({ context, setResult }) {
    setResult((context as unknown as Execution).prepared!.errors);
  },
  onExecute({ args, setExecuteFn, setResultAndStopExecution }) {
    // Yoga's own takes any value with a key `then` for a promise, and a field or JSON may have one.
    setExecuteFn(execute);
    const { state, built, prepared: found } = args.contextValue as Execution;
    const cost = costOfOperation(found!, built, args.operationName ?? undefined, args.variableValues ?? {});
    state.found.cost = cost;
    if (cost > MAX_COST) setResultAndStopExecution({ errors: [costError(cost)] });
    return {
      onExecuteDone({ result, setResult }) {
        const { beside } = state.found;
        if (Object.keys(beside).length === 0 || !("data" in result)) return;
        setResult({ ...result, extensions: { ...result.extensions, beside } });
      },
    };
  },
};
