import * as z from "zod";
import { CLEAN_TEXT, isCleanText } from "../../../core/cut-text.ts";

/** The review state of an entry. */
export const Standing = z.object({
  id: z.string(),
  type: z.string(),
  version: z.int().describe("The version of the working copy; moving and assigning do not create a new one."),
  stage: z.string().describe("The id of the stage."),
  assignee: z.string().nullable().describe("The id of a person or token."),
});
export type Standing = z.infer<typeof Standing>;

export const Move = z.strictObject({
  stage: z.string().max(63).describe("The id of a stage of the type."),
  version: z
    .int()
    .positive()
    .max(2_000_000_000)
    .optional()
    .describe("Only if the entry still has this version."),
});
export const Assignment = z.strictObject({
  assignee: z.string().min(1).max(100).nullable().describe("The id of a person or token; `null` for nobody."),
});

/** A comment on an entry. */
export const Comment = z.object({
  id: z.string().describe("`cmt_…`"),
  entry: z.string().describe("The entry's id."),
  field: z.string().nullable().describe("Such as `title` or `body.content[2]`; null for the whole entry."),
  body: z.string(),
  mentions: z.array(z.string()).describe("The ids of the notified people and tokens."),
  created_at: z.iso.datetime(),
  created_by: z.string().describe("The id of a person or token."),
  resolved_at: z.iso.datetime().nullable().describe("`null` while it is open."),
  resolved_by: z.string().nullable(),
});
export type Comment = z.infer<typeof Comment>;

export const NewComment = z.strictObject({
  body: z
    .string()
    .trim()
    .min(1)
    .max(5000)
    .refine(isCleanText, `must be ${CLEAN_TEXT}`)
    .describe("The comment, as plain text."),
  field: z
    .string()
    .max(200)
    .refine(isCleanText, `must be ${CLEAN_TEXT}`)
    .optional()
    .describe("The field, such as `title` or `body.content[2]`; the whole entry when absent."),
  mentions: z
    .array(z.string().min(1).max(100).refine(isCleanText, `must be ${CLEAN_TEXT}`))
    .max(50)
    .default([])
    .describe("The ids of the people and tokens to notify."),
});
export type NewComment = z.infer<typeof NewComment>;

export const CommentChange = z.strictObject({
  resolved: z.boolean().default(true).describe("`false` opens it again."),
});
export const CommentsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  environment: z.string().optional(),
});
