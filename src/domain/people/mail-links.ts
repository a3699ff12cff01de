import { sql } from "drizzle-orm";
import type { IdentityContext } from "../../core/identity-context.ts";
import { asPerson, auditPerson } from "../events/index.ts";
import { requireHome, magicLetter, verifyLetter } from "./emails.ts";
import { issueCte, useCte } from "./one-time.ts";
import { letterCounters, linkExpired } from "./passwords.ts";
import { sendLater } from "./send-later.ts";
import type { Person } from "./sessions.ts";
import { enter, type SignedIn } from "./sign-in.ts";
import { countAttempt, countedRows, requireUncounted } from "./throttle.ts";

/** Sends a link to sign in with, when there is such a person; the answer is the same when there is not. */
export async function requestMagicLink(ctx: IdentityContext, input: { email: string }): Promise<void> {
  requireHome(ctx.door);
  const email = input.email.trim().toLowerCase().slice(0, 254);
  const counters = letterCounters(email, ctx.ip);
  const { cte, token, minutes } = await issueCte("magic_link", sql`person`, { sent_to: email });
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)}, person as (select id as person_id from people where email = ${email} and disabled_at is null
        and not exists (select 1 from counted where key like 'letter:%' and failures > ${counters[0]!.limit}::int)),
      ${cte} select ${countedRows}, (select count(*)::int from issued)`,
  ]);
  const [counted, issued] = results[0]![0]!;
  requireUncounted(counters, counted);
  if (issued === 1) sendLater(ctx, magicLetter(ctx.door, email, token, minutes));
}

/** Signs in by the link of a letter, which proves the address too. A second factor is asked for all the same. */
export async function useMagicLink(ctx: IdentityContext, input: { token: string }): Promise<SignedIn> {
  const { results } = await ctx.db.run([
    sql`with ${await useCte("magic_link", input.token)},
      verified as (update people set email_verified_at = coalesce(email_verified_at, now()),
          -- Whoever set a password before the address was proved may be somebody else.
          password_hash = case when email_verified_at is null then null else password_hash end
        where id in (select person_id from used) and disabled_at is null returning id, email)
      select id, exists (select 1 from totp_secrets where person_id = verified.id and confirmed_at is not null) from verified`,
  ]);
  const row = results[0]![0];
  if (!row) throw linkExpired();
  return enter(ctx, { personId: row[0] as string, amr: ["mail"], hasTotp: row[1] as boolean, counters: [] });
}

/** Sends a link that proves that the person's address is theirs. */
export async function requestVerification(
  ctx: IdentityContext,
  person: Pick<Person, "id" | "email">,
): Promise<void> {
  requireHome(ctx.door);
  const counters = letterCounters(person.email, ctx.ip);
  const { cte, token, minutes } = await issueCte("verify_email", sql`person`, { sent_to: person.email });
  const { results } = await ctx.db.run([
    sql`with ${countAttempt(counters)}, person as (select id as person_id from people where id = ${person.id} and email_verified_at is null),
      ${cte} select ${countedRows}, (select count(*)::int from issued)`,
  ]);
  requireUncounted(counters, results[0]![0]![0]);
  if (results[0]![0]![1] === 1) sendLater(ctx, verifyLetter(ctx.door, person.email, token, minutes));
}

/** Takes the link of a letter as proof of the address. */
export async function verifyEmail(ctx: IdentityContext, input: { token: string }): Promise<void> {
  const { results } = await ctx.db.run([
    asPerson(sql`(select person_id from used)`, sql`with ${await useCte("verify_email", input.token)}`),
    sql`with verified as (update people set email_verified_at = coalesce(email_verified_at, now())
        where id = nullif(current_setting('app.person_id', true), '') returning id as person_id),
      ${auditPerson(ctx, { event: "person.email_verified", from: sql`verified`, person: sql`verified.person_id` })}
      select person_id from verified`,
  ]);
  if (results[1]!.length === 0) throw linkExpired();
}
