import type { Actor, EdgeContext } from "../../core/context.ts";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import type { CachedSnapshot } from "../../platform/edge/snapshots.ts";
import { NO_ENVIRONMENT } from "../../platform/system-edge.ts";
import { hostOfApp } from "../identity-apps.ts";
import { askWorker } from "./ask-worker.ts";
import type { Credential } from "./credential.ts";
import { actorIn } from "./granted.ts";
import { isScimPath, type IdentityPath } from "./identity-path.ts";
import { quotasIn } from "./limit.ts";
import { siteHeaders, siteOfPage } from "./site.ts";

const ANONYMOUS: Actor = { kind: "person", id: "anonymous", scopes: [] };

/** Asks IDENTITY for a page of the tenant, or by one of its protocols; only SCIM has a `caller`. */
export function forwardToIdentity(
  env: GatewayBindings,
  request: Request,
  url: URL,
  { path, prefix }: IdentityPath,
  cached: CachedSnapshot,
  caller: Credential | undefined,
  { requestId, ip }: Pick<EdgeContext, "requestId" | "ip">,
): Promise<Response> {
  const { tenant, environments } = cached.snapshot;
  const environmentId = environments.find((one) => one.is_default)?.id ?? NO_ENVIRONMENT;
  const actor = caller ? actorIn(caller, environmentId) : ANONYMOUS;
  return askWorker(env, {
    service: env.IDENTITY,
    address: `https://${hostOfApp(isScimPath(path) ? "scim" : "pages")}${path}${url.search}`,
    request,
    headers: siteHeaders(request, siteOfPage(env, url, prefix, cached, request)),
    context: {
      ...{ tenantId: tenant.id, environmentId, actor, requestId, ip },
      // Pages are limited by address alone.
      ...(caller ? { quotas: quotasIn(cached, env) } : {}),
    },
  });
}
