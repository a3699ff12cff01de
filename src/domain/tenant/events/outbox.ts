import { sql } from "drizzle-orm";
import type { Context, Row, TenantDatabase } from "../../../core/context.ts";
import type { EventName } from "../../../core/events.ts";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";
import { personalCte } from "./record.ts";

/** One event as its consumers see it. `id` is what makes a consumer idempotent. */
export type OutboxEvent = {
  id: string;
  environmentId: string;
  event: EventName;
  payload: Record<string, unknown>;
  /** The number of delivery attempts so far. */
  attempts: number;
};

/** An event that could not be handled; one that never will be is given up at once. */
export type Undelivered = { event: OutboxEvent; reason: string; isPermanent: boolean };

/** What a sweep takes on of one tenant, and of all. */
const TENANT_SHARE = 50;
const SWEEP_LIMIT = 500;
/** A row of this age has been attempted before. */
const BEGUN_BEFORE = sql.raw("interval '10 seconds'");
const MAX_ATTEMPTS = 5;
const DELIVERED_KEPT = sql.raw("interval '7 days'");
const FAILED_KEPT = sql.raw("interval '90 days'");
const AT_ONCE = sql.raw("5000");

/**
 * Reads the pending rows among `ids`, passes them to `deliver`, and marks them done, except those it
 * returns: these are retried up to five times and then become `event.dead_lettered` in the audit log. A
 * crash in between delivers again: `deliver` must be idempotent. Returns the number of delivered rows.
 */
export async function deliverOutbox(
  { db, tenantId }: Pick<Context, "db" | "tenantId">,
  ids: readonly string[],
  deliver: (events: OutboxEvent[]) => Promise<Undelivered[]>,
): Promise<number> {
  const wanted = sql`(select value::bigint from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;
  const { results } = await db.run([
    sql`update outbox set attempts = least(attempts + 1, 1000) where tenant_id = ${tenantId}::uuid
      and id in ${wanted} and done_at is null and created_at < now() - ${BEGUN_BEFORE}`,
    sql`select id::text, environment_id::text, event, payload, attempts from outbox
      where tenant_id = ${tenantId}::uuid and id in ${wanted} and done_at is null order by id`,
  ]);
  const events = results[1]!.map(toEvent);
  if (events.length === 0) return 0;
  const failed = await deliver(events);
  const waiting = new Set(failed.map(({ event }) => event.id));
  const done = events.filter(({ id }) => !waiting.has(id)).map(({ id }) => id);
  const dead = failed.filter(({ event, isPermanent }) => isPermanent || event.attempts >= MAX_ATTEMPTS);
  await db.run([
    sql`update outbox set done_at = now() where tenant_id = ${tenantId}::uuid
      and id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(done)}::jsonb))
      and done_at is null`,
    ...(dead.length > 0 ? [giveUp(tenantId, dead)] : []),
  ]);
  return done.length;
}

function giveUp(tenantId: string, dead: Undelivered[]) {
  const given = JSON.stringify(dead.map(({ event, reason }) => ({ id: event.id, reason })));
  return sql`with dead as (update outbox set done_at = now(), failure = given.reason
        from jsonb_to_recordset(${given}::jsonb) given(id bigint, reason text)
        where outbox.tenant_id = ${tenantId}::uuid and outbox.id = given.id and outbox.done_at is null
        returning outbox.*),
    audit_row as (insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject,
      request_id, meta)
      select ${tenantId}::uuid, environment_id, 'system', 'maintenance', 'event.dead_lettered',
        'event:' || id, 'event-' || id,
        jsonb_build_object('event', event, 'payload', payload) from dead returning id, subject),
    ${personalCte(
      { tenantId },
      {
        from: sql`dead`,
        subject: sql`'event:' || dead.id`,
        data: sql`jsonb_build_object('reason', dead.failure)`,
      },
    )} select 1`;
}

/**
 * Rows that have been pending for `olderThanSeconds`, grouped by tenant: those that did not reach the
 * queue. Each tenant has its share, and rows with fewer attempts come first, so that failing ones do not
 * block others.
 */
export async function sweepOutbox(
  client: DatabaseClient,
  olderThanSeconds: number,
): Promise<{ tenantId: string; ids: string[] }[]> {
  const [, rows] = await runBatch(client, [
    sql`select set_config('app.sweep', 'on', true)`,
    sql`select tenant_id::text, jsonb_agg(id::text order by id) from (
          select waiting.* from tenants cross join lateral (
            select share.*, row_number() over (order by attempts, created_at) as place from (
              select tenant_id, id, attempts, created_at from outbox
              where outbox.tenant_id = tenants.tenant_id and done_at is null
                and created_at < now() - make_interval(secs => ${olderThanSeconds}::int)
              order by attempts, created_at limit ${TENANT_SHARE}::int) share) waiting
          order by waiting.place, waiting.attempts, waiting.created_at limit ${SWEEP_LIMIT}::int) swept
          group by tenant_id`,
  ]);
  return rows!.map(([tenantId, ids]) => ({ tenantId: tenantId as string, ids: ids as string[] }));
}

/**
 * Takes away the tenant's events a week after they were delivered, 90 days after they were given up:
 * 5,000 at most.
 */
export async function expireEvents(db: TenantDatabase, tenantId: string): Promise<void> {
  await db.run([
    sql`delete from outbox where tenant_id = ${tenantId}::uuid
      and id in (select id from outbox where tenant_id = ${tenantId}::uuid
      and done_at < now() - case when failure is null then ${DELIVERED_KEPT} else ${FAILED_KEPT} end
      limit ${AT_ONCE})`,
  ]);
}

function toEvent([id, environmentId, event, payload, attempts]: Row): OutboxEvent {
  return {
    id: id as string,
    environmentId: environmentId as string,
    event: event as EventName,
    payload: typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>) : {},
    attempts: attempts as number,
  };
}
