import { answerKey, deliver, freshAnswer, QUOTAS_HEADER } from "../../platform/edge/delivery/index.ts";
import type { DeliveryProps, GatewayExecution } from "../../platform/edge/delivery/index.ts";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import { passOn, showCached } from "./answer.ts";
import type { Caller } from "./environment.ts";
import { sharesAnswers } from "./granted.ts";
import { quotasIn } from "./limit.ts";
import { rememberCacheKey } from "./known-cache-keys.ts";
import { bypassesCache, type RequestTarget } from "./request-target.ts";
import { traceOf, type Reply } from "./response-headers.ts";

/**
 * The response that callers without restrictions share, from memory or by Delivery; undefined when this
 * caller needs their own.
 */
export async function sharedAnswer(
  reply: Reply,
  { credential, actor, environmentId, environmentName }: Caller,
  { shared, body }: RequestTarget,
  env: GatewayBindings,
  execution: GatewayExecution,
): Promise<Response | undefined> {
  const { request, requestId } = reply;
  if (!shared || !sharesAnswers(actor.scopes, actor.grants)) return undefined;
  if (bypassesCache(request, credential.actor.scopes)) return undefined;
  const { path, accept } = shared;
  const props: DeliveryProps = {
    tenant: credential.tenantId,
    environment: environmentId,
    scope: "published",
    generation: credential.cached.generation,
    accept,
  };
  const key = answerKey(props, path);
  const now = Date.now();
  if (request.method !== "HEAD")
    rememberCacheKey(credential, request, body, { key, environmentId, environmentName });
  const cached = freshAnswer(key, now);
  if (cached) return showCached(reply, cached, "HIT", now);
  const headers = {
    "x-request-id": requestId,
    traceparent: traceOf(request),
    [QUOTAS_HEADER]: JSON.stringify(quotasIn(credential.cached, env)),
  };
  const delivered = await deliver({ key, props, path, headers }, env, execution, now);
  if (!(delivered instanceof Response)) return showCached(reply, delivered.answer, delivered.state, now);
  return delivered.headers.has("x-flow-not-for-edge") ? undefined : passOn(reply, delivered, "MISS");
}
