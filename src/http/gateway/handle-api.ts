import type { Actor, EdgeContext } from "../../core/context.ts";
import { AppError, errorResponse } from "../../core/errors.ts";
import { newRequestId } from "../../core/ids.ts";
import { MAX_BODY_BYTES, MAX_FILE_BYTES, tooLarge } from "../../core/read-body.ts";
import type { KeptAnswer } from "../../platform/edge/answer-cache.ts";
import type { DeliveryProps, GatewayBindings, GatewayExecution } from "../../platform/edge/env.ts";
import { countRequest, windowOf, type Window } from "../../platform/edge/rate-limiter.ts";
import { refreshSnapshot } from "../../platform/edge/snapshots.ts";
import { hostOfDoor } from "../identity-door.ts";
import { addressOf } from "./address.ts";
import { cacheablePath } from "./cacheable-path.ts";
import { forgetCredentials, type Credential } from "./credentials.ts";
import { answers, toKept } from "./delivery.ts";
import { environmentName, environmentOf } from "./environment.ts";
import { limitOf, remember, requestKey, showKept, wantsFresh } from "./from-memory.ts";
import { actorIn, contextHeader, sharesAnswers } from "./granted.ts";
import { doorHeaders, doorOfApi } from "./door.ts";
import { isIdentityApi } from "./identity-path.ts";
import { givenRequestId, standardHeaders, traceOf, type CacheState } from "./response-headers.ts";
import { letIn, rateLimited } from "./let-in.ts";

const MAX_DISCARDED_BYTES = 2 * MAX_FILE_BYTES;

/** Everything under `/api/v3`: credential, tenant, rate limit, then the cache or CONTENT. */
export async function handleApi(
  request: Request,
  env: GatewayBindings,
  ctx: GatewayExecution,
): Promise<Response> {
  const requestId = givenRequestId(request) ?? newRequestId();
  const startedAt = Date.now();
  let window: Window | undefined;
  try {
    const waitUntil = ctx.waitUntil.bind(ctx);
    const url = new URL(request.url);
    const known = await letIn(request, env, url, waitUntil);
    window = windowOf(known.actor.id, startedAt);
    if (!countRequest(window, limitOf(env), (id) => env.RATE_LIMITER.limit({ key: id }), waitUntil))
      throw rateLimited(window);
    const name = environmentName(request, url);
    const { credential, environmentId } = await environmentOf(env, known, name);
    const most = isUpload(request, url) ? MAX_FILE_BYTES : MAX_BODY_BYTES;
    if (Number(request.headers.get("content-length") ?? 0) > most) throw tooLarge(most);
    const { path, body, accept } = await cacheablePath(request, url);
    const actor = actorIn(credential, environmentId);
    const delivered =
      path !== undefined && sharesAnswers(actor.scopes, actor.grants) && !wantsFresh(request, credential)
        ? await deliver(request, env, ctx, {
            ...{ credential, environmentId, path, body, requestId, window },
            ...{ accept: accept ?? "application/json", environmentName: name },
          })
        : undefined;
    const response =
      delivered && !delivered.headers.has("x-flow-not-for-edge")
        ? delivered
        : await forward(request, env, { credential, actor, environmentId, url, requestId, window, body });
    response.headers.append("server-timing", `total;dur=${Date.now() - startedAt}`);
    return response;
  } catch (error) {
    if (error instanceof AppError && error.status === 413) await discard(request);
    return failed(request, error, requestId, window, env);
  }
}

/** Lets a refused body of bearable size run out without keeping it: a sender cut off in mid-body never sees the answer. */
async function discard({ body, headers }: Request): Promise<void> {
  if (
    !body ||
    body.locked ||
    Number(headers.get("content-length") ?? Number.POSITIVE_INFINITY) > MAX_DISCARDED_BYTES
  )
    return;
  const reader = body.getReader();
  while (!(await reader.read()).done);
}

function isUpload(request: Request, url: URL): boolean {
  const type = request.headers.get("content-type") ?? "";
  return url.pathname.startsWith("/api/v3/assets") && /^multipart\/form-data/i.test(type);
}

type Asked = {
  credential: Credential;
  environmentId: string;
  environmentName: string | null;
  path: string;
  /** The media type of the answer. */
  accept: string;
  /** The GraphQL query that was POSTed. */
  body: string | undefined;
  requestId: string;
  window: Window;
};

