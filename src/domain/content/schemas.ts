import * as z from "zod";
import { Moment } from "../../core/moments.ts";
import { parseInput } from "../../core/parse-input.ts";

export const EntryId = z
  .string()
  .regex(/^cnt_[0-7][0-9a-hjkmnp-tv-z]{25}$/, "must be an entry id such as cnt_01jd3f0b6vfs8t4z9c7q2m5n8x");
const Version = z.int().positive().max(2_000_000_000);
const Locales = z.array(z.string().max(35)).min(1).max(60);

export const PublishInput = z.strictObject({
  id: EntryId,
  version: Version.optional(),
  locales: Locales.optional(),
  published_at: Moment.optional(),
});

/** What is to be published; throws INVALID `content/bad-publish`. */
export const readPublish = (input: unknown): z.infer<typeof PublishInput> =>
  parseInput(PublishInput, input, "content/bad-publish", "The request is not valid.");

export const UnpublishInput = z.strictObject({
  id: EntryId,
  version: Version.optional(),
  locales: Locales.optional(),
  on_reference: z.string().max(60).optional(),
});

/** One operation of a bulk; `fields` are the entry's, as the body of a single write has them. */
export const BulkOperation = z.discriminatedUnion("op", [
  z.strictObject({
    op: z.enum(["create", "put", "update"]),
    type: z.string().max(63),
    id: EntryId.optional(),
    version: Version.optional(),
    locale: z.string().max(35).optional(),
    allow_incomplete: z.boolean().optional(),
    fields: z.record(z.string(), z.unknown()),
    locales: z.undefined().optional(),
    published_at: z.undefined().optional(),
  }),
  z.strictObject({
    op: z.enum(["publish", "unpublish"]),
    id: EntryId,
    version: Version.optional(),
    locales: Locales.optional(),
    published_at: Moment.optional(),
    on_reference: z.literal("keep").optional(),
  }),
  z.strictObject({
    op: z.literal("delete"),
    type: z.string().max(63),
    id: EntryId,
    version: Version.optional(),
    locales: z.undefined().optional(),
    on_reference: z.literal("keep").optional(),
  }),
]);
export type BulkOperation = z.infer<typeof BulkOperation>;

export const BulkInput = z.strictObject({
  atomic: z.boolean().default(true),
  operations: z.array(BulkOperation).min(1).max(500),
});

export const WriteQuery = z.strictObject({
  locale: z.string().max(35).optional(),
  allow_incomplete: z.enum(["true", "false"]).optional(),
  environment: z.string().optional(),
});

export const DeleteQuery = z.strictObject({
  on_reference: z.string().max(60).optional(),
  for_good: z.enum(["true", "false"]).optional(),
  environment: z.string().optional(),
});

const RichTextForm = z.enum(["json", "html", "text"]).default("json");
export const EraseQuery = z.strictObject({
  on_reference: z.string().max(60).optional(),
  environment: z.string().optional(),
});

export const VersionsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  before: z.coerce.number().int().positive().max(2_000_000_000).optional(),
  rich_text: RichTextForm,
  environment: z.string().optional(),
});

const VersionNumber = z.coerce.number().int().positive().max(2_000_000_000);

export const DiffQuery = z.strictObject({
  from: VersionNumber,
  to: VersionNumber,
  rich_text: RichTextForm,
  environment: z.string().optional(),
});

export const VersionQuery = z.strictObject({
  rich_text: RichTextForm,
  environment: z.string().optional(),
});

export const RestoreInput = z.strictObject({ version: Version });
export const VersionName = z.strictObject({ name: z.string().trim().min(1).max(200).nullable() });
export const DuplicateInput = z.strictObject({
  id: EntryId.optional(),
  fields: z.record(z.string(), z.unknown()).optional(),
});

/** How a copy differs; throws INVALID `content/bad-duplicate`. */
export function readDuplicate(input: unknown) {
  const { id, fields } = parseInput(
    DuplicateInput,
    input,
    "content/bad-duplicate",
    "The request is not valid.",
    "fields",
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
  type: z.string().max(63).optional(),
  rich_text: RichTextForm,
  environment: z.string().optional(),
});
