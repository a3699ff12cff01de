import { sql, type SQL } from "drizzle-orm";
import { hashSecret, newTokenSecret } from "../../../core/tokens.ts";

/** What a token that works once is for, and for how many minutes. */
const MINUTES = {
  verify_email: 24 * 60,
  reset_password: 60,
  magic_link: 15,
  second_factor: 10,
  passkey: 5,
  change_email: 60,
} as const;
export type Purpose = keyof typeof MINUTES;

/** What a token carries; one that was sent to an address works only while it is the person's. */
type Carried = Record<string, unknown> & { sent_to?: string };

/**
 * The CTE `issued`, which keeps the hash of a new token for the person that `from` (a CTE or table
 * with `person_id`) names, and the token.
 */
export async function issueCte(
  purpose: Purpose,
  from: SQL,
  data: Carried = {},
): Promise<{ cte: SQL; token: string; minutes: number }> {
  const token = newTokenSecret();
  const hash = await hashSecret(token);
  const cte = sql`issued as (
    insert into one_time_tokens (token_hash, purpose, person_id, data, expires_at)
    select ${hash}, ${purpose}, person_id, ${JSON.stringify(data)}::jsonb,
      now() + make_interval(mins => ${MINUTES[purpose]}::int)
    from ${from} returning person_id)`;
  return { cte, token, minutes: MINUTES[purpose] };
}

/**
 * The CTE `used`: takes a token of that purpose, once; its columns are `person_id`, `data` and
 * `token_hash`.
 */
export async function useCte(purpose: Purpose, token: string, isTheirs: SQL = sql`true`): Promise<SQL> {
  return sql`used as (
    update one_time_tokens sent set used_at = now()
    where sent.token_hash = ${await hashSecret(token)} and sent.purpose = ${purpose}
    and sent.used_at is null and sent.expires_at > now()
      and ${isTheirs} and (sent.data ->> 'sent_to' is null
        or exists (select 1 from people holder where holder.id = sent.person_id
          and holder.email = sent.data ->> 'sent_to'))
    returning sent.person_id, sent.data, sent.token_hash)`;
}

/** The CTE `dropped`: cancels pending address changes of the persons of `from` (a CTE with `person_id`). */
export const dropEmailChange = (from: SQL): SQL => sql`dropped as (
  delete from one_time_tokens where purpose = 'change_email'
    and person_id in (select person_id from ${from}))`;
