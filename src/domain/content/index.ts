export { createEntry, putEntry, updateEntry, type SaveOutcome } from "./save-entry.ts";
export { publishEntry } from "./publish-entry.ts";
export { deleteEntry, unpublishEntry } from "./withdraw-entry.ts";
export { getEntry, listEntries, type EntryPage } from "./read-entries.ts";
export { listVersions } from "./read-versions.ts";
export { rebuildReadModel } from "./rebuild-read-model.ts";
export {
  parseListQuery,
  parseViewQuery,
  DEFAULT_LIMIT,
  MAX_LIMIT,
  OPERATORS,
  type Filter,
  type ListQuery,
  type ViewQuery,
} from "./list-query.ts";
export type { Entry, EntryStatus } from "./present-entry.ts";
