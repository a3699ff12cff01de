import * as z from "zod";
import { Datetime } from "../../../core/datetimes.ts";
import { WriteNote } from "../types/index.ts";

export const EntryId = z
  .string()
  .regex(/^cnt_[0-7][0-9a-hjkmnp-tv-z]{25}$/, "must be an entry id such as cnt_01jd3f0b6vfs8t4z9c7q2m5n8x")
  .describe("`cnt_` and 26 characters of base 32; sorts by time.");
/** An entry that is named in a path or body: by its id, or as the only one of its type. */
export const EntryAddress = z
  .string()
  .regex(
    /^(?:cnt_[0-7][0-9a-hjkmnp-tv-z]{25}|-)$/,
    "must be an entry id such as cnt_01jd3f0b6vfs8t4z9c7q2m5n8x, or - for the only entry of a singleton",
  )
  .describe("The entry's id; `-` for the only entry of a singleton.");
export const OfType = z
  .string()
  .max(63)
  .optional()
  .describe("The id of its content type; needed only with `-` as the id.");
/** A body with an entry, which says the type where `-` is its id. */
export const named = <S extends z.ZodObject>(schema: S): S =>
  schema.refine(({ id, type }) => id !== "-" || type !== undefined, {
    path: ["type"],
    message: "is needed with - as the id: a content type",
  });
/** An entry of whatever type, in a body. */
export const anyEntry = { id: EntryAddress, type: OfType };
const Version = z.int().describe("Increases with every save.");
const By = z.string().describe("The id of a person or token.");

const WorkingCopy = z.looseObject({
  id: EntryId,
  type: z.string().describe("The id of its content type."),
  locale: z.string().describe("The locale of the values; `*` for all locales."),
  version: Version,
  status: z.enum(["draft", "published", "changed"]),
  published_version: z.int().nullable().describe("The published version; only with working copies."),
  published_locales: z
    .record(z.string(), z.int())
    .nullable()
    .describe("The published version of each locale, when they differ."),
  stage: z.string().nullish().describe("Its stage in the review, if its type has one."),
  assignee: z.string().nullish().describe("The id of the person or token it is assigned to."),
  published_at: z.iso.datetime().nullable().describe("When it was first published; unpublishing removes it."),
  created_at: z.iso.datetime(),
  created_by: z.string(),
  updated_at: z.iso.datetime(),
  updated_by: z.string(),
});
/** An entry as those who write it get it: what every entry has, then the fields of its type. */
export type WorkingCopy = z.infer<typeof WorkingCopy>;
export const Entry = WorkingCopy.partial()
  .required({ id: true })
  .describe(
    "The properties of every entry, next to the fields of its type. With `fields=` only `id` is always present. `status` is `changed` when the working copy has unpublished changes.",
  );

const Can = z.object({
  update: z.boolean(),
  publish: z.boolean(),
  unpublish: z.boolean(),
  delete: z.boolean(),
  fields: z.array(z.string()).optional().describe("The fields that may be changed, if not all."),
});
/** What the actor may do with an entry. */
export type Can = z.infer<typeof Can>;
export const CanOne = Can.optional().describe("With `perspective=draft`: your permissions on the entry.");
export const Moved = z
  .object({
    from: z.string().describe("The slug that was asked for."),
    to: z.string().describe("The one that the entry has now; its id when it has none."),
  })
  .optional()
  .describe("The entry was published by the slug that was asked for, and has another one now.");
export type Moved = NonNullable<z.infer<typeof Moved>>;
export const CanEach = z
  .record(EntryId, Can)
  .optional()
  .describe("With `perspective=draft`: your permissions on each entry, by its id.");

const Scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
/**
 * `count`, then by function and field the value (null over no values); `group` holds the values
 * grouped by.
 */
