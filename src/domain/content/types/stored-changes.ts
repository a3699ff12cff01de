import { sql, type SQL } from "drizzle-orm";

/** Of which data an entry has changes. */
type Perspective = "draft" | "published";

/** Changed values of an entry as two columns of a row `given`: those that it gets, and fields that lose theirs. */
export function changesOf(name: Perspective, changes: Readonly<Record<string, unknown>>) {
  const entries = Object.entries(changes);
  return {
    [`${name}_put`]: Object.fromEntries(entries.filter(([, value]) => value !== null)),
    [`${name}_gone`]: entries.filter(([, value]) => value === null).map(([id]) => id),
  };
}

/** Stored data after the changes in the row `given`. */
export const afterChanges = (data: SQL, name: Perspective): SQL =>
  sql`((${data} - array(select jsonb_array_elements_text(given.${sql.raw(`${name}_gone`)})))
    || given.${sql.raw(`${name}_put`)})`;
