// How entries are stored: values as rows, the read model, rebuilding it, and retention.

export type { FieldRow } from "./field-row.ts";
export { MAX_INNER_ROWS } from "./inner-rows.ts";
export {
  addRows,
  readEntryValues,
  splitBody,
  wholeData,
  type EntryValues,
  type RefRow,
} from "./entry-input.ts";
export { needsBefore, publishRefusals, wholeAfter, type Before, type ToPublish } from "./entry-rules.ts";
export { expireContent } from "./expire-content.ts";
export { publishRows, renderDocs, typeModel, unpublishRows, type Locales } from "./read-model.ts";
export { followingAfterPublish, lockSlugs, madeSlugs, type MadeSlugs, type SlugLock } from "./made-slugs.ts";
export { needsSources } from "./slugs-to-make.ts";
export { forgetEntry, lastOfSlug } from "./slug-history.ts";
export { REBUILD_PAGE, rebuildReadModel, sideRowsOf } from "./rebuild-read-model.ts";
export {
  leaveRebuild,
  nextToRebuild,
  noteSkipped,
  startRebuilds,
  sweepRebuilds,
  takeRebuild,
  type Rebuild,
} from "./rebuilds.ts";
export { publishedTreeCte, treeCte, type TreeRefusal } from "./tree-guard.ts";
export {
  allowedUnless,
  checks,
  keepVersion,
  mustHold,
  schemaGuard,
  writeDraftRows,
  type FailedStatement,
  type Must,
  uncheckedRefs,
} from "./side-rows.ts";
