import { sql } from "drizzle-orm";
import type { Actor, Context } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { record } from "../../tenant/events/index.ts";
import { notify } from "../../tenant/notifications/index.ts";
import { publishRelease } from "./publish-release.ts";

/** The time after which whoever took a release on is taken for dead. */
const CLAIM_SECONDS = 300;
const IS_DUE = sql.raw(`state = 'scheduled' and due_at <= now()
  and (claimed_at is null or claimed_at < now() - interval '${CLAIM_SECONDS} seconds')`);
const MAX_AT_ONCE = 20;
const STATES_KEPT = sql.raw("interval '365 days'");

/** Environments of any tenant in which a release is due. */
export async function sweepReleases(
  client: DatabaseClient,
): Promise<{ tenantId: string; environmentId: string }[]> {
  const [, rows] = await runBatch(client, [
    sql`select set_config('app.sweep', 'on', true)`,
    sql`select distinct tenant_id::text, environment_id::text from releases where ${IS_DUE}`,
  ]);
  return rows!.map(([tenantId, environmentId]) => ({
    tenantId: tenantId as string,
    environmentId: environmentId as string,
  }));
}

/**
 * Publishes the releases of an environment that are due, oldest first, each with the grants of who
 * scheduled it. Those that cannot be published have failed, and who scheduled them is told. Returns how
 * many were tried.
 */
export async function runDueReleases(
  ctx: Context,
  as: (person: string, plannedBy: Actor | null) => Context,
): Promise<number> {
  requirePermission(ctx, "releases:publish");
  const { results } = await ctx.db.run([
    sql`update releases release set claimed_at = now() where ${inEnvironment(ctx, "release")} and release.id in (
        select due.id from releases due where ${inEnvironment(ctx, "due")} and ${IS_DUE}
        order by due.due_at limit ${sql.raw(String(MAX_AT_ONCE))} for update skip locked)
      returning release.id, release.scheduled_by, release.planned_by, release.due_at::text`,
  ]);
  const due = results[0]!.toSorted((a, b) => String(a[3]).localeCompare(String(b[3])));
  for (const [id, person, plannedBy] of due as [string, string, Actor | null][]) {
    const failure = await carryOut(as(person, plannedBy), id);
    if (failure) await fail(ctx, id, failure);
  }
  return due.length;
}

/** Why it can never be published as it is; what passes is tried again later. */
async function carryOut(ctx: Context, id: string): Promise<AppError | undefined> {
  try {
    await publishRelease(ctx, { id, isDue: true });
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return error.code === "UNAVAILABLE" || error.code === "INTERNAL" ? undefined : error;
  }
}

async function fail(ctx: Context, id: string, { code, reason, message, details }: AppError): Promise<void> {
  const failure = JSON.stringify({ code, reason, message, details });
  const { results } = await ctx.db.run([
    sql`with saved as (update releases release set state = 'failed', failure = ${failure}::jsonb, claimed_at = null,
        planned_by = null, version = release.version + 1, updated_at = now(), updated_by = ${ctx.actor.id}
        where ${inEnvironment(ctx, "release")} and release.id = ${id} and release.state = 'scheduled'
        and release.due_at <= now() returning *),
      ${notify(ctx, {
        kind: "release.failed",
        from: sql`saved`,
        persons: sql`select saved.scheduled_by`,
        subject: sql`'release:' || saved.id`,
        payload: sql`jsonb_build_object('release', saved.id, 'name', saved.name, 'failure', saved.failure)`,
      })},
      ${record(ctx, {
        event: "release.failed",
        from: sql`saved`,
        subject: sql`'release:' || saved.id`,
        payload: sql`jsonb_build_object('id', saved.id)`,
        meta: sql`jsonb_build_object('code', saved.failure -> 'code', 'reason', saved.failure -> 'reason')`,
        personal: { data: sql`jsonb_build_object('message', saved.failure -> 'message')` },
      })}
      select id::text from event_row`,
  ]);
  const outboxId = results[0]![0]?.[0];
  if (outboxId) ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}

/** Takes away what releases replaced a year ago: they cannot be rolled back any more. */
export async function expireReleases(ctx: Context): Promise<void> {
  requirePermission(ctx, "releases:publish");
  await ctx.db.run([
    sql`update release_items item set before = null, after = null from releases release
      where item.tenant_id = ${ctx.tenantId}::uuid and release.tenant_id = ${ctx.tenantId}::uuid
        and release.environment_id = item.environment_id and release.id = item.release_id
        and release.published_at < now() - ${STATES_KEPT} and item.after is not null`,
  ]);
}
