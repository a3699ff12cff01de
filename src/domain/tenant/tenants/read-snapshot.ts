import { sql, type SQL } from "drizzle-orm";
import type { TenantSnapshot } from "../../../core/snapshot.ts";
import { readBatch, runBatch, type DatabaseClient } from "../../../db/client.ts";
import { OUTLIVES_TOKENS } from "./token-lifetime.ts";

/** The tenant that a host, or a bare slug, names; undefined when none does. */
export async function findTenantByHost(client: DatabaseClient, host: string): Promise<string | undefined> {
  const [, rows] = await readBatch(client, [
    sql`select set_config('app.host', ${host}, true)`,
    sql`select tenant_id::text from tenant_domains where host = ${host}`,
  ]);
  return rows![0]?.[0] as string | undefined;
}

/** What the edge must know of a tenant; undefined when there is no such tenant. */
export async function readSnapshot(
  client: DatabaseClient,
  tenantId: string,
): Promise<TenantSnapshot | undefined> {
  const [, rows] = await readBatch(client, [
    sql`select set_config('app.tenant_id', ${tenantId}, true)`,
    sql`select jsonb_build_object('id', tenant.tenant_id, 'slug', tenant.slug, 'name', tenant.name,
      'status', tenant.status, 'ip_ranges', tenant.ip_ranges, 'plan', tenant.plan, 'quotas', tenant.quotas),
      (select coalesce(jsonb_agg(jsonb_build_object('id', named.id, 'name', named.name, 'is_default',
        named.is_default) order by named.name), '[]')
        from (select id, name, is_default from environments where tenant_id = ${tenantId}::uuid
          union all select environment_id, name, false from environment_aliases
          where tenant_id = ${tenantId}::uuid) named),
      (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'hash', secret_hash, 'scopes', scopes,
        'environment_id', environment_id,
          'expires_at', cms_iso(expires_at), 'ip_ranges', ip_ranges, 'role', role, 'content_types',
            content_types) order by id), '[]')
        from api_tokens where tenant_id = ${tenantId}::uuid and revoked_at is null
        and (expires_at is null or expires_at > now())),
      (select coalesce(jsonb_agg(jsonb_build_object('kid', kid, 'alg', alg, 'jwk', public_jwk, 'is_ours',
        is_ours) order by kid), '[]') from (
        select kid, alg, public_jwk, false as is_ours from signing_keys where tenant_id = ${tenantId}::uuid
        and revoked_at is null
        union all select kid, alg, public_jwk, true from issuer_keys
          where tenant_id = ${tenantId}::uuid and (state <> 'retired'
            or retired_at > now() - ${OUTLIVES_TOKENS})) trusted),
      (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'id', id, 'at', cms_iso(at))), '[]')
        from revocations where tenant_id = ${tenantId}::uuid and expires_at > now()),
      (select coalesce(jsonb_agg(jsonb_build_object('name', role.name, 'policies',
        ${policiesOfRole(tenantId)}) order by role.name), '[]')
        from roles role where role.tenant_id = ${tenantId}::uuid),
      (select coalesce(jsonb_object_agg(id, grants), '{}') from policies
        where tenant_id = ${tenantId}::uuid),
      extract(epoch from clock_timestamp())::double precision * 1000
      from tenants tenant where tenant.tenant_id = ${tenantId}::uuid`,
  ]);
  const row = rows![0];
  if (!row) return undefined;
  const [tenant, environments, tokens, keys, revoked, roles, policies, readAtMs] = row as [
    TenantSnapshot["tenant"],
    TenantSnapshot["environments"],
    TenantSnapshot["tokens"],
    TenantSnapshot["keys"],
    TenantSnapshot["revoked"],
    TenantSnapshot["roles"],
    TenantSnapshot["policies"],
    number,
  ];
  return { tenant, environments, tokens, keys, revoked, roles, policies, read_at_ms: readAtMs };
}

/** A scalar subquery: the ids of the policies of the row `role`, in their order. */
export const policiesOfRole = (tenantId: string): SQL =>
  sql`(select coalesce(jsonb_agg(part.policy_id order by part.ordinal), '[]') from role_policies part
    where part.tenant_id = ${tenantId}::uuid and part.role_id = role.id)`;

/** Stores when tokens were last used: `used` is the datetime (ISO 8601) by the token's id. */
export async function noteUse(
  client: DatabaseClient,
  tenantId: string,
  used: Record<string, string>,
): Promise<void> {
  await runBatch(client, [
    sql`select set_config('app.tenant_id', ${tenantId}, true)`,
    sql`update api_tokens token set last_used_at = greatest(token.last_used_at, seen.value::timestamptz)
      from jsonb_each_text(${JSON.stringify(used)}::jsonb) seen where token.tenant_id = ${tenantId}::uuid
      and token.id = seen.key`,
  ]);
}

/** The ids of all tenants, or of those whose turn is in a minute of the hour, for background work. */
export async function sweepTenants(client: DatabaseClient, minute?: number): Promise<string[]> {
  const [, rows] = await runBatch(client, [
    sql`select set_config('app.sweep', 'on', true)`,
    sql`select tenant_id::text from tenants
      where ${minute ?? null}::int is null or mod(hashtext(tenant_id::text)::bigint + 2147483648,
        60) = ${minute ?? null}::int order by tenant_id`,
  ]);
  return rows!.map(([tenantId]) => tenantId as string);
}
