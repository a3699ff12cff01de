import { sql } from "drizzle-orm";
import type { Row, TenantDatabase } from "../../core/context.ts";
import type { EventName } from "../../core/events.ts";
import { runBatch, type DatabaseClient } from "../../db/client.ts";

/** One event as its consumers see it. `id` is what makes a consumer idempotent. */
export type OutboxEvent = {
  id: string;
  environmentId: string;
  event: EventName;
  payload: Record<string, unknown>;
};

const SWEEP_LIMIT = 500;

/**
 * Reads the waiting rows among `ids`, hands them to `deliver`, then marks them done. A crash in between delivers them
 * again: `deliver` must be idempotent. Answers how many were delivered.
 */
export async function deliverOutbox(
  db: TenantDatabase,
  ids: readonly string[],
  deliver: (events: OutboxEvent[]) => Promise<void>,
): Promise<number> {
  const wanted = sql`(select value::bigint from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;
  const { results } = await db.run([
    sql`select id::text, environment_id::text, event, payload from outbox where id in ${wanted} and done_at is null order by id`,
  ]);
  const events = results[0]!.map(toEvent);
  if (events.length === 0) return 0;
  await deliver(events);
  await db.run([sql`update outbox set done_at = now() where id in ${wanted} and done_at is null`]);
  return events.length;
}

/** Rows of every tenant that have waited for `olderThanSeconds`, grouped by tenant: what a lost poke left behind. */
export async function sweepOutbox(
  client: DatabaseClient,
  olderThanSeconds: number,
): Promise<{ tenantId: string; ids: string[] }[]> {
  const [, rows] = await runBatch(client, [
    sql`select set_config('app.sweep', 'on', true)`,
    sql`select tenant_id::text, jsonb_agg(id::text order by id) from (
          select tenant_id, id from outbox
          where done_at is null and created_at < now() - make_interval(secs => ${olderThanSeconds}::int)
          order by created_at limit ${SWEEP_LIMIT}::int) waiting group by tenant_id`,
  ]);
  return rows!.map(([tenantId, ids]) => ({ tenantId: tenantId as string, ids: ids as string[] }));
}

/** Takes away the tenant's events a week after they were delivered; the audit log keeps what happened. */
export async function expireEvents(db: TenantDatabase, tenantId: string): Promise<void> {
  await db.run([
    sql`delete from outbox where tenant_id = ${tenantId}::uuid and done_at < now() - interval '7 days'`,
  ]);
}

function toEvent([id, environmentId, event, payload]: Row): OutboxEvent {
  return {
    id: id as string,
    environmentId: environmentId as string,
    event: event as EventName,
    payload: payload as Record<string, unknown>,
  };
}
