import * as z from "zod";
import { answeredPage } from "../../../core/answers.ts";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { countUnread, listNotifications, readNotifications } from "./notifications.ts";
import {
  Notification,
  NotificationChange,
  NotificationKind,
  NotificationSetting,
  NotificationsQuery,
} from "./schemas.ts";
import { listSettings, saveSetting } from "./settings.ts";

const operation = declares<Context>("notifications/bad-query");

const setting = { kind: "comment.mention", in_app: true, email: "daily" } as const;

export const notificationOperations: OperationGroup<Operation<Context>> = {
  tag: "Notifications",
  description:
    "What the caller should know: listed, and for people also sent by email, at once or daily, as each of them chooses for each kind.",
  schemas: { Notification, NotificationChange, NotificationSetting },
  operations: [
    operation({
      method: "get",
      path: "/notifications",
      operationId: "listNotifications",
      summary: "List your notifications",
      description:
        "Mentions, assignments and failed schedules, newest first, from all environments, for 180 days.",
      permission: "content:read-draft",
      query: NotificationsQuery,
      answer: z.array(Notification),
      isList: true,
      errors: { 422: ["http/bad-cursor"] },
      example: { response: [] },
      graphql: { field: "notifications" },
      sdk: { call: "notifications.list" },
      run: async (ctx, { query }) => {
        const { data, nextCursor } = await listNotifications(ctx, query);
        return answeredPage(data, query.limit, nextCursor);
      },
    }),
    operation({
      method: "get",
      path: "/notifications/unread",
      operationId: "countUnreadNotifications",
      summary: "Count your unread notifications",
      description: "In every environment.",
      permission: "content:read-draft",
      answer: z.object({ unread: z.int().describe("The number of unread notifications.") }),
      example: { response: { unread: 1 } },
      graphql: { field: "unreadNotifications", pick: "unread" },
      sdk: { call: "notifications.unread" },
      run: (ctx) => countUnread(ctx),
    }),
    operation({
      method: "post",
      path: "/notifications/read",
      operationId: "readNotifications",
      summary: "Mark your notifications as read",
      description: "All, in every environment.",
      permission: "content:read-draft",
      answer: z.object({ read: z.int().describe("The number that were unread.") }),
      example: { response: { read: 1 } },
      graphql: { field: "readNotifications", pick: "read" },
      sdk: { call: "notifications.read" },
      run: (ctx) => readNotifications(ctx),
    }),
    operation({
      method: "get",
      path: "/notifications/settings",
      operationId: "listNotificationSettings",
      summary: "List how you are notified",
      description: "Of every kind of notification.",
      permission: "content:read-draft",
      answer: z.array(NotificationSetting),
      example: { response: [setting] },
      graphql: { field: "notificationSettings" },
      sdk: { call: "notifications.settings" },
      run: (ctx) => listSettings(ctx),
    }),
    operation({
      method: "put",
      path: "/notifications/settings/{kind}",
      operationId: "saveNotificationSetting",
      summary: "Change how you are notified",
      description: "Of one kind, from the next notification on. What is absent stays as it is.",
      permission: "content:read-draft",
      params: { kind: NotificationKind },
      body: NotificationChange,
      invalid: ["notifications/invalid", "The setting is not valid."],
      answer: NotificationSetting,
      errors: { 422: ["notifications/unknown-kind"] },
      example: { params: { kind: setting.kind }, request: { email: "daily" }, response: setting },
      graphql: { field: "saveNotificationSetting" },
      sdk: { call: "notifications.set" },
      run: (ctx, { params, body }) => saveSetting(ctx, params.kind, body),
    }),
  ],
};
