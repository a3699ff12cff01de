import { sql } from "drizzle-orm";
import type { TenantDatabase } from "../core/context.ts";

/**
 * A database that reports the revocations of each committed write: the ids of their events by tenant.
 * The transaction itself collects them, so that no verb can forget to, or throw before.
 */
export function reportingDatabase(
  db: TenantDatabase,
  tell: (tenantId: string, outboxIds: string[]) => void,
): TenantDatabase {
  return {
    read: db.read.bind(db),
    asAfter: db.asAfter.bind(db),
    async run(statements, options) {
      if (options?.isRead === true || statements.length === 0) return db.run(statements, options);
      const { schemaVersion, results } = await db.run(
        [...statements, sql`select current_setting('app.told', true)`],
        options,
      );
      const told = (results.at(-1)![0]![0] as string | null) ?? "";
      for (const pair of told.split(" ").filter((one) => one !== "")) {
        const [tenantId, id] = pair.split(":");
        tell(tenantId!, [id!]);
      }
      return { schemaVersion, results: results.slice(0, -1) };
    },
  };
}
