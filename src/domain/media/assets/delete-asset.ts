import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, notFound } from "../../../core/errors.ts";
import { seesEverything } from "../../../core/grants.ts";
import { preconditionFailed, type Precondition } from "../../../core/preconditions.ts";
import { versionMeets } from "../../../db/precondition-sql.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { record } from "../../tenant/events/index.ts";

type Use = { entry: string; type: string; field: string; trashed: boolean };

/**
 * Deletes an asset. Throws CONFLICT `assets/referenced` with the entries that show it, those in the
 * trash too, unless `isForced`: they then say that it is unavailable, and what is restored comes
 * without it. Its bytes stay in the bucket, where another asset may have the same.
 */
export async function deleteAsset(
  ctx: Context,
  input: { id: string; isForced: boolean; precondition?: Precondition | undefined },
): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with before as (select version from assets asset where ${inEnvironment(ctx, "asset")}
      and asset.id = ${input.id}),
      used as (select jsonb_agg(jsonb_build_object('entry', found.entry_id, 'type', found.type, 'field',
        found.field, 'trashed', found.trashed)) as list
        from (select distinct ref.entry_id, ref.type, ref.field, false as trashed from entry_refs ref
            where ${inEnvironment(ctx, "ref")} and ref.target_id = ${input.id}
          union all select trash.id, trash.type, field.key, true from trash, jsonb_each(trash.data) field
            where ${inEnvironment(ctx, "trash")} and strpos(trash.data::text, ${input.id}) > 0
              and jsonb_path_exists(field.value, '$.** ? (@ == $id)',
                ${JSON.stringify({ id: input.id })}::jsonb)
          order by trashed, entry_id, field limit 50) found),
      saved as (delete from assets asset using used where ${inEnvironment(ctx, "asset")}
        and asset.id = ${input.id}
        and (${input.isForced}::boolean or used.list is null)
        and ${versionMeets(input.precondition, sql`asset.version`)} returning asset.*),
      ${record(ctx, {
        event: "asset.deleted",
        from: sql`saved`,
        subject: sql`'asset:' || saved.id`,
        payload: sql`jsonb_build_object('id', saved.id)`,
      })}
      select (select version from before), (select list from used), (select id::text from event_row)`,
  ]);
  const [version, used, outboxId] = results[0]![0]! as [number | null, Use[] | null, string | null];
  if (version === null) throw notFound("assets/not-found", `There is no asset "${input.id.slice(0, 64)}".`);
  if (outboxId === null && (input.isForced || used === null)) throw preconditionFailed(version);
  if (outboxId === null)
    throw new AppError(
      "CONFLICT",
      "assets/referenced",
      `Entries use the asset ${input.id}: change them first, or delete it with force=true.`,
      {
        // Only callers who may read all entries see which ones.
        details: (seesEverything(ctx.actor.grants) ? (used ?? []) : []).map(
          ({ entry, type, field, trashed }) => ({
            path: field,
            message: `of the ${type} ${entry}${trashed ? " (in the trash)" : ""}`,
            entry,
            type,
            ...(trashed ? { perspective: "trash" } : {}),
          }),
        ),
      },
    );
  ctx.outbox.poke(ctx.tenantId, [outboxId]);
}
