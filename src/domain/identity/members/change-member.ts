import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { requirePermission } from "../../../core/permissions.ts";
import {
  heldRolesSql,
  requireHeldRoles,
  requireKnownRoles,
  unknownRolesCte,
} from "../../tenant/access/index.ts";
import { record } from "../../tenant/events/index.ts";
import {
  hasOtherOwner,
  lastOwner,
  lockOwners,
  mayBarSql,
  refuseTokens,
  requireStanding,
  withdrawInvitations,
} from "./guards.ts";
import { endLeavings, leavingsSql } from "./leavings.ts";
import { MEMBER_COLUMNS, noSuchMember, presentMember } from "./read-members.ts";
import type { Leavings, Member, MemberChange } from "./schemas.ts";
import { rolesArrayOf, rolesOf } from "../../tenant/tenants/index.ts";
import { textArray } from "../../../db/text-array.ts";

/**
 * Changes a member's roles, or keeps them out for a while. What they hold is refused at the edge
 * within ten seconds, and their next token has the new roles. Throws CONFLICT `members/last-owner`.
 */
export async function updateMember(
  ctx: Context,
  input: { id: string; change: MemberChange },
): Promise<Member> {
  const { change } = input;
  requireHeldRoles(ctx, change.roles ?? []);
  const roles = change.roles === undefined ? sql`member.roles` : textArray(change.roles);
  const suspended =
    change.suspended === undefined
      ? sql`member.suspended_at`
      : change.suspended
        ? sql`coalesce(member.suspended_at, now())`
        : sql`null`;
  const isIt = sql`member.tenant_id = ${ctx.tenantId}::uuid and member.person_id = ${input.id}`;
  const { results } = await ctx.db.run([
    lockOwners(ctx),
    sql`with ${unknownRolesCte(ctx, change.roles ?? [])}
      select to_jsonb(member.roles), unknown_roles.list, ${rolesOf(sql`member`)}
      from members member, unknown_roles where ${isIt}`,
    sql`with ${unknownRolesCte(ctx, change.roles ?? [])}, saved as (update members member
      set roles = ${roles}, suspended_at = ${suspended} where ${isIt}
        and (select list from unknown_roles) is null and ${mayBarSql(ctx, HELD)}
        and ${change.roles ? heldRolesSql(ctx, sql`member.roles`) : sql`true`}
        and (${hasOtherOwner(ctx, input.id)} or not 'owner' = any (member.roles)
          or ('owner' = any (${roles}) and (${suspended})::timestamptz is null)) returning member.*),
      ${refuseTokens(ctx, sql`saved`)},
      other as (select saved.person_id from saved join members before on before.tenant_id = saved.tenant_id
        and before.person_id = saved.person_id
        where before.roles <> saved.roles or saved.suspended_at is not null),
      ${withdrawInvitations(ctx, sql`other`)},
      ${record(ctx, {
        event: "member.updated",
        from: sql`saved`,
        subject: sql`'member:' || saved.person_id`,
        payload: sql`jsonb_build_object('id', saved.person_id)`,
        meta: sql`jsonb_build_object('roles', saved.roles, 'suspended', saved.suspended_at is not null)`,
      })}
      select (select id::text from event_row), ${MEMBER_COLUMNS} from saved member`,
  ]);
  const before = results[1]![0];
  if (!before) throw noSuchMember(input.id);
  requireKnownRoles(before[1]);
  const saved = results[2]![0];
  if (!saved) {
    requireStanding(ctx, before[2] as string[]);
    if (change.roles) requireHeldRoles(ctx, before[0] as string[]);
    throw lastOwner();
  }
  const [outboxId, ...row] = saved;
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return presentMember(row);
}

/**
 * Takes a person out of the tenant; their account stays theirs. Answers what they leave, of which
 * `revoke` names what ends too. Throws CONFLICT `members/last-owner`.
 */
export async function removeMember(
  ctx: Context,
  input: { id: string; revoke?: readonly string[] | undefined },
): Promise<Leavings> {
  const { revoke = [] } = input;
  if (revoke.includes("tokens")) requirePermission(ctx, "tokens:write");
  if (revoke.includes("schedules")) requirePermission(ctx, "content:publish");
  const person = sql`${input.id}::text`;
  const isIt = sql`member.tenant_id = ${ctx.tenantId}::uuid and member.person_id = ${input.id}`;
  const { results } = await ctx.db.run([
    lockOwners(ctx),
    sql`select ${rolesOf(sql`member`)} from members member where ${isIt}`,
    sql`with saved as (delete from members member where ${isIt} and ${mayBarSql(ctx, HELD)}
        and (not 'owner' = any (member.roles) or ${hasOtherOwner(ctx, input.id)}) returning member.*),
      grants as (update oauth_grants set revoked_at = now() where tenant_id = ${ctx.tenantId}::uuid
        and revoked_at is null and person_id in (select person_id from saved)),
      ${refuseTokens(ctx, sql`saved`)}, ${withdrawInvitations(ctx, sql`saved`)},
      ${record(ctx, {
        event: "member.removed",
        from: sql`saved`,
        subject: sql`'member:' || saved.person_id`,
        payload: sql`jsonb_build_object('id', saved.person_id)`,
        personal: {
          about: sql`'person:' || saved.person_id`,
          data: sql`jsonb_build_object('email', saved.email)`,
        },
      })}
      select (select id::text from event_row) from saved`,
    leavingsSql(ctx, person),
    ...endLeavings(ctx, person, revoke),
  ]);
  const before = results[1]![0];
  if (!before) throw noSuchMember(input.id);
  if (!results[2]![0]) {
    requireStanding(ctx, before[0] as string[]);
    throw lastOwner();
  }
  ctx.outbox.poke(ctx.tenantId, [
    results[2]![0][0] as string,
    ...results.slice(4).flatMap(([row]) => row![0] as string[]),
  ]);
  const [tokens, schedules] = results[3]![0]!;
  return { tokens, schedules, revoked: [...new Set(revoke)] } as Leavings;
}

/** The roles of the row `member`, with those of their teams. */
const HELD = rolesArrayOf(sql`member`);
