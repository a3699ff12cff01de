import { sql } from "drizzle-orm";
import type { Context as HonoContext } from "hono";
import { asciiJson } from "../../../core/ascii-json.ts";
import { sha256Base64 } from "../../../core/base64.ts";
import type { EdgeContext, IdempotencyKey } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { withSchema } from "../../../domain/content/types/index.ts";
import { parseContentEnv, type ContentEnv } from "../../../platform/content-env.ts";
import { databaseClient } from "../../../platform/create-context.ts";
import { documentStore } from "../../../platform/document-store.ts";
import { askBehind, identity } from "../../../platform/resilience/workers-behind.ts";
import type { ContentApp } from "../../content-app-env.ts";
import { WRITE_OF } from "../../idempotency.ts";
import { hostOfApp, SITE_HEADER } from "../../identity-apps.ts";
import { answerOverHttp, preparedOf, requestStateOf } from "../answer-over-http.ts";
import { executeByYoga } from "../execute.ts";
import { outcomeOf } from "../graphql-errors.ts";
import { managementSchema, type ManagementState } from "./management-schema.ts";
import type { RestRequest } from "./perform-request.ts";
import { requireStillLetIn } from "./still-let-in.ts";

/** Says that what lets callers in has changed. */
const SNAPSHOT = "x-flow-snapshot";
/** What the answers of REST say to the gateway and to clients beside their bodies. */
const PASSED_BACK = [SNAPSHOT, "idempotency-replayed"];
/** Who asks and where, as the gateway established it: the same for every request of a document. */
const PASSED_ON = [SITE_HEADER, "traceparent"];

/**
 * `/graphql/management`: the operations that are not about entries, each by the request of REST that does
 * it, here or in IDENTITY. `answerRest` answers one of CONTENT's.
 */
export function managementRoute(
  answerRest: (request: Request, c: HonoContext<ContentApp>) => Response | Promise<Response>,
) {
  return async (c: HonoContext<ContentApp>): Promise<Response> => {
    const { ctx, idempotencyKey } = c.var;
    // The requests within have keys of their own, by which they are answered once.
    c.set("idempotencyKey", undefined);
    const env = parseContentEnv(c.env);
    const passedBack = new Headers();
    let writes = 0;
    let letInAtMs = 0;
    const state: ManagementState = {
      ...requestStateOf(ctx),
      async send(asked) {
        if (passedBack.has(SNAPSHOT)) await requireStillLetIn(ctx, databaseClient(env), letInAtMs);
        const key = asked.method === "GET" ? undefined : idempotencyKey;
        const { url, init } = await restRequest(asked, c.req.raw.headers, key && { ...key, place: writes++ });
        const response = await (asked.worker === "content"
          ? answerRest(new Request(url, init), c)
          : askBehind(identity, identityOf(env), url, init));
        for (const name of PASSED_BACK) {
          const value = response.headers.get(name);
          if (value !== null) passedBack.set(name, value);
        }
        return response;
      },
    };
    const store = documentStore(env.redis);
    const { status, headers, body } = await answerOverHttp(c.req.raw, state, async (asked) => {
      const schema = await withSchema(ctx, {
        plan: (current) => current,
        run: () =>
          ctx.db.run([sql`select extract(epoch from clock_timestamp())::double precision * 1000`], {
            isRead: true,
          }),
        read({ results }, current) {
          letInAtMs = results[0]![0]![0] as number;
          return current;
        },
      });
      const built = managementSchema(schema.graphql.introspection !== false);
      const operation = await preparedOf(ctx, { schema, built }, asked, store);
      return outcomeOf(await executeByYoga(operation, { state, built }), state.found.stage);
    });
    for (const [name, value] of passedBack) headers.set(name, value);
    return new Response(body, { status, headers });
  };
}

/** The request as the gateway would send it. The n-th write of a keyed document has the n-th key of it. */
async function restRequest(
  { worker, method, path, body, ifMatch }: RestRequest,
  given: Headers,
  key: (IdempotencyKey & { place: number }) | undefined,
): Promise<{ url: string; init: RequestInit }> {
  const headers = new Headers({ accept: "application/json" });
  for (const name of PASSED_ON) {
    const value = given.get(name);
    if (value !== null) headers.set(name, value);
  }
  headers.set("x-flow-context", withoutQuotas(given.get("x-flow-context")!));
  if (ifMatch !== undefined) headers.set("if-match", ifMatch);
  if (key) {
    headers.set("idempotency-key", await sha256Base64(`${key.place}|${key.key}`));
    headers.set(WRITE_OF, key.fingerprint);
  }
  const bytes = body === undefined ? null : new TextEncoder().encode(JSON.stringify(body));
  if (bytes) {
    headers.set("content-type", "application/json");
    headers.set("content-length", String(bytes.byteLength));
  }
  const host = worker === "content" ? "content" : hostOfApp("api");
  return { url: `https://${host}/api/v3${path}`, init: { method, headers, body: bytes, redirect: "manual" } };
}

/** The document as a whole took the tokens. */
const withoutQuotas = (context: string): string =>
  asciiJson({ ...(JSON.parse(context) as EdgeContext), quotas: undefined });

function identityOf({ identity: worker }: ContentEnv): Fetcher {
  if (worker) return worker;
  throw new AppError(
    "UNAVAILABLE",
    "platform/no-identity",
    "The binding IDENTITY is missing: deploy IDENTITY, then CONTENT with that binding.",
  );
}
