// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { type ListOf, listOf } from "../cursor-list.ts";
import { pathOf } from "../path.ts";
import type { Notification } from "./shapes.ts";

export type Notifications = {
  list: ListOf<Notification>["list"];
  iterate: ListOf<Notification>["iterate"];
  /** Mark your notifications as read. All of them, in every environment. */
  read(options?: CallOptions): Promise<{
    /** How many were unread. */
    read: number;
  }>;
};

export const notificationsOf = (ask: Ask): Notifications => ({
  ...listOf<Notification>(ask, "notifications"),
  read: async (options) => dataOf(await ask("POST", pathOf("notifications", "read"), {}, options)),
});
