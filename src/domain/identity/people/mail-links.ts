import { cutText } from "../../../core/cut-text.ts";
import { sql } from "drizzle-orm";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { asPerson, eventRows, pokeAll, recordPerson } from "../../tenant/events/index.ts";
import { requireHome, magicLinkEmail, verificationEmail } from "./emails.ts";
import { dropClaims, unprovedCte } from "./first-proof.ts";
import { issueCte, useCte } from "./one-time.ts";
import { linkCounters, linkExpired } from "./passwords.ts";
import { sendLater } from "./send-email.ts";
import type { Person } from "./sessions.ts";
import { requireOwnSession } from "./sign-in-policy.ts";
import { enter, type SignedIn } from "./sign-in.ts";
import { countAttempt, countedRows, requireUncounted } from "./throttle.ts";

/** The person that `asPerson` named. */
const NAMED = sql`nullif(current_setting('app.person_id', true), '')`;

/** Sends a sign-in link when the person exists; the response does not reveal whether they do. */
export async function requestMagicLink(ctx: IdentityContext, input: { email: string }): Promise<void> {
  requireHome(ctx.site);
  const email = cutText(input.email.trim().toLowerCase(), 254);
  const counters = linkCounters(email, ctx.ip);
  const { cte, token, minutes } = await issueCte("magic_link", sql`person`, { sent_to: email });
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)}, person as (select id as person_id from people where email = ${email}
      and disabled_at is null
        and not exists (select 1 from counted where key like 'letter:%'
        and failures > ${counters[0]!.limit}::int)),
      ${cte} select ${countedRows}, (select count(*)::int from issued)`,
  ]);
  const [counted, issued] = results[0]![0]!;
  requireUncounted(counters, counted);
  if (issued === 1) sendLater(ctx, magicLinkEmail(ctx.site, email, token, minutes));
}

/**
 * Signs in with an email link, which also confirms the address. A second factor is still required. An
 * account created before its address was confirmed may be somebody else's: everything that was set up,
 * opened or consented to until then is removed.
 */
export async function useMagicLink(ctx: IdentityContext, input: { token: string }): Promise<SignedIn> {
  const { results } = await ctx.db.run([
    asPerson(sql`(select person_id from used)`, sql`with ${await useCte("magic_link", input.token)}`),
    sql`select 1 from people where id = ${NAMED} for update`,
    sql`with ${unprovedCte(sql`(select ${NAMED} as person_id) named`)},
      verified as (update people set email_verified_at = coalesce(email_verified_at, now()),
          password_hash = case when email_verified_at is null then null else password_hash end
        where id = ${NAMED} and disabled_at is null returning id),
      ${dropClaims(ctx)},
      ${recordPerson(ctx, {
        event: "person.email_verified",
        from: sql`unproved`,
        person: sql`unproved.person_id`,
        meta: sql`'{"by": "link"}'::jsonb`,
      })}
      select id, exists (select 1 from totp_secrets where person_id = verified.id
      and confirmed_at is not null)
        and not exists (select 1 from unproved), ${eventRows} from verified`,
  ]);
  const row = results[2]![0];
  if (!row) throw linkExpired();
  const [personId, hasTotp, events] = row as [string, boolean, unknown];
  pokeAll(ctx, events);
  return enter(ctx, { personId, amr: ["mail"], hasTotp, counters: [] });
}

/** Sends a link that proves that the person's address is theirs. */
export async function requestVerification(
  ctx: IdentityContext,
  person: Pick<Person, "id" | "email">,
): Promise<void> {
  requireHome(ctx.site);
  const counters = linkCounters(person.email, ctx.ip);
  const { cte, token, minutes } = await issueCte("verify_email", sql`person`, { sent_to: person.email });
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)}, person as (select id as person_id from people
      where id = ${person.id} and email_verified_at is null),
      ${cte} select ${countedRows}, (select count(*)::int from issued)`,
  ]);
  requireUncounted(counters, results[0]![0]![0]);
  if (results[0]![0]![1] === 1) sendLater(ctx, verificationEmail(ctx.site, person.email, token, minutes));
}

/**
 * Confirms the address with an email link. The person must be signed in to the account, so that nobody
 * confirms an account that somebody else created in their name. Throws INVALID `identity/link-expired`.
 */
export async function verifyEmail(
  ctx: IdentityContext,
  person: Person,
  input: { token: string },
): Promise<void> {
  requireOwnSession(person);
  const { results } = await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with ${await useCte("verify_email", input.token, sql`sent.person_id = ${person.id}`)},
      verified as (update people set email_verified_at = coalesce(email_verified_at, now())
        where id in (select person_id from used) and disabled_at is null returning id as person_id),
      ${recordPerson(ctx, {
        event: "person.email_verified",
        from: sql`verified`,
        person: sql`verified.person_id`,
      })}
      select person_id, ${eventRows} from verified`,
  ]);
  const row = results[1]![0];
  if (!row) throw linkExpired();
  pokeAll(ctx, row[1]);
}
