import type { Context as HonoContext } from "hono";
import { edgeHeaders } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { AppError } from "../../core/errors.ts";
import { requirePermission } from "../../core/permissions.ts";
import { schemaOf, withSchema, type EnvironmentSchema } from "../../domain/content/types/index.ts";
import { parseContentEnv } from "../../platform/content-env.ts";
import { documentStore } from "../../platform/document-store.ts";
import type { ContentApp } from "../content-app-env.ts";
import { answerOverHttp, requestStateOf, withDocument } from "./answer-over-http.ts";
import type { BuiltSchema } from "./build-schema.ts";
import { executeByYoga } from "./execute.ts";
import { errorBody } from "./graphql-errors.ts";
import { builtSchema } from "./prepared-documents.ts";
import type { RequestState } from "./request-state.ts";

/** `/graphql`: what a query answers carries cache tags, so that the edge can keep it. */
export async function graphqlRoute(c: HonoContext<ContentApp>): Promise<Response> {
  const { ctx } = c.var;
  requirePermission(ctx, "content:read");
  const env = parseContentEnv(c.env);
  const state = requestStateOf(ctx, env);
  const store = documentStore(env.redis);
  const { status, headers, body } = await answerOverHttp(c.req.raw, state, (asked) =>
    answer(ctx, state, asked.accept, (planned) => withDocument(ctx, planned, c.req.raw, asked, store)),
  );
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
      return await executeByYoga(await make({ schema, built }), { state, built });
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
