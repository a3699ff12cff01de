import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import type { EventName } from "../../../core/events.ts";

/** Outbox rows must name an environment; what concerns people is in none. */
const NO_ENVIRONMENT = sql`'00000000-0000-0000-0000-000000000000'::uuid`;

/**
 * The first statement of a batch: from here on the batch sees the person's memberships in all tenants,
 * to notify them. `person` is an expression for the id; null for nobody.
 */
export function asPerson(person: SQL, before: SQL = sql``): SQL {
  return sql`${before} select set_config('app.person_id', coalesce(${person}, ''), true)`;
}

/**
 * Two CTEs, `event_row` and `audit_row`, that notify every tenant of the person of `asPerson`: one of
 * each per row of `from`, an earlier CTE. The event names the person.
 */
export function recordPerson(
  ctx: Context,
  change: { event: EventName; from: SQL; person: SQL; payload?: SQL; meta?: SQL },
): SQL {
  return sql`event_row as (
    insert into outbox (tenant_id, environment_id, event, payload)
    select member.tenant_id, ${NO_ENVIRONMENT}, ${change.event},
      jsonb_build_object('id', ${change.person}) || ${change.payload ?? sql`'{}'::jsonb`}
    from ${change.from} join members member on member.person_id = ${change.person} returning tenant_id, id
  ), ${auditPerson(ctx, change)}`;
}

/**
 * Only the CTE `audit_row` (or another `name`), for records without an event; with the caller's IP
 * address.
 */
export function auditPerson(
  ctx: Context,
  change: { event: string; from: SQL; person: SQL; meta?: SQL },
  name = "audit_row",
): SQL {
  return sql`${sql.raw(name)} as (
    insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject, request_id,
      meta)
    select member.tenant_id, null, 'person', ${change.person}, ${change.event},
      'person:' || ${change.person}, ${ctx.requestId},
      ${change.meta ?? sql`'{}'::jsonb`}
    from ${change.from} join members member on member.person_id =
      ${change.person}${ctx.ip ? sql` returning tenant_id, id, subject` : sql``}
  )${addressCte(ctx, name)}`;
}

/** The CTE that stores the caller's IP address with the records of `name`, whose subject is the caller. */
export const addressCte = (ctx: Context, name = "audit_row"): SQL =>
  ctx.ip
    ? sql`, ${sql.raw(name)}_address as (insert into audit_private (tenant_id, audit_id, about, data)
    select tenant_id, id, subject, jsonb_build_object('address', ${ctx.ip}::text) from ${sql.raw(name)})`
    : sql``;

/** The select-list entry that names the outbox rows written by `recordPerson`: `[[tenant, id], …]`. */
export const eventRows = sql`(select coalesce(jsonb_agg(jsonb_build_array(tenant_id::text, id::text)), '[]') from event_row)`;

/** Pokes the rows that `eventRows` named. */
export function pokeAll(ctx: Context, rows: unknown): void {
  for (const [tenantId, id] of (rows ?? []) as [string, string][]) ctx.outbox.poke(tenantId, [id]);
}
