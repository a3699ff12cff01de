import { Hono } from "hono";
import { success, successPage } from "../../core/answers.ts";
import type { Context } from "../../core/context.ts";
import { readJson } from "../../core/read-body.ts";
import { parseInput } from "../../core/parse-input.ts";
import * as schedules from "./index.ts";
import { ScheduleQuery } from "./schedules.ts";

type Door = { Variables: { ctx: Context } };

/** REST of planning: `/content/schedule`. */
export function schedulingRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.post("/schedule", async (c) =>
    success(await schedules.createSchedule(c.var.ctx, { schedule: await readJson(c.req.raw) }), 201),
  );
  return app;
}

/** REST of schedules: `/schedules`. They are made at `/content/schedule`. */
export function scheduleRoutes(): Hono<Door> {
  const app = new Hono<Door>();
  app.get("/", async (c) => {
    const query = parseInput(ScheduleQuery, c.req.query(), "schedules/bad-query", "The query is not valid.");
    const { data, nextCursor } = await schedules.listSchedules(c.var.ctx, query);
    return successPage(data, query.limit, nextCursor);
  });
  app.delete("/:id", async (c) =>
    success(await schedules.cancelSchedule(c.var.ctx, { id: c.req.param("id") })),
  );
  return app;
}
