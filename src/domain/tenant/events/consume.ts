import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { eachOrAll } from "./each-or-all.ts";
import {
  BEGUN_BEFORE,
  deadLetter,
  EVENT_COLUMNS,
  idsIn,
  MAX_ATTEMPTS,
  toEvent,
  type Consumer,
  type OutboxEvent,
} from "./outbox.ts";

const SERIALIZATION_FAILURE = "40001";

/**
 * Reads those of `ids` that wait for a consumer, and marks them confirmed in the one transaction in
 * which the statements run that `effect` returns for them: so each event takes effect once, however
 * often its message comes, and to however many at once. Where some fail together, each half is tried by itself; one that fails alone is handed on again up to five times
 * and then becomes `event.dead_lettered` in the audit log. Throws what is likely to pass.
 */
export async function consumeWaiting(
  { db, tenantId }: Pick<Context, "db" | "tenantId">,
  consumer: Consumer,
  ids: readonly string[],
  effect: (events: OutboxEvent[]) => Promise<SQL[]>,
): Promise<void> {
  const isMine = sql`tenant_id = ${tenantId}::uuid and ${consumer}::text = any (waiting)`;
  const { results } = await db.run([
    sql`update outbox set handed_on = least(handed_on + 1, 1000) where ${isMine} and id in ${idsIn(ids)}
      and done_at < now() - ${BEGUN_BEFORE}`,
    sql`select ${EVENT_COLUMNS}, handed_on from outbox where ${isMine} and id in ${idsIn(ids)} order by id`,
  ]);
  const events = results[1]!.map(toEvent);
  if (events.length === 0) return;
  const confirm = sql`waiting = array_remove(waiting, ${consumer}::text),
    notified_at = case when cardinality(array_remove(waiting, ${consumer}::text)) = 0 then now() end`;
  const failed = await eachOrAll(events, async (some) => {
    const statements = await effect(some);
    const marked = some.map(({ id }) => id);
    // Whoever comes second waits for the rows, finds none of them, and writes nothing.
    await db.run([
      sql`with confirmed as (update outbox set ${confirm} where ${isMine} and id in ${idsIn(marked)} returning 1)
        select cms_expect((select count(*) from confirmed) = ${marked.length}::int, ${SERIALIZATION_FAILURE}, '')`,
      ...statements,
    ]);
    return [];
  });
  const dead = failed.filter(({ event }) => event.attempts >= MAX_ATTEMPTS);
  if (dead.length === 0) return;
  const set = sql`${confirm}, failure = ${consumer}::text || ': ' || given.reason`;
  await db.run([deadLetter(tenantId, consumer, dead, set, sql`${consumer}::text = any (waiting)`)]);
}
