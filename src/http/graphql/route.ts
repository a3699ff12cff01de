import type { Context as HonoContext } from "hono";
import { edgeHeaders } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { environmentTag } from "../../core/events.ts";
import { AppError, invalid } from "../../core/errors.ts";
import { readJson } from "../../core/read-body.ts";
import { requirePermission } from "../../core/permissions.ts";
import { schemaOf, withSchema, type EnvironmentSchema } from "../../domain/types/index.ts";
import { parseContentEnv } from "../../platform/content-env.ts";
import { documentStore } from "../../platform/document-store.ts";
import { countWrite } from "../../platform/write-quota.ts";
import type { ContentApp } from "../content-app.ts";
import { answerMediaOf, saysJson } from "../graphql-over-http.ts";
import type { Door } from "./door.ts";
import { executeByYoga } from "./execute.ts";
import { errorBody } from "./graphql-errors.ts";
import { documentOf, type DocumentParams } from "./named-documents.ts";
import { builtSchema } from "./prepared-documents.ts";

type Params = DocumentParams & { variables?: unknown; operationName?: unknown };
type Asked = { url: URL; method: string; accept: string; params: Params | undefined };

/** `/graphql`: what a query answers carries cache tags, so that the edge can keep it. */
export async function graphqlRoute(c: HonoContext<ContentApp>): Promise<Response> {
  const { ctx } = c.var;
  requirePermission(ctx, "content:read");
  const env = parseContentEnv(c.env);
  const door: Door = {
    ctx,
    tags: new Set([environmentTag(ctx.environmentId)]),
    found: {
      isCacheable: true,
      hasWritten: false,
      cost: undefined,
      isMisfit: false,
      repeated: undefined,
      beside: {},
    },
    objectName: () => "",
    countWrite: () =>
      countWrite({ redis: env.redis, limit: env.writesPerDay }, ctx.tenantId, ctx.now(), ctx.waitUntil),
  };
  const accept = answerMediaOf(c.req.header("accept") ?? null);
  if (accept === undefined) return errorBody(notAcceptable(), "application/json");
  const asked = await readRequest(c.req.raw, accept);
  const store = documentStore(env.redis);
  const response = await answer(ctx, door, accept, (schema) => withDocument(ctx, schema, asked, store));
  if (door.found.repeated) throw door.found.repeated as Error;
  const body = await response.text();
  const headers = new Headers(response.headers);
  headers.set("cache-control", "no-store");
  if (door.found.cost !== undefined) headers.set("x-query-cost", String(door.found.cost));
  const isClean = response.status === 200 && door.found.isCacheable && !body.includes('"errors"');
  if (isClean)
    for (const [name, value] of Object.entries(edgeHeaders(ctx.isForEdge === true, [...door.tags], body)))
      headers.set(name, value);
  // The edge asks with no more than the right to read: what needs more is asked again as the caller.
  if (ctx.isForEdge && body.includes('"code":"FORBIDDEN"')) headers.set("x-flow-not-for-edge", "true");
  return new Response(body, { status: response.status, headers });
}

/**
 * Plans by the schema in memory. A query is answered again when its own reading has shown that the schema is another one
 * by now; what does not fit the schema, or has read nothing, finds that out by asking.
 */
async function answer(
  ctx: Context,
  door: Door,
  accept: string,
  make: (schema: EnvironmentSchema) => Promise<Request>,
): Promise<Response> {
  const run = async (schema: EnvironmentSchema) => {
    const built = builtSchema(ctx, schema);
    door.objectName = built.objectName;
    door.found.isMisfit = false;
    try {
      return await executeByYoga(await make(schema), { door, schema, built });
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      door.found.isMisfit = true;
      return errorBody(error, accept);
    }
  };
  const schema = await schemaOf(ctx);
  const response = await run(schema);
  if (door.found.hasWritten) return response;
  const hasAsked = door.tags.size > 1 || !door.found.isCacheable;
  if (!door.found.isMisfit && hasAsked) {
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

/** Reads a JSON body within this API's bounds; what is no GraphQL request is left to the server to refuse. */
async function readRequest(raw: Request, accept: string): Promise<Asked> {
  const url = new URL(raw.url);
  const asked = { url, method: raw.method, accept };
  if (raw.method === "GET") {
    const { searchParams } = url;
    const extensions = searchParams.get("extensions");
    return {
      ...asked,
      params: {
        query: searchParams.get("query") ?? undefined,
        documentId: searchParams.get("documentId") ?? undefined,
        extensions: extensions === null ? undefined : parse(extensions),
      },
    };
  }
  if (raw.method !== "POST") return { ...asked, params: undefined };
  if (!saysJson(raw)) return { ...asked, params: { isJson: false } };
  const body = await readJson(raw);
  return { ...asked, params: body as Params };
}

/** The request with the text of the document that it means. */
async function withDocument(
  ctx: Context,
  schema: EnvironmentSchema,
  { url, method, accept, params }: Asked,
  store: ReturnType<typeof documentStore>,
): Promise<Request> {
  const headers = { accept, "content-type": "application/json" };
  if (!params) return new Request(url, { method, headers });
  const query = await documentOf(ctx, schema, store, params);
  if (method === "GET") {
    const to = new URL(url);
    to.searchParams.set("query", query);
    for (const name of ["documentId", "environment", "extensions"]) to.searchParams.delete(name);
    return new Request(to, { headers });
  }
  const { documentId: _, extensions: __, ...rest } = params;
  return new Request(url, { method, headers, body: JSON.stringify({ ...rest, query }) });
}

const notAcceptable = () =>
  invalid(
    "graphql/not-acceptable",
    "Answers are application/json or application/graphql-response+json: accept one of them. Nothing is streamed over HTTP.",
    [],
    406,
  );

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError("INVALID", "graphql/bad-extensions", "extensions must be JSON.", { status: 400 });
  }
}
