import { sql } from "drizzle-orm";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";

/** Takes away a tenant's attempts and used assertions that can be used no more. */
export async function expireSso(client: DatabaseClient, tenantId: string): Promise<void> {
  const mine = sql`tenant_id = ${tenantId}::uuid`;
  await runBatch(client, [
    sql`select set_config('app.tenant_id', ${tenantId}, true)`,
    sql`delete from sso_attempts where ${mine} and expires_at < now() - interval '1 hour'`,
    sql`delete from saml_assertions where ${mine} and expires_at < now() - interval '1 hour'`,
  ]);
}
