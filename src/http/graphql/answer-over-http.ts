import { getOperationAST, type DocumentNode } from "graphql";
import type { Context } from "../../core/context.ts";
import { environmentTag } from "../../core/events.ts";
import { AppError, invalid } from "../../core/errors.ts";
import type { EnvironmentSchema } from "../../domain/content/types/index.ts";
import type { ContentEnv } from "../../platform/content-env.ts";
import type { documentStore } from "../../platform/document-store.ts";
import { countWrite } from "../../platform/write-quota.ts";
import { answerMediaOf, GRAPHQL_MEDIA_TYPE, type AnswerMedia } from "../graphql-over-http.ts";
import type { BuiltSchema } from "./build-schema.ts";
import { errorBody, withReasons } from "./graphql-errors.ts";
import { documentOf } from "./named-documents.ts";
import { prepare } from "./prepared-documents.ts";
import { readRequest, type GraphQLRequest } from "./read-request.ts";
import type { RequestState } from "./request-state.ts";

/** A request as it was read, and the media type that its answer is to have. */
export type Asked = GraphQLRequest & { accept: AnswerMedia };

/** The state of a request that has not begun. */
export const requestStateOf = (ctx: Context, env: ContentEnv): RequestState => ({
  ctx,
  tags: new Set([environmentTag(ctx.environmentId)]),
  found: {
    isCacheable: true,
    hasWritten: false,
    cost: undefined,
    isInvalid: false,
    repeated: undefined,
    beside: {},
    stage: "syntax",
  },
  objectName: () => "",
  countWrite: () =>
    countWrite({ redis: env.redis, limit: env.writesPerDay }, ctx.tenantId, ctx.now(), ctx.waitUntil),
});

/**
 * Reads a request, has it answered by `run`, and says what is wrong as GraphQL over HTTP has it; the
 * answer is not to be kept.
 */
export async function answerOverHttp(
  raw: Request,
  state: RequestState,
  run: (asked: Asked) => Promise<Response>,
): Promise<{ status: number; headers: Headers; body: string }> {
  const accept = answerMediaOf(raw.headers.get("accept"));
  const response =
    accept === undefined
      ? errorBody(notAcceptable(), "application/json")
      : await readRequest(raw).then(
          (asked) => run({ ...asked, accept }),
          (error: unknown) => {
            if (error instanceof AppError && error.status < 500) return errorBody(error, accept);
            throw error;
          },
        );
  if (state.found.repeated) throw state.found.repeated as Error;
  const { body, isRefused } = withReasons(await response.text(), state.found.stage);
  const isModern = accept === GRAPHQL_MEDIA_TYPE;
  const status = isRefused && isModern && response.status === 200 ? 400 : response.status;
  const headers = new Headers(response.headers);
  headers.set("cache-control", "no-store");
  if (state.found.cost !== undefined) headers.set("x-query-cost", String(state.found.cost));
  return { status, headers, body };
}

/** The request with the text of the document that it means, once it is one that may be executed here. */
export async function withDocument(
  ctx: Context,
  { schema, built }: { schema: EnvironmentSchema; built: BuiltSchema },
  raw: Request,
  asked: Asked,
  store: ReturnType<typeof documentStore>,
): Promise<Request> {
  const query = await documentOf(ctx, schema, store, asked);
  const { operationName, variables } = asked;
  requireAnswerable(prepare(built, query).document, operationName, asked.method);
  // Whatever way it came, it is executed as a POST: what a GET may not ask is refused above.
  return new Request(raw.url, {
    method: "POST",
    headers: { accept: asked.accept, "content-type": "application/json" },
    body: JSON.stringify({ query, operationName, variables }),
  });
}

const notAcceptable = () =>
  invalid(
    "graphql/not-acceptable",
    "Responses are application/json or application/graphql-response+json: accept one of them. Streaming over HTTP is not supported.",
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
  if (kind === "subscription")
    throw invalid(
      "graphql/subscription-over-http",
      "Subscriptions need a WebSocket (graphql-transport-ws) at this path.",
      [],
      400,
    );
  if (kind === "mutation" && method === "GET")
    throw new AppError("INVALID", "graphql/mutation-by-get", "Send mutations with POST.", {
      status: 405,
      headers: { allow: "POST" },
    });
}
