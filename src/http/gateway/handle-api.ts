import { AppError } from "../../core/errors.ts";
import type { GatewayExecution } from "../../platform/edge/delivery/index.ts";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import { addressOf } from "./address.ts";
import { failed, passOn } from "./answer.ts";
import { discardBody, requireBodyWithinLimit } from "./body-limit.ts";
import { callerIn, environmentName } from "./environment.ts";
import { forward } from "./forward.ts";
import { identify } from "./identify.ts";
import { checkAccess } from "./check-access.ts";
import { limit, quotaPolicy, windowOfCaller, windowOfTenantAt } from "./limit.ts";
import { readTarget } from "./request-target.ts";
import { requestIdOf, type Reply } from "./response-headers.ts";
import { sharedAnswer } from "./shared-answer.ts";
import { tenantsOfRequest } from "./tenant-of-host.ts";

/**
 * Everything under `/api/v3`: the life of a request, in its order. What comes later knows nothing of
 * what came before.
 */
export async function handleApi(
  request: Request,
  env: GatewayBindings,
  execution: GatewayExecution,
): Promise<Response> {
  const startedAt = Date.now();
  const reply: Reply = { request, requestId: requestIdOf(request) };
  try {
    const url = new URL(request.url);

    // The caller and the tenant of the host are looked up in parallel.
    const identified = identify(request, env, url, execution);
    const tenants = tenantsOfRequest(env, request, url.hostname);
    const address = addressOf(request, env);
    const credential = await checkAccess(identified, tenants, address);

    reply.window = windowOfCaller(credential, env, startedAt);
    reply.quotaPolicy = quotaPolicy(credential.cached, env);
    const atAddress = windowOfTenantAt(address, credential, env, startedAt);
    if (atAddress) limit(atAddress, env, execution);
    limit(reply.window, env, execution);

    const caller = await callerIn(env, credential, environmentName(request, url));
    requireBodyWithinLimit(request, url);
    const target = await readTarget(request, url);

    const response =
      (await sharedAnswer(reply, caller, target, env, execution)) ??
      passOn(reply, await forward(reply, caller, target, env, url), "BYPASS", caller.environmentName);

    response.headers.append("server-timing", `total;dur=${Date.now() - startedAt}`);
    return response;
  } catch (error) {
    if (error instanceof AppError && error.status === 413) await discardBody(request);
    return failed(reply, error);
  }
}
