import type { Context as HonoContext } from "hono";
import { edgeHeaders } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { requirePermission } from "../../core/permissions.ts";
import { schemaOf, withSchema, type EnvironmentSchema } from "../../domain/content/types/index.ts";
import { parseContentEnv } from "../../platform/content-env.ts";
import { documentStore } from "../../platform/document-store.ts";
import type { ContentApp } from "../content-app-env.ts";
import { answerOverHttp, preparedOf, refusing, requestStateOf } from "./answer-over-http.ts";
import type { BuiltSchema } from "./build-schema.ts";
import { executeByYoga, type PreparedOperation } from "./execute.ts";
import { outcomeOf, type Outcome } from "./graphql-errors.ts";
import { builtSchema } from "./prepared-documents.ts";
import type { RequestState } from "./request-state.ts";

/** `/graphql`: what a query answers carries cache tags, so that the edge can keep it. */
export async function graphqlRoute(c: HonoContext<ContentApp>): Promise<Response> {
  const { ctx } = c.var;
  requirePermission(ctx, "content:read");
  const env = parseContentEnv(c.env);
  const state = requestStateOf(ctx);
  const store = documentStore(env.redis);
  const { status, headers, body, errors } = await answerOverHttp(c.req.raw, state, (asked) =>
    answer(ctx, state, (planned) => preparedOf(ctx, planned, asked, store)),
  );
  if (status === 200 && state.found.isCacheable && errors.length === 0)
    for (const [name, value] of Object.entries(edgeHeaders(ctx.isForEdge === true, [...state.tags], body)))
      headers.set(name, value);
  const has = (...codes: string[]) => errors.some(({ extensions }) => codes.includes(extensions.code));
  // The edge requests with read permission only: anything else is requested again as the caller.
  if (ctx.isForEdge && has("FORBIDDEN")) headers.set("x-flow-not-for-edge", "true");
  // A part is missing for want of something that is down: an older answer may be whole.
  if (ctx.isForEdge && has("UNAVAILABLE", "INTERNAL")) headers.set("x-flow-failed", String(status));
  return new Response(body, { status, headers });
}

/**
 * Plans by the schema in memory. A query is answered again when its own reading has shown that the
 * schema is another one by now; what does not fit the schema, or has read nothing, finds that out by
 * asking.
 */
async function answer(
  ctx: Context,
  state: RequestState,
  prepare: (planned: { schema: EnvironmentSchema; built: BuiltSchema }) => Promise<PreparedOperation>,
): Promise<Outcome> {
  const run = (schema: EnvironmentSchema) => {
    const built = builtSchema(ctx, schema);
    state.objectName = built.objectName;
    state.found.isInvalid = false;
    return refusing(
      async () =>
        outcomeOf(await executeByYoga(await prepare({ schema, built }), { state, built }), state.found.stage),
      () => (state.found.isInvalid = true),
    );
  };
  const schema = await schemaOf(ctx);
  const outcome = await run(schema);
  if (state.found.hasWritten || state.found.quota === "used-up") return outcome;
  const hasRead = state.tags.size > 1 || !state.found.isCacheable;
  if (!state.found.isInvalid && hasRead) {
    const current = await schemaOf(ctx);
    return current === schema ? outcome : run(current);
  }
  return withSchema(ctx, {
    plan: (current) => current,
    run: async (current) => {
      const { schemaVersion } = await ctx.db.run([]);
      return { schemaVersion, outcome: current === schema ? outcome : await run(current) };
    },
    read: (done) => done.outcome,
  });
}
