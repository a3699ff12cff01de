import { sql, type SQL } from "drizzle-orm";
import { AppError } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { rolesOf } from "../../tenant/tenants/index.ts";

/**
 * What the tenant's sign-in policy misses in a session: sign-in by a connection of the tenant, or a
 * second factor.
 */
export type SignInDemand = { by: "sso"; connection: string; type: "saml" | "oidc" } | { by: "second_factor" };

/** A session that one tenant's connection opened, or its own host, is a session at that tenant only. */
export const isOfThisTenant = (ctx: IdentityContext, session: SQL): SQL =>
  sql`(coalesce(${session}.sso_tenant_id, ${ctx.tenantId}::uuid) = ${ctx.tenantId}::uuid
    and coalesce(${session}.door_tenant_id, ${ctx.tenantId}::uuid) = ${ctx.tenantId}::uuid)`;

/**
 * The enabled connections `connection` of the tenant that may speak for a domain which the tenant has
 * verified.
 */
export const connectionsFor = (
  ctx: IdentityContext,
  domain: SQL,
): SQL => sql`sso_connections connection, domains verified
  where connection.tenant_id = ${ctx.tenantId}::uuid and connection.enabled
  and verified.tenant_id = connection.tenant_id
    and verified.domain = ${domain} and verified.verified_at is not null
    and ${domain} = any (connection.domains)`;

/**
 * What the tenant's policy misses in a sign-in of that person by those means, as a `SignInDemand`;
 * null when nothing. Owners who showed a second factor may come in without the connection, so that a
 * broken one locks nobody out.
 */
export const policyDemand = (ctx: IdentityContext, personId: SQL, amr: SQL): SQL => sql`(select case
    when (policy.sign_in_policy ->> 'sso') = 'true' and not 'fed' = any (${amr})
      and not (${amr} && array['otp', 'hwk', 'rec']
      and exists (select 1 from members held where held.tenant_id = policy.tenant_id
        and held.person_id = ${personId} and ${rolesOf(sql`held`)} @> '["owner"]'))
      and exists (select 1 from people addressed,
        ${connectionsFor(ctx, sql`split_part(addressed.email, '@', 2)`)} and addressed.id = ${personId})
    then (select jsonb_build_object('by', 'sso', 'connection', connection.id, 'type', connection.type)
      from people addressed, ${connectionsFor(ctx, sql`split_part(addressed.email, '@', 2)`)}
      and addressed.id = ${personId} order by connection.id limit 1)
    when (policy.sign_in_policy ->> 'second_factor') = 'true'
      and not ${amr} && array['otp', 'hwk', 'rec', 'fed']
    then jsonb_build_object('by', 'second_factor') end
  from tenants policy where policy.tenant_id = ${ctx.tenantId}::uuid)`;

/** The refusal of a session that misses something the tenant demands. */
export function demandRefusal(ctx: IdentityContext, demand: SignInDemand): AppError {
  if (demand.by === "second_factor")
    return new AppError(
      "FORBIDDEN",
      "identity/second-factor-required",
      `${ctx.site.tenantName} requires a second factor: set up a passkey or an authenticator app on your account page, then sign in with it.`,
    );
  const url = `${ctx.site.issuer}/sso/${demand.type}/${demand.connection}/login`;
  return new AppError(
    "FORBIDDEN",
    "identity/sso-required",
    `${ctx.site.tenantName} requires sign-in with its identity provider: ${url}`,
    { details: [{ path: "", message: "sign in there first", url }] },
  );
}

/**
 * Rejects changes that would outlive a session opened by a tenant's identity provider or own host: its
 * operator could otherwise gain permanent access to the account, and through it to other tenants.
 */
export function requireOwnSession({
  session,
}: {
  session: { sso_tenant_id: string | null; door_tenant_id: string | null };
}): void {
  if (session.door_tenant_id !== null)
    throw new AppError(
      "FORBIDDEN",
      "identity/tenant-host",
      "You signed in at the tenant's own host: to change this, sign in at the address on your account page.",
    );
  if (session.sso_tenant_id === null) return;
  throw new AppError(
    "FORBIDDEN",
    "identity/sso-session",
    "You are signed in with an identity provider: sign in another way, such as with an email link, to change this.",
  );
}
