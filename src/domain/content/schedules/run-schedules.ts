import { personalCte } from "../../tenant/events/index.ts";
import { sql } from "drizzle-orm";
import type { Actor, Context } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";
import { notify } from "../../tenant/notifications/index.ts";
import { publishEntry, unpublishEntry } from "../entries/index.ts";

/** The time after which a claim is considered abandoned. */
const CLAIM_SECONDS = 120;
const MAX_AT_ONCE = 200;

/** Environments of any tenant in which something is due. */
export async function sweepSchedules(
  client: DatabaseClient,
): Promise<{ tenantId: string; environmentId: string }[]> {
  const [, rows] = await runBatch(client, [
    sql`select set_config('app.sweep', 'on', true)`,
    sql`select distinct tenant_id::text, environment_id::text from schedules where due_at <= now()
      and (state = 'pending' or (state = 'running'
      and claimed_at < now() - make_interval(secs => ${CLAIM_SECONDS}::int)))`,
  ]);
  return rows!.map(([tenantId, environmentId]) => ({
    tenantId: tenantId as string,
    environmentId: environmentId as string,
  }));
}

type Due = {
  id: string;
  entry: string;
  action: "publish" | "unpublish";
  locales: string[] | null;
  version: number | null;
  person: string;
  plannedBy: Actor | null;
};

/**
 * Runs the due schedules of an environment, oldest first, each once even with several workers: a row is
 * claimed first, and publishing again changes nothing. Each runs with the grants of its creator at
 * scheduling time. A failure is reported to its creator. Returns the number of attempts.
 */
export async function runDueSchedules(
  ctx: Context,
  as: (person: string, plannedBy: Actor | null) => Context,
): Promise<number> {
  requirePermission(ctx, "content:publish");
  const { results } = await ctx.db.run([
    sql`update schedules schedule set state = 'running', claimed_at = now()
      where (schedule.tenant_id, schedule.environment_id, schedule.id) in (
        select tenant_id, environment_id, id from schedules due where due.tenant_id = ${ctx.tenantId}::uuid
        and due.environment_id = ${ctx.environmentId}::uuid
          and due.due_at <= now() and (due.state = 'pending' or (due.state = 'running'
          and due.claimed_at < now() - make_interval(secs => ${CLAIM_SECONDS}::int)))
        order by due.due_at limit ${sql.raw(String(MAX_AT_ONCE))} for update skip locked)
      returning schedule.id, schedule.entry_id, schedule.action, schedule.locales, schedule.version,
        schedule.created_by, schedule.due_at::text, schedule.planned_by`,
  ]);
  const due = results[0]!.toSorted((a, b) => String(a[6]).localeCompare(String(b[6])));
  for (const [id, entry, action, locales, version, person, , plannedBy] of due) {
    const one = { id, entry, action, locales, version, person, plannedBy } as Due;
    const failure = await carryOut(as(one.person, one.plannedBy), one);
    if (failure !== "later") await finish(ctx, one, failure);
  }
  return due.length;
}

/** Null when it was done, `later` when the database was not there, else why it cannot be done. */
async function carryOut(ctx: Context, due: Due): Promise<AppError | null | "later"> {
  const input = {
    id: due.entry,
    ...(due.locales ? { locales: due.locales } : {}),
    ...(due.version === null ? {} : { version: due.version }),
  };
  try {
    await (due.action === "publish"
      ? publishEntry(ctx, input)
      : unpublishEntry(ctx, { ...input, keepsSchedules: true }));
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "UNAVAILABLE" || error.code === "INTERNAL") return "later";
    return error.reason === "content/already-published" ? null : error;
  }
}

async function finish(ctx: Context, due: Due, failure: AppError | null): Promise<void> {
  const said = failure && { code: failure.code, reason: failure.reason, message: failure.message };
  const { results } = await ctx.db.run([
    sql`with saved as (update schedules schedule
      set state = ${failure ? "failed" : "done"}, finished_at = now(),
        failure = ${said && JSON.stringify(said)}::jsonb
        where schedule.tenant_id = ${ctx.tenantId}::uuid
        and schedule.environment_id = ${ctx.environmentId}::uuid and schedule.id = ${due.id}
        and schedule.state = 'running' returning *),
      failed as (select * from saved where state = 'failed'),
      ${notify(ctx, {
        kind: "schedule.failed",
        from: sql`failed`,
        persons: sql`select failed.created_by`,
        subject: sql`'entry:' || failed.entry_id`,
        payload: sql`jsonb_build_object('schedule', failed.id, 'action', failed.action, 'failure', failed.failure)`,
      })},
      event as (insert into outbox (tenant_id, environment_id, event, payload)
        select ${ctx.tenantId}::uuid, environment_id, 'schedule.failed',
          jsonb_build_object('id', id, 'entry', entry_id) from failed returning id),
      audit_row as (insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject,
        request_id, meta)
        select ${ctx.tenantId}::uuid, environment_id, ${ctx.actor.kind}, ${ctx.actor.id}, 'schedule.failed',
          'schedule:' || id, ${ctx.requestId}, failure - 'message' from failed returning id, subject),
      ${personalCte(ctx, {
        from: sql`failed`,
        subject: sql`'schedule:' || failed.id`,
        data: sql`jsonb_build_object('message', failed.failure -> 'message')`,
      })}
      select id::text from event`,
  ]);
  const outboxId = results[0]![0]?.[0];
  if (outboxId) ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}
