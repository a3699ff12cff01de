import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { listOf, type ListOf } from "./cursor-list.ts";
import { pathOf } from "./path.ts";
import type { LocaleOf, SchemaShape } from "./schema.ts";

/** A publishing or unpublishing to be planned. */
export type NewSchedule<S extends SchemaShape> = {
  /** `publish` when absent. */
  action?: "publish" | "unpublish" | undefined;
  /** With an offset, or without one in `time_zone`. */
  at: string;
  /** Such as `Europe/Paris`; UTC when absent. */
  time_zone?: string | undefined;
  locales?: readonly LocaleOf<S>[] | undefined;
  /** Only if the entry is still at this version then. */
  version?: number | undefined;
};
export type ScheduleState = "pending" | "running" | "done" | "failed" | "cancelled";

/** A publishing or unpublishing to come. `due_at` is UTC; `failure` says what was wrong when it was tried. */
export type Schedule = {
  id: string;
  entry: string;
  type: string;
  action: "publish" | "unpublish";
  due_at: string;
  time_zone: string;
  locales: string[] | null;
  version: number | null;
  state: ScheduleState;
  finished_at: string | null;
  failure: { code: string; reason: string; message: string } | null;
  created_at: string;
  created_by: string;
};
export type ScheduleQuery = {
  state?: ScheduleState | undefined;
  /** The id of an entry. */
  entry?: string | undefined;
  due_before?: string | undefined;
};

/** Schedules in the order in which they are due; `content.schedule` makes them. */
export type Schedules = ListOf<Schedule, ScheduleQuery> & {
  /** Takes back one that has not been carried out. */
  cancel(id: string, options?: CallOptions): Promise<Schedule>;
};

export const schedulesOf = (ask: Ask): Schedules => ({
  ...listOf<Schedule, ScheduleQuery>(ask, "schedules"),
  cancel: async (id, options) => dataOf(await ask("DELETE", pathOf("schedules", id), {}, options)),
});
