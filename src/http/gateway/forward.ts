import type { EdgeContext } from "../../core/context.ts";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import { hostOfApp } from "../identity-apps.ts";
import { addressOf } from "./address.ts";
import { askWorker } from "./ask-worker.ts";
import { siteHeaders, siteOfApi } from "./site.ts";
import type { Caller } from "./environment.ts";
import { isIdentityApi, MANAGEMENT } from "./identity-path.ts";
import type { RequestTarget } from "./request-target.ts";
import { planIn, quotasIn } from "./limit.ts";
import { traceOf, type Reply } from "./response-headers.ts";

const PASSED_ON = [
  "accept",
  "content-type",
  "content-length",
  "if-match",
  "if-none-match",
  "range",
  "if-range",
  "idempotency-key",
];

const MAKES_TICKETS: readonly string[] = ["/api/v3/realtime/tickets", MANAGEMENT];

/** Asks the Worker behind, CONTENT or IDENTITY, for this caller alone. */
export async function forward(
  { request, requestId }: Reply,
  { credential, actor, environmentId, environmentName }: Caller,
  { path, body }: RequestTarget,
  env: GatewayBindings,
  url: URL,
): Promise<Response> {
  const isOfIdentity = isIdentityApi(url.pathname);
  const needsSite = isOfIdentity || url.pathname === MANAGEMENT;
  const headers = needsSite
    ? siteHeaders(request, await siteOfApi(env, url, credential.cached, request))
    : new Headers();
  const { tenantId } = credential;
  const quotas = quotasIn(credential.cached, env);
  const plan = planIn(credential.cached, env);
  const ip = addressOf(request, env);
  const context: EdgeContext = { tenantId, environmentId, actor, requestId, ip, quotas, plan };
  if (MAKES_TICKETS.includes(url.pathname))
    Object.assign(context, { identity: credential.identity, environmentName });
  headers.set("traceparent", traceOf(request));
  for (const name of PASSED_ON) {
    const value = request.headers.get(name);
    if (value !== null && !(name === "content-length" && body !== undefined)) headers.set(name, value);
  }
  const [service, host] = isOfIdentity ? [env.IDENTITY, hostOfApp("api")] : [env.CONTENT, "content"];
  return askWorker(env, { service, address: `https://${host}${path}`, request, headers, context, body });
}
