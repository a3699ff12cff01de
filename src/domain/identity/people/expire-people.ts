import { sql } from "drizzle-orm";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";

/**
 * Takes away what can be used no more: sessions a month after their end, one-time tokens after a day,
 * old counters.
 */
export async function expirePeople(client: DatabaseClient): Promise<void> {
  await runBatch(client, [
    sql`delete from sessions where expires_at < now() - interval '30 days'
      or revoked_at < now() - interval '30 days'`,
    sql`delete from one_time_tokens where expires_at < now() - interval '1 day'`,
    sql`delete from throttles where ends_at < now() - interval '1 day'`,
  ]);
}
