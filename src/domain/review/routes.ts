import { Hono } from "hono";
import * as z from "zod";
import { done, success, successPage } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { parseInput } from "../../core/parse-input.ts";
import { readJson } from "../../core/read-body.ts";
import * as review from "./index.ts";

type Door = { Variables: { ctx: Context } };

export const CommentsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  environment: z.string().optional(),
});
export const CommentChange = z.strictObject({
  resolved: z.boolean().describe("`false` opens it again."),
});
export const NotificationsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
  environment: z.string().optional(),
});

/** REST of the review of an entry: below `/content/{type}/{id}`. */
export function reviewRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.post("/:type/:id/stage", async (c) => {
    const { type, id } = c.req.param();
    return success(await review.moveEntry(c.var.ctx, { type, id, move: await readJson(c.req.raw) }));
  });
  app.put("/:type/:id/assignee", async (c) => {
    const { type, id } = c.req.param();
    return success(await review.assignEntry(c.var.ctx, { type, id, assign: await readJson(c.req.raw) }));
  });
  app.get("/:type/:id{cnt_[0-9a-z]+}/comments", async (c) => {
    const { type, id } = c.req.param();
    const { limit } = parseInput(CommentsQuery, c.req.query(), "review/bad-query", "The query is not valid.");
    return success(await review.listComments(c.var.ctx, { type, id, limit }));
  });
  app.post("/:type/:id/comments", async (c) => {
    const { type, id } = c.req.param();
    return success(
      await review.createComment(c.var.ctx, { type, id, comment: await readJson(c.req.raw) }),
      201,
    );
  });
  app.patch("/:type/:id/comments/:comment", async (c) => {
    const { type, id, comment } = c.req.param();
    const change = parseInput(
      CommentChange,
      await readJson(c.req.raw),
      "review/invalid-comment",
      "The change is not valid.",
    );
    return success(
      await review.resolveComment(c.var.ctx, { type, id, comment, isResolved: change.resolved }),
    );
  });
  app.delete("/:type/:id/comments/:comment", async (c) => {
    const { type, id, comment } = c.req.param();
    await review.deleteComment(c.var.ctx, { type, id, comment });
    return done();
  });
  return app;
}

/** REST of the actor's notifications: `/notifications`. */
export function notificationRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => {
    const query = parseInput(
      NotificationsQuery,
      c.req.query(),
      "review/bad-query",
      "The query is not valid.",
    );
    const { data, nextCursor } = await review.listNotifications(c.var.ctx, query);
    return successPage(data, query.limit, nextCursor);
  });
  app.post("/read", async (c) => success(await review.readNotifications(c.var.ctx)));
  return app;
}
