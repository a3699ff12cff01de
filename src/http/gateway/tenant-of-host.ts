import { keepNewest } from "../../core/keep-newest.ts";
import { AppError, notFound } from "../../core/errors.ts";
import type { GatewayBindings } from "../../platform/edge/env.ts";

const KEEP_MS = 60_000;
const KEEP_NOTHING_MS = 10_000;
const MAX_HOSTS = 5000;
const known = new Map<string, { tenantId: string | null; until: number }>();

/** The tenants that the host and the header X-Flow-Tenant name: none, one, or two that do not agree. */
export async function tenantsOfRequest(
  env: GatewayBindings,
  request: Request,
  host: string,
): Promise<string[]> {
  const slug = request.headers.get("x-flow-tenant");
  const named = await Promise.all([
    tenantOfHost(env, host),
    slug === null ? undefined : tenantOfSlug(env, slug),
  ]);
  return named.filter((one) => one !== undefined);
}

/** Clears the cached hosts. */
export function forgetHosts(hosts: readonly string[]): void {
  for (const host of hosts) known.delete(host);
}

/** The tenant of that slug; throws NOT_FOUND when there is none. */
export async function tenantOfSlug(env: GatewayBindings, slug: string): Promise<string> {
  const tenantId = /^[a-z0-9-]{1,63}$/.test(slug) ? await find(env, slug) : null;
  if (!tenantId) throw notFound("access/unknown-tenant", `There is no tenant "${slug.slice(0, 63)}".`);
  return tenantId;
}

/** The tenant that a host names; undefined when it names none. */
export async function tenantOfHost(env: GatewayBindings, host: string): Promise<string | undefined> {
  if (isNeutral(host)) return undefined;
  return (await find(env, host)) ?? undefined;
}

/**
 * Hosts that belong to no tenant: the machine itself, the platform's Worker addresses, and names without
 * a dot, since the directory also stores slugs.
 */
function isNeutral(host: string): boolean {
  return (
    !host.includes(".") ||
    host.endsWith(".workers.dev") ||
    /^[\d.]+$/.test(host) ||
    host.startsWith("[") ||
    host.length > 253
  );
}

async function find(env: GatewayBindings, host: string): Promise<string | null> {
  const now = Date.now();
  const cached = known.get(host);
  if (cached && cached.until > now) return cached.tenantId;
  try {
    const tenantId = await env.DIRECTORY.getByName("directory").find(host.toLowerCase());
    keepNewest(known, host, { tenantId, until: now + (tenantId ? KEEP_MS : KEEP_NOTHING_MS) }, MAX_HOSTS);
    return tenantId;
  } catch (error) {
    throw new AppError(
      "UNAVAILABLE",
      "access/no-directory",
      "The tenant cannot be looked up right now: try again.",
      {
        headers: { "retry-after": "2" },
        cause: error,
      },
    );
  }
}