export const Aggregate = z.object({
  count: z.int().describe("The number of matching entries."),
  group: z.record(z.string(), Scalar).optional().describe("The values of `group_by`."),
  min: z.record(z.string(), Scalar).optional().describe("The lowest value of each field."),
  max: z.record(z.string(), Scalar).optional().describe("The highest value of each field."),
  avg: z.record(z.string(), Scalar).optional().describe("The average of each field."),
  sum: z.record(z.string(), Scalar).optional().describe("The sum of each field."),
  distinct: z
    .record(z.string(), z.int())
    .optional()
    .describe("The number of different values of each field."),
});
export type Aggregate = z.infer<typeof Aggregate>;

export const Facets = z
  .record(
    z.string(),
    z.array(
      z.object({
        value: Scalar,
        label: z.string().optional().describe("The label of an enum's option."),
        count: z.int(),
      }),
    ),
  )
  .describe("The values of each field, most frequent first, at most fifty.");
export type Facets = z.infer<typeof Facets>;
export const Highlights = z
  .record(z.string(), z.record(z.string(), z.string()))
  .describe("By entry and field: an HTML fragment with matches in `<mark>`.");
export const Distances = z
  .record(EntryId, z.number().nullable())
  .describe("With `sort=field:near(lat,lon)`: kilometres from that point, null without a place.");
export type Highlights = z.infer<typeof Highlights>;

const WantedVersion = z.int().positive().max(2_000_000_000);
const CurrentVersion = z
  .int()
  .min(1)
  .optional()
  .describe("The version that you read; if it is outdated, that is a conflict.");
export const EntryInput = z
  .looseObject({
    id: EntryId.optional().describe("An id that you choose; generated when absent."),
    version: CurrentVersion,
    created_at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe("The original creation datetime, for imports."),
  })
  .describe("The fields of the type, at the top level next to the options of the write.");
export const EntryPatch = z
  .looseObject({ version: CurrentVersion })
  .describe("The fields to change; others keep their values. `null` removes a value.");
export const WriteQuery = z.strictObject({
  locale: z
    .string()
    .max(35)
    .optional()
    .describe(
      "The locale of the localised values, by default the environment's; `*` when they are objects by locale.",
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
      "What happens to entries that refer to it: `null` (the references are removed), `cascade` (they are deleted too, at most 100) or `repoint:{id}` (they refer to that entry instead).",
    ),
  for_good: z.enum(["true", "false"]).optional().describe("`true` erases it without the trash."),
  environment: z.string().optional(),
});
export const WriteNotes = z
  .array(WriteNote)
  .optional()
  .describe("The parts of the HTML that were removed, at most 50; absent when there are none.");

export const versionAndLocales = {
  version: WantedVersion.optional().describe(
    "The version that you read; if it is outdated, that is a conflict.",
  ),
  locales: z.array(z.string().max(35)).min(1).max(60).optional().describe("All locales when absent."),
};
export const PublishInput = named(
  z.strictObject({
    ...anyEntry,
    ...versionAndLocales,
    published_at: Datetime.optional().describe(
      "The original publication datetime, for imports; not in the future.",
    ),
  }),
);
export const PlaceInput = z.strictObject({
  before: EntryId.optional().describe("The entry that it comes to stand before."),
  after: EntryId.optional().describe("The entry that it comes to stand behind; behind all without either."),
  parent: EntryId.nullable()
    .optional()
    .describe("In a tree: the entry that it comes to stand below; `null` makes it a root."),
  version: versionAndLocales.version,
});
export type PlaceInput = z.infer<typeof PlaceInput>;

export const UnpublishInput = named(
  z.strictObject({
    ...anyEntry,
    ...versionAndLocales,
    on_reference: z
      .string()
      .max(60)
      .optional()
      .describe(
        "What happens to published entries that refer to it: `keep` (they show it as unavailable), `null`, `cascade` or `repoint:{id}`.",
      ),
  }),
);

