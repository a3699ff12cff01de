import * as z from "zod";

export const EntryId = z
  .string()
  .regex(/^cnt_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
  .describe("`cnt_` and 26 characters of base 32; sorts by time.");
export const Version = z.int().describe("Goes up with every save.");
export const Entry = z
  .looseObject({
    id: EntryId,
    type: z.string().optional().describe("The id of its content type."),
    locale: z.string().optional().describe("The locale in which the values are shown; `*` when all are."),
    version: Version.optional(),
    status: z.enum(["draft", "published", "changed"]).optional(),
    published_version: z.int().nullish().describe("The version in delivery; shown with working copies only."),
    published_locales: z
      .record(z.string(), z.int())
      .nullish()
      .describe("Which locale is published at which version, when that is not the same for all."),
    stage: z.string().nullish().describe("Where it stands in the review of its type, if that has one."),
    assignee: z.string().nullish().describe("The id of the person or token it is given to."),
    published_at: z.iso
      .datetime()
      .nullish()
      .describe("When it was published first; unpublishing takes it back."),
    created_at: z.iso.datetime().optional(),
    created_by: z.string().optional(),
    updated_at: z.iso.datetime().optional(),
    updated_by: z.string().optional(),
  })
  .describe(
    "What every entry has; the fields of its type stand beside. With `fields=` only `id` is certain. `status` is `changed` when the working copy is ahead of what is published.",
  );
const Allowed = z.object({
  update: z.boolean(),
  publish: z.boolean(),
  unpublish: z.boolean(),
  delete: z.boolean(),
  fields: z
    .array(z.string())
    .optional()
    .describe("The only fields that may be changed, where it is not all."),
});
export const Can = Allowed.optional().describe("With `perspective=draft`: what you may do with the entry.");
export const CanEach = z
  .record(EntryId, Allowed)
  .optional()
  .describe("With `perspective=draft`: by entry id, what you may do with each.");
export const EntryInput = z
  .looseObject({
    id: EntryId.optional().describe("An id of your own; a new one when absent."),
    version: z.int().min(1).optional().describe("The version that you read; a stale one is a conflict."),
    created_at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe("When it was made elsewhere, for imports."),
  })
  .describe("The fields of the type at the top level, beside what steers the write.");
export const EntryPatch = z
  .looseObject({
    version: z.int().min(1).optional().describe("The version that you read; a stale one is a conflict."),
  })
  .describe("The fields to change; all others stay as they are. `null` removes a value.");
export const EntryVersion = z.object({
  version: Version,
  name: z.string().nullable().describe("Versions with a name are kept for good."),
  created_by: z.string().describe("A person's or token's id."),
  created_at: z.iso.datetime(),
  data: z.record(z.string(), z.unknown()).describe("The fields as stored, localised ones by locale."),
});
export const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export const Aggregate = z.object({
  count: z.int().describe("How many entries match."),
  group: z.record(z.string(), Scalar).optional().describe("The values of `group_by`."),
  min: z.record(z.string(), Scalar).optional().describe("By field the smallest value."),
  max: z.record(z.string(), Scalar).optional().describe("By field the largest value."),
  avg: z.record(z.string(), Scalar).optional().describe("By field the average."),
  sum: z.record(z.string(), Scalar).optional().describe("By field the sum."),
});
export const Facets = z
  .record(z.string(), z.array(z.object({ value: Scalar, count: z.int() })))
  .describe("By field the values that occur, most frequent first, at most fifty.");
export const Highlights = z
  .record(z.string(), z.record(z.string(), z.string()))
  .describe("By entry and field a piece of text as HTML, with `<mark>` round what was found.");

export const type = z.string().max(63).describe("The id of a content type, such as `blog_post`.");
export const entryParams = { type, id: EntryId };
export const missing = { 404: ["content/not-found"] } as const;

export const WriteNotes = z
  .array(
    z.object({
      path: z.string().describe("The field, such as `body` or `parts[0].text`."),
      message: z.string().describe("Such as `dropped <script>`."),
      count: z.int().describe("How often."),
    }),
  )
  .optional()
  .describe("What of HTML could not be kept, at most 50; absent when all of it was.");
const Refusal = z.object({
  code: z.string(),
  reason: z.string(),
  message: z.string(),
  details: z.array(z.looseObject({ path: z.string(), message: z.string() })),
});
export const BulkAnswer = z.object({
  atomic: z.boolean().describe("Whether it was all or nothing."),
  succeeded: z.int().describe("How many operations were done."),
  failed: z.int().describe("How many were not; 0 when `atomic`."),
  items: z
    .array(
      z.object({
        index: z.int().describe("Which of the operations, from 0."),
        id: EntryId,
        outcome: z
          .enum(["created", "updated", "unchanged", "published", "unpublished", "deleted", "failed"])
          .describe("What became of it; `unchanged` when a `put` found an equal entry."),
        entry: Entry.optional().describe(
          "The entry as it is now; not when it was deleted or the operation failed.",
        ),
        cancelled_schedules: z
          .array(z.string())
          .optional()
          .describe("Plans to publish it that unpublishing cancelled."),
        notes: WriteNotes,
        error: Refusal.optional().describe("Why it failed."),
      }),
    )
    .describe("One for each operation, in their order."),
});
