import type { Context } from "../../../core/context.ts";
import type { Operation, OperationGroup } from "../../../core/operation.ts";
import { WriteNote } from "../types/index.ts";
import { readingOperations } from "./operations-reading.ts";
import { versionOperations } from "./operations-versions.ts";
import {
  bulkOperation,
  placingOperation,
  publishingOperations,
  writingOperations,
} from "./operations-writing.ts";
import { BulkAnswer, BulkItem } from "./bulk-schemas.ts";
import {
  Aggregate,
  Difference,
  Entry,
  EntryId,
  EntryInput,
  EntryPatch,
  EntryVersion,
  LeftOut,
  Reference,
  TrashedEntry,
} from "./schemas.ts";

export const contentOperations: OperationGroup<Operation<Context>> = {
  tag: "Content",
  description:
    "An entry has a working copy and a published version. Every save creates a version; nothing is delivered before it is published.",
  schemas: {
    Aggregate,
    BulkAnswer,
    BulkItem,
    Entry,
    EntryId,
    EntryInput,
    EntryPatch,
    Difference,
    EntryVersion,
    LeftOut,
    Reference,
    TrashedEntry,
    WriteNote,
  },
  operations: [
    ...writingOperations,
    placingOperation,
    ...publishingOperations,
    ...readingOperations,
    bulkOperation,
    ...versionOperations,
  ],
};
