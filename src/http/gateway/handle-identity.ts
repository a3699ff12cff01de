import type { Actor, EdgeContext } from "../../core/context.ts";
import { AppError, notFound } from "../../core/errors.ts";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import { tooLarge } from "../../core/read-body.ts";
import type { Behind, GatewayBindings } from "../../platform/edge/env.ts";
import { countRequest, windowOf } from "../../platform/edge/rate-limiter.ts";
import { snapshotOf, type CachedSnapshot } from "../../platform/edge/snapshots.ts";
import { ipMatcher } from "../../platform/ip-ranges.ts";
import { hostOfApp } from "../identity-apps.ts";
import { keySet } from "../key-set.ts";
import { addressOf } from "./address.ts";
import { unauthenticated } from "./credentials.ts";
import { actorIn, contextHeader } from "./granted.ts";
import { siteHeaders, siteOfPage, isOurs } from "./site.ts";
import { identify } from "./identify.ts";
import { isScimPath, type IdentityPath } from "./identity-path.ts";
import { checkAccess } from "./check-access.ts";
import { limitOf } from "./limit.ts";
import { refreshIfChanged } from "./refresh-tenant.ts";
import { refusal, withStandardHeaders } from "./refusal.ts";
import { requestIdOf } from "./response-headers.ts";
import { tenantOfHost, tenantOfSlug, tenantsOfRequest } from "./tenant-of-host.ts";
import { unreachable } from "./unreachable.ts";

const MAX_BYTES = 1024 * 1024;
const PER_MINUTE = 600;
const ANONYMOUS: Actor = { kind: "person", id: "anonymous", scopes: [] };
const NO_ENVIRONMENT = "00000000-0000-0000-0000-000000000000";

/**
 * Pages and protocols of identity: the tenant by path or host, its address rules, a rate limit, then
 * IDENTITY.
 */
export async function handleIdentity(
  request: Request,
  env: GatewayBindings,
  behind: Behind,
  target: IdentityPath,
): Promise<Response> {
  const requestId = requestIdOf(request);
  const isScim = isScimPath(target.path);
  try {
    const url = new URL(request.url);
    const address = addressOf(request, env);
    const caller = isScim
      ? await checkAccess(
          identify(request, env, url, behind),
          tenantsOfRequest(env, request, url.hostname),
          address,
        )
      : undefined;
    const window = caller
      ? windowOf(caller.actor.id, limitOf(env), Date.now())
      : windowOf(`identity:${address ?? "local"}`, PER_MINUTE, Date.now());
    if (!countRequest(window, env.RATE_LIMITER, behind))
      throw new AppError("RATE_LIMITED", "access/rate-limited", "Too many requests: try again in a minute.", {
        headers: { "retry-after": "60" },
      });
    if (Number(request.headers.get("content-length") ?? 0) > MAX_BYTES) throw tooLarge(MAX_BYTES);
    const { cached, prefix } = await tenantAt(env, request, url, target, behind);
    const { tenant } = cached.snapshot;
    if (caller && caller.tenantId !== tenant.id)
      throw unauthenticated("access/wrong-tenant", "The token belongs to another tenant.");
    if (tenant.ip_ranges.length > 0 && !ipMatcher(tenant.ip_ranges)(address))
      throw new AppError(
        "FORBIDDEN",
        "access/ip-not-allowed",
        "This tenant may not be used from your address.",
      );
    if (target.path === "/.well-known/jwks.json" && (request.method === "GET" || request.method === "HEAD")) {
      const known = publishedKeys(cached.snapshot);
      if (known.length > 0) return finish(request, keySet(known), requestId);
    }
    const environmentId = cached.snapshot.environments.find((one) => one.is_default)?.id ?? NO_ENVIRONMENT;
    const edge: EdgeContext = {
      tenantId: tenant.id,
      environmentId,
      actor: caller ? actorIn(caller, environmentId) : ANONYMOUS,
      requestId,
      ip: address,
    };
    const headers = siteHeaders(request, siteOfPage(env, url, prefix, cached, request));
    headers.set("x-flow-context", contextHeader(edge));
    const response = await env.IDENTITY.fetch(
      `https://${hostOfApp(isScim ? "scim" : "pages")}${target.path}${url.search}`,
      {
        method: request.method,
        headers,
        body: request.method === "GET" || request.method === "HEAD" ? null : request.body,
        redirect: "manual",
      },
    );
    await refreshIfChanged(env, tenant.id, response);
    return finish(request, response, requestId);
  } catch (error) {
    return refusal(request, error instanceof AppError ? error : unreachable(error), requestId);
  }
}

/**
 * The keys that sign the tenant's tokens, as far as this copy knows: before the first token there are
 * none.
 */
const publishedKeys = ({ keys }: TenantSnapshot) =>
  keys.filter((key) => key.is_ours).map(({ kid, alg, jwk }) => ({ ...jwk, kid, alg, use: "sig" }));

/**
 * The tenant that the path names, or the host, or the setting DEFAULT_TENANT. Pages carry the host of
 * the request, so a host that is neither a tenant's nor our own is refused.
 */
async function tenantAt(
  env: GatewayBindings,
  { headers }: Request,
  url: URL,
  { slug, prefix }: IdentityPath,
  behind: Behind,
): Promise<{ cached: CachedSnapshot; prefix: string }> {
  const ofHost = await tenantOfHost(env, url.hostname);
  if (ofHost === undefined && !isOurs(env, url))
    throw notFound("identity/unknown-host", "This host is not ours: PUBLIC_URL names the one that is.");
  const named = slug ?? (ofHost === undefined ? env.DEFAULT_TENANT : undefined);
  const tenantId = named === undefined ? ofHost : await tenantOfSlug(env, named);
  if (ofHost !== undefined && tenantId !== ofHost)
    throw notFound("access/unknown-tenant", "This host belongs to another tenant.");
  const said = headers.get("x-flow-tenant");
  if (said !== null && (await tenantOfSlug(env, said)) !== tenantId)
    throw notFound("access/unknown-tenant", "X-Flow-Tenant names another tenant than the address.");
  const cached = tenantId === undefined ? null : await snapshotOf(env, tenantId, behind);
  if (!cached) throw notFound("access/unknown-tenant", "No such tenant: its pages are at /t/{slug}.");
  if (cached.snapshot.tenant.status !== "active")
    throw new AppError("FORBIDDEN", "access/tenant-suspended", "This tenant is suspended.");
  return { cached, prefix };
}

function finish(request: Request, response: Response, requestId: string): Response {
  const answer = new Response(response.body, response);
  answer.headers.delete("x-flow-snapshot");
  return withStandardHeaders(request, answer, requestId);
}
