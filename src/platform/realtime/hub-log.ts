import type { CommittedEvent, LiveEvent } from "../../core/live.ts";
import { LOG_EVENTS, LOG_MS } from "./limits.ts";

/** A place in the log of a hub: `epoch` tells one log from another that was begun anew. */
export type Head = { epoch: string; seq: number };

const TABLES = `
  create table if not exists log (seq integer primary key autoincrement, outbox_id text not null unique,
    event text not null, at integer not null);
  create table if not exists shards (name text primary key, told integer not null);
  create table if not exists facts (name text primary key, value text not null);
`;

/** Makes the tables that are not there yet. */
export function openLog(sql: SqlStorage): void {
  sql.exec(TABLES);
  const epoch = crypto.randomUUID().slice(0, 8);
  sql.exec("insert into facts (name, value) values ('epoch', ?) on conflict do nothing", epoch);
}

/** Where the log ends. */
export function headOf(sql: SqlStorage): Head {
  const { value } = sql.exec<{ value: string }>("select value from facts where name = 'epoch'").one();
  const [last] = sql.exec<{ seq: number }>("select seq from sqlite_sequence where name = 'log'").toArray();
  return { epoch: value, seq: last?.seq ?? 0 };
}

/** Keeps events that are not there yet, and lets go of the oldest; answers whether any was new. */
export function appendEvents(sql: SqlStorage, events: readonly CommittedEvent[], now: number): boolean {
  const before = headOf(sql).seq;
  // A conflict would use up a number, and numbers without an event are taken for a gap.
  for (const event of events)
    sql.exec(
      `insert into log (outbox_id, event, at) select ?1, ?2, ?3
        where not exists (select 1 from log where outbox_id = ?1)`,
      event.id,
      JSON.stringify(event),
      now,
    );
  const after = headOf(sql).seq;
  sql.exec("delete from log where seq <= ? or at < ?", after - LOG_EVENTS, now - LOG_MS);
  return after > before;
}

/** Events after a place, the oldest first; `isGap` when some of them are not kept any more. */
export function eventsAfter(
  sql: SqlStorage,
  seq: number,
  limit: number,
): { events: LiveEvent[]; last: number; isGap: boolean } {
  const { epoch, seq: head } = headOf(sql);
  const rows = sql
    .exec<{ seq: number; event: string }>(
      "select seq, event from log where seq > ? order by seq limit ?",
      seq,
      limit,
    )
    .toArray();
  const events = rows.map((row) => ({
    ...(JSON.parse(row.event) as CommittedEvent),
    since: formatSince({ epoch, seq: row.seq }),
  }));
  const isGap = rows.length === 0 ? seq < head : rows[0]!.seq > seq + 1;
  return { events, last: rows.at(-1)?.seq ?? Math.max(seq, head), isGap };
}

export const formatSince = ({ epoch, seq }: Head): string => `${epoch}.${seq}`;

/** The place that `since` names; undefined when it is none. */
export function parseSince(since: string): Head | undefined {
  const [, epoch, seq] = /^([0-9a-f]{8})\.(\d{1,15})$/.exec(since) ?? [];
  return epoch === undefined ? undefined : { epoch, seq: Number(seq) };
}
