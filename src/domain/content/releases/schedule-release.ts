import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { datetimeOf } from "../schedules/index.ts";
import { dryRunOf } from "./find-findings.ts";
import { noSuchRelease } from "./make-targets.ts";
import { notPublishable } from "./publish-release.ts";
import { notState, presentRelease, recordRelease, releaseColumns } from "./releases.ts";
import type { NewReleaseSchedule, Release } from "./schemas.ts";

const PAST_TOLERANCE_MS = 60_000;

/**
 * Plans to publish a release, in place of an earlier plan; it is carried out with the grants that the
 * actor has now. Throws FORBIDDEN when these do not let them publish each of its entries.
 */
export async function scheduleRelease(
  ctx: Context,
  { id, at, time_zone: zone }: NewReleaseSchedule & { id: string },
): Promise<Release> {
  requirePermission(ctx, "releases:publish");
  requirePermission(ctx, "content:publish");
  const dueAt = datetimeOf(at, zone);
  if (dueAt.getTime() < ctx.now().getTime() - PAST_TOLERANCE_MS)
    throw invalid("schedules/in-the-past", `${dueAt.toISOString()} is in the past.`, [
      { path: "at", message: "must be in the future" },
    ]);
  if (ctx.actor.grants !== undefined) {
    const { findings } = await dryRunOf(ctx, id);
    const refused = findings.filter(({ reason }) => reason === "access/not-granted");
    if (refused.length > 0) throw notPublishable(refused);
  }
  const plannedBy = ctx.actor.grants === undefined ? null : JSON.stringify(ctx.actor);
  const { results } = await ctx.db.run(
    [
      sql`with before as (select * from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id}),
      saved as (update releases release set state = 'scheduled', due_at = ${dueAt.toISOString()}::timestamptz,
          time_zone = ${zone}, planned_by = ${plannedBy}::jsonb, scheduled_by = ${ctx.actor.id}, claimed_at = null,
          failure = null, version = release.version + 1, updated_at = now(), updated_by = ${ctx.actor.id}
        where ${inEnvironment(ctx, "release")} and release.id = ${id} and release.state <> 'published'
          and exists (select 1 from release_items item where ${inEnvironment(ctx, "item")} and item.release_id = release.id)
        returning *),
      ${recordRelease(ctx, "release.scheduled", sql`jsonb_build_object('due_at', cms_iso(saved.due_at))`)}
      select (select id::text from event_row), ${releaseColumns(ctx)} from (select * from saved
        union all select * from before where not exists (select 1 from saved)) release`,
    ],
    { write: true },
  );
  const row = results[0]![0];
  if (!row) throw noSuchRelease(id);
  const release = presentRelease(row.slice(1));
  if (row[0] === null && release.items === 0)
    throw invalid("releases/empty", "The release has no entries.", [
      { path: "items", message: "must have some" },
    ]);
  if (row[0] === null) throw notState(release.state);
  ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
  return release;
}

/** Takes a plan back: the release is open again. CONFLICT when it is not scheduled. */
export async function cancelRelease(ctx: Context, { id }: { id: string }): Promise<Release> {
  requirePermission(ctx, "releases:publish");
  const { results } = await ctx.db.run(
    [
      sql`with before as (select * from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id}),
      saved as (update releases release set state = 'open', due_at = null, time_zone = null, planned_by = null,
          scheduled_by = null, claimed_at = null, version = release.version + 1, updated_at = now(), updated_by = ${ctx.actor.id}
        where ${inEnvironment(ctx, "release")} and release.id = ${id} and release.state = 'scheduled' returning *),
      ${recordRelease(ctx, "release.updated", sql`jsonb_build_object('cancelled', true)`)}
      select (select id::text from event_row), ${releaseColumns(ctx)} from (select * from saved
        union all select * from before where not exists (select 1 from saved)) release`,
    ],
    { write: true },
  );
  const row = results[0]![0];
  if (!row) throw noSuchRelease(id);
  if (row[0] === null)
    throw new AppError("CONFLICT", "releases/not-scheduled", "The release is not scheduled.");
  ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
  return presentRelease(row.slice(1));
}
