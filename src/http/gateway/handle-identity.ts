import { AppError } from "../../core/errors.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { QUOTA_HEADER } from "../quota-header.ts";
import { addressOf } from "./address.ts";
import { requirePageWithinLimit } from "./body-limit.ts";
import { checkAccess, requireAddressAllowed, requireTenant } from "./check-access.ts";
import { forwardToIdentity } from "./forward-identity.ts";
import { identify } from "./identify.ts";
import { isScimPath, type IdentityPath } from "./identity-path.ts";
import { limit, quotaPolicy, windowOfCaller, windowOfPages } from "./limit.ts";
import { publishedKeys } from "./published-keys.ts";
import { refusal, withStandardHeaders } from "./refusal.ts";
import { requestIdOf, type Reply } from "./response-headers.ts";
import { tenantAtAddress } from "./tenant-at-address.ts";
import { tenantsOfRequest } from "./tenant-of-host.ts";
import { unreachable } from "./unreachable.ts";

/** Pages and protocols of identity: the life of a request, in its order. */
export async function handleIdentity(
  request: Request,
  env: GatewayBindings,
  behind: Behind,
  target: IdentityPath,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const reply: Reply = { request, requestId };
  try {
    const url = new URL(request.url);
    const ip = addressOf(request, env);

    // SCIM is called with a token of the API; who asks for a page is for IDENTITY to find out.
    const caller = isScimPath(target.path)
      ? await checkAccess(
          identify(request, env, url, behind),
          tenantsOfRequest(env, request, url.hostname),
          ip,
        )
      : undefined;

    reply.window = caller ? windowOfCaller(caller, env) : windowOfPages(ip);
    if (caller) reply.quotaPolicy = quotaPolicy(caller.cached, env);
    limit(reply.window, env, behind);
    requirePageWithinLimit(request);

    const cached = await tenantAtAddress(env, request, url, target, behind);
    if (caller) requireTenant(caller, cached.snapshot.tenant.id);
    requireAddressAllowed(cached.snapshot, ip);

    const response =
      publishedKeys(request, target, cached.snapshot) ??
      (await forwardToIdentity(env, request, url, target, cached, caller, { requestId, ip }));
    return finish(reply, response);
  } catch (error) {
    return refusal(request, error instanceof AppError ? error : unreachable(error), requestId, reply);
  }
}

function finish(reply: Reply, response: Response): Response {
  const answer = new Response(response.body, response);
  for (const name of ["x-flow-snapshot", QUOTA_HEADER]) answer.headers.delete(name);
  return withStandardHeaders(reply, answer, response.headers.get(QUOTA_HEADER));
}
