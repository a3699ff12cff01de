import { sql } from "drizzle-orm";
import { notFound } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import type { Person } from "../people/index.ts";
import { clientOf } from "./client-auth.ts";
import { revokeGrantCte } from "./revoke.ts";

/** A connected application, as on the account page. */
export type GrantShown = { id: string; client: string; scopes: string[]; created_at: string };

/** What the person allowed in this tenant and has not ended, the newest first. */
export async function listOwnGrants(ctx: IdentityContext, person: Person): Promise<GrantShown[]> {
  const { rows } = await ctx.db.read(sql`
    select granted.id, granted.client_id, client.name, to_jsonb(granted.scopes), cms_iso(granted.created_at)
    from oauth_grants granted left join oauth_clients client on client.tenant_id = granted.tenant_id
    and client.id = granted.client_id
    where granted.tenant_id = ${ctx.tenantId}::uuid and granted.person_id = ${person.id}
    and granted.revoked_at is null
      and exists (select 1 from oauth_refresh_tokens refresh where refresh.tenant_id = granted.tenant_id
      and refresh.grant_id = granted.id and refresh.expires_at > now())
    order by granted.id desc limit 100`);
  return rows.map(([id, clientId, name, scopes, created_at]) => ({
    id,
    client: name ?? clientOf(clientId as string, null)?.name ?? clientId,
    scopes,
    created_at,
  })) as GrantShown[];
}

/** Ends what the person allowed an application, and forgets the consent. NOT_FOUND for another's. */
export async function revokeOwnGrant(
  ctx: IdentityContext,
  person: Person,
  input: { id: string },
): Promise<void> {
  const mine = sql`g.person_id = ${person.id} and g.id = ${input.id}`;
  const { results } = await ctx.db.run([
    sql`delete from oauth_consents where tenant_id = ${ctx.tenantId}::uuid and person_id = ${person.id}
      and client_id in (select client_id from oauth_grants g where g.tenant_id = ${ctx.tenantId}::uuid
      and ${mine})`,
    sql`with ${revokeGrantCte(ctx, mine)} select id from ended_grants`,
  ]);
  if (results[1]!.length === 0) throw notFound("oauth/no-such-grant", "There is no such application.");
}
