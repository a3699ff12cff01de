import { sql, type SQL } from "drizzle-orm";
import type { Row } from "../../core/context.ts";
import { AppError } from "../../core/errors.ts";

const WINDOW = sql`interval '15 minutes'`;

/** What failures are counted for, and how many there may be in a quarter of an hour. */
export type Counted = { key: string; limit: number };

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
 * The CTE `counted`: one attempt more on every counter, before it is known whether it fails. `more` selects keys that only the
 * database knows.
 */
export function countAttempt(counters: Counted[], more: SQL = sql`select null where false`): SQL {
  const keys = counters.map(({ key }) => key).sort();
  return sql`counted as (
    insert into throttles (key, failures, ends_at)
    select key, 1, now() + ${WINDOW} from (select jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb) union ${more}) wanted (key) order by key collate "C"
    on conflict (key) do update set
      failures = case when throttles.ends_at < now() then 1 else throttles.failures + 1 end,
      ends_at = case when throttles.ends_at < now() then excluded.ends_at else throttles.ends_at end
    returning key, failures, ends_at)`;
}

/** The select-list entry that `requireUncounted` reads. */
export const countedRows = sql`(select jsonb_agg(jsonb_build_array(key, failures, ceil(extract(epoch from ends_at - now())))) from counted)`;

/** Throws RATE_LIMITED when a counter is over its limit; the message is the same whether or not the account exists. */
export function requireUncounted(counters: Counted[], rows: unknown): void {
  const limits = new Map(counters.map(({ key, limit }) => [key, limit]));
  const over = (rows as Row[]).filter(([key, failures]) => Number(failures) > limits.get(key as string)!);
  if (over.length === 0) return;
  const seconds = Math.max(1, ...over.map(([, , left]) => Number(left)));
  throw new AppError(
    "RATE_LIMITED",
    "identity/too-many-attempts",
    `Too many attempts: try again in ${Math.ceil(seconds / 60)} minutes, or sign in by another way.`,
    { headers: { "retry-after": String(seconds) } },
  );
}

/** The CTE `cleared`: a success forgets the failures of the pair and the account, not those of the address. */
export function clearAttempts(counters: Counted[]): SQL {
  const keys = counters.map(({ key }) => key).filter((key) => !key.startsWith("address:"));
  return sql`cleared as (delete from throttles where key in (select jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb)))`;
}
