import { GraphQLError, NoSchemaIntrospectionCustomRule, type GraphQLSchema } from "graphql";
import { createYoga, type Plugin, type YogaServerInstance } from "graphql-yoga";
import type { Context as HonoContext } from "hono";
import { edgeHeaders } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { AppError, invalid } from "../../core/errors.ts";
import { readJson } from "../../core/read-body.ts";
import { requirePermission } from "../../core/permissions.ts";
import { schemaOf, withSchema, type EnvironmentSchema } from "../../domain/types/index.ts";
import type { ContentApp } from "../content-app.ts";
import { buildGraphqlSchema } from "./build-schema.ts";
import { limitRule, MAX_DOCUMENT_CHARS } from "./limits.ts";
import type { Door } from "./resolvers.ts";

const built = new WeakMap<EnvironmentSchema, GraphQLSchema>();
let yoga: YogaServerInstance<{ door: Door; schema: GraphQLSchema }, object> | undefined;

/** `GET` and `POST /graphql`: a query answers with cache tags, so that the edge can keep it. */
export async function graphqlRoute(c: HonoContext<ContentApp>): Promise<Response> {
  const { ctx } = c.var;
  requirePermission(ctx, "content:read");
  const request = await checked(c.req.raw);
  const door: Door = { ctx, tags: new Set(), isCacheable: true };
  const response = await answer(ctx, request, door);
  const body = await response.text();
  const isClean =
    response.status === 200 && door.isCacheable && door.tags.size > 0 && !body.includes('"errors"');
  const headers = new Headers(response.headers);
  headers.set("cache-control", "no-store");
  if (isClean)
    for (const [name, value] of Object.entries(edgeHeaders(ctx.isForEdge === true, [...door.tags], body)))
      headers.set(name, value);
  return new Response(body, { status: response.status, headers });
}

/** Plans by the schema in memory; a query that does not fit it is tried again when the schema has changed. */
async function answer(ctx: Context, request: { make(): Request }, door: Door): Promise<Response> {
  const schema = await schemaOf(ctx);
  const response = await fetchYoga(schema, request.make(), door);
  if (response.status !== 400) return response;
  return withSchema(ctx, {
    plan: (current) => current,
    run: async (current) => {
      const { schemaVersion } = await ctx.db.run([]);
      return {
        schemaVersion,
        response: current === schema ? response : await fetchYoga(current, request.make(), door),
      };
    },
    read: (done) => done.response,
  });
}

function fetchYoga(schema: EnvironmentSchema, request: Request, door: Door): Promise<Response> {
  let graphql = built.get(schema);
  if (!graphql) built.set(schema, (graphql = buildGraphqlSchema(schema)));
  yoga ??= createYoga<{ door: Door; schema: GraphQLSchema }>({
    graphqlEndpoint: "/api/v3/graphql",
    schema: ({ schema: wanted }) => wanted,
    context: ({ door: given }) => given,
    batching: false,
    landingPage: false,
    graphiql: false,
    cors: false,
    logging: false,
    maskedErrors: { maskError: toGraphqlError },
    plugins: [limits],
  }) as never;
  return Promise.resolve(yoga!.fetch(request, { door, schema: graphql }));
}

const limits: Plugin = {
  onValidate({ params, addValidationRule }) {
    addValidationRule(
      limitRule(
        (params as { variables?: Record<string, unknown> }).variables ?? {},
      ) as typeof NoSchemaIntrospectionCustomRule,
    );
  },
};

/** An error inside a resolver, with the same code and reason that REST gives. */
function toGraphqlError(error: unknown): Error {
  const original = (error as GraphQLError).originalError ?? error;
  if (original instanceof AppError) {
    const { code, reason, details, message } = original;
    return new GraphQLError(message, { ...positionOf(error), extensions: { code, reason, details } });
  }
  if (error instanceof GraphQLError && !error.originalError) return error;
  console.error(
    JSON.stringify({
      event: "graphql.failed",
      message: (original as Error).message,
      stack: (original as Error).stack?.slice(0, 2000),
    }),
  );
  return new GraphQLError("Something went wrong on our side.", {
    ...positionOf(error),
    extensions: { code: "INTERNAL", reason: "graphql/unexpected" },
  });
}

function positionOf(error: unknown) {
  return error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
}

/** Refuses documents over 16 KB and batches before they are parsed; answers a request that can be made again. */
async function checked(raw: Request): Promise<{ make(): Request }> {
  const url = new URL(raw.url);
  if (raw.method === "GET") {
    checkDocument(url.searchParams.get("query"));
    return {
      make: () => new Request(url, { headers: { accept: raw.headers.get("accept") ?? "application/json" } }),
    };
  }
  const body = await readJson(raw);
  if (Array.isArray(body))
    throw invalid(
      "graphql/batching-off",
      "Batches of operations are not taken: send one operation.",
      [],
      400,
    );
  if (typeof body !== "object" || body === null)
    throw invalid("graphql/no-query", "The body must be { query, variables?, operationName? }.", [], 400);
  checkDocument((body as { query?: unknown }).query);
  const text = JSON.stringify(body);
  const headers = {
    "content-type": "application/json",
    accept: raw.headers.get("accept") ?? "application/json",
  };
  return { make: () => new Request(url, { method: "POST", headers, body: text }) };
}

function checkDocument(query: unknown): void {
  if (typeof query !== "string" || query.trim() === "")
    throw invalid("graphql/no-query", "There is no query in the request.", [], 400);
  if (query.length > MAX_DOCUMENT_CHARS) {
    throw invalid(
      "graphql/document-too-large",
      `The document is longer than ${MAX_DOCUMENT_CHARS} characters.`,
      [],
      400,
    );
  }
}
