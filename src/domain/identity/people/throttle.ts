import { sql, type SQL } from "drizzle-orm";
import type { Row } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";

const MINUTES = 15;

/**
 * What attempts are counted for, and how many there may be in a quarter of an hour, or in so many
 * minutes.
 */
export type Counted = { key: string; limit: number; minutes?: number };

/** Counters of a sign-in as `email` from `address`: the pair, the account and the address. */
export function signInCounters(email: string, address: string | null | undefined): Counted[] {
  const from = addressKey(address);
  return [
    { key: `pair:${email}|${from}`, limit: 10 },
    { key: `account:${email}`, limit: 60 },
    { key: `address:${from}`, limit: 100 },
  ];
}

/** An IPv4 address, or the /64 that an IPv6 address lies in. */
export function addressKey(address: string | null | undefined): string {
  if (!address) return "unknown";
  if (!address.includes(":")) return address;
  const [head = "", tail = ""] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const whole = address.includes("::")
    ? [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => "0"), ...right]
    : left;
  return `${whole
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

/**
 * The CTE `counted`: one attempt more on every counter, before it is known whether it fails. `more`
 * selects keys that only the database knows.
 */
export function countAttempt(counters: Counted[], more: SQL = sql`select null where false`): SQL {
  const wanted = counters.map(({ key, minutes = MINUTES }) => ({ key, minutes }));
  return sql`counted as (
    insert into throttles (key, failures, ends_at)
    select key, 1, now() + make_interval(mins => max(minutes)) from (
      select key, minutes from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) given (key text,
        minutes int)
      union select key, ${MINUTES}::int from (${more}) known (key) where key is not null) wanted
        group by key order by key collate "C"
    on conflict (key) do update set
      failures = case when throttles.ends_at < now() then 1 else throttles.failures + 1 end,
      ends_at = case when throttles.ends_at < now() then excluded.ends_at else throttles.ends_at end
    returning key, failures, ends_at)`;
}

/** The select-list entry that `requireUncounted` reads. */
export const countedRows = sql`(select jsonb_agg(jsonb_build_array(key, failures,
  ceil(extract(epoch from ends_at - now())))) from counted)`;

/**
 * Throws RATE_LIMITED when a counter is over its limit; the message is the same whether or not the
 * account exists.
 */
export function requireUncounted(counters: Counted[], rows: unknown): void {
  const over = isOver(counters, rows);
  if (over.length === 0) return;
  const seconds = secondsLeft(over);
  throw new AppError(
    "RATE_LIMITED",
    "identity/too-many-attempts",
    `Too many attempts: try again in ${Math.ceil(seconds / 60)} minutes, or sign in another way.`,
    { headers: { "retry-after": String(seconds) } },
  );
}

/** Those of the counted rows that are over their limit. */
export function isOver(counters: Counted[], rows: unknown): Row[] {
  const limits = new Map(counters.map(({ key, limit }) => [key, limit]));
  return (rows as Row[]).filter(([key, failures]) => Number(failures) > limits.get(key as string)!);
}

/** When the last of them may be tried again. */
export const secondsLeft = (over: Row[]): number => Math.max(1, ...over.map(([, , left]) => Number(left)));

/**
 * Whether no counter is over its limit: by the CTE `counted` in the statement that counts, by the
 * table afterwards.
 */
export const noneOver = (
  counters: Counted[],
  from: SQL = sql`counted`,
): SQL => sql`not exists (select 1 from ${from} counted,
  jsonb_to_recordset(${JSON.stringify(counters)}::jsonb) as allowed (key text, "limit" int)
  where counted.key = allowed.key and counted.failures > allowed."limit")`;

/**
 * The CTE `cleared`: a success forgets the failures of the pair and the account, not those of the
 * address.
 */
export function clearAttempts(counters: Counted[]): SQL {
  const keys = counters.map(({ key }) => key).filter((key) => !key.startsWith("address:"));
  return sql`cleared as (delete from throttles
    where key in (select jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb)))`;
}
