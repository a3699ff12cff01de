import { sql, type SQL } from "drizzle-orm";

/**
 * Longer than the lifetime of our access tokens (five minutes): how long a revocation is kept and a
 * retired key published.
 */
export const OUTLIVES_TOKENS = sql.raw("interval '10 minutes'");

/**
 * The CTE `refused_people`: what persons were given in this tenant until now is refused at the edge,
 * where `when` holds.
 */
export const refusePeople = (tenantId: string, when: SQL): SQL => sql`refused_people as (
  insert into revocations (tenant_id, kind, id, expires_at)
    select ${tenantId}::uuid, 'people', '*', now() + ${OUTLIVES_TOKENS} where ${when}
  on conflict (tenant_id, kind, id) do update set at = now(), expires_at = excluded.expires_at)`;
