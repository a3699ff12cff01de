export {
  aggregateEntries,
  editorialEntry,
  getEntry,
  grantedEntry,
  listEntries,
  listSeveral,
  ONLY_ENTRY,
  parseAggregateQuery,
  TIME_UNITS,
  seenEntry,
  type EntryPage,
} from "./read/index.ts";
export { ofAddress, ofEntry, patterns } from "./declare-operation.ts";
export { noSuchEntry } from "./refusals.ts";
export { anyEntry, Difference, named } from "./schemas.ts";
export { diffValues } from "./versions/index.ts";
export {
  addressOf,
  anyEntrySql,
  anySeenSql,
  createEntry,
  deleteEntry,
  firstPublishedPart,
  publishedPart,
  WHOLE,
  placeEntry,
  publishEntry,
  putEntry,
  readOnReference,
  unpublishEntry,
  updateEntry,
  type SaveOutcome,
} from "./write/index.ts";
export {
  expireContent,
  leaveRebuild,
  MAX_INNER_ROWS,
  nextToRebuild,
  noteSkipped,
  followingAfterPublish,
  publishRefusals,
  REBUILD_PAGE,
  rebuildReadModel,
  renderDocs,
  schemaGuard,
  sideRowsOf,
  typeModel,
  startRebuilds,
  sweepRebuilds,
  takeRebuild,
  type Rebuild,
} from "./model/index.ts";
export {
  DEFAULT_LIMIT,
  namedWhere,
  parseListQuery,
  parseSeveralQuery,
  parseViewQuery,
  type ListQuery,
  type RelatedQuery,
  type ViewQuery,
} from "./query/index.ts";
export { hasLocalizations, LOCALIZATIONS, MAX_DESCENDANTS, relativesOf, type Related } from "./read/index.ts";
export { OPERATORS, whereOf, type Where } from "../grants/index.ts";
