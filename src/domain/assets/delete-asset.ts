import { sql } from "drizzle-orm";
import * as z from "zod";
import type { Context } from "../../core/context.ts";
import { AppError, notFound } from "../../core/errors.ts";
import { seesEverything } from "../../core/grants.ts";
import { requirePermission } from "../../core/permissions.ts";
import { preconditionFailed, type Precondition } from "../../core/preconditions.ts";
import { versionMeets } from "../../db/precondition-sql.ts";
import { inEnvironment } from "../../db/in-environment.ts";
import { record } from "../events/index.ts";

export const DeleteAssetQuery = z.strictObject({
  force: z.enum(["true", "false"]).optional(),
  environment: z.string().optional(),
});

type Use = { entry: string; type: string; field: string };

/**
 * Deletes an asset. Throws CONFLICT `assets/referenced` with the entries that show it, unless `isForced`: they then say
 * that it is unavailable. Its bytes stay in the bucket, where another asset may have the same.
 */
export async function deleteAsset(
  ctx: Context,
  input: { id: string; isForced: boolean; precondition?: Precondition | undefined },
): Promise<void> {
  requirePermission(ctx, "assets:write");
  const { results } = await ctx.db.run([
    sql`with before as (select version from assets asset where ${inEnvironment(ctx, "asset")} and asset.id = ${input.id}),
      used as (select jsonb_agg(jsonb_build_object('entry', found.entry_id, 'type', found.type, 'field', found.field)) as list
        from (select distinct ref.entry_id, ref.type, ref.field from entry_refs ref
          where ${inEnvironment(ctx, "ref")} and ref.target_id = ${input.id} order by ref.entry_id, ref.field limit 50) found),
      saved as (delete from assets asset using used where ${inEnvironment(ctx, "asset")} and asset.id = ${input.id}
        and (${input.isForced}::boolean or used.list is null) and ${versionMeets(input.precondition, sql`asset.version`)} returning asset.*),
      ${record(ctx, { event: "asset.deleted", from: sql`saved`, subject: sql`'asset:' || saved.id`, payload: sql`jsonb_build_object('id', saved.id)` })}
      select (select version from before), (select list from used), (select id::text from event_row)`,
  ]);
  const [version, used, outboxId] = results[0]![0]! as [number | null, Use[] | null, string | null];
  if (version === null) throw notFound("assets/not-found", `There is no asset "${input.id.slice(0, 64)}".`);
  if (outboxId === null && (input.isForced || used === null)) throw preconditionFailed(version);
  if (outboxId === null)
    throw new AppError(
      "CONFLICT",
      "assets/referenced",
      `Entries show the asset ${input.id}: change them first, or delete it with force=true.`,
      {
        // Which ones is told only to who may see them all.
        details: (seesEverything(ctx.actor.grants) ? (used ?? []) : []).map(({ entry, type, field }) => ({
          path: field,
          message: `of the ${type} ${entry}`,
          entry,
          type,
        })),
      },
    );
  ctx.outbox.poke(ctx.tenantId, [outboxId]);
}
