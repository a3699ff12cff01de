import { sql } from "drizzle-orm";
import { runBatch, type DatabaseClient } from "./client.ts";

/**
 * Takes statistics of the tables that have grown to twice their size since theirs were taken, and so
 * has statements planned anew; answers their names. Quick when there is none.
 */
export async function analyzeGrown(client: DatabaseClient): Promise<string[]> {
  const [rows] = await runBatch(client, [sql`select to_json(cms_analyze_grown())`], "rebuild");
  return rows![0]![0] as string[];
}
