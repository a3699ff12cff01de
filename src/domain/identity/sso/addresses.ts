import { sql, type SQL } from "drizzle-orm";
import type { IdentityContext } from "../../../core/identity-context.ts";

/**
 * Where a connection's addresses are, one for all doors: `base` is the door at which it was made, or
 * was first signed in by. A connection that knows neither is at the installation's own host.
 */
export type Based = { base?: string | undefined };
export const baseOf = ({ door }: IdentityContext, { base }: Based): string =>
  base ?? door.home ?? door.issuer;

/** The addresses that an identity provider is told of a SAML connection. */
export function samlAddresses(base: string, id: string) {
  const at = `${base}/sso/saml/${id}`;
  return {
    entity_id: `${at}/metadata`,
    metadata_url: `${at}/metadata`,
    acs_url: `${at}/acs`,
    login_url: `${at}/login`,
  };
}

/** The addresses that a provider is told of an OIDC connection. */
export function oidcAddresses(base: string, id: string) {
  const at = `${base}/sso/oidc/${id}`;
  return { redirect_uri: `${at}/callback`, login_url: `${at}/login` };
}

/**
 * The login page of the connection's own door, for a sign-in that begins at another: the provider
 * knows the one alone, and the cookie of an attempt comes back to no other. Undefined where the
 * sign-in can begin here.
 */
export function loginElsewhere(
  ctx: IdentityContext,
  input: { type: "saml" | "oidc"; id: string; config: Based; relay: string; isSent: boolean },
): string | undefined {
  const { base } = input.config;
  if (base === undefined || base === ctx.door.issuer || input.isSent) return undefined;
  const url = new URL(`${base}/sso/${input.type}/${input.id}/login`);
  const prefix = new URL(base).pathname.replace(/\/$/, "");
  url.searchParams.set("continue", prefix + input.relay.slice(ctx.door.prefix.length));
  url.searchParams.set("sent", "true");
  return url.href;
}

/**
 * Keeps the door at which a connection that knew none was signed in by: its provider was told of that
 * one.
 */
export const keepBase = (ctx: IdentityContext, id: string): SQL =>
  sql`update sso_connections set config = config || jsonb_build_object('base', ${ctx.door.issuer}::text)
    where tenant_id = ${ctx.tenantId}::uuid and id = ${id} and config -> 'base' is null`;
