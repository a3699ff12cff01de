import { sql } from "drizzle-orm";
import type { Row } from "../../../core/context.ts";
import { AppError, invalid, notFound } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import { requireHeldRoles, requireKnownRoles, unknownRolesCte } from "../../tenant/access/index.ts";
import { record } from "../../tenant/events/index.ts";
import {
  countAttempt,
  countedRows,
  emailCounters,
  invitationEmail,
  isOver,
  noneOver,
  requireHome,
  secondsLeft,
  sendLater,
} from "../people/index.ts";
import type { Invitation, NewInvitation } from "./schemas.ts";
import { textArray } from "../../../db/text-array.ts";

const DAYS = 7;
/** How often a tenant may invite one address in a day. */
const INVITATIONS_PER_DAY = 5;

const COLUMNS = sql.raw(
  "saved.id, saved.email, to_jsonb(saved.roles), cms_iso(saved.created_at), saved.created_by, cms_iso(saved.expires_at)",
);
const IS_OPEN = sql.raw("saved.accepted_at is null and saved.revoked_at is null");

/**
 * Invites somebody by email; a new invitation takes the place of an open one. Throws CONFLICT for who
 * is a member already, RATE_LIMITED `identity/too-many-emails`.
 */
export async function createInvitation(
  ctx: IdentityContext,
  input: { invitation: NewInvitation },
): Promise<Invitation> {
  requireHome(ctx.site);
  const { email, roles } = input.invitation;
  requireHeldRoles(ctx, roles);
  const token = newTokenSecret();
  const id = newId("inv", ctx.now().getTime());
  const mine = sql`tenant_id = ${ctx.tenantId}::uuid`;
  const counters = [
    ...emailCounters(ctx, { to: email, kind: "invitation" }),
    { key: `invitation:${ctx.tenantId}:${email}`, limit: INVITATIONS_PER_DAY, minutes: 24 * 60 },
  ];
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)} select ${countedRows}`,
    sql`with ${unknownRolesCte(ctx, roles)} update invitations set revoked_at = now() where ${mine}
      and email = ${email} and accepted_at is null and revoked_at is null
      and (select list from unknown_roles) is null
      and not exists (select 1 from members where ${mine} and email = ${email})
      and ${noneOver(counters, sql`throttles`)}`,
    sql`with ${unknownRolesCte(ctx, roles)}, saved
      as (insert into invitations (tenant_id, id, email, roles, token_hash, created_by, expires_at)
        select ${ctx.tenantId}::uuid, ${id}, ${email}, ${textArray(roles)}, ${await hashSecret(token)},
          ${ctx.actor.id}, now() + make_interval(days => ${DAYS}::int)
        from unknown_roles where unknown_roles.list is null
        and not exists (select 1 from members where ${mine} and email = ${email})
          and ${noneOver(counters, sql`throttles`)} returning *),
      ${record(ctx, {
        event: "invitation.created",
        from: sql`saved`,
        subject: sql`'invitation:' || saved.id`,
        payload: sql`jsonb_build_object('id', saved.id)`,
        meta: sql`jsonb_build_object('roles', saved.roles)`,
        personal: { data: sql`jsonb_build_object('email', saved.email)` },
      })}
      select unknown_roles.list, (select id::text from event_row), (select name from members where ${mine}
      and person_id = ${ctx.actor.id}), ${COLUMNS}
      from unknown_roles left join saved on true`,
  ]);
  const [unknown, outboxId, inviter, ...row] = results[2]![0]!;
  requireKnownRoles(unknown);
  const over = isOver(counters, results[0]![0]![0]);
  if (over.length > 0) throw tooManyEmails(secondsLeft(over));
  if (outboxId === null)
    throw new AppError("CONFLICT", "members/already-a-member", `${email} is a member already.`, {
      details: [{ path: "email", message: "is a member's" }],
    });
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  const from = (inviter as string | null) || ctx.site.tenantName;
  sendLater(ctx, invitationEmail(ctx.site, email, token, from), { isCounted: true });
  return present(row);
}

/** The invitations that wait for an answer, the newest first. */
export async function listInvitations(ctx: IdentityContext): Promise<Invitation[]> {
  const { rows } = await ctx.db.read(sql`select ${COLUMNS} from invitations saved
    where saved.tenant_id = ${ctx.tenantId}::uuid and ${IS_OPEN} and saved.expires_at > now()
    order by saved.id desc limit 1000`);
  return rows.map(present);
}

/** Takes an invitation back. */
export async function revokeInvitation(ctx: IdentityContext, input: { id: string }): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with saved as (update invitations saved set revoked_at = now()
      where saved.tenant_id = ${ctx.tenantId}::uuid and saved.id = ${input.id} and ${IS_OPEN}
      returning saved.*),
      ${record(ctx, {
        event: "invitation.revoked",
        from: sql`saved`,
        subject: sql`'invitation:' || saved.id`,
        payload: sql`jsonb_build_object('id', saved.id)`,
      })}
      select (select id::text from event_row) from saved`,
  ]);
  if (!results[0]![0]) throw notFound("members/no-such-invitation", "There is no such invitation.");
  ctx.outbox.poke(ctx.tenantId, [results[0]![0][0] as string]);
}

function present(row: Row): Invitation {
  const [id, email, roles, created_at, created_by, expires_at] = row;
  return { id, email, roles, created_at, created_by, expires_at } as Invitation;
}

const tooManyEmails = (seconds: number) =>
  new AppError(
    "RATE_LIMITED",
    "identity/too-many-emails",
    `Too many emails went to this address, or from here: invite again in ${Math.ceil(seconds / 60)} minutes.`,
    { headers: { "retry-after": String(seconds) } },
  );

/** The one refusal of links of invitations. */
export const invitationExpired = () =>
  invalid(
    "members/invitation-expired",
    "This invitation was used, revoked or has expired: ask for a new one.",
    [],
    400,
  );
