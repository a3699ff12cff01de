import { notFound } from "../../core/errors.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { snapshotOf, type CachedSnapshot } from "../../platform/edge/snapshots.ts";
import { requireActive } from "./check-access.ts";
import type { IdentityPath } from "./identity-path.ts";
import { isOurs } from "./site.ts";
import { tenantOfHost, tenantOfSlug } from "./tenant-of-host.ts";

/**
 * The tenant that the path names, or the host, or the setting DEFAULT_TENANT. Pages carry the host of
 * the request, so a host that is neither a tenant's nor our own is refused.
 */
export async function tenantAtAddress(
  env: GatewayBindings,
  { headers }: Request,
  url: URL,
  { slug }: IdentityPath,
  behind: Behind,
): Promise<CachedSnapshot> {
  const ofHost = await tenantOfHost(env, url.hostname);
  if (ofHost === undefined && !isOurs(env, url))
    throw notFound("identity/unknown-host", "This host is unknown: use the host of PUBLIC_URL.");
  const named = slug ?? (ofHost === undefined ? env.DEFAULT_TENANT : undefined);
  const tenantId = named === undefined ? ofHost : await tenantOfSlug(env, named);
  if (ofHost !== undefined && tenantId !== ofHost)
    throw notFound("access/unknown-tenant", "This host belongs to another tenant.");
  const said = headers.get("x-flow-tenant");
  if (said !== null && (await tenantOfSlug(env, said)) !== tenantId)
    throw notFound("access/unknown-tenant", "X-Flow-Tenant names another tenant than the address.");
  const cached = tenantId === undefined ? null : await snapshotOf(env, tenantId, behind);
  if (!cached) throw notFound("access/unknown-tenant", "No such tenant: its pages are at /t/{slug}.");
  requireActive(cached.snapshot);
  return cached;
}
