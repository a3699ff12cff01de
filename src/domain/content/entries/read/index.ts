// How entries are answered: one, lists, what is computed over them, and what of each the actor may see.

export { aggregateEntries, parseAggregateQuery } from "./aggregate-entries.ts";
export {
  editorialEntry,
  grantedEntry,
  guardTrash,
  guardVersions,
  requireSeen,
  seenEntry,
  type EditorialGuard,
} from "./guard-reads.ts";
export { TIME_UNITS } from "./group-keys.ts";
export { draftAt, presentEntry, presentSaved, savedColumns } from "./present-entry.ts";
export { notOlder } from "./not-older.ts";
export { listSeveral } from "./list-several.ts";
export { getEntry, listEntries, ONLY_ENTRY, type EntryPage } from "./read-entries.ts";
export {
  joinedReferences,
  listReferences,
  referenced,
  referencesTo,
  trashReferencesTo,
} from "./references.ts";
export { hasLocalizations, LOCALIZATIONS } from "./localizations.ts";
export { MAX_DESCENDANTS, relativesOf } from "./relatives.ts";
export type { Related } from "./related.ts";
export { readStored, type Show } from "./rich-text-form.ts";
