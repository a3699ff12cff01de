export { addItems, listItems, removeItems } from "./items.ts";
export { previewOf } from "./preview.ts";
export { publishRelease } from "./publish-release.ts";
export { createRelease, deleteRelease, readRelease } from "./releases.ts";
export { dryRunRelease, rollBackRelease } from "./rollback.ts";
export { expireReleases, runDueReleases, sweepReleases } from "./run-releases.ts";
export { cancelRelease, scheduleRelease } from "./schedule-release.ts";
