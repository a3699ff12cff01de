import { sql } from "drizzle-orm";
import { connect, runBatch } from "../../src/db/client.ts";

const LOOK_EVERY_MS = 50;

/** Waits until nothing of what the tenant wrote is left to be delivered, indexed or rebuilt. */
export async function drained(ownerUrl: string, tenantId: string): Promise<void> {
  const client = connect(ownerUrl);
  const isWaiting = async () => {
    const [, rows] = await runBatch(client, [
      sql`select set_config('app.tenant_id', ${tenantId}, true)`,
      sql`select exists (select 1 from outbox where tenant_id = ${tenantId}::uuid and done_at is null)
        or exists (select 1 from rebuilds where tenant_id = ${tenantId}::uuid)`,
    ]);
    return rows![0]![0] as boolean;
  };
  while (await isWaiting()) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
