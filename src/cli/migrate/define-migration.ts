/** The working copy of an entry; localised fields are objects by locale. */
export type MigratedEntry = {
  id: string;
  type: string;
  version: number;
  status: "draft" | "published" | "changed";
  [field: string]: any;
};

/** A change of existing entries, for `flow migrate`. */
export type Migration = {
  /** The type, or the types, whose entries are changed. */
  type: string | string[];
  /** Filters as lists take them: `{ price: { gt: 10 } }`. */
  where?: Record<string, Record<string, string | number | boolean | (string | number)[]>>;
  /**
   * The changed fields with their new values; null to leave the entry unchanged. May be called more than
   * once.
   */
  migrate: (
    entry: MigratedEntry,
  ) => Record<string, unknown> | null | undefined | Promise<Record<string, unknown> | null | undefined>;
};

/**
 * Describes a change of existing entries, checked by the compiler.
 *
 * @example
 * export default defineMigration({
 *   type: "article",
 *   migrate: (entry) => (entry.kind === "note" ? { kind: "news" } : null),
 * });
 */
export const defineMigration = (migration: Migration): Migration => migration;
