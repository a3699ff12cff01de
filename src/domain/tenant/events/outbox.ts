import { sql, type SQL } from "drizzle-orm";
import type { Context, Row, TenantDatabase } from "../../../core/context.ts";
import type { EventName } from "../../../core/events.ts";
import { personalCte } from "./record.ts";

/** One event as its consumers see it. `id` is what makes a consumer idempotent. */
export type OutboxEvent = {
  id: string;
  environmentId: string;
  event: EventName;
  payload: Record<string, unknown>;
  /** When it was committed, ISO 8601. */
  at: string;
  /** The number of delivery attempts so far. */
  attempts: number;
};

/** The Workers that act upon events once MAINTENANCE has handled them; each has a queue of its own. */
export type Consumer = "webhooks" | "realtime" | "emails";

/** An event that could not be handled; one that never will be is given up at once. */
export type Undelivered = { event: OutboxEvent; reason: string; isPermanent: boolean };

/** A row of this age has been attempted before. */
export const BEGUN_BEFORE = sql.raw("interval '10 seconds'");
export const MAX_ATTEMPTS = 5;
const DELIVERED_KEPT = sql.raw("interval '7 days'");
const FAILED_KEPT = sql.raw("interval '90 days'");
const AT_ONCE = sql.raw("5000");

/**
 * Reads the pending rows among `ids`, passes them to `deliver`, and marks them done, except those it
 * returns: these are retried up to five times and then become `event.dead_lettered` in the audit log. A
 * crash in between delivers again: `deliver` must be idempotent. `interest`, an expression over a row of
 * the outbox, says which consumers it is for (`text[]`): their names stay with the row until each has
 * confirmed it. Returns the ids that wait for each of them.
 */
export async function deliverOutbox(
  { db, tenantId }: Pick<Context, "db" | "tenantId">,
  ids: readonly string[],
  deliver: (events: OutboxEvent[]) => Promise<Undelivered[]>,
  interest: SQL,
): Promise<Map<Consumer, string[]>> {
  const { results } = await db.run([
    sql`update outbox set attempts = least(attempts + 1, 1000) where tenant_id = ${tenantId}::uuid
      and id in ${idsIn(ids)} and done_at is null and created_at < now() - ${BEGUN_BEFORE}`,
    sql`select ${EVENT_COLUMNS}, attempts from outbox
      where tenant_id = ${tenantId}::uuid and id in ${idsIn(ids)} and done_at is null order by id`,
  ]);
  const events = results[1]!.map(toEvent);
  if (events.length === 0) return new Map();
  const failed = await deliver(events);
  const waiting = new Set(failed.map(({ event }) => event.id));
  const done = events.filter(({ id }) => !waiting.has(id)).map(({ id }) => id);
  const dead = failed.filter(({ event, isPermanent }) => isPermanent || event.attempts >= MAX_ATTEMPTS);
  const marked = await db.run([
    ...(dead.length > 0 ? [giveUp(tenantId, dead)] : []),
    sql`update outbox set done_at = now(), waiting = ${interest} where tenant_id = ${tenantId}::uuid
      and id in ${idsIn([...done, ...dead.map(({ event }) => event.id)])}
      and (done_at is null or failure is not null and done_at = now())
      returning id::text, to_jsonb(waiting)`,
  ]);
  return byConsumer(marked.results.at(-1)!);
}

/** The ids of rows `[id, consumers]` by the consumers that they wait for. */
export function byConsumer(rows: readonly Row[]): Map<Consumer, string[]> {
  const waiting = new Map<Consumer, string[]>();
  for (const [id, consumers] of rows as [string, Consumer[]][])
    for (const consumer of consumers) waiting.set(consumer, [...(waiting.get(consumer) ?? []), id]);
  return waiting;
}

/** A sub-select of outbox ids. */
export const idsIn = (ids: readonly string[]): SQL =>
  sql`(select value::bigint from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb))`;

function giveUp(tenantId: string, dead: Undelivered[]): SQL {
  return deadLetter(
    tenantId,
    "maintenance",
    dead,
    sql`done_at = now(), failure = given.reason`,
    sql`done_at is null`,
  );
}

/** Gives up events for whoever handled them: `set` and `still` are of their rows; each becomes an audit record. */
export function deadLetter(
  tenantId: string,
  actor: "maintenance" | Consumer,
  dead: readonly Undelivered[],
  set: SQL,
  still: SQL,
): SQL {
  const given = JSON.stringify(dead.map(({ event, reason }) => ({ id: event.id, reason })));
  return sql`with dead as (update outbox set ${set}
        from jsonb_to_recordset(${given}::jsonb) given(id bigint, reason text)
        where outbox.tenant_id = ${tenantId}::uuid and outbox.id = given.id and ${still}
        returning outbox.*),
    audit_row as (insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject,
      request_id, meta)
      select ${tenantId}::uuid, environment_id, 'system', ${actor}::text, 'event.dead_lettered',
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
 * Takes away the tenant's events a week after they were delivered, 90 days after they were given up:
 * 5,000 at most.
 */
export async function expireEvents(db: TenantDatabase, tenantId: string): Promise<void> {
  await db.run([
    sql`delete from outbox where tenant_id = ${tenantId}::uuid
      and id in (select id from outbox where tenant_id = ${tenantId}::uuid
      and waiting = '{}' and done_at < now() - case when failure is null then ${DELIVERED_KEPT} else ${FAILED_KEPT} end
      limit ${AT_ONCE})`,
  ]);
}

/** The columns that `toEvent` reads; the number of attempts comes after them. */
export const EVENT_COLUMNS = sql`id::text, environment_id::text, event, payload, cms_iso(created_at)`;

export function toEvent([id, environmentId, event, payload, at, attempts]: Row): OutboxEvent {
  return {
    id: id as string,
    environmentId: environmentId as string,
    event: event as EventName,
    payload: typeof payload === "object" && payload !== null ? (payload as Record<string, unknown>) : {},
    at: at as string,
    attempts: attempts as number,
  };
}
