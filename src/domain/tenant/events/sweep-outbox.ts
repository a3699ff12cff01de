import { sql, type SQL } from "drizzle-orm";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";
import type { Consumer } from "./outbox.ts";

/** What a sweep takes on of one tenant, and of all: so much is caught up within a minute. */
export const TENANT_SHARE = 2000;
const SWEEP_LIMIT = 20_000;

export type Swept = { tenantId: string; ids: string[]; oldestSeconds: number };

/**
 * Rows that have been pending for `olderThanSeconds`, grouped by tenant: those that did not reach the
 * queue. Each tenant has its share, and rows with fewer attempts come first, so that failing ones do not
 * block others.
 */
export async function sweepOutbox(client: DatabaseClient, olderThanSeconds: number): Promise<Swept[]> {
  const rows = await sweep(client, olderThanSeconds, {
    isPending: sql`done_at is null`,
    attempts: sql`attempts`,
    since: sql`created_at`,
  });
  return rows.map(([tenantId, ids, , seconds]) => swept(tenantId, ids, seconds));
}

/** Handled rows that consumers did not confirm for `olderThanSeconds`, by consumer. */
export async function sweepConsumers(
  client: DatabaseClient,
  olderThanSeconds: number,
): Promise<Map<Consumer, Swept[]>> {
  const rows = await sweep(client, olderThanSeconds, {
    isPending: sql`waiting <> '{}'`,
    attempts: sql`handed_on`,
    since: sql`done_at`,
  });
  const found = new Map<Consumer, Swept[]>();
  for (const [tenantId, , waiting, seconds] of rows) {
    const byName = Map.groupBy(
      (waiting as [string, Consumer[]][]).flatMap(([id, names]) => names.map((name) => ({ id, name }))),
      ({ name }) => name,
    );
    for (const [name, some] of byName) {
      const ids = some.map(({ id }) => id);
      found.set(name, [...(found.get(name) ?? []), swept(tenantId, ids, seconds)]);
    }
  }
  return found;
}

const swept = (tenantId: unknown, ids: unknown, seconds: unknown): Swept => ({
  tenantId: tenantId as string,
  ids: ids as string[],
  oldestSeconds: seconds as number,
});

async function sweep(
  client: DatabaseClient,
  olderThanSeconds: number,
  { isPending, attempts, since }: { isPending: SQL; attempts: SQL; since: SQL },
) {
  const [, rows] = await runBatch(client, [
    sql`select set_config('app.sweep', 'on', true)`,
    sql`select tenant_id::text, jsonb_agg(id::text order by id), jsonb_agg(jsonb_build_array(id::text, waiting)),
          extract(epoch from now() - min(since))::int from (
          select pending.* from tenants cross join lateral (
            select share.*, row_number() over (order by attempts, since) as place from (
              select tenant_id, id, waiting, ${attempts} as attempts, ${since} as since from outbox
              where outbox.tenant_id = tenants.tenant_id and ${isPending}
                and ${since} < now() - make_interval(secs => ${olderThanSeconds}::int)
              order by ${attempts}, ${since} limit ${TENANT_SHARE}::int) share) pending
          order by pending.place, pending.attempts, pending.since limit ${SWEEP_LIMIT}::int) swept
          group by tenant_id`,
  ]);
  return rows!;
}
