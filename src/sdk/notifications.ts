import { dataOf, type Ask, type CallOptions } from "./call.ts";
import { listOf, type ListOf } from "./cursor-list.ts";
import { pathOf } from "./path.ts";

/** What the token's owner should know: `kind` is such as `comment.mention`, `entry.assigned` or `schedule.failed`. */
export type Notification = {
  id: string;
  kind: string;
  subject: string;
  payload: unknown;
  created_at: string;
  read_at: string | null;
};

/** Notifications, newest first. */
export type Notifications = ListOf<Notification> & {
  /** Marks all as read; answers how many were unread. */
  read(options?: CallOptions): Promise<{ read: number }>;
};

export const notificationsOf = (ask: Ask): Notifications => ({
  ...listOf<Notification>(ask, "notifications"),
  read: async (options) => dataOf(await ask("POST", pathOf("notifications", "read"), {}, options)),
});
