import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";

/** How long ago a scheduler ran last, and how long the oldest event of a queue waits, in seconds. */
export type Lag = { schedulers: Record<string, number>; queues: Record<string, number> };

/** Notes that a scheduler runs. */
export async function beat(client: DatabaseClient, scheduler: "maintenance" | "identity"): Promise<void> {
  await runBatch(client, [sql`select cms_beat(${scheduler})`]);
}

/** The lag of every scheduler and queue, over all tenants. An empty queue has none. */
export async function readLag(client: DatabaseClient): Promise<Lag> {
  const [schedulers, , events, consumers] = await runBatch(client, [
    sql`select name, extract(epoch from now() - at)::int from cms_heartbeats() order by name`,
    sql`select set_config('app.sweep', 'on', true)`,
    sql`select 'events', coalesce(extract(epoch from now() - min(created_at)), 0)::int from outbox
      where done_at is null`,
    sql`select known.name, coalesce(extract(epoch from now() - min(done_at)), 0)::int
      from (values ('webhooks'), ('realtime'), ('emails')) known(name)
      left join (select done_at, unnest(waiting) as name from outbox where waiting <> '{}') pending
      on pending.name = known.name group by 1 order by 1`,
  ]);
  const asRecord = (rows: unknown[][]) => Object.fromEntries(rows) as Record<string, number>;
  return { schedulers: asRecord(schedulers!), queues: asRecord([...events!, ...consumers!]) };
}

/** Records in the tenant's audit log that its events of a queue are late; once an hour for each queue. */
export async function noteLate(
  { db, tenantId, requestId }: Pick<Context, "db" | "tenantId" | "requestId">,
  queue: string,
  seconds: number,
): Promise<void> {
  const subject = `queue:${queue}`;
  await db.run([
    sql`insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject, request_id, meta)
      select ${tenantId}::uuid, null, 'system', 'maintenance', 'events.late', ${subject}, ${requestId},
        jsonb_build_object('seconds', ${seconds}::int)
      where not exists (select 1 from (select action, subject, at from audit_log
          where tenant_id = ${tenantId}::uuid order by id desc limit 1000) recent
        where action = 'events.late' and subject = ${subject} and at > now() - interval '1 hour')`,
  ]);
}
