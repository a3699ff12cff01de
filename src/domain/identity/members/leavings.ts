import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { noSuchMember } from "./read-members.ts";
import type { Leavings } from "./schemas.ts";

const MOST = 1000;
const tokensOf = (
  ctx: Context,
  person: SQL,
): SQL => sql`token.tenant_id = ${ctx.tenantId}::uuid and token.created_by = ${person}
  and token.revoked_at is null and (token.expires_at is null or token.expires_at > now())`;
const schedulesOf = (ctx: Context, person: SQL): SQL =>
  sql`schedule.tenant_id = ${ctx.tenantId}::uuid and schedule.created_by = ${person}
    and schedule.state = 'pending'`;

/** A select of the tokens and the schedules of a person, at most a thousand of each. */
export const leavingsSql = (ctx: Context, person: SQL): SQL => sql`select
  (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'name', name, 'scopes', scopes, 'last_used_at',
    cms_iso(last_used_at)) order by id), '[]')
    from (select * from api_tokens token where ${tokensOf(ctx, person)} order by id
    limit ${MOST}::int) token),
  (select coalesce(jsonb_agg(jsonb_build_object('id', schedule.id, 'environment', environment.name, 'entry',
    schedule.entry_id, 'action', schedule.action, 'due_at', cms_iso(schedule.due_at))
      order by schedule.due_at, schedule.id), '[]')
    from (select * from schedules schedule where ${schedulesOf(ctx, person)} order by due_at, id
    limit ${MOST}::int) schedule
    join environments environment on environment.tenant_id = schedule.tenant_id
    and environment.id = schedule.environment_id)`;

/**
 * Statements that revoke what the person leaves behind, each with its event; none while they are still a
 * member.
 */
export function endLeavings(ctx: Context, person: SQL, kinds: readonly string[]): SQL[] {
  const isGone = sql`not exists (select 1 from members where tenant_id = ${ctx.tenantId}::uuid
    and person_id = ${person})`;
  const ended: Record<string, SQL> = {
    tokens: told(
      ctx,
      sql`update api_tokens token set revoked_at = now() where ${tokensOf(ctx, person)} and ${isGone}
        returning null::uuid as environment_id, id, '{}'::jsonb as more`,
      "token.revoked",
      "token",
    ),
    schedules: told(
      ctx,
      sql`update schedules schedule set state = 'cancelled', finished_at = now()
        where ${schedulesOf(ctx, person)} and ${isGone}
        returning environment_id, id, jsonb_build_object('entry', entry_id) as more`,
      "schedule.cancelled",
      "schedule",
    ),
  };
  return [...new Set(kinds)].map((kind) => ended[kind]!);
}

/** As `record` does it, for rows of several environments; answers the ids of the outbox rows. */
const told = (ctx: Context, ended: SQL, event: string, kind: string): SQL => sql`with ended as (${ended}),
  event_row as (insert into outbox (tenant_id, environment_id, event, payload)
    select ${ctx.tenantId}::uuid, coalesce(environment_id, ${ctx.environmentId}::uuid), ${event},
      jsonb_build_object('id', id) || more from ended returning id),
  audit_row as (insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject,
    request_id, meta)
    select ${ctx.tenantId}::uuid, environment_id, ${ctx.actor.kind}, ${ctx.actor.id}, ${event},
      ${kind} || ':' || id, ${ctx.requestId}, '{"because": "member.removed"}'::jsonb from ended)
  select coalesce(jsonb_agg(id::text), '[]') from event_row`;

/** What a member would leave. NOT_FOUND for who is none. */
export async function listLeavings(ctx: Context, input: { id: string }): Promise<Leavings> {
  const { results } = await ctx.db.run(
    [
      sql`select 1 from members where tenant_id = ${ctx.tenantId}::uuid and person_id = ${input.id}`,
      leavingsSql(ctx, sql`${input.id}`),
    ],
    { isRead: true },
  );
  if (!results[0]![0]) throw noSuchMember(input.id);
  const [tokens, schedules] = results[1]![0]!;
  return { tokens, schedules, revoked: [] } as Leavings;
}
