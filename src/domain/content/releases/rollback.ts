import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { dryRunOf } from "./find-findings.ts";
import { clearStatements, noSuchRelease } from "./make-targets.ts";
import { publishRelease } from "./publish-release.ts";
import { notState, readRelease } from "./releases.ts";
import type { DryRun, NewRollback, Release } from "./schemas.ts";
import { itemOf, listedOf, ofRelease } from "./target-sql.ts";

type Rollback = NewRollback & { id: string };

/**
 * Publishes again what a release replaced, by a release that is its inverse: all of it or nothing.
 * Entries that were published or unpublished since by others are refused, unless `changed` says what
 * becomes of them.
 */
export async function rollBackRelease(ctx: Context, input: Rollback): Promise<Release> {
  requirePermission(ctx, "releases:publish");
  requirePermission(ctx, "content:publish");
  const inverse = await makeInverse(ctx, input);
  try {
    return await publishRelease(ctx, { id: inverse });
  } catch (error) {
    await forgetInverse(ctx, inverse);
    throw error;
  }
}

/** What would come of publishing a release, or of rolling back one that is published. */
export async function dryRunRelease(ctx: Context, input: Rollback): Promise<DryRun> {
  requirePermission(ctx, "releases:read");
  const { state } = await readRelease(ctx, input);
  if (state !== "published") return { of: "publish", ...(await dryRunOf(ctx, input.id)) };
  const inverse = await makeInverse(ctx, input);
  try {
    return { of: "rollback", ...(await dryRunOf(ctx, inverse)) };
  } finally {
    await forgetInverse(ctx, inverse);
  }
}

/** Makes the inverse of a published release, which nobody is told of before it is published. */
async function makeInverse(ctx: Context, { id, changed }: Rollback): Promise<string> {
  const inverse = newId("rel", ctx.now().getTime());
  const now = sql`jsonb_build_object('version', entry.published_version, 'locales', entry.published_locales)`;
  const isChanged = sql`jsonb_strip_nulls(${now}) <> jsonb_strip_nulls(item.after)`;
  const { results } = await ctx.db.run(
    [
      sql`with before as (select * from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id}),
      known as (select count(*) filter (where item.after is null) as lost from release_items item where ${ofRelease(ctx, id, "item")}),
      saved as (insert into releases (tenant_id, environment_id, id, name, allow_broken_references, inverse_of,
          created_by, updated_by)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${inverse}, left('Rollback of ' || name, 200), true, id,
          ${ctx.actor.id}, ${ctx.actor.id}
        from before, known where before.state = 'published' and known.lost = 0 returning *),
      items as (insert into release_items (tenant_id, environment_id, release_id, entry_id, type, action, restores,
          added_version, added_by)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, saved.id, item.entry_id, item.type,
          case when item.before is null then 'unpublish' else 'publish' end,
          jsonb_build_object('to', coalesce(item.before, '{}'), 'from', item.after, 'at', before.published_at,
            'overwrites', ${changed === "overwrite"}::boolean), coalesce(entry.version, 1), ${ctx.actor.id}
        from saved, before, ${listedOf(ctx, id)} ${itemOf(ctx, id)}
          left join lateral (select * from entries entry where ${inEnvironment(ctx, "entry")} and entry.id = item.entry_id
            offset 0) entry on true
        where jsonb_strip_nulls(item.after) <> jsonb_strip_nulls(coalesce(item.before, '{}') - '{data,published_at}'::text[])
          ${changed === "refuse" ? sql`` : sql`and entry.id is not null`}
          ${changed === "skip" ? sql`and not ${isChanged}` : sql``} returning 1)
      select (select state from before), (select lost from known), (select id from saved), (select count(*)::int from items)`,
    ],
    { write: true, isRead: true },
  );
  const [state, lost, made] = results[0]![0] as [Release["state"] | null, number, string | null];
  if (state === null) throw noSuchRelease(id);
  if (made !== null) return made;
  if (state === "published" && Number(lost) > 0)
    throw new AppError("CONFLICT", "releases/too-old", "What the release replaced is not kept any more.");
  throw state === "published" ? new Error("An inverse was not made.") : notState(state);
}

async function forgetInverse(ctx: Context, id: string): Promise<void> {
  await ctx.db.run(
    [
      sql`delete from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id}
        and release.state = 'open'`,
      ...clearStatements(ctx, id),
    ],
    { write: true, isRead: true },
  );
}
