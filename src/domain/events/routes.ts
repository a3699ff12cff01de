import { Hono } from "hono";
import * as z from "zod";
import { successPage } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { parseInput } from "../../core/parse-input.ts";
import * as events from "./index.ts";

type Door = { Variables: { ctx: Context } };

export const AuditQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().optional(),
  environment: z.string().optional(),
});

/** REST of the audit log: `/audit-logs`. */
export function auditRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => {
    const query = parseInput(AuditQuery, c.req.query(), "audit/bad-query", "The query is not valid.");
    const { data, nextCursor } = await events.listAuditLog(c.var.ctx, query);
    return successPage(data, query.limit, nextCursor);
  });
  return app;
}
