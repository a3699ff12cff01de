export { editorialEntry, grantedEntry, seenEntry } from "./guard-reads.ts";
export type { Can } from "./mask.ts";
export { besideOf, createEntry, noSuchEntry, putEntry, updateEntry, type SaveOutcome } from "./save-entry.ts";
export { publishEntry } from "./publish-entry.ts";
export { unpublishEntry } from "./withdraw-entry.ts";
export { deleteEntry } from "./delete-entry.ts";
export { listReferences, type Reference } from "./references.ts";
export { readKept, readOnReference, type OnReference } from "./reference-edits.ts";
export { getEntry, listEntries, type EntryPage } from "./read-entries.ts";
export { diffVersions, listVersions, nameVersion, readVersion, type EntryVersion } from "./read-versions.ts";
export { duplicateEntry, restoreVersion, type Restored } from "./restore-version.ts";
export { eraseEntry, listTrash, restoreFromTrash, type TrashedEntry } from "./trash.ts";
export { bulkEntries, type BulkAnswer, type BulkItem } from "./bulk-entries.ts";
export { REBUILD_PAGE, rebuildReadModel } from "./rebuild-read-model.ts";
export {
  leaveRebuild,
  nextToRebuild,
  noteSkipped,
  startRebuilds,
  sweepRebuilds,
  takeRebuild,
  type Rebuild,
} from "./rebuilds.ts";
export {
  parseListQuery,
  parseViewQuery,
  DEFAULT_LIMIT,
  MAX_LIMIT,
  type ListQuery,
  type ViewQuery,
} from "./list-query.ts";
export {
  aggregateEntries,
  parseAggregateQuery,
  type Aggregate,
  type AggregateQuery,
} from "./aggregate-entries.ts";
export { OPERATORS, whereOf, type Where } from "../grants/index.ts";
export type { Entry, EntryStatus } from "./present-entry.ts";
export { readDuplicate, readPublish } from "./schemas.ts";
export { expireContent } from "./expire-content.ts";
