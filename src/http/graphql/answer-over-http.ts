import { getOperationAST, type DocumentNode } from "graphql";
import type { Context } from "../../core/context.ts";
import { environmentTag } from "../../core/events.ts";
import { AppError, invalid } from "../../core/errors.ts";
import type { EnvironmentSchema } from "../../domain/content/types/index.ts";
import type { documentStore } from "../../platform/document-store.ts";
import { NO_QUOTA } from "../../platform/quota/quota-port.ts";
import { answerMediaOf, GRAPHQL_MEDIA_TYPE } from "../graphql-over-http.ts";
import type { BuiltSchema } from "./build-schema.ts";
import type { PreparedOperation } from "./execute.ts";
import { isRefused, refusalOf, type Outcome, type ShownError } from "./graphql-errors.ts";
import { documentOf } from "./named-documents.ts";
import { prepare } from "./prepared-documents.ts";
import { mutationByGet, readRequest, type GraphQLRequest } from "./read-request.ts";
import type { RequestState } from "./request-state.ts";

/** An answer as it is sent, and the errors in it. */
export type Answer = { status: number; headers: Headers; body: string; errors: readonly ShownError[] };

/** The state of a request that has not begun. */
export const requestStateOf = (ctx: Context): RequestState => ({
  ctx: { ...ctx, quota: NO_QUOTA },
  previews: new Map(),
  tags: new Set([environmentTag(ctx.environmentId)]),
  found: {
    isCacheable: true,
    hasWritten: false,
    cost: undefined,
    isInvalid: false,
    repeated: undefined,
    quota: "untaken",
    beside: {},
    stage: "syntax",
  },
  objectName: () => "",
  quota: ctx.quota,
});

/**
 * Reads a request, has it answered by `run`, and says what is wrong as GraphQL over HTTP has it; the
 * answer is not to be kept.
 */
export async function answerOverHttp(
  raw: Request,
  state: RequestState,
  run: (asked: GraphQLRequest) => Promise<Outcome>,
): Promise<Answer> {
  const accept = answerMediaOf(raw.headers.get("accept"));
  const outcome = await (accept === undefined
    ? refusalOf(notAcceptable())
    : refusing(() => readRequest(raw).then(run)));
  if (state.found.repeated) throw state.found.repeated as Error;
  const { result, headers } = outcome;
  const isToBeRefused = outcome.status === 200 && accept === GRAPHQL_MEDIA_TYPE && isRefused(result);
  const shown = new Headers(headers);
  shown.set("content-type", `${accept ?? "application/json"}; charset=utf-8`);
  shown.set("cache-control", "no-store");
  if (state.found.cost !== undefined) shown.set("x-query-cost", String(state.found.cost));
  return {
    status: isToBeRefused ? 400 : outcome.status,
    headers: shown,
    body: JSON.stringify(result),
    errors: result.errors ?? [],
  };
}

/** What is done, or the refusal that it throws; what fails is no answer of GraphQL. */
export async function refusing(
  work: () => Promise<Outcome>,
  onRefusal: () => void = () => {},
): Promise<Outcome> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AppError) || error.status >= 500) throw error;
    onRefusal();
    return refusalOf(error);
  }
}

/** The operation that a request means, once it is one that may be executed here. */
export async function preparedOf(
  ctx: Context,
  { schema, built }: { schema: EnvironmentSchema; built: BuiltSchema },
  asked: GraphQLRequest,
  store: ReturnType<typeof documentStore>,
): Promise<PreparedOperation> {
  const { operationName, variables, method } = asked;
  const prepared = prepare(built, await documentOf(ctx, schema, store, asked));
  // Whatever way it came, it is executed in one way: what a GET may not ask is refused here.
  requireAnswerable(prepared.document, operationName, method);
  return { prepared, operationName, variables };
}

const notAcceptable = () =>
  invalid(
    "graphql/not-acceptable",
    "Responses are application/json or application/graphql-response+json, of subscriptions text/event-stream: accept one of them.",
    [],
    406,
  );

/** Throws for what HTTP cannot ask: subscriptions by any request, mutations by GET. */
function requireAnswerable(
  document: DocumentNode | undefined,
  operationName: string | undefined,
  method: GraphQLRequest["method"],
): void {
  const kind = document && getOperationAST(document, operationName)?.operation;
  const isLive = method === "SOCKET" || method === "GET_STREAM";
  if (kind === "subscription" && !isLive)
    throw invalid(
      "graphql/subscription-over-http",
      "Subscriptions need a WebSocket (graphql-transport-ws) at this path, or Accept: text/event-stream.",
      [],
      400,
    );
  if (kind === "mutation" && (method === "GET" || method === "GET_STREAM")) throw mutationByGet();
}
