import * as z from "zod";
import { answeredPage } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { addressOf } from "../entries/index.ts";
import { Refusal } from "../../../core/refusal.ts";
import { cancelSchedule, createSchedule, listSchedules } from "./schedules.ts";
import { NewSchedule, Schedule, ScheduleQuery } from "./schemas.ts";

const operation = declares<Context>("schedules/bad-query");

const example = {
  id: "sch_01jd3f0b6vfs8t4z9c7q2m5n8x",
  entry: "cnt_01jd3f0b6vfs8t4z9c7q2m5n8y",
  type: "blog_post",
  action: "publish",
  due_at: "2099-01-31T08:30:00.000Z",
  time_zone: "Europe/Paris",
  locales: ["en"],
  version: null,
  state: "pending",
  finished_at: null,
  failure: null,
  created_at: "2026-01-31T09:30:00.000Z",
  created_by: "tok_01jd3f0b6vfs8t4z9c7q2m5n8x",
};

export const scheduleOperations: OperationGroup<Operation<Context>> = {
  tag: "Schedules",
  description:
    "Publishing and unpublishing at a later time. Each schedule runs once, within a minute of its datetime; its creator is notified when it fails.",
  schemas: { NewSchedule, Refusal, Schedule },
  operations: [
    operation({
      method: "post",
      path: "/content/schedule",
      operationId: "createSchedule",
      summary: "Schedule publishing or unpublishing",
      description:
        "The entry is validated when the schedule is due, not now: then `failure` has the reason if it cannot be published. The working copy at that time is published.",
      permission: "content:publish",
      body: NewSchedule,
      invalid: ["schedules/invalid", "The schedule is not valid."],
      answer: Schedule,
      statuses: [201],
      graphql: { field: "schedule" },
      errors: {
        402: ["schedules/too-many"],
        404: ["content/not-found", "content/unknown-type", "content/not-singleton"],
        422: [
          "schedules/bad-time",
          "schedules/bad-time-zone",
          "schedules/in-the-past",
          "content/unknown-locale",
        ],
      },
      example: {
        request: {
          id: example.entry,
          action: "publish",
          at: "2099-01-31T09:30",
          time_zone: "Europe/Paris",
          locales: ["en"],
        },
        response: example,
      },
      run: async (ctx, { body: { type, ...body } }) =>
        createSchedule(ctx, { ...body, id: await addressOf(ctx, { type, id: body.id }) }),
    }),
    operation({
      method: "get",
      path: "/schedules",
      operationId: "listSchedules",
      summary: "List schedules",
      description: "Sorted by due datetime. Finished schedules are kept for 90 days.",
      permission: "content:read-draft",
      query: ScheduleQuery,
      answer: z.array(Schedule),
      isList: true,
      graphql: { field: "schedules" },
      errors: { 422: ["http/bad-cursor"] },
      example: { query: { state: "pending" }, response: [example] },
      sdk: { call: "schedules.list" },
      run: async (ctx, { query }) => {
        const { data, nextCursor } = await listSchedules(ctx, query);
        return answeredPage(data, query.limit, nextCursor);
      },
    }),
    operation({
      method: "delete",
      path: "/schedules/{id}",
      operationId: "cancelSchedule",
      summary: "Cancel a schedule",
      description: "Only pending schedules can be cancelled.",
      permission: "content:publish",
      params: { id: z.string().describe("`sch_…`") },
      answer: Schedule,
      graphql: { field: "cancelSchedule" },
      errors: { 404: ["schedules/not-found"], 409: ["schedules/not-pending"] },
      example: {
        params: { id: example.id },
        response: { ...example, state: "cancelled", finished_at: example.created_at },
      },
      sdk: { call: "schedules.cancel" },
      run: (ctx, { params }) => cancelSchedule(ctx, params),
    }),
  ],
};
