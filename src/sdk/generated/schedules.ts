// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { type ListOf, listOf } from "../cursor-list.ts";
import { pathOf } from "../path.ts";
import type { Schedule } from "./shapes.ts";

export type Schedules = {
  list: ListOf<
    Schedule,
    {
      /** Only schedules in this state. */
      state?: "pending" | "running" | "done" | "failed" | "cancelled" | undefined;
      /** Only those of the entry with this id. */
      entry?: string | undefined;
      /** Only those due before this moment. */
      due_before?: string | undefined;
    }
  >["list"];
  iterate: ListOf<
    Schedule,
    {
      /** Only schedules in this state. */
      state?: "pending" | "running" | "done" | "failed" | "cancelled" | undefined;
      /** Only those of the entry with this id. */
      entry?: string | undefined;
      /** Only those due before this moment. */
      due_before?: string | undefined;
    }
  >["iterate"];
  /** Cancel a schedule. Only what was not carried out yet can be cancelled. */
  cancel(id: string, options?: CallOptions): Promise<Schedule>;
};

export const schedulesOf = (ask: Ask): Schedules => ({
  ...listOf<
    Schedule,
    {
      /** Only schedules in this state. */
      state?: "pending" | "running" | "done" | "failed" | "cancelled" | undefined;
      /** Only those of the entry with this id. */
      entry?: string | undefined;
      /** Only those due before this moment. */
      due_before?: string | undefined;
    }
  >(ask, "schedules"),
  cancel: async (id, options) => dataOf(await ask("DELETE", pathOf("schedules", id), {}, options)),
});
