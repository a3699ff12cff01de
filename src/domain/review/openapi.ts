import * as z from "zod";
import type { OperationGroup } from "../../core/operation.ts";
import { NewComment } from "./comments.ts";
import { AssignInput, MoveInput } from "./move-entry.ts";
import { CommentChange, CommentsQuery, NotificationsQuery } from "./routes.ts";

const Standing = z.object({
  id: z.string(),
  type: z.string(),
  version: z.int().describe("The version of the working copy; moving and assigning make no new one."),
  stage: z.string().describe("The id of the stage."),
  assignee: z.string().nullable().describe("A person's or token's id."),
});
const Comment = z.object({
  id: z.string().describe("`cmt_…`"),
  entry: z.string().describe("The entry's id."),
  field: z.string().nullable().describe("Such as `title` or `body.content[2]`; null for the whole entry."),
  body: z.string(),
  mentions: z.array(z.string()).describe("Ids of those who were told."),
  created_at: z.iso.datetime(),
  created_by: z.string().describe("A person's or token's id."),
  resolved_at: z.iso.datetime().nullable().describe("`null` as long as it is open."),
  resolved_by: z.string().nullable(),
});
const Notification = z.object({
  id: z.string(),
  kind: z.string().describe("`comment.mention`, `entry.assigned` or `schedule.failed`."),
  subject: z.string().describe("Such as `entry:cnt_01jd…`."),
  payload: z
    .unknown()
    .describe("More of it: the comment, who mentioned or assigned, or why the schedule failed."),
  created_at: z.iso.datetime(),
  read_at: z.iso.datetime().nullable().describe("`null` as long as it is unread."),
});

const at = "2026-01-31T09:30:00.000Z";
const by = "tok_01jd3f0b6vfs8t4z9c7q2m5n8x";
const entry = { type: "blog_post", id: "cnt_01jd3f0b6vfs8t4z9c7q2m5n8y" };
const standing = { ...entry, version: 3, stage: "approved", assignee: null };
const comment = {
  id: "cmt_01jd3f0b6vfs8t4z9c7q2m5n8x",
  entry: entry.id,
  field: "title",
  body: "Shorter, please.",
  mentions: [by],
  created_at: at,
  created_by: by,
  resolved_at: null,
  resolved_by: null,
};
const params = {
  type: z.string().max(63).describe("The id of a content type, such as `blog_post`."),
  id: z.string().describe("The entry's id."),
};
const ofComment = { ...params, comment: z.string().describe("`cmt_…`") };
const missing = { 404: ["content/not-found", "content/unknown-type"] } as const;

export const reviewOperations: OperationGroup = {
  tag: "Review",
  description:
    "A type with `review` has stages that its entries move through, and may ask for one of them before an entry is published. Every entry can be commented on; who is mentioned is told.",
  schemas: { Comment, NewComment, Notification, Standing },
  operations: [
    {
      method: "post",
      path: "/content/{type}/{id}/stage",
      operationId: "moveEntry",
      summary: "Move an entry to a stage",
      description:
        "The type says from which stages it can be reached, and who may move an entry there: for others it is `review/not-yours` (403).",
      permission: "content:write",
      params,
      body: MoveInput,
      answer: Standing,
      errors: {
        ...missing,
        409: ["review/wrong-stage", "content/version-conflict"],
        422: ["review/invalid", "review/none", "review/unknown-stage"],
      },
      example: { params: entry, request: { stage: "approved" }, response: standing },
    },
    {
      method: "put",
      path: "/content/{type}/{id}/assignee",
      operationId: "assignEntry",
      summary: "Assign an entry",
      description:
        "To a person or token, who is told unless it is the one who assigns; `null` takes it back. The type must have a `review`.",
      permission: "content:write",
      params,
      body: AssignInput,
      answer: Standing,
      errors: { ...missing, 422: ["review/invalid", "review/none"] },
      example: { params: entry, request: { assignee: by }, response: { ...standing, assignee: by } },
    },
    {
      method: "post",
      path: "/content/{type}/{id}/comments",
      operationId: "createComment",
      summary: "Comment on an entry",
      description: "On the whole entry, or on a `field` of it. Who is mentioned gets a notification.",
      permission: "content:write",
      params,
      body: NewComment,
      answer: Comment,
      statuses: [201],
      errors: { ...missing, 422: ["review/invalid-comment"] },
      example: {
        params: entry,
        request: { body: comment.body, field: "title", mentions: [by] },
        response: comment,
      },
    },
    {
      method: "get",
      path: "/content/{type}/{id}/comments",
      operationId: "listComments",
      summary: "List the comments on an entry",
      description: "In the order in which they were made, resolved ones too.",
      permission: "content:read-draft",
      params,
      query: CommentsQuery,
      answer: z.array(Comment),
      errors: { 404: ["content/not-found"], 422: ["review/bad-query"] },
      example: { params: entry, response: [comment] },
    },
    {
      method: "patch",
      path: "/content/{type}/{id}/comments/{comment}",
      operationId: "resolveComment",
      summary: "Resolve a comment",
      description: "Says that it was dealt with, or opens it again. Anybody who may write can.",
      permission: "content:write",
      params: ofComment,
      body: CommentChange,
      answer: Comment,
      errors: { 404: ["review/no-such-comment"], 422: ["review/invalid-comment"] },
      example: {
        params: { ...entry, comment: comment.id },
        request: { resolved: true },
        response: { ...comment, resolved_at: at, resolved_by: by },
      },
    },
    {
      method: "delete",
      path: "/content/{type}/{id}/comments/{comment}",
      operationId: "deleteComment",
      summary: "Delete a comment",
      description: "One of your own; an admin may delete any.",
      permission: "content:write",
      params: ofComment,
      statuses: [204],
      errors: { 404: ["review/no-such-comment"] },
      example: { params: { ...entry, comment: comment.id } },
    },
    {
      method: "get",
      path: "/notifications",
      operationId: "listNotifications",
      summary: "List your notifications",
      description:
        "What you should know, newest first: mentions, assignments, schedules that failed. From every environment, for 180 days.",
      permission: "content:read-draft",
      query: NotificationsQuery,
      answer: z.array(Notification),
      isList: true,
      errors: { 422: ["review/bad-query", "http/bad-cursor"] },
      example: { response: [] },
    },
    {
      method: "post",
      path: "/notifications/read",
      operationId: "readNotifications",
      summary: "Mark your notifications as read",
      description: "All of them, in every environment.",
      permission: "content:read-draft",
      answer: z.object({ read: z.int().describe("How many were unread.") }),
      example: { response: { read: 1 } },
    },
  ],
};
