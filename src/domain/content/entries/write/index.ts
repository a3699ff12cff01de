// What changes entries: saving, publishing, deleting, many at once, and what becomes of references.

export { anyEntrySql, anySeenSql } from "./any-entry.ts";
export { firstPublishedPart, publishedPart, WHOLE } from "./guard-writes.ts";
export { bulkEntries } from "./bulk-entries.ts";
export { deleteEntry } from "./delete-entry.ts";
export { fitEntry, fitValue, leaveOut, type Fit } from "./fit-entry.ts";
export { readForbidden, type Forbidden } from "./forbidden.ts";
export { addressOf } from "./only-entry.ts";
export { placeEntry } from "./place-entry.ts";
export { publishEntry } from "./publish-entry.ts";
export { readKept, readOnReference } from "./reference-edits.ts";
export {
  besideOf,
  createEntry,
  putEntry,
  readOutcome,
  runOnceMoreWhenTaken,
  saveStatement,
  updateEntry,
  type SaveOutcome,
} from "./save-entry.ts";
export { unpublishEntry } from "./withdraw-entry.ts";
