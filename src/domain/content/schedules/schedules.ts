import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursors.ts";
import { AppError, invalid, notFound } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { grantedEntry, seenEntry } from "../entries/index.ts";
import { record } from "../../tenant/events/index.ts";
import { notGranted } from "../grants/index.ts";
import { datetimeOf } from "./datetime.ts";
import type { NewSchedule, Schedule, ScheduleQuery } from "./schemas.ts";

const MAX_PENDING = 10_000;
const PAST_TOLERANCE_MS = 60_000;
const COLUMNS = sql`schedule.id, schedule.entry_id, schedule.type, schedule.action,
  cms_iso(schedule.due_at), schedule.time_zone, schedule.locales,
  schedule.version, schedule.state, cms_iso(schedule.finished_at), schedule.failure,
    cms_iso(schedule.created_at), schedule.created_by`;

/** Plans to publish or unpublish an entry at a time to come. */
export async function createSchedule(ctx: Context, wanted: NewSchedule): Promise<Schedule> {
  const dueAt = datetimeOf(wanted.at, wanted.time_zone);
  if (dueAt.getTime() < ctx.now().getTime() - PAST_TOLERANCE_MS)
    throw invalid("schedules/in-the-past", `${dueAt.toISOString()} is in the past.`, [
      { path: "at", message: "must be in the future" },
    ]);
  const id = newId("sch", ctx.now().getTime());
  const [seen, granted] = await Promise.all([
    seenEntry(ctx, "entry"),
    grantedEntry(ctx, "entry", "content:publish", wanted.locales ?? [null]),
  ]);
  const isGranted =
    ctx.actor.grants === undefined
      ? sql`true`
      : sql`exists (select 1 from entries entry where ${inEnvironment(ctx, "entry")}
        and entry.id = ${wanted.id}${granted})`;
  const plannedBy = ctx.actor.grants === undefined ? null : JSON.stringify(ctx.actor);
  const { results } = await ctx.db.run(
    [
      sql`with entry as (select type from entries entry where entry.tenant_id = ${ctx.tenantId}::uuid
        and entry.environment_id = ${ctx.environmentId}::uuid and entry.id = ${wanted.id}${seen}),
      unknown as (select jsonb_agg(wanted.locale) as list
        from jsonb_array_elements_text(${JSON.stringify(wanted.locales ?? [])}::jsonb) wanted (locale),
          environments
        where environments.tenant_id = ${ctx.tenantId}::uuid and environments.id = ${ctx.environmentId}::uuid
          and not environments.locales @> jsonb_build_array(jsonb_build_object('code', wanted.locale))),
      waiting as (select count(*) as total from schedules schedule where ${inEnvironment(ctx, "schedule")}
        and schedule.state = 'pending'),
      saved as (insert into schedules as schedule (tenant_id, environment_id, id, entry_id, type, action,
        due_at, time_zone, locales, version, created_by, planned_by)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${id}, ${wanted.id}, entry.type,
          ${wanted.action}, ${dueAt.toISOString()}::timestamptz,
          ${wanted.time_zone}, ${wanted.locales ? JSON.stringify(wanted.locales) : null}::jsonb,
            ${wanted.version ?? null}::int, ${ctx.actor.id}, ${plannedBy}::jsonb
        from entry, unknown, waiting where ${isGranted} and unknown.list is null
        and waiting.total < ${MAX_PENDING} returning schedule.*),
      ${recordOf(ctx, "schedule.created")}
      select (select type from entry), (select list from unknown), (select id::text from event_row),
        not ${isGranted}, ${COLUMNS} from (select 1) one left join saved schedule on true`,
    ],
    { write: true },
  );
  const [type, unknown, outboxId, isRefused, ...columns] = results[0]![0]!;
  if (type === null) throw notFound("content/not-found", `There is no entry "${wanted.id}".`);
  if (unknown !== null)
    throw invalid("content/unknown-locale", `There is no locale "${(unknown as string[])[0]!}".`, [
      { path: "locales", message: "must be locales of this environment" },
    ]);
  if (outboxId === null && isRefused) throw notGranted("content:publish", `the entry ${wanted.id}`);
  if (outboxId === null)
    throw new AppError(
      "QUOTA_EXCEEDED",
      "schedules/too-many",
      `At most ${MAX_PENDING} schedules can be pending.`,
    );
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return present(columns);
}

