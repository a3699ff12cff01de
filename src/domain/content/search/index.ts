export { entryTexts } from "./entry-texts.ts";
export { indexEntries, type Unindexed } from "./index-entries.ts";
export { highlightsOf } from "./highlight.ts";
export { searchHits } from "./search-hits.ts";
