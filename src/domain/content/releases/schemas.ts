import * as z from "zod";
import { Refusal } from "../../../core/refusal.ts";

export const STATES = ["open", "scheduled", "published", "rolled_back", "failed"] as const;
/** Entries in one release. */
export const MAX_ITEMS = 5000;
/** Items that are added or removed with one request. */
export const MAX_ITEMS_AT_ONCE = 1000;

const EntryId = z
  .string()
  .regex(/^cnt_[0-7][0-9a-hjkmnp-tv-z]{25}$/, "must be an entry id such as cnt_01jd…");
const Locales = z.array(z.string().max(35)).min(1).max(60);
const name = z.string().trim().min(1).max(200);
const description = z.string().max(5000).nullable();

export const NewRelease = z.strictObject({
  name: name.describe("For people."),
  description: description.optional(),
  allow_broken_references: z
    .boolean()
    .optional()
    .describe("Whether it may be published although references then lead to nothing."),
});
export type NewRelease = z.infer<typeof NewRelease>;

export const ReleaseChange = NewRelease.partial().extend({
  version: z.int().positive().max(2_000_000_000).optional().describe("Only if the release has this version."),
});
export type ReleaseChange = z.infer<typeof ReleaseChange>;

export const NewItem = z.strictObject({
  entry: EntryId.describe("The entry's id."),
  action: z.enum(["publish", "unpublish"]).default("publish"),
  locales: Locales.optional().describe("All locales when absent."),
  version: z
    .int()
    .positive()
    .max(2_000_000_000)
    .optional()
    .describe("Publishes this version; the newest at that time when absent."),
});
export type NewItem = z.infer<typeof NewItem>;
export const NewItems = z.strictObject({ items: z.array(NewItem).min(1).max(MAX_ITEMS_AT_ONCE) });
export type NewItems = z.infer<typeof NewItems>;
/** Entries that one request takes out of a release: they are in its URL. */
const MAX_GONE_AT_ONCE = 200;
export const GoneItems = z.strictObject({
  entries: z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(EntryId).min(1).max(MAX_GONE_AT_ONCE))
    .describe("Up to 200 entry ids, separated by commas."),
  environment: z.string().optional(),
});

const at = z.iso.datetime();
export const ReleaseItem = z.object({
  entry: z.string().describe("The entry's id."),
  type: z.string().describe("The entry's content type."),
  action: z.enum(["publish", "unpublish"]),
  locales: z.array(z.string()).nullable().describe("All locales when `null`."),
  version: z.int().nullable().describe("The version to publish; the newest when `null`."),
  added_version: z.int().describe("The entry's version when it was added."),
  added_at: at,
  added_by: z.string(),
  replaced: z
    .object({ version: z.int(), locales: z.record(z.string(), z.int()).nullable() })
    .nullable()
    .describe("What was published before the release; `null` where nothing was, or before it is published."),
});
export type ReleaseItem = z.infer<typeof ReleaseItem>;

export const Release = z.object({
  id: z.string().describe("`rel_…`"),
  name: z.string(),
  description: z.string().nullable(),
  version: z.int().describe("Increases with every change."),
  state: z.enum(STATES),
  items: z.int().describe("How many entries it has."),
  allow_broken_references: z.boolean(),
  due_at: at.nullable().describe("When it is published, in UTC; `null` when it is not scheduled."),
  time_zone: z.string().nullable().describe("The time zone in which it was scheduled."),
  failure: Refusal.nullable().describe("Why it could not be published at that time, as an error of the API."),
  inverse_of: z.string().nullable().describe("The release that it rolls back."),
  rolled_back_by: z.string().nullable().describe("The release that rolled it back."),
  created_at: at,
  created_by: z.string(),
  updated_at: at,
  published_at: at.nullable(),
  published_by: z.string().nullable(),
});
export type Release = z.infer<typeof Release>;

export const Finding = z.object({
  severity: z.enum(["error", "warning"]).describe("Errors keep the release from being published."),
  reason: z.string().describe("As the `reason` of an error: `content/incomplete`."),
  message: z.string(),
  entry: z.string().describe("The entry's id."),
  type: z.string(),
  path: z.string().nullable().describe("The field."),
  locale: z.string().nullable(),
});
export type Finding = z.infer<typeof Finding>;

export const DryRun = z.object({
  of: z.enum(["publish", "rollback"]).describe("Of a published release it is about rolling it back."),
  publishable: z.boolean().describe("Whether there are no errors."),
  errors: z.int(),
  warnings: z.int(),
  findings: z.array(Finding).describe("Errors first; at most 1,000."),
});
export type DryRun = z.infer<typeof DryRun>;

export const ReleasesQuery = z.strictObject({
  state: z.enum(STATES).optional().describe("Only releases in this state."),
  entry: z.string().max(40).optional().describe("Only releases with this entry."),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().optional(),
  environment: z.string().optional(),
});
export type ReleasesQuery = z.infer<typeof ReleasesQuery>;

export const ItemsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  cursor: z.string().optional(),
  environment: z.string().optional(),
});
export type ItemsQuery = z.infer<typeof ItemsQuery>;

export const NewReleaseSchedule = z.strictObject({
  at: z
    .string()
    .max(40)
    .describe(
      "A datetime with an offset, `2026-01-31T09:00:00Z`, or without one, `2026-01-31T09:00`: then in `time_zone`.",
    ),
  time_zone: z.string().max(64).default("UTC").describe("An IANA name such as `Europe/Berlin`."),
});
export type NewReleaseSchedule = z.infer<typeof NewReleaseSchedule>;

export const PublishInput = z.strictObject({
  version: z.int().positive().max(2_000_000_000).optional().describe("Only if the release has this version."),
});

export const NewRollback = z.strictObject({
  changed: z
    .enum(["refuse", "skip", "overwrite"])
    .default("refuse")
    .describe("What becomes of entries that were published or unpublished since by others."),
});
export type NewRollback = z.infer<typeof NewRollback>;
