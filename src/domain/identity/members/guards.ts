import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { textArray } from "../../../db/text-array.ts";
import {
  heldRolesSql,
  holdsEverything,
  mayChangeOwners,
  moreThanYours,
  requireHeldRoles,
  requireOwner,
} from "../../tenant/access/index.ts";
import { OUTLIVES_TOKENS } from "../../tenant/tenants/index.ts";

/** Whether the actor may suspend or remove a member with these roles, including those of their teams. */
export function mayBarSql(ctx: Context, roles: SQL): SQL {
  if (ctx.actor.grants !== undefined) return heldRolesSql(ctx, roles);
  const above = holdsEverything(ctx) ? ["owner"] : ["owner", "admin"];
  return mayChangeOwners(ctx) ? sql`true` : sql`not ${roles} && ${textArray(above)}`;
}

/** Throws what keeps the actor from that, if it is the actor. */
export function requireStanding(ctx: Context, roles: readonly string[]): void {
  if (ctx.actor.grants !== undefined) return requireHeldRoles(ctx, roles);
  if (roles.includes("owner")) requireOwner(ctx);
  if (roles.includes("admin") && !holdsEverything(ctx)) throw moreThanYours("admin");
}

/**
 * A statement for the head of a batch: one change of the tenant's owners at a time, so that two
 * owners cannot each remove the other.
 */
export const lockOwners = (ctx: Context): SQL =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`owners:${ctx.tenantId}`}, 0))`;

/** Whether somebody other than this person is an owner and not suspended. */
export const hasOtherOwner = (ctx: Context, personId: string): SQL => sql`exists (select 1 from members other
  where other.tenant_id = ${ctx.tenantId}::uuid and other.person_id <> ${personId}
  and 'owner' = any (other.roles) and other.suspended_at is null)`;

export const lastOwner = () =>
  new AppError(
    "CONFLICT",
    "members/last-owner",
    "This is the last owner: make somebody else an owner first.",
  );

/**
 * The CTE `refused`: tokens issued to the persons of `from` (a CTE with `person_id`) until now are
 * rejected at the edge.
 */
export const refuseTokens = (ctx: Context, from: SQL): SQL => sql`refused as (
  insert into revocations (tenant_id, kind, id, expires_at)
    select ${ctx.tenantId}::uuid, 'person', person_id, now() + ${OUTLIVES_TOKENS} from ${from}
  on conflict (tenant_id, kind, id) do update set at = now(), expires_at = excluded.expires_at)`;

/** The CTE `withdrawn`: revokes pending invitations of an inviter who lost the permission. */
export const withdrawInvitations = (
  ctx: Context,
  from: SQL,
) => sql`withdrawn as (update invitations set revoked_at = now()
  where tenant_id = ${ctx.tenantId}::uuid and accepted_at is null and revoked_at is null
  and created_by in (select person_id from ${from}))`;
