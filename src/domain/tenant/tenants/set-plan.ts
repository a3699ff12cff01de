import { sql } from "drizzle-orm";
import type { BucketName } from "../../../core/plans.ts";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";

/**
 * What changes: the plan, null for the installation's; quotas of the tenant's own, null for the
 * plan's.
 */
export type PlanChange = {
  plan?: string | null | undefined;
  quotas?: Partial<Record<BucketName, number | null>>;
};

/**
 * Sets a tenant's plan and its own quotas; what is not named stays. `owner` is a client with the owner's
 * rights. The edge learns of it by the event, within a minute.
 */
export async function setPlan(
  owner: DatabaseClient,
  tenantId: string,
  { plan, quotas = {} }: PlanChange,
): Promise<{ plan: string | null; quotas: Partial<Record<BucketName, number>> }> {
  const [, rows] = await runBatch(owner, [
    sql`select set_config('app.tenant_id', ${tenantId}, true)`,
    sql`with saved as (update tenants set
        plan = case when ${String(plan !== undefined)}::boolean then ${plan ?? null}::text else plan end,
        quotas = jsonb_strip_nulls(quotas || ${JSON.stringify(quotas)}::jsonb)
        where tenant_id = ${tenantId}::uuid returning tenant_id, slug, plan, quotas),
      place as (select id from environments where tenant_id = ${tenantId}::uuid and is_default),
      event_row as (insert into outbox (tenant_id, environment_id, event, payload)
        select ${tenantId}::uuid, place.id, 'tenant.updated', jsonb_build_object('slug', saved.slug)
        from saved, place),
      audit_row as (insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject,
        request_id, meta)
        select ${tenantId}::uuid, place.id, 'system', 'operator', 'tenant.updated', 'tenant:' || saved.slug,
          'operator', jsonb_build_object('plan', saved.plan, 'quotas', saved.quotas) from saved, place)
      select plan, quotas from saved`,
  ]);
  const [savedPlan, savedQuotas] = rows![0]!;
  return { plan: savedPlan as string | null, quotas: savedQuotas as Partial<Record<BucketName, number>> };
}
