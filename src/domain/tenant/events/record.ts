import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import type { EventName } from "../../../core/events.ts";

/**
 * Two CTEs, `event_row` and `audit_row`, that write the outbox and audit rows of a change into the
 * statement that makes it: one of each per row of `from`, an earlier CTE. `subject`, `payload` and
 * `environment` (by default the request's) are expressions over it. `meta` is kept as long as the
 * record: it says nothing personal, and nothing that somebody typed. Such goes into `personal`, which
 * can be taken away: `data` about a person (`person:<id>`), or the subject when no `about` is given.
 *
 * @example sql`with saved as (…), ${record(ctx, { event: "entry.created", from: sql`saved`, … })} select … from saved`
 */
export function record(
  ctx: Context,
  change: {
    event: EventName | SQL;
    from: SQL;
    subject: SQL;
    payload: SQL;
    meta?: SQL;
    personal?: { about?: SQL; data: SQL };
    environment?: SQL;
  },
): SQL {
  const environment = change.environment ?? sql`${ctx.environmentId}::uuid`;
  return sql`event_row as (
    insert into outbox (tenant_id, environment_id, event, payload)
    select ${ctx.tenantId}::uuid, ${environment}, ${change.event}, ${change.payload} from ${change.from}
    returning id
  ), audit_row as (
    insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject, request_id,
      meta)
    select ${ctx.tenantId}::uuid, ${environment}, ${ctx.actor.kind}, ${ctx.actor.id}, ${change.event},
           ${change.subject}, ${ctx.requestId}, ${change.meta ?? sql`'{}'::jsonb`}
             from ${change.from}${change.personal ? sql` returning id, subject` : sql``}
  )${change.personal ? sql`, ${personalCte(ctx, { ...change, ...change.personal })}` : sql``}`;
}

/**
 * The CTE `personal_row`: the personal half of the records that `audit_row` (with `id` and `subject`)
 * wrote of `from`.
 */
export const personalCte = (
  ctx: Pick<Context, "tenantId">,
  { from, subject, about = subject, data }: { from: SQL; subject: SQL; about?: SQL; data: SQL },
): SQL => sql`personal_row as (
    insert into audit_private (tenant_id, audit_id, about, data)
    select ${ctx.tenantId}::uuid, noted.audit_id, ${about}, ${data}
    from ${from} join (select id as audit_id, subject as noted_subject from audit_row) noted
      on noted.noted_subject = ${subject}
    on conflict do nothing
  )`;

/** The ids of all the events that the statements before it in the batch wrote. */
export const writtenEvents = (ctx: Context): SQL => sql`select id::text from outbox
  where tenant_id = ${ctx.tenantId}::uuid and attempts = 0 and done_at is null and created_at = now()`;

/** Says of the events that `writtenEvents` answered that they wait. */
export const pokeWritten = (ctx: Context, rows: readonly Row[]): void =>
  ctx.outbox.poke(
    ctx.tenantId,
    rows.map(([id]) => id as string),
  );
