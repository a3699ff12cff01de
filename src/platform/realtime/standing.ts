import type { SubscriptionRequest } from "../../core/live.ts";
import type { Standing } from "./room.ts";

/** Makes the table that is not there yet. */
export function openStanding(sql: SqlStorage): void {
  sql.exec("create table if not exists standing (key text primary key, subscription text not null)");
}

export function keepStanding(sql: SqlStorage, standing: Standing): void {
  sql.exec(
    "insert or replace into standing (key, subscription) values (?, ?)",
    standing.key,
    JSON.stringify(standing),
  );
}

export const dropStanding = (sql: SqlStorage, key: string): void =>
  void sql.exec("delete from standing where key = ?", key);

export const allStanding = (sql: SqlStorage): Standing[] =>
  sql
    .exec<{ subscription: string }>("select subscription from standing")
    .toArray()
    .map(({ subscription }) => JSON.parse(subscription) as Standing);

/** The same for the same document, operation and variables of those who see the same. */
export async function keyOf(seesAs: string, request: SubscriptionRequest): Promise<string> {
  const text = JSON.stringify([seesAs, sorted(request)]);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...digest.subarray(0, 12)].map((byte) => (byte + 256).toString(16).slice(1)).join("");
}

/** A value with the keys of its objects in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, inner]) => [name, sorted(inner)]);
}
