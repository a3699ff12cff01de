import * as z from "zod";

/** What people are notified of. */
export const NOTIFICATION_KINDS = [
  "comment.mention",
  "entry.assigned",
  "review.requested",
  "schedule.failed",
  "release.failed",
  "webhook.disabled",
] as const;
export const NotificationKind = z.enum(NOTIFICATION_KINDS);
export type NotificationKind = z.infer<typeof NotificationKind>;

/** What the actor should know. */
export const Notification = z.object({
  id: z.string(),
  kind: z.string().describe(NOTIFICATION_KINDS.map((kind) => `\`${kind}\``).join(", ")),
  subject: z.string().describe("Such as `entry:cnt_01jd…`."),
  payload: z
    .unknown()
    .describe("Details: the comment, who mentioned or assigned, or why the schedule failed."),
  created_at: z.iso.datetime(),
  read_at: z.iso.datetime().nullable().describe("`null` while it is unread."),
});
export type Notification = z.infer<typeof Notification>;

export const NotificationsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().optional(),
  environment: z.string().optional(),
});

const inApp = z.boolean().describe("Whether `GET /notifications` lists it.");
const email = z
  .enum(["immediate", "daily", "never"])
  .describe("`daily` sends one email a day with everything unread. Tokens get no email.");

/** How the actor is notified of a kind of event. */
export const NotificationSetting = z.object({ kind: NotificationKind, in_app: inApp, email });
export type NotificationSetting = z.infer<typeof NotificationSetting>;

export const NotificationChange = z.strictObject({ in_app: inApp, email }).partial();
export type NotificationChange = z.infer<typeof NotificationChange>;
