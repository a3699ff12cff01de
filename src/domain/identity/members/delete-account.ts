import { sql } from "drizzle-orm";
import { AppError, invalid } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { asPerson, eventRows, pokeAll, recordPerson } from "../../tenant/events/index.ts";
import {
  accountDeletedEmail,
  lockPerson,
  requireOwnPassword,
  requireOwnSession,
  sendLater,
  type Person,
} from "../people/index.ts";
import { OUTLIVES_TOKENS } from "../../tenant/tenants/index.ts";

/**
 * Deletes the account of who is signed in, in every tenant: what they hold is refused at the edge
 * within ten seconds, and who they were is forgotten; audit logs and what they wrote keep their id,
 * and no address or name. Throws CONFLICT `members/last-owner` with the names of the tenants that
 * would have no owner; INVALID `identity/not-confirmed` unless `email` is their address.
 */
export async function deleteAccount(
  ctx: IdentityContext,
  person: Person,
  input: { email: string; current: string },
): Promise<void> {
  requireOwnSession(person);
  if (input.email.trim().toLowerCase() !== person.email)
    throw invalid(
      "identity/not-confirmed",
      "To delete the account, type your email address as it is shown above.",
    );
  await requireOwnPassword(ctx, person, input.current);
  const gone = sql`(select person_id from gone)`;
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    lockPerson(person.id),
    sql`select coalesce(jsonb_agg(tenant_name order by tenant_name), '[]')
      from cms_owned_alone(${person.id})`,
    sql`with gone as (delete from people where id = ${person.id} and email = ${person.email}
      and not exists (select 1 from cms_owned_alone(${person.id}))
        returning id as person_id),
      left_tenants as (delete from members where person_id in ${gone} returning tenant_id, person_id),
      grants as (update oauth_grants set revoked_at = now() where person_id in ${gone}
        and revoked_at is null),
      identities as (delete from sso_identities where person_id in ${gone}),
      consents as (delete from oauth_consents where person_id in ${gone}),
      invited as (delete from invitations where email = ${person.email} and accepted_at is not null
        and exists (select 1 from gone)),
      refused as (insert into revocations (tenant_id, kind, id, expires_at)
        select tenant_id, 'person', person_id, now() + ${OUTLIVES_TOKENS} from left_tenants
        on conflict (tenant_id, kind, id) do update set at = now(), expires_at = excluded.expires_at),
      ${recordPerson(ctx, { event: "person.deleted", from: sql`gone`, person: sql`gone.person_id` })}
      select (select count(*)::int from gone), ${eventRows}`,
    // In a statement of its own, which sees what others have recorded of them until now.
    sql`delete from audit_private where about = ${`person:${person.id}`}
      and not exists (select 1 from people where id = ${person.id})`,
  ]);
  const names = results[2]![0]![0] as string[];
  const [count, events] = results[3]![0]!;
  if (names.length > 0) throw lastOwnerOf(names);
  if (count === 0)
    throw new AppError(
      "CONFLICT",
      "identity/account-changed",
      "The account was changed concurrently: check it again.",
    );
  pokeAll(ctx, events);
  sendLater(ctx, accountDeletedEmail(ctx.site, person.email));
}

const lastOwnerOf = (names: string[]) =>
  new AppError(
    "CONFLICT",
    "members/last-owner",
    `You are the last owner of ${names.join(", ")}: make somebody else an owner there first.`,
  );
