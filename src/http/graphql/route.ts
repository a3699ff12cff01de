import { getOperationAST, type DocumentNode } from "graphql";
import type { Context as HonoContext } from "hono";
import { edgeHeaders } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { environmentTag } from "../../core/events.ts";
import { AppError, invalid } from "../../core/errors.ts";
import { requirePermission } from "../../core/permissions.ts";
import { schemaOf, withSchema, type EnvironmentSchema } from "../../domain/content/types/index.ts";
import { parseContentEnv } from "../../platform/content-env.ts";
import { documentStore } from "../../platform/document-store.ts";
import { countWrite } from "../../platform/write-quota.ts";
import type { ContentApp } from "../content-app-env.ts";
import { answerMediaOf, GRAPHQL_MEDIA_TYPE } from "../graphql-over-http.ts";
import type { RequestState } from "./request-state.ts";
import { executeByYoga } from "./execute.ts";
import type { BuiltSchema } from "./build-schema.ts";
import { errorBody, withReasons } from "./graphql-errors.ts";
import { documentOf } from "./named-documents.ts";
import { builtSchema, prepare } from "./prepared-documents.ts";
import { readRequest, type GraphQLRequest } from "./read-request.ts";

/** `/graphql`: what a query answers carries cache tags, so that the edge can keep it. */
export async function graphqlRoute(c: HonoContext<ContentApp>): Promise<Response> {
  const { ctx } = c.var;
  requirePermission(ctx, "content:read");
  const env = parseContentEnv(c.env);
  const state: RequestState = {
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
  };
  const accept = answerMediaOf(c.req.header("accept") ?? null);
  if (accept === undefined) return errorBody(notAcceptable(), "application/json");
  const store = documentStore(env.redis);
  const response = await readRequest(c.req.raw).then(
    (asked) =>
      answer(ctx, state, accept, (built) => withDocument(ctx, built, c.req.raw, { ...asked, accept }, store)),
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
  const isClean = status === 200 && state.found.isCacheable && !body.includes('"errors"');
  if (isClean)
    for (const [name, value] of Object.entries(edgeHeaders(ctx.isForEdge === true, [...state.tags], body)))
      headers.set(name, value);
  // The edge requests with read permission only: anything else is requested again as the caller.
  if (ctx.isForEdge && body.includes('"code":"FORBIDDEN"')) headers.set("x-flow-not-for-edge", "true");
  if (ctx.isForEdge && hasFailed(body)) headers.set("x-flow-failed", String(status));
  return new Response(body, { status, headers });
}

/** Whether a part of the answer is missing for want of something that is down: an older one may be whole. */
const hasFailed = (body: string): boolean =>
  /"code":"(?:UNAVAILABLE|INTERNAL)"/.test(body) &&
  ((JSON.parse(body) as { errors?: { extensions?: { code?: string } }[] }).errors ?? []).some(
    ({ extensions }) => extensions?.code === "UNAVAILABLE" || extensions?.code === "INTERNAL",
  );

/**
 * Plans by the schema in memory. A query is answered again when its own reading has shown that the
 * schema is another one by now; what does not fit the schema, or has read nothing, finds that out by
 * asking.
 */
async function answer(
  ctx: Context,
  state: RequestState,
  accept: string,
  make: (planned: { schema: EnvironmentSchema; built: BuiltSchema }) => Promise<Request>,
): Promise<Response> {
  const run = async (schema: EnvironmentSchema) => {
    const built = builtSchema(ctx, schema);
    state.objectName = built.objectName;
    state.found.isInvalid = false;
    try {
      return await executeByYoga(await make({ schema, built }), { state, schema, built });
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      state.found.isInvalid = true;
      return errorBody(error, accept);
    }
  };
  const schema = await schemaOf(ctx);
  const response = await run(schema);
  if (state.found.hasWritten) return response;
  const hasRead = state.tags.size > 1 || !state.found.isCacheable;
  if (!state.found.isInvalid && hasRead) {
    const current = await schemaOf(ctx);
    return current === schema ? response : run(current);
  }
  return withSchema(ctx, {
    plan: (current) => current,
    run: async (current) => {
      const { schemaVersion } = await ctx.db.run([]);
      return { schemaVersion, response: current === schema ? response : await run(current) };
    },
    read: (done) => done.response,
  });
}

/** The request with the text of the document that it means, once it is one that may be executed here. */
async function withDocument(
  ctx: Context,
  { schema, built }: { schema: EnvironmentSchema; built: BuiltSchema },
  raw: Request,
  asked: GraphQLRequest & { accept: string },
  store: ReturnType<typeof documentStore>,
): Promise<Request> {
  const query = await documentOf(ctx, schema, store, asked);
  const { operationName, variables } = asked;
  requireAnswerable(prepare(ctx, schema, built, query).document, operationName, asked.method);
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
