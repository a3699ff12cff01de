import { sql, type SQL } from "drizzle-orm";
import { hashSecret, newTokenSecret } from "../../core/tokens.ts";

/** What a token that works once is for, and for how many minutes. */
const MINUTES = {
  verify_email: 24 * 60,
  reset_password: 60,
  magic_link: 15,
  second_factor: 10,
  passkey: 5,
} as const;
export type Purpose = keyof typeof MINUTES;

/**
 * The CTE `issued`, which keeps the hash of a new token for the person that `from` (a CTE or table with `person_id`) names,
 * and the token.
 */
export async function issueCte(
  purpose: Purpose,
  from: SQL,
  data: Record<string, unknown> = {},
): Promise<{ cte: SQL; token: string; minutes: number }> {
  const token = newTokenSecret();
  const hash = await hashSecret(token);
  const cte = sql`issued as (
    insert into one_time_tokens (token_hash, purpose, person_id, data, expires_at)
    select ${hash}, ${purpose}, person_id, ${JSON.stringify(data)}::jsonb, now() + make_interval(mins => ${MINUTES[purpose]}::int)
    from ${from} returning person_id)`;
  return { cte, token, minutes: MINUTES[purpose] };
}

/** The CTE `used`: takes a token of that purpose, once; its columns are `person_id` and `data`. */
export async function useCte(purpose: Purpose, token: string): Promise<SQL> {
  return sql`used as (
    update one_time_tokens set used_at = now()
    where token_hash = ${await hashSecret(token)} and purpose = ${purpose} and used_at is null and expires_at > now()
    returning person_id, data)`;
}
