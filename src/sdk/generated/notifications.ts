// Made by `npm run generate` of the operations that the slices declare: change those.

import { type Ask, type CallOptions, dataOf } from "../call.ts";
import { type ListOf, listOf } from "../cursor-list.ts";
import { pathOf } from "../path.ts";
import type { Notification } from "./shapes.ts";

export type Notifications = {
  list: ListOf<Notification>["list"];
  iterate: ListOf<Notification>["iterate"];
  /** Count your unread notifications. In every environment. */
  unread(options?: CallOptions): Promise<{
    /** How many are unread. */
    unread: number;
  }>;
  /** Mark your notifications as read. All of them, in every environment. */
  read(options?: CallOptions): Promise<{
    /** How many were unread. */
    read: number;
  }>;
};

export const notificationsOf = (ask: Ask): Notifications => ({
  ...listOf<Notification>(ask, "notifications"),
  unread: async (options) => dataOf(await ask("GET", pathOf("notifications", "unread"), {}, options)),
  read: async (options) => dataOf(await ask("POST", pathOf("notifications", "read"), {}, options)),
});
