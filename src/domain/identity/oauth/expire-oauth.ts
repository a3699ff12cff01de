import { sql } from "drizzle-orm";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";

/**
 * Takes away what a tenant's OAuth and revocations need no more: codes, devices and tokens a day after
 * their end.
 */
export async function expireOAuth(client: DatabaseClient, tenantId: string): Promise<void> {
  const mine = sql`tenant_id = ${tenantId}::uuid`;
  await runBatch(client, [
    sql`select set_config('app.tenant_id', ${tenantId}, true)`,
    sql`delete from revocations where ${mine} and expires_at < now()`,
    sql`delete from oauth_codes where ${mine} and expires_at < now() - interval '1 day'`,
    sql`delete from oauth_devices where ${mine} and expires_at < now() - interval '1 day'`,
    sql`delete from oauth_refresh_tokens where ${mine} and expires_at < now() - interval '1 day'`,
    sql`delete from oauth_grants g where ${mine} and g.created_at < now() - interval '1 day'
      and not exists (select 1 from oauth_refresh_tokens refresh where refresh.tenant_id = g.tenant_id
      and refresh.grant_id = g.id)`,
    sql`delete from invitations where ${mine}
      and coalesce(accepted_at, revoked_at, expires_at) < now() - interval '90 days'`,
    sql`delete from issuer_keys where ${mine} and state = 'retired'
      and retired_at < now() - interval '1 day'`,
  ]);
}
