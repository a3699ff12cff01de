import * as z from "zod";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { ofAddress, ofEntry as params, patterns } from "../entries/index.ts";
import { createComment, deleteComment, listComments, resolveComment } from "./comments.ts";
import { assignEntry, moveEntry } from "./move-entry.ts";
import { Assignment, Comment, CommentChange, CommentsQuery, Move, NewComment, Standing } from "./schemas.ts";

const operation = declares<Context>("review/bad-query");

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
const ofComment = { ...params, comment: z.string().describe("`cmt_…`") };
const missing = { 404: ["content/not-found", "content/unknown-type"] } as const;

export const reviewOperations: OperationGroup<Operation<Context>> = {
  tag: "Review",
  description:
    "A type with `review` has stages that its entries move through, and can require certain stages for publishing. Every entry can be commented on; mentioned people are notified.",
  schemas: { Comment, NewComment, Standing },
  operations: [
    ofAddress(
      operation({
        method: "post",
        path: "/content/{type}/{id}/stage",
        operationId: "moveEntry",
        summary: "Move an entry to a stage",
        description:
          "The type defines from which stages it can be reached, and who may move an entry there; for others the error is `review/not-yours` (403).",
        permission: "content:write",
        params,
        body: Move,
        invalid: ["review/invalid", "The move is not valid."],
        answer: Standing,
        errors: {
          ...missing,
          409: ["review/wrong-stage", "content/version-conflict"],
          422: ["review/invalid", "review/none", "review/unknown-stage"],
        },
        example: { params: entry, request: { stage: "approved" }, response: standing },
        graphql: { field: "moveEntry" },
        sdk: { call: "review.move" },
        run: (ctx, { params, body }) => moveEntry(ctx, { ...params, ...body }),
      }),
    ),
    ofAddress(
      operation({
        method: "put",
        path: "/content/{type}/{id}/assignee",
        operationId: "assignEntry",
        summary: "Assign an entry",
        description:
          "To a person or token, who is notified, except when assigning to oneself; `null` removes the assignment. The type must have a `review`.",
        permission: "content:write",
        params,
        body: Assignment,
        invalid: ["review/invalid", "The assignment is not valid."],
        answer: Standing,
        errors: { ...missing, 422: ["review/invalid", "review/none"] },
        example: { params: entry, request: { assignee: by }, response: { ...standing, assignee: by } },
        graphql: { field: "assignEntry" },
        sdk: { call: "review.assign", body: "assignee", isOnce: true },
        run: (ctx, { params, body }) => assignEntry(ctx, { ...params, ...body }),
      }),
    ),
    ofAddress(
      operation({
        method: "post",
        path: "/content/{type}/{id}/comments",
        operationId: "createComment",
        summary: "Comment on an entry",
        description: "On the whole entry, or on a `field`. Mentioned people get a notification.",
        permission: "content:write",
        params,
        body: NewComment,
        invalid: ["review/invalid-comment", "The comment is not valid."],
        answer: Comment,
        statuses: [201],
        errors: { ...missing, 422: ["review/invalid-comment"] },
        example: {
          params: entry,
          request: { body: comment.body, field: "title", mentions: [by] },
          response: comment,
        },
        graphql: { field: "createComment" },
        sdk: { call: "review.comments.create" },
        run: (ctx, { params, body }) => createComment(ctx, { ...params, comment: body }),
      }),
    ),
    ofAddress(
      operation({
        method: "get",
        path: "/content/{type}/{id}/comments",
        patterns,
        operationId: "listComments",
        summary: "List the comments on an entry",
        description: "Oldest first, including resolved ones.",
        permission: "content:read-draft",
        params,
        query: CommentsQuery,
        answer: z.array(Comment),
        errors: { 404: ["content/not-found"] },
        example: { params: entry, response: [comment] },
        graphql: { field: "comments" },
        sdk: { call: "review.comments.list" },
        run: (ctx, { params, query: { limit } }) => listComments(ctx, { ...params, limit }),
      }),
    ),
    ofAddress(
      operation({
        method: "patch",
        path: "/content/{type}/{id}/comments/{comment}",
        operationId: "resolveComment",
        summary: "Resolve a comment",
        description: "Marks it as resolved or opens it again. Needs write access only.",
        permission: "content:write",
        params: ofComment,
        body: CommentChange,
        invalid: ["review/invalid-comment", "The change is not valid."],
        answer: Comment,
        errors: { 404: ["review/no-such-comment"], 422: ["review/invalid-comment"] },
        example: {
          params: { ...entry, comment: comment.id },
          request: { resolved: true },
          response: { ...comment, resolved_at: at, resolved_by: by },
        },
        graphql: { field: "resolveComment" },
        sdk: { call: "review.comments.resolve", body: "resolved" },
        run: (ctx, { params, body: { resolved } }) =>
          resolveComment(ctx, { ...params, isResolved: resolved }),
      }),
    ),
    ofAddress(
      operation({
        method: "delete",
        path: "/content/{type}/{id}/comments/{comment}",
        operationId: "deleteComment",
        summary: "Delete a comment",
        description: "You can delete your own comments; an admin can delete any.",
        permission: "content:write",
        params: ofComment,
        statuses: [204],
        errors: { 404: ["review/no-such-comment"] },
        example: { params: { ...entry, comment: comment.id } },
        graphql: { field: "deleteComment" },
        sdk: { call: "review.comments.delete" },
        run: (ctx, { params }) => deleteComment(ctx, params),
      }),
    ),
  ],
};
