import { cutText } from "../../../core/cut-text.ts";
import { sql } from "drizzle-orm";
import { invalid } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { asPerson, auditPerson, eventRows, pokeAll, recordPerson } from "../../tenant/events/index.ts";
import { requireHome, passwordChangedEmail, passwordResetEmail } from "./emails.ts";
import { dropTokens, dropWaysIn, endedGrantsCte, unprovedCte } from "./first-proof.ts";
import { issueCte, useCte } from "./one-time.ts";
import { requireGoodPassword } from "./password-rules.ts";
import { sendLater } from "./send-email.ts";
import { endedCte, requireRecentSignIn, type Person } from "./sessions.ts";
import { requireOwnSession } from "./sign-in-policy.ts";
import { addressKey, countAttempt, countedRows, requireUncounted, type Counted } from "./throttle.ts";
import { wrongCredentials } from "./sign-in.ts";

/** Counters of the emails to one address. */
export const linkCounters = (email: string, address: string | null | undefined): Counted[] => [
  { key: `letter:${email}`, limit: 5 },
  { key: `letters:${addressKey(address)}`, limit: 30 },
];

/** Sends a password reset link when the person exists; the response does not reveal whether they do. */
export async function requestReset(ctx: IdentityContext, input: { email: string }): Promise<void> {
  requireHome(ctx.site);
  const email = cutText(input.email.trim().toLowerCase(), 254);
  const counters = linkCounters(email, ctx.ip);
  const { cte, token, minutes } = await issueCte("reset_password", sql`person`, { sent_to: email });
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)},
      person as (select id as person_id from people where email = ${email} and disabled_at is null
        and not exists (select 1 from counted where key like 'letter:%'
        and failures > ${counters[0]!.limit}::int)),
      ${cte} select ${countedRows}, (select count(*)::int from issued)`,
  ]);
  const [counted, issued] = results[0]![0]!;
  requireUncounted(counters, counted);
  if (issued === 1) sendLater(ctx, passwordResetEmail(ctx.site, email, token, minutes));
}

/**
 * Sets a new password by a link; ends every session, what applications were allowed, and every other
 * link. Where the address was not proved before, passkeys and authenticator app go too. Throws
 * INVALID `identity/link-expired` for a link that is used or old.
 */
export async function resetPassword(
  ctx: IdentityContext,
  input: { token: string; password: string },
): Promise<void> {
  requireGoodPassword(input.password, "");
  const hash = await ctx.passwords.hash(input.password);
  const { results } = await ctx.db.run([
    asPerson(sql`(select person_id from used)`, sql`with ${await useCte("reset_password", input.token)}`),
    sql`with ${unprovedCte(sql`(select nullif(current_setting('app.person_id', true), '') as person_id) named`)},
      changed as (update people set password_hash = ${hash}, password_changed_at = now(),
        email_verified_at = coalesce(email_verified_at, now())
        where id = nullif(current_setting('app.person_id', true), '') and disabled_at is null
        returning id as person_id, email),
      ${endedCte(sql`session.person_id in (select person_id from changed)`)},
        ${endedGrantsCte(ctx, sql`changed`)},
      ${dropTokens(sql`changed`)}, ${dropWaysIn},
      ${auditPerson(
        ctx,
        {
          event: "person.email_verified",
          from: sql`unproved`,
          person: sql`unproved.person_id`,
          meta: sql`'{"by": "reset"}'::jsonb`,
        },
        "proof_audit",
      )},
      ${recordPerson(ctx, {
        event: "person.password_changed",
        from: sql`changed`,
        person: sql`changed.person_id`,
        meta: sql`'{"by": "reset"}'::jsonb`,
      })}
      select (select email from changed), ${eventRows}`,
  ]);
  const [email, events] = results[1]![0]!;
  if (email === null) throw linkExpired();
  pokeAll(ctx, events);
  sendLater(ctx, passwordChangedEmail(ctx.site, email as string));
}

/**
 * Changes or sets the password of the signed-in person; ends their other sessions and all links that
 * were sent. Consents to applications stay.
 */
export async function changePassword(
  ctx: IdentityContext,
  person: Person,
  input: { current: string; password: string },
): Promise<void> {
  requireOwnSession(person);
  requireGoodPassword(input.password, person.email);
  const known = await requireOwnPassword(ctx, person, input.current);
  const hash = await ctx.passwords.hash(input.password);
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with changed as (update people set password_hash = ${hash}, password_changed_at = now()
        where id = ${person.id} and password_hash is not distinct from ${known}::text
        returning id as person_id),
      ${endedCte(sql`session.person_id in (select person_id from changed) and session.id <> ${person.session.id}`)}, ${dropTokens(sql`changed`)},
      ${recordPerson(ctx, {
        event: "person.password_changed",
        from: sql`changed`,
        person: sql`changed.person_id`,
        meta: sql`'{"by": "person"}'::jsonb`,
      })}
      select ${eventRows}`,
  ]);
  pokeAll(ctx, results[1]![0]![0]);
  sendLater(ctx, passwordChangedEmail(ctx.site, person.email));
}

/**
 * Throws unless `given` is the password of the signed-in person; without a password, the sign-in must be
 * recent. Returns its hash. Throws UNAUTHENTICATED `identity/wrong-credentials`, FORBIDDEN
 * `identity/sign-in-again`; RATE_LIMITED after ten attempts.
 */
export async function requireOwnPassword(
  ctx: IdentityContext,
  person: Person,
  given: string,
): Promise<string | null> {
  const counters: Counted[] = [{ key: `password:${person.id}`, limit: 10 }];
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)} select ${countedRows}, password_hash from people
      where id = ${person.id}`,
  ]);
  const [counted, known] = (results[0]![0] ?? [[], null]) as [unknown, string | null];
  requireUncounted(counters, counted);
  if (known === null) requireRecentSignIn(ctx, person);
  else if (!(await ctx.passwords.verify(known, given.slice(0, 1000)))) throw wrongCredentials();
  return known;
}

/** The one refusal of links that work once. */
export const linkExpired = () =>
  invalid("identity/link-expired", "This link was already used or has expired: request a new one.", [], 400);
