import { sql, type SQL } from "drizzle-orm";
import type { IdentityContext } from "../../../core/identity-context.ts";

/**
 * Where a connection's addresses are, the same for all sites: `base` is the site where it was created,
 * or first used. A connection with neither is at the installation's own host.
 */
export type Based = { base?: string | undefined };
export const baseOf = ({ site }: IdentityContext, { base }: Based): string =>
  base ?? site.home ?? site.issuer;

/** The addresses of a SAML connection, to configure at the identity provider. */
export function samlAddresses(base: string, id: string) {
  const at = `${base}/sso/saml/${id}`;
  return {
    entity_id: `${at}/metadata`,
    metadata_url: `${at}/metadata`,
    acs_url: `${at}/acs`,
    login_url: `${at}/login`,
  };
}

/** The addresses of an OIDC connection, to configure at the provider. */
export function oidcAddresses(base: string, id: string) {
  const at = `${base}/sso/oidc/${id}`;
  return { redirect_uri: `${at}/callback`, login_url: `${at}/login` };
}

/**
 * The login page of the connection's own site, for a sign-in that starts at another: the provider
 * sends the browser only there, where the attempt's cookie must be. Undefined when the sign-in can
 * start here.
 */
export function loginElsewhere(
  ctx: IdentityContext,
  input: { type: "saml" | "oidc"; id: string; config: Based; relay: string; isSent: boolean },
): string | undefined {
  const { base } = input.config;
  if (base === undefined || base === ctx.site.issuer || input.isSent) return undefined;
  const url = new URL(`${base}/sso/${input.type}/${input.id}/login`);
  const prefix = new URL(base).pathname.replace(/\/$/, "");
  url.searchParams.set("continue", prefix + input.relay.slice(ctx.site.prefix.length));
  url.searchParams.set("sent", "true");
  return url.href;
}

/** Stores the site of the first sign-in on a connection without one: the provider is configured for it. */
export const keepBase = (ctx: IdentityContext, id: string): SQL =>
  sql`update sso_connections set config = config || jsonb_build_object('base', ${ctx.site.issuer}::text)
    where tenant_id = ${ctx.tenantId}::uuid and id = ${id} and config -> 'base' is null`;