const RichTextForm = z.enum(["json", "html", "text"]).default("json").describe("The format of rich text.");
export type RichTextForm = z.output<typeof RichTextForm>;
const VersionNumber = z.coerce.number().int().positive().max(2_000_000_000);
const Stored = z.record(z.string(), z.unknown()).describe("The fields as stored, localised ones by locale.");

/** One save of an entry. */
export const EntryVersion = z.object({
  version: Version,
  name: z.string().nullable().describe("Versions with a name are kept without a time limit."),
  created_by: By,
  created_at: z.iso.datetime(),
  data: Stored,
});
export type EntryVersion = z.infer<typeof EntryVersion>;
export const VersionsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  before: VersionNumber.optional().describe("Only versions with a lower number."),
  rich_text: RichTextForm,
  environment: z.string().optional(),
});
export const VersionQuery = z.strictObject({
  rich_text: RichTextForm,
  environment: z.string().optional(),
});
export const VersionName = z.strictObject({
  name: z.string().trim().min(1).max(200).nullable().describe("Such as `As launched`; `null` removes it."),
});
export const RestoreInput = z.strictObject({
  version: WantedVersion.describe("The version to restore."),
});

/** One value that differs. */
export const Difference = z.object({
  path: z.string().describe("Such as `body.content[2]` or `title.fr`."),
  change: z.enum(["added", "removed", "changed"]),
  from: z.unknown().optional().describe("The value before; absent when it was added."),
  to: z.unknown().optional().describe("The value after; absent when it was removed."),
});
export type Difference = z.infer<typeof Difference>;
export const DiffQuery = z.strictObject({
  from: VersionNumber.describe("The number of a version."),
  to: VersionNumber.describe("The number of another, older or newer."),
  rich_text: RichTextForm,
  environment: z.string().optional(),
});

/** A value that could not be restored, and why. */
export const LeftOut = z.object({
  path: z.string().describe("Such as `seo.title`, `title.fr` or `blocks[0].text`."),
  reason: z.enum([
    "field-removed",
    "block-removed",
    "locale-removed",
    "value-invalid",
    "target-missing",
    "value-taken",
  ]),
  message: z.string(),
});
export type LeftOut = z.infer<typeof LeftOut>;
export const DuplicateInput = z.strictObject({
  id: EntryId.optional().describe("The id of the duplicate; generated when absent."),
  fields: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Values that replace the original's; localised ones as objects by locale."),
});

/** Where an entry is referred to. */
export const Reference = z.object({
  id: EntryId.describe("The entry that refers."),
  type: z.string().describe("Its content type."),
  field: z.string().describe("The field at its top level that holds the reference."),
  locale: z.string().nullable().describe("`null` when the field is not localised."),
  perspective: z
    .enum(["draft", "published", "trash"])
    .describe(
      "Whether the reference is in the working copy, the published version, or an entry in the trash.",
    ),
});
export type Reference = z.infer<typeof Reference>;

/** A release that is not published and has the entry. */
export const EntryRelease = z.object({
  id: z.string().describe("`rel_…`"),
  name: z.string(),
  state: z.enum(["open", "scheduled", "failed"]),
  action: z.enum(["publish", "unpublish"]),
  due_at: z.iso.datetime().nullable(),
});
export type EntryRelease = z.infer<typeof EntryRelease>;
export const ReferencesQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  environment: z.string().optional(),
});

/** An entry that was deleted and can be brought back. */
export const TrashedEntry = z.object({
  id: EntryId,
  type: z.string(),
  version: z.int().describe("The latest version; restoring creates the next."),
  deleted_at: z.iso.datetime(),
  deleted_by: By,
  data: Stored,
});
export type TrashedEntry = z.infer<typeof TrashedEntry>;
export const TrashQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
  type: z.string().max(63).optional().describe("Only entries of this content type."),
  rich_text: RichTextForm,
  environment: z.string().optional(),
});
export const EraseQuery = z.strictObject({
  on_reference: z.string().max(60).optional().describe("`keep` leaves entries that refer to it unchanged."),
  environment: z.string().optional(),
});
