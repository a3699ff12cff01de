import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";

/**
 * A table of `entry_id` and `rank`: the entries of a type that match `q`. Typo tolerance uses the words
 * of all entries, so it is off (`isPlain`) for callers who may not read them all.
 */
export function searchHits(
  ctx: Context,
  wanted: { type: string; perspective: "published" | "draft"; locale: string; q: string; isPlain: boolean },
): SQL {
  const perspective = sql.raw(wanted.perspective === "draft" ? "0::smallint" : "1::smallint");
  const search = sql.raw(wanted.isPlain ? "cms_search_plain" : "cms_search");
  return sql`${search}(${ctx.environmentId}::uuid, ${wanted.type}, ${perspective}, ${wanted.locale},
    ${wanted.q})`;
}
