import { sql } from "drizzle-orm";
import { AppError } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret } from "../../../core/tokens.ts";
import { asPerson, auditPerson, eventRows, pokeAll, recordPerson } from "../../tenant/events/index.ts";
import {
  aliveCte,
  dropClaims,
  parsePersonName,
  requireGoodPassword,
  sessionCte,
  unprovedCte,
  type OpenedSession,
  type Person,
} from "../people/index.ts";
import { invitationExpired } from "./invitations.ts";

/** An invitation as its link shows it. */
export type OpenInvitation = { email: string; roles: string[]; hasAccount: boolean };

const isOpen = (
  ctx: IdentityContext,
  hash: string,
) => sql`invitation.tenant_id = ${ctx.tenantId}::uuid and invitation.token_hash = ${hash}
  and invitation.accepted_at is null and invitation.revoked_at is null and invitation.expires_at > now()
  and (left(invitation.created_by, 4) <> 'usr_' or exists (select 1 from members inviter
    where inviter.tenant_id = invitation.tenant_id and inviter.person_id = invitation.created_by
    and inviter.suspended_at is null))`;

/** What the link of an email invites to. Throws INVALID `members/invitation-expired`. */
export async function readInvitation(
  ctx: IdentityContext,
  input: { token: string },
): Promise<OpenInvitation> {
  const { rows } = await ctx.db.read(sql`select invitation.email, to_jsonb(invitation.roles),
      exists (select 1 from people where email = invitation.email)
    from invitations invitation where ${isOpen(ctx, await hashSecret(input.token))}`);
  if (!rows[0]) throw invitationExpired();
  const [email, roles, hasAccount] = rows[0];
  return { email, roles, hasAccount } as OpenInvitation;
}

/**
 * Joins as who is signed in; answers whether the email proved the address for the first time, which
 * takes away all that was set up before but this session. Throws FORBIDDEN `members/other-address`
 * when the invitation is for another address.
 */
export async function joinTenant(
  ctx: IdentityContext,
  person: Person,
  input: { token: string },
): Promise<{ isFirstProof: boolean }> {
  const invitation = await readInvitation(ctx, input);
  if (invitation.email !== person.email)
    throw new AppError(
      "FORBIDDEN",
      "members/other-address",
      `The invitation is for ${invitation.email}; you are signed in as ${person.email}.`,
    );
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with ${aliveCte(person.id)}, ${await acceptedCte(ctx, input.token, person.id, sql`exists (select 1 from alive)`)},
      joined as (insert into members (tenant_id, person_id, email, name, roles, source, created_by)
        select ${ctx.tenantId}::uuid, ${person.id}, accepted.email, ${person.name}, accepted.roles,
          'invitation', accepted.created_by from accepted
        on conflict (tenant_id, person_id) do nothing returning person_id),
      ${unprovedCte(sql`(select ${person.id}::text as person_id from accepted) invited`)},
      verified as (update people set email_verified_at = coalesce(email_verified_at, now()),
          password_hash = case when email_verified_at is null then null else password_hash end
        where id = ${person.id} and exists (select 1 from accepted)),
      ${dropClaims(ctx, person.session.id)},
      ${recordPerson(ctx, {
        event: "person.email_verified",
        from: sql`unproved`,
        person: sql`unproved.person_id`,
        meta: sql`'{"by": "invitation"}'::jsonb`,
      })}
      select (select count(*)::int from unproved), ${eventRows} from accepted`,
    auditJoin(ctx, person.id),
  ]);
  const row = results[1]![0];
  if (!row) throw invitationExpired();
  const isFirstProof = row[0] === 1;
  pokeAll(ctx, row[1]);
  return { isFirstProof };
}

/** Makes the account that an invitation is for, joins, and signs in. The email proved the address. */
export async function joinAsNewPerson(
  ctx: IdentityContext,
  input: { token: string; name: string; password: string },
): Promise<OpenedSession> {
  const invitation = await readInvitation(ctx, input);
  requireGoodPassword(input.password, invitation.email);
  const passwordHash = await ctx.passwords.hash(input.password);
  const id = newId("usr", ctx.now().getTime());
  const name = parsePersonName(input.name);
  const { cte, opened } = await sessionCte(ctx, { from: sql`joined`, amr: ["pwd"] });
  const { results } = await ctx.db.run([
    asPerson(sql`${id}::text`),
    sql`with ${await acceptedCte(ctx, input.token, id)},
      person as (insert into people (id, email, name, password_hash, password_changed_at, email_verified_at)
        select ${id}, accepted.email, ${name}, ${passwordHash}, now(), now() from accepted returning id),
      joined as (insert into members (tenant_id, person_id, email, name, roles, source, created_by)
        select ${ctx.tenantId}::uuid, person.id, accepted.email, ${name}, accepted.roles, 'invitation',
          accepted.created_by from accepted, person returning person_id),
      ${cte} select 1 from accepted`,
    auditJoin(ctx, id),
  ]);
  if (results[1]!.length === 0) throw invitationExpired();
  return opened;
}

/** The CTE `accepted`; the audit records of the invitation now belong to the person. */
const acceptedCte = async (
  ctx: IdentityContext,
  token: string,
  personId: string,
  when = sql`true`,
) => sql`accepted as (
  update invitations invitation set accepted_at = now() where ${isOpen(ctx, await hashSecret(token))}
    and ${when} returning invitation.*),
  known_now as (update audit_private set about = ${`person:${personId}`}
    where tenant_id = ${ctx.tenantId}::uuid
    and about in (select 'invitation:' || accepted.id from accepted))`;

/** In its own statement, since the membership must exist before the tenant is notified. */
const auditJoin = (ctx: IdentityContext, personId: string) =>
  sql`with joined as (select person_id from members where tenant_id = ${ctx.tenantId}::uuid
    and person_id = ${personId}),
    ${auditPerson(ctx, { event: "member.joined", from: sql`joined`, person: sql`joined.person_id` })}
      select 1`;
