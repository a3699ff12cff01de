import { sql, type SQL } from "drizzle-orm";
import { EmailAddress } from "../../../core/email-address.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { parseInput } from "../../../core/parse-input.ts";
import { asPerson, eventRows, pokeAll, recordPerson } from "../../tenant/events/index.ts";
import {
  addressChangeRequestedEmail,
  addressChangedEmail,
  addressTakenEmail,
  requireHome,
  newAddressEmail,
} from "./emails.ts";
import { requireMoreThanPassword } from "./first-factor.ts";
import { lockPerson } from "./lock-person.ts";
import { dropEmailChange, issueCte, useCte } from "./one-time.ts";
import { linkCounters, linkExpired, requireOwnPassword } from "./passwords.ts";
import { sendLater } from "./send-email.ts";
import type { Person } from "./sessions.ts";
import { requireOwnSession } from "./sign-in-policy.ts";
import { countAttempt, countedRows, noneOver, requireUncounted, type Counted } from "./throttle.ts";

/**
 * Sends a confirmation link to the new address and a notice to the current one. A new request replaces
 * the previous one. The response is the same when the address is taken: then the email says so, without
 * a link. Throws FORBIDDEN `identity/address-managed`, `identity/letter-required`.
 */
export async function requestEmailChange(
  ctx: IdentityContext,
  person: Person,
  input: { email: string; current: string },
): Promise<void> {
  requireOwnSession(person);
  requireHome(ctx.site);
  const email = parseInput(
    EmailAddress,
    input.email,
    "identity/invalid-email",
    "The new address is not an email address.",
  );
  if (email === person.email) throw invalid("identity/same-email", `${email} is your address already.`);
  await requireMoreThanPassword(ctx, person);
  await requireOwnPassword(ctx, person, input.current);
  const counters: Counted[] = [
    ...linkCounters(email, ctx.ip),
    { key: `change-email:${person.id}`, limit: 10 },
  ];
  const { cte, token, minutes } = await issueCte("change_email", sql`free`, { email });
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    lockPerson(person.id),
    sql`with ${countAttempt(counters)},
      asking as (select id as person_id from people where id = ${person.id} and disabled_at is null
        and ${addressManager(person.id)} is null
        and ${noneOver(counters)}),
      ${dropEmailChange(sql`asking`)},
      free as (select person_id from asking where not exists (select 1 from people where email = ${email})),
      ${cte} select ${countedRows}, ${addressManager(person.id)}, (select count(*)::int from asking),
        (select count(*)::int from issued)`,
  ]);
  const [counted, manager, asking, issued] = results[2]![0]! as [unknown, string | null, number, number];
  requireUncounted(counters, counted);
  if (manager !== null) throw addressManaged(manager);
  if (asking === 0) return;
  sendLater(ctx, addressChangeRequestedEmail(ctx.site, person.email, email));
  sendLater(
    ctx,
    issued === 1
      ? newAddressEmail(ctx.site, email, token, minutes, person.email)
      : addressTakenEmail(ctx.site, email),
  );
}

/**
 * Changes the address to the one that the link was sent to, in all the person's tenants; older links
 * stop working. The person who requested it must be signed in, so that nobody adds their mailbox to
 * another's account. Throws INVALID `identity/link-expired`, CONFLICT `identity/email-taken`, FORBIDDEN
 * `identity/address-managed`.
 */
export async function confirmEmailChange(
  ctx: IdentityContext,
  person: Person,
  input: { token: string },
): Promise<void> {
  requireOwnSession(person);
  const used = await useCte("change_email", input.token, sql`sent.person_id = ${person.id}`);
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    lockPerson(person.id),
    sql`with ${used},
      changed as (update people set email = used.data ->> 'email', email_verified_at = now() from used
        where people.id = used.person_id and people.disabled_at is null
        and ${addressManager(person.id)} is null
          and not exists (select 1 from people other where other.email = used.data ->> 'email')
          returning people.id as person_id, people.email),
      known as (update members member set email = changed.email from changed
        where member.person_id = changed.person_id),
      invited as (delete from invitations where email = ${person.email} and accepted_at is not null
        and exists (select 1 from changed)),
      dropped as (delete from one_time_tokens where person_id in (select person_id from changed)
        and token_hash not in (select token_hash from used)),
      ${recordPerson(ctx, {
        event: "person.email_changed",
        from: sql`changed`,
        person: sql`changed.person_id`,
      })}
      select (select count(*)::int from used), (select email from changed), ${addressManager(person.id)},
        ${eventRows}`,
  ]);
  const [count, email, manager, events] = results[2]![0]! as [number, string | null, string | null, unknown];
  if (count === 0) throw linkExpired();
  if (manager !== null) throw addressManaged(manager);
  if (email === null)
    throw new AppError("CONFLICT", "identity/email-taken", "Another account has this address.", {
      details: [{ path: "email", message: "is taken" }],
    });
  pokeAll(ctx, events);
  sendLater(ctx, addressChangedEmail(ctx.site, person.email, email));
}

/**
 * The name of a tenant that says the person's address, null when none does: one that provisions the
 * person, or whose connection speaks for the address. Out of its domain they would be out of reach of
 * its sign-in policy and its provisioning.
 */
const addressManager = (personId: string): SQL => sql`(select tenant.name
  from members member join tenants tenant on tenant.tenant_id = member.tenant_id
  join people addressed on addressed.id = member.person_id
  where member.person_id = ${personId} and (member.source = 'scim' or member.external_id is not null
    or exists (
    select 1 from sso_connections connection join domains verified
      on verified.tenant_id = connection.tenant_id
    where connection.tenant_id = member.tenant_id and connection.enabled and verified.verified_at is not null
      and verified.domain = split_part(addressed.email, '@', 2)
      and verified.domain = any (connection.domains)))
  order by tenant.name limit 1)`;

const addressManaged = (tenant: string) =>
  new AppError(
    "FORBIDDEN",
    "identity/address-managed",
    `Your address is managed by ${tenant} and its identity provider: ask there to change it.`,
  );
