import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";

const MAX_AT_ONCE = 1000;
const AT_ONCE = 5000;
const KEPT_DAYS = 30;

/** Endpoints of any tenant with deliveries that are due and that nobody is sending. */
export async function sweepDeliveries(
  client: DatabaseClient,
): Promise<{ tenantId: string; webhookId: string }[]> {
  const [, rows] = await runBatch(client, [
    sql`select set_config('app.sweep', 'on', true)`,
    sql`select hook.tenant_id::text, hook.id from webhooks hook where hook.state = 'active'
      and (hook.open_until is null or hook.open_until <= now())
      and exists (select 1 from webhook_deliveries delivery where delivery.tenant_id = hook.tenant_id
        and delivery.webhook_id = hook.id and delivery.state = 'pending' and delivery.next_attempt_at <= now()
        and (delivery.leased_until is null or delivery.leased_until <= now()))
      order by hook.succeeded_at nulls first limit ${MAX_AT_ONCE}::int`,
  ]);
  return rows!.map(([tenantId, webhookId]) => ({
    tenantId: tenantId as string,
    webhookId: webhookId as string,
  }));
}

/** Takes away deliveries with their attempts after 30 days: 5,000 at most. */
export async function expireDeliveries(ctx: Context): Promise<void> {
  requirePermission(ctx, "webhooks:write");
  await ctx.db.run([
    sql`delete from webhook_deliveries where tenant_id = ${ctx.tenantId}::uuid
      and id in (select id from webhook_deliveries where tenant_id = ${ctx.tenantId}::uuid
      and created_at < now() - make_interval(days => ${KEPT_DAYS}::int) limit ${AT_ONCE}::int)`,
  ]);
}
