import { sql } from "drizzle-orm";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { connectionsFor } from "../people/index.ts";

/** A way to sign in that the sign-in page offers. */
export type SignInChoice = { id: string; type: "saml" | "oidc"; name: string };

/** The tenant's enabled connections, by name, and whether the tenant demands one. */
export async function signInChoices(
  ctx: IdentityContext,
): Promise<{ choices: SignInChoice[]; isDemanded: boolean }> {
  const { rows } = await ctx.db.read(sql`select
    (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'type', type, 'name', name) order by name, id),
      '[]') from sso_connections where tenant_id = ${ctx.tenantId}::uuid and enabled),
    (select coalesce(sign_in_policy ->> 'sso', '') = 'true' from tenants
      where tenant_id = ${ctx.tenantId}::uuid)`);
  const [choices, isDemanded] = rows[0]!;
  return { choices: choices as SignInChoice[], isDemanded: isDemanded === true };
}

/**
 * The connection that an address signs in by: of its domain alone, so that it says nothing about who
 * has an account. Without a password any connection will do; with one, only a connection that the
 * tenant demands.
 */
export async function connectionOfAddress(
  ctx: IdentityContext,
  input: { email: string; hasPassword: boolean },
): Promise<SignInChoice | undefined> {
  const domain = input.email.trim().toLowerCase().split("@").at(-1)!.slice(0, 253);
  if (!domain.includes(".")) return undefined;
  const { rows } = await ctx.db.read(sql`select connection.id, connection.type, connection.name
      from ${connectionsFor(ctx, sql`${domain}::text`)}
    and (${String(!input.hasPassword)}::boolean or exists (select 1 from tenants
    where tenant_id = ${ctx.tenantId}::uuid and sign_in_policy ->> 'sso' = 'true'))
    order by connection.id limit 1`);
  const [id, type, name] = rows[0] ?? [];
  return id === undefined ? undefined : ({ id, type, name } as SignInChoice);
}
