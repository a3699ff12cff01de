// Versions, restoring, duplicating, and the trash.

export { diffValues } from "./diff-values.ts";
export { diffVersions, listVersions, nameVersion, readVersion } from "./read-versions.ts";
export { duplicateEntry, restoreVersion, type Restored } from "./restore-version.ts";
export { eraseEntry, listTrash, restoreFromTrash } from "./trash.ts";
