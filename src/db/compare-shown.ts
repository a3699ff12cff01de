import { sql, type SQL } from "drizzle-orm";

export type TimeComparison = "=" | ">" | ">=" | "<" | "<=";

/**
 * Compares a column that has microseconds with a datetime in milliseconds, as it is shown: what shows
 * the same is equal. An index of the column serves every comparison.
 */
export function compareShown(column: SQL, comparison: TimeComparison, datetime: string): SQL {
  const first = sql`${datetime}::timestamptz`;
  const next = sql`${first} + interval '1 millisecond'`;
  switch (comparison) {
    case "=":
      return sql`(${column} >= ${first} and ${column} < ${next})`;
    case ">":
      return sql`${column} >= ${next}`;
    case ">=":
      return sql`${column} >= ${first}`;
    case "<":
      return sql`${column} < ${first}`;
    case "<=":
      return sql`${column} < ${next}`;
  }
}
