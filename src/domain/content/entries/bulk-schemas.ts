import * as z from "zod";
import { Datetime } from "../../../core/datetimes.ts";
import { Refusal } from "../../../core/refusal.ts";
import {
  Entry,
  EntryAddress,
  EntryId,
  named,
  OfType,
  PlaceInput,
  versionAndLocales,
  WriteNotes,
} from "./schemas.ts";

/** One operation of a bulk; `fields` are the entry's, as the body of a single write has them. */
const BulkOperation = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.enum(["create", "put", "update"]).describe("Like POST, PUT and PATCH of one entry."),
    type: z.string().max(63).describe("The id of the entry's content type."),
    id: EntryAddress.optional().describe(
      "Generated when absent; required for `update`. `-` for the only entry of a singleton, not with `create`.",
    ),
    version: versionAndLocales.version,
    locale: z
      .string()
      .max(35)
      .optional()
      .describe("The locale of the localised values; `*` when they are objects by locale."),
    allow_incomplete: z.boolean().optional().describe("Saves a draft that lacks required values."),
    fields: z.record(z.string(), z.unknown()).describe("The values by field."),
    locales: z.undefined().optional(),
    published_at: z.undefined().optional(),
  }),
  named(
    z.strictObject({
      op: z.enum(["publish", "unpublish"]),
      id: EntryAddress.describe(
        "The entry; may be created in the same request. `-` for the only entry of a singleton, with its `type`.",
      ),
      type: OfType,
      ...versionAndLocales,
      published_at: Datetime.optional().describe("With `publish`: the original publication datetime."),
      on_reference: z.literal("keep").optional(),
    }),
  ),
  z.strictObject({
    op: z.literal("delete"),
    type: z.string().max(63).describe("The id of the entry's content type."),
    id: EntryAddress.describe("The entry to move to the trash."),
    version: versionAndLocales.version,
    locales: z.undefined().optional(),
    on_reference: z.literal("keep").optional(),
  }),
  z.strictObject({
    op: z.literal("move").describe("Like `POST /content/{type}/{id}/move`."),
    type: z.string().max(63).describe("The id of the entry's content type."),
    id: EntryAddress.describe("The entry to move."),
    ...PlaceInput.shape,
    locales: z.undefined().optional(),
  }),
]);
export type BulkOperation = z.infer<typeof BulkOperation>;
const MAX_OPERATIONS = 500;
export const BulkInput = z.strictObject({
  atomic: z.boolean().default(true).describe("Whether one failed operation undoes all others."),
  operations: z.array(BulkOperation).min(1).max(MAX_OPERATIONS).describe("Run in this order."),
});
export type BulkInput = z.infer<typeof BulkInput>;
export const BulkItem = z.object({
  index: z.int().describe("The index of the operation, from 0."),
  id: EntryId,
  outcome: z
    .enum(["created", "updated", "unchanged", "published", "unpublished", "deleted", "moved", "failed"])
    .describe("The result; `unchanged` when a `put` found an identical entry."),
  entry: Entry.optional().describe(
    "The entry after the operation; absent when it was deleted or the operation failed.",
  ),
  cancelled_schedules: z
    .array(z.string())
    .optional()
    .describe("The publish schedules that unpublishing cancelled."),
  notes: WriteNotes,
  error: Refusal.optional().describe("Why it failed."),
});
export type BulkItem = z.infer<typeof BulkItem>;
export const BulkAnswer = z.object({
  atomic: z.boolean().describe("Whether the request was atomic."),
  succeeded: z.int().describe("The number of successful operations."),
  failed: z.int().describe("The number of failed operations; 0 when `atomic`."),
  items: z.array(BulkItem).describe("One per operation, in the same order."),
});
export type BulkAnswer = z.infer<typeof BulkAnswer>;
