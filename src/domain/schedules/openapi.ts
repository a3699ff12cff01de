import * as z from "zod";
import type { OperationGroup } from "../../core/operation.ts";
import { described } from "../../core/described.ts";
import * as schedules from "./schedules.ts";

const NewSchedule = described(schedules.NewSchedule, {
  id: "The entry.",
  at: "A moment with an offset, `2026-01-31T09:00:00Z`, or without one, `2026-01-31T09:00`: then the clock of `time_zone`.",
  time_zone: "An IANA name such as `Europe/Berlin`.",
  locales: "Every locale when absent.",
  version: "Only if the entry is still at this version then; else the schedule fails.",
});
const ScheduleQuery = described(schedules.ScheduleQuery, {
  state: "Only schedules in this state.",
  entry: "Only those of the entry with this id.",
  due_before: "Only those due before this moment.",
});

const Schedule = z.object({
  id: z.string().describe("`sch_…`"),
  entry: z.string().describe("The entry's id."),
  type: z.string().describe("The entry's content type."),
  action: z.enum(["publish", "unpublish"]),
  due_at: z.iso.datetime().describe("In UTC, whatever the time zone."),
  time_zone: z.string().describe("The one that `at` was given in."),
  locales: z.array(z.string()).nullable().describe("Every locale when `null`."),
  version: z.int().nullable().describe("The only version it is for; any when `null`."),
  state: z.enum(["pending", "running", "done", "failed", "cancelled"]),
  finished_at: z.iso.datetime().nullable().describe("When it was done, failed or cancelled."),
  failure: z
    .object({ code: z.string(), reason: z.string(), message: z.string() })
    .nullable()
    .describe("What was wrong when it was tried, as an error of the API."),
  created_at: z.iso.datetime(),
  created_by: z.string().describe("Who planned it, and is told when it fails."),
});
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

export const scheduleOperations: OperationGroup = {
  tag: "Schedules",
  description:
    "What is to be published or unpublished later. Carried out within a minute of its time, once; who planned it is told when it fails.",
  schemas: { NewSchedule, Schedule },
  operations: [
    {
      method: "post",
      path: "/content/schedule",
      operationId: "createSchedule",
      summary: "Schedule publishing or unpublishing",
      description:
        "The entry is checked when it is due, not now: what keeps it from being published then is in `failure`. The working copy of that moment is published.",
      permission: "content:publish",
      body: NewSchedule,
      answer: Schedule,
      statuses: [201],
      errors: {
        402: ["schedules/too-many"],
        404: ["content/not-found"],
        422: [
          "schedules/invalid",
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
    },
    {
      method: "get",
      path: "/schedules",
      operationId: "listSchedules",
      summary: "List schedules",
      description: "In the order in which they are due. Those that are over stay for 90 days.",
      permission: "content:read-draft",
      query: ScheduleQuery,
      answer: z.array(Schedule),
      isList: true,
      errors: { 422: ["schedules/bad-query", "http/bad-cursor"] },
      example: { query: { state: "pending" }, response: [example] },
    },
    {
      method: "delete",
      path: "/schedules/{id}",
      operationId: "cancelSchedule",
      summary: "Cancel a schedule",
      description: "Only what was not carried out yet can be cancelled.",
      permission: "content:publish",
      params: { id: z.string().describe("`sch_…`") },
      answer: Schedule,
      errors: { 404: ["schedules/not-found"], 409: ["schedules/not-pending"] },
      example: {
        params: { id: example.id },
        response: { ...example, state: "cancelled", finished_at: example.created_at },
      },
    },
  ],
};
