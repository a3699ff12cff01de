import * as z from "zod";

const EntryId = z
  .string()
  .regex(/^cnt_[0-7][0-9a-hjkmnp-tv-z]{25}$/, "must be an entry id such as cnt_01jd3f0b6vfs8t4z9c7q2m5n8x");

export const PublishInput = z.strictObject({
  id: EntryId,
  version: z.int().positive().max(2_000_000_000).optional(),
  published_at: z.iso.datetime({ offset: true }).optional(),
});

export const WriteQuery = z.strictObject({
  locale: z.string().max(35).optional(),
  allow_incomplete: z.enum(["true", "false"]).optional(),
  environment: z.string().optional(),
});

export const VersionsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  before: z.coerce.number().int().positive().max(2_000_000_000).optional(),
  environment: z.string().optional(),
});
