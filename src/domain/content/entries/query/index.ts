// Queries as SQL: the rows to read, the matches, their order, and the access rules.

export { afford } from "./afford.ts";
export { fromReferring, isAllShown, linkOf, mayRepeat, referringSource } from "./back-references.ts";
export { facetsSql, readFacets } from "./facets.ts";
export { whereSql } from "./filter-sql.ts";
export {
  checkParameters,
  checkRelease,
  DEFAULT_LIMIT,
  DEFAULT_RELATED,
  parseListQuery,
  parseViewQuery,
  readWords,
  relatedQuery,
  throwIssues,
  type ListQuery,
  type Perspective,
  type ViewQuery,
} from "./list-query.ts";
export { namedWhere, withOptions, type RelatedQuery } from "./include-options.ts";
export { MAX_LIMIT, readChoice, readNames } from "./read-parameters.ts";
export { isCounted, matching, publishedTotal, sourceOf, type Match } from "./match.ts";
export { COUNT_CAP, pageSql, UNCOUNTED, type Bounds } from "./page-sql.ts";
export { affordable } from "./query-cost.ts";
export { basePageSql, searchedPageSql, sortedPageSql } from "./sorted-page.ts";
export { baseRow, isAboutAll, isInLocale, matchedSql, wholeSql } from "./gather.ts";
export {
  anyTypeSql,
  entryRow,
  factsSql,
  inAnyLocale,
  nowSql,
  publishedRow,
  readingOf,
  seenSql,
  TRASHED_FACTS,
  trashedFacts,
  trashRow,
} from "./permit.ts";
export {
  inType,
  isReadableField,
  readableLocales,
  requireReadableField,
  requireShownField,
  shownPart,
} from "./readable.ts";
export { orderOf, type Order } from "./sort-sql.ts";
export { isPassable, parentRows, treeOf, type Tree } from "./tree-sql.ts";
export {
  badQuery,
  BASE,
  baseId,
  baseSource,
  fieldRows,
  from,
  inPlace,
  isGiven,
  isShown,
  perspectiveOf,
  refsOfBase,
  storeOf,
  TIME_COLUMNS,
  type Source,
} from "./source.ts";
export { MAX_LISTED_TYPES, parseSeveralQuery, requireAlike } from "./several-types.ts";
export { isInIndex } from "./walk-sql.ts";
