import { sql } from "drizzle-orm";
import type { Context } from "../../core/context.ts";
import { requirePermission } from "../../core/permissions.ts";
import { noSuchEntry } from "./save-entry.ts";
import { inEnvironment } from "./side-rows.ts";

/** Every save of an entry, newest first: its version, who made it, when, and the data as stored. */
export async function listVersions(
  ctx: Context,
  input: { type: string; id: string; limit: number; before?: number | undefined },
) {
  requirePermission(ctx, "content:read-draft");
  const { rows } = await ctx.db.read(sql`
    select version, created_by, cms_iso(created_at), data from entry_versions kept
    where ${inEnvironment(ctx, "kept")} and kept.entry_id = ${input.id} and kept.type = ${input.type}
      and (${input.before ?? null}::int is null or version < ${input.before ?? null}::int)
    order by version desc limit ${input.limit}::int`);
  if (rows.length === 0 && input.before === undefined) throw noSuchEntry(input.type, input.id);
  return rows.map(([version, createdBy, createdAt, data]) => ({
    version: version as number,
    created_by: createdBy as string,
    created_at: createdAt as string,
    data,
  }));
}
