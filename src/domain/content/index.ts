export { editorialEntry, grantedEntry, seenEntry } from "./guard-reads.ts";
export { noSuchEntry } from "./refusals.ts";
export { createEntry, putEntry, updateEntry, type SaveOutcome } from "./save-entry.ts";
export { publishEntry } from "./publish-entry.ts";
export { unpublishEntry } from "./withdraw-entry.ts";
export { deleteEntry } from "./delete-entry.ts";
export { readOnReference } from "./reference-edits.ts";
export { getEntry, listEntries, type EntryPage } from "./read-entries.ts";
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
export { parseListQuery, parseViewQuery, type ListQuery, type ViewQuery } from "./list-query.ts";
export { aggregateEntries, parseAggregateQuery } from "./aggregate-entries.ts";
export { OPERATORS, whereOf, type Where } from "../grants/index.ts";
export type { Entry } from "./present-entry.ts";
export { expireContent } from "./expire-content.ts";
