import { sql } from "drizzle-orm";
import { formatToken, hashSecret, newTokenSecret } from "../../core/tokens.ts";
import { newId } from "../../core/ids.ts";
import type { Scope } from "../../core/permissions.ts";
import { runBatch, type DatabaseClient } from "../../db/client.ts";

export type ProvisionedTenant = { tenantId: string; environmentId: string; tokens: Record<Scope, string> };

/**
 * Makes a tenant with its first environment `main` and one token of each scope, in one transaction. `owner` is a client
 * with the owner's rights. The tokens' secrets exist only in the answer. Throws CONFLICT when the slug or a host is taken.
 */
export async function provisionTenant(
  owner: DatabaseClient,
  input: { slug: string; name: string; hosts?: string[] },
): Promise<ProvisionedTenant> {
  const tenantId = crypto.randomUUID();
  const environmentId = crypto.randomUUID();
  const scopes: Scope[] = ["read", "write", "admin"];
  const made = await Promise.all(
    scopes.map(async (scope) => {
      const tokenId = newId("tok");
      const secret = newTokenSecret();
      return { scope, tokenId, hash: await hashSecret(secret), token: formatToken({ kind: scope, tenantId, tokenId, secret }) };
    }),
  );
  await runBatch(owner, [
    sql`select set_config('app.tenant_id', ${tenantId}, true)`,
    sql`insert into tenants (tenant_id, slug, name) values (${tenantId}::uuid, ${input.slug}, ${input.name})`,
    ...[input.slug, ...(input.hosts ?? [])].map((host) => sql`insert into tenant_domains (host, tenant_id) values (${host}, ${tenantId}::uuid)`),
    sql`insert into environments (tenant_id, id, name, is_default) values (${tenantId}::uuid, ${environmentId}::uuid, 'main', true)`,
    ...made.map(
      ({ scope, tokenId, hash }) => sql`insert into api_tokens (tenant_id, id, name, scopes, secret_hash, created_by)
        values (${tenantId}::uuid, ${tokenId}, ${`First ${scope} token`}, ${sql`array[${scope}]`}, ${hash}, 'provision')`,
    ),
    sql`insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject, request_id)
      values (${tenantId}::uuid, ${environmentId}::uuid, 'system', 'provision', 'tenant.created', ${`tenant:${input.slug}`}, 'provision')`,
  ]);
  const tokens = Object.fromEntries(made.map(({ scope, token }) => [scope, token])) as Record<Scope, string>;
  return { tenantId, environmentId, tokens };
}
