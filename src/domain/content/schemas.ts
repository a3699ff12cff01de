import * as z from "zod";
import { parseInput } from "../../core/parse-input.ts";

export const EntryId = z
  .string()
  .regex(/^cnt_[0-7][0-9a-hjkmnp-tv-z]{25}$/, "must be an entry id such as cnt_01jd3f0b6vfs8t4z9c7q2m5n8x");
const Version = z.int().positive().max(2_000_000_000);
const Locales = z.array(z.string().max(35)).min(1).max(60);
const Moment = z.iso.datetime({ offset: true });

const isVersion = "The version that you read; another one is a conflict.";
const someLocales = "Every locale when absent.";

export const PublishInput = z.strictObject({
  id: EntryId.describe("The entry to publish."),
  version: Version.optional().describe(isVersion),
  locales: Locales.optional().describe(someLocales),
  published_at: Moment.optional().describe("When it was published first, for imports; not in the future."),
});

/** What is to be published; throws INVALID `content/bad-publish`. */
export const readPublish = (input: unknown): z.infer<typeof PublishInput> =>
  parseInput(PublishInput, input, "content/bad-publish", "The request is not valid.");

export const UnpublishInput = z.strictObject({
  id: EntryId.describe("The entry to take out of delivery."),
  version: Version.optional().describe(isVersion),
  locales: Locales.optional().describe(someLocales),
  on_reference: z
    .string()
    .max(60)
    .optional()
    .describe("What becomes of published entries that refer to it: `null`, `cascade` or `repoint:{id}`."),
});

/** One operation of a bulk; `fields` are the entry's, as the body of a single write has them. */
export const BulkOperation = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.enum(["create", "put", "update"]).describe("As POST, PUT and PATCH of one entry."),
    type: z.string().max(63).describe("The id of the entry's content type."),
    id: EntryId.optional().describe("A new one when absent; `update` needs it."),
    version: Version.optional().describe(isVersion),
    locale: z
      .string()
      .max(35)
      .optional()
      .describe("Where values of localised fields go; `*` when they are objects by locale."),
    allow_incomplete: z.boolean().optional().describe("Saves a draft that lacks required values."),
    fields: z.record(z.string(), z.unknown()).describe("The values by field."),
    locales: z.undefined().optional(),
    published_at: z.undefined().optional(),
  }),
  z.strictObject({
    op: z.enum(["publish", "unpublish"]),
    id: EntryId.describe("The entry; one that the same bulk makes is fine."),
    version: Version.optional().describe(isVersion),
    locales: Locales.optional().describe(someLocales),
    published_at: Moment.optional().describe("With `publish`: when it was published first."),
  }),
  z.strictObject({
    op: z.literal("delete"),
    type: z.string().max(63).describe("The id of the entry's content type."),
    id: EntryId.describe("The entry that goes to the trash."),
    version: Version.optional().describe(isVersion),
    locales: z.undefined().optional(),
  }),
]);
export type BulkOperation = z.infer<typeof BulkOperation>;

export const BulkInput = z.strictObject({
  atomic: z.boolean().default(true).describe("Whether nothing is done when one operation fails."),
  operations: z.array(BulkOperation).min(1).max(500).describe("Done in this order."),
});

export const WriteQuery = z.strictObject({
  locale: z
    .string()
    .max(35)
    .optional()
    .describe(
      "The locale that values of localised fields are for, the default one when absent; `*` when they are objects by locale.",
    ),
  allow_incomplete: z
    .enum(["true", "false"])
    .optional()
    .describe("`true` saves a draft that lacks required values."),
  environment: z.string().optional(),
});

export const DeleteQuery = z.strictObject({
  on_reference: z
    .string()
    .max(60)
    .optional()
    .describe(
      "What becomes of entries that refer to it: `null` (they lose the reference), `cascade` (they are deleted too, 100 at most) or `repoint:{id}` (they refer to that entry from then on).",
    ),
  for_good: z.enum(["true", "false"]).optional().describe("`true` goes past the trash."),
  environment: z.string().optional(),
});

export const VersionsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  before: z.coerce
    .number()
    .int()
    .positive()
    .max(2_000_000_000)
    .optional()
    .describe("Only versions with a lower number."),
  environment: z.string().optional(),
});

const VersionNumber = z.coerce.number().int().positive().max(2_000_000_000);

export const DiffQuery = z.strictObject({
  from: VersionNumber.describe("The number of a version."),
  to: VersionNumber.describe("The number of another, older or newer."),
  environment: z.string().optional(),
});

export const RestoreInput = z.strictObject({ version: Version.describe("The version to go back to.") });
export const VersionName = z.strictObject({
  name: z.string().trim().min(1).max(200).nullable().describe("Such as `As launched`; `null` takes it away."),
});
export const DuplicateInput = z.strictObject({
  id: EntryId.optional().describe("The copy's id; a new one when absent."),
  fields: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Values in place of the original's; localised ones as objects by locale."),
});

/** How a copy differs; throws INVALID `content/bad-duplicate`. */
export function readDuplicate(input: unknown) {
  const { id, fields } = parseInput(
    DuplicateInput,
    input,
    "content/bad-duplicate",
    "The request is not valid.",
  );
  return { newId: id, fields };
}

export const LimitQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  environment: z.string().optional(),
});

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
  type: z.string().max(63).optional().describe("Only entries of this content type."),
  environment: z.string().optional(),
});
