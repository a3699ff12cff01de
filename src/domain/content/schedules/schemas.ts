import * as z from "zod";
import { Datetime } from "../../../core/datetimes.ts";
import { Refusal } from "../../../core/refusal.ts";
import { anyEntry, named } from "../entries/index.ts";

const STATES = ["pending", "running", "done", "failed", "cancelled"] as const;

export const NewSchedule = named(
  z.strictObject({
    ...anyEntry,
    action: z.enum(["publish", "unpublish"]).default("publish"),
    at: z
      .string()
      .max(40)
      .describe(
        "A datetime with an offset, `2026-01-31T09:00:00Z`, or without one, `2026-01-31T09:00`: then in `time_zone`.",
      ),
    time_zone: z.string().max(64).default("UTC").describe("An IANA name such as `Europe/Berlin`."),
    locales: z.array(z.string().max(35)).min(1).max(60).optional().describe("All locales when absent."),
    version: z
      .int()
      .positive()
      .max(2_000_000_000)
      .optional()
      .describe("Only if the entry still has this version then; otherwise the schedule fails."),
  }),
);

export type NewSchedule = z.infer<typeof NewSchedule>;

export const ScheduleQuery = z.strictObject({
  state: z.enum(STATES).optional().describe("Only schedules in this state."),
  entry: z.string().max(40).optional().describe("Only schedules of this entry."),
  due_before: Datetime.optional().describe("Only schedules due before this datetime."),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().optional(),
  environment: z.string().optional(),
});
export type ScheduleQuery = z.infer<typeof ScheduleQuery>;

/** A publishing or unpublishing to come. */
export const Schedule = z.object({
  id: z.string().describe("`sch_…`"),
  entry: z.string().describe("The entry's id."),
  type: z.string().describe("The entry's content type."),
  action: z.enum(["publish", "unpublish"]),
  due_at: z.iso.datetime().describe("Always in UTC."),
  time_zone: z.string().describe("The time zone of `at`."),
  locales: z.array(z.string()).nullable().describe("All locales when `null`."),
  version: z.int().nullable().describe("The required version; any when `null`."),
  state: z.enum(STATES),
  finished_at: z.iso.datetime().nullable().describe("When it ran, failed or was cancelled."),
  failure: Refusal.nullable().describe("Why it failed, as an error of the API."),
  created_at: z.iso.datetime(),
  created_by: z.string().describe("Who created it, and is notified when it fails."),
});
export type Schedule = z.infer<typeof Schedule>;
