import type { Site } from "../../core/identity-context.ts";
import type { GatewayBindings } from "../../platform/edge/env.ts";
import type { CachedSnapshot } from "../../platform/edge/snapshots.ts";
import { SITE_HEADER } from "../identity-apps.ts";
import { tenantOfHost } from "./tenant-of-host.ts";

const PASSED_ON = [
  "accept",
  "authorization",
  "content-type",
  "content-length",
  "cookie",
  "origin",
  "sec-fetch-site",
  "if-match",
  "if-none-match",
];
type Installation = Pick<GatewayBindings, "PUBLIC_URL" | "DEFAULT_TENANT">;

/** The headers of a request to IDENTITY: the site, and those of the client that IDENTITY may read. */
export function siteHeaders(request: Request, site: Site): Headers {
  const headers = new Headers({ [SITE_HEADER]: encodeURIComponent(JSON.stringify(site)) });
  for (const name of PASSED_ON) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

/** The site that a page is requested at. */
export const siteOfPage = (
  env: Installation,
  url: URL,
  prefix: string,
  cached: CachedSnapshot,
  request: Request,
): Site => ({
  issuer: url.origin + prefix,
  prefix,
  home: homeOf(env, url, prefix, cached.snapshot.tenant.slug),
  isTenants: !isOurs(env, url),
  tenantName: cached.snapshot.tenant.name,
  userAgent: request.headers.get("user-agent"),
});

/** The site of an API call. Its host may be any: one that is neither a tenant's nor ours is no issuer. */
export async function siteOfApi(
  env: GatewayBindings,
  url: URL,
  cached: CachedSnapshot,
  request: Request,
): Promise<Site> {
  const { id, slug } = cached.snapshot.tenant;
  const isTenants = (await tenantOfHost(env, url.hostname)) === id;
  const at = isTenants || isOurs(env, url) ? url : new URL(env.PUBLIC_URL ?? url);
  const prefix = isTenants || slug === env.DEFAULT_TENANT ? "" : `/t/${slug}`;
  return { ...siteOfPage(env, at, prefix, cached, request), home: homeOf(env, url, prefix, slug) };
}

/**
 * The tenant's pages at the installation's own host; null when PUBLIC_URL is not set. Links that prove a
 * mailbox lead only there: an account is valid in every tenant, and a tenant controls its own host.
 */
export function homeOf(env: Installation, url: URL, prefix: string, slug: string): string | null {
  if (isOurs(env, url)) return url.origin + prefix;
  if (env.PUBLIC_URL === undefined) return null;
  return new URL(env.PUBLIC_URL).origin + (slug === env.DEFAULT_TENANT ? "" : `/t/${slug}`);
}

/** Whether a host is PUBLIC_URL's, this machine's, or one that Cloudflare gave the Worker. */
export function isOurs({ PUBLIC_URL: publicUrl }: Installation, { host, hostname }: URL): boolean {
  if (publicUrl === undefined) return hostname.endsWith(".workers.dev");
  const known = new URL(publicUrl);
  return host === known.host || (isLoopback(known.hostname) && isLoopback(hostname));
}

const isLoopback = (hostname: string) => /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
