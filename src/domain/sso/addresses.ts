import type { IdentityContext } from "../../core/identity-context.ts";

/** The addresses that an identity provider is told of a SAML connection. */
export function samlAddresses(ctx: IdentityContext, id: string) {
  const base = `${ctx.door.issuer}/sso/saml/${id}`;
  return {
    entity_id: `${base}/metadata`,
    metadata_url: `${base}/metadata`,
    acs_url: `${base}/acs`,
    login_url: `${base}/login`,
  };
}

/** The addresses that a provider is told of an OIDC connection. */
export function oidcAddresses(ctx: IdentityContext, id: string) {
  const base = `${ctx.door.issuer}/sso/oidc/${id}`;
  return { redirect_uri: `${base}/callback`, login_url: `${base}/login` };
}