async function deliver(
  request: Request,
  env: GatewayBindings,
  ctx: GatewayExecution,
  asked: Asked,
): Promise<Response> {
  const { credential, environmentId, path, accept, body, requestId, window } = asked;
  const { generation } = credential.copy;
  const key = `${credential.tenantId}|${environmentId}|${generation}|${accept}|${path}`;
  const now = Date.now();
  const kept = answers.get(key);
  const show = (answer: KeptAnswer, state: CacheState) =>
    showKept(request, answer, state, requestId, window, limitOf(env), now);
  const place = { key, environmentId, environmentName: asked.environmentName };
  if (request.method !== "HEAD") remember(requestKey(credential, request, body), place);
  if (kept && kept.freshUntil > now) return show(kept, "HIT");
  const props: DeliveryProps = {
    tenant: credential.tenantId,
    environment: environmentId,
    scope: "published",
    generation,
    accept,
  };
  const fill = answers.fill(key, Date.now, async () => {
    const headers = { "x-request-id": requestId, traceparent: traceOf(request) };
    const response = await ctx.exports
      .Delivery({ props })
      .fetch(new Request(`https://delivery${path}`, { headers }));
    return toKept(response, env.CACHE, Date.now());
  });
  // Others may wait for this fill: it goes on when its own caller hangs up.
  if (fill.isLeader) ctx.waitUntil(fill.answer.catch(() => {}));
  if (kept && kept.staleUntil > now) {
    return show(kept, "STALE");
  }
  const filled = await fill.answer;
  if (filled instanceof Response)
    return passOn(
      request,
      fill.isLeader ? filled : await refetch(ctx, props, path, requestId),
      requestId,
      "MISS",
      window,
      env,
    );
  return show(filled, fill.isLeader ? "MISS" : "HIT");
}

/** Answers that are not kept are for one caller each: those who waited with the first ask for themselves. */
function refetch(ctx: GatewayExecution, props: DeliveryProps, path: string, requestId: string) {
  return ctx.exports
    .Delivery({ props })
    .fetch(new Request(`https://delivery${path}`, { headers: { "x-request-id": requestId } }));
}

type Forwarded = {
  credential: Credential;
  actor: Actor;
  environmentId: string;
  url: URL;
  requestId: string;
  window: Window;
  body: string | undefined;
};

async function forward(request: Request, env: GatewayBindings, asked: Forwarded): Promise<Response> {
  const { credential, environmentId, url, requestId, window } = asked;
  const context: EdgeContext = {
    tenantId: credential.tenantId,
    environmentId,
    actor: asked.actor,
    requestId,
    ip: addressOf(request, env),
  };
  const isOfIdentity = isIdentityApi(url.pathname);
  const headers = isOfIdentity
    ? doorHeaders(request, await doorOfApi(env, url, credential.copy, request))
    : new Headers();
  headers.set("x-flow-context", contextHeader(context));
  headers.set("traceparent", traceOf(request));
  for (const name of [
    "accept",
    "content-type",
    "content-length",
    "if-match",
    "if-none-match",
    "range",
    "if-range",
    "idempotency-key",
  ]) {
    const value = request.headers.get(name);
    if (value !== null && !(name === "content-length" && asked.body !== undefined)) headers.set(name, value);
  }
  const body = asked.body ?? (request.method === "GET" || request.method === "HEAD" ? null : request.body);
  const [service, host] = isOfIdentity ? [env.IDENTITY, hostOfDoor("api")] : [env.CONTENT, "content"];
  const response = await service.fetch(`https://${host}${url.pathname}${url.search}`, {
    method: request.method,
    headers,
    body,
    redirect: "manual",
  });
  if (response.headers.get("x-flow-snapshot") === "changed") {
    forgetCredentials(credential.tenantId);
    await refreshSnapshot(env, credential.tenantId, true);
  }
  const answer = passOn(request, response, requestId, "BYPASS", window, env);
  const [location, name] = [answer.headers.get("location"), environmentName(request, url)];
  if (location?.startsWith("/api/v3/content/") && name !== null)
    answer.headers.set("location", `${location}&environment=${encodeURIComponent(name)}`);
  return answer;
}

function passOn(
  request: Request,
  response: Response,
  requestId: string,
  state: CacheState,
  window: Window,
  env: GatewayBindings,
): Response {
  const answer = new Response(response.body, response);
  for (const name of [
    "cloudflare-cdn-cache-control",
    "cache-tag",
    "x-flow-filled-by",
    "x-flow-snapshot",
    "x-flow-secret",
  ])
    answer.headers.delete(name);
  for (const [name, value] of standardHeaders(request, requestId, state, window, limitOf(env), Date.now()))
    answer.headers.set(name, value);
  return answer;
}

function failed(
  request: Request,
  error: unknown,
  requestId: string,
  window: Window | undefined,
  env: GatewayBindings,
): Response {
  const known = error instanceof AppError ? error : unreachable(error);
  const response = errorResponse(known, requestId);
  for (const [name, value] of standardHeaders(request, requestId, "BYPASS", window, limitOf(env), Date.now()))
    response.headers.set(name, value);
  return response;
}

/** What nobody foresaw on the way to another Worker. */
export function unreachable(error: unknown): AppError {
  console.error(
    JSON.stringify({
      event: "gateway.failed",
      message: (error as Error).message,
      stack: (error as Error).stack?.slice(0, 1000),
    }),
  );
  return new AppError(
    "UNAVAILABLE",
    "http/service-unreachable",
    "A part of the system cannot be reached: try again.",
    { headers: { "retry-after": "1" } },
  );
}