/** Schedules in the order in which they are due. */
export async function listSchedules(
  ctx: Context,
  input: ScheduleQuery,
): Promise<{ data: Schedule[]; nextCursor: string | null }> {
  const after = input.cursor === undefined ? [null, null] : decodeCursor(input.cursor, "schedules", 2);
  const seen = await seenBy(ctx);
  const { rows } = await ctx.db.read(sql`select schedule.due_at::text, ${COLUMNS} from schedules schedule
      where ${inEnvironment(ctx, "schedule")}${seen}
    and (${input.state ?? null}::text is null or schedule.state = ${input.state ?? null}::text)
    and (${input.entry ?? null}::text is null or schedule.entry_id = ${input.entry ?? null}::text)
    and (${input.due_before ?? null}::timestamptz is null
      or schedule.due_at < ${input.due_before ?? null}::timestamptz)
    and (${after[1]}::text is null or (schedule.due_at, schedule.id) > (${after[0]}::timestamptz,
      ${after[1]}::text))
    order by schedule.due_at, schedule.id limit ${input.limit + 1}::int`);
  const shown = rows.slice(0, input.limit);
  const last = rows.length > input.limit ? shown.at(-1) : undefined;
  return {
    data: shown.map((row) => present(row.slice(1))),
    nextCursor: last ? encodeCursor("schedules", [last[0] as string, last[1] as string]) : null,
  };
}

/** Takes back a schedule that has not been carried out; CONFLICT when it was. */
export async function cancelSchedule(ctx: Context, input: { id: string }): Promise<Schedule> {
  const seen = await seenBy(ctx);
  const granted = ofEntries(ctx, await grantedEntry(ctx, "entry", "content:publish", [null]));
  const { results } = await ctx.db.run(
    [
      sql`with before as (select * from schedules schedule where ${inEnvironment(ctx, "schedule")}
        and schedule.id = ${input.id}${seen}),
      saved as (update schedules schedule set state = 'cancelled', finished_at = now()
        where ${inEnvironment(ctx, "schedule")} and schedule.id = ${input.id}
        and schedule.state = 'pending'${granted} returning schedule.*),
      ${recordOf(ctx, "schedule.cancelled")}
      select (select id::text from event_row), ${COLUMNS}
      from (select * from saved union all select * from before
      where not exists (select 1 from saved)) schedule`,
    ],
    { write: true },
  );
  const row = results[0]![0];
  if (!row) throw notFound("schedules/not-found", `There is no schedule "${input.id.slice(0, 64)}".`);
  const schedule = present(row.slice(1));
  if (row[0] === null && schedule.state === "pending")
    throw notGranted("content:publish", `the entry ${schedule.entry}`);
  if (row[0] === null)
    throw new AppError("CONFLICT", "schedules/not-pending", `The schedule is ${schedule.state} already.`);
  ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
  return schedule;
}

/** Takes away schedules that have been over for 90 days, in every environment of the tenant. */
export async function expireSchedules(ctx: Context): Promise<void> {
  requirePermission(ctx, "content:publish");
  await ctx.db.run([
    sql`delete from schedules where tenant_id = ${ctx.tenantId}::uuid and id in (select id from schedules
      where tenant_id = ${ctx.tenantId}::uuid and finished_at < now() - interval '90 days' limit 5000)`,
  ]);
}

/** ` and …` for schedules of entries that fulfil a condition over `entry`; nothing where there is none. */
function ofEntries(ctx: Context, condition: SQL): SQL {
  if (ctx.actor.grants === undefined) return sql``;
  return sql` and exists (select 1 from entries entry where ${inEnvironment(ctx, "entry")}
    and entry.id = schedule.entry_id${condition})`;
}

const seenBy = async (ctx: Context) => ofEntries(ctx, await seenEntry(ctx, "entry"));

function recordOf(ctx: Context, event: "schedule.created" | "schedule.cancelled") {
  return record(ctx, {
    event,
    from: sql`saved`,
    subject: sql`'schedule:' || saved.id`,
    payload: sql`jsonb_build_object('id', saved.id, 'entry', saved.entry_id)`,
    meta: sql`jsonb_build_object('action', saved.action, 'due_at', cms_iso(saved.due_at))`,
  });
}

function present(row: Row): Schedule {
  const names =
    "id entry type action due_at time_zone locales version state finished_at failure created_at created_by".split(
      " ",
    );
  return Object.fromEntries(names.map((name, i) => [name, row[i]])) as Schedule;
}
