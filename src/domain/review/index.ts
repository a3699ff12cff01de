export { assignEntry, moveEntry } from "./move-entry.ts";
export { createComment, deleteComment, listComments, resolveComment, type Comment } from "./comments.ts";
export {
  expireNotifications,
  listNotifications,
  readNotifications,
  type Notification,
} from "./notifications.ts";
