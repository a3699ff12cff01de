import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../core/context.ts";

/** A table of `entry_id` and `rank`: the entries of a type in which the words of `q` occur. */
export function searchHits(
  ctx: Context,
  wanted: { type: string; perspective: "published" | "draft"; locale: string; q: string },
): SQL {
  const perspective = sql.raw(wanted.perspective === "draft" ? "0::smallint" : "1::smallint");
  return sql`cms_search(${ctx.environmentId}::uuid, ${wanted.type}, ${perspective}, ${wanted.locale}, ${wanted.q})`;
}
