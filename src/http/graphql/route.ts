import type { Context as HonoContext } from "hono";
import { edgeHeaders } from "../../core/answers.ts";
import { requirePermission } from "../../core/permissions.ts";
import { parseContentEnv } from "../../platform/content-env.ts";
import { documentStore } from "../../platform/document-store.ts";
import type { ContentApp } from "../content-app-env.ts";
import { answerBySchema } from "./answer-by-schema.ts";
import { answerOverHttp, preparedOf, requestStateOf } from "./answer-over-http.ts";

/** `/graphql`: what a query answers carries cache tags, so that the edge can keep it. */
export async function graphqlRoute(c: HonoContext<ContentApp>): Promise<Response> {
  const { ctx } = c.var;
  requirePermission(ctx, "content:read");
  const env = parseContentEnv(c.env);
  const state = requestStateOf(ctx);
  const store = documentStore(env.redis);
  const { status, headers, body, errors } = await answerOverHttp(c.req.raw, state, (asked) =>
    answerBySchema(ctx, state, (planned) => preparedOf(ctx, planned, asked, store)),
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
