export { expireNotifications } from "./notifications.ts";
export { notify } from "./notify.ts";
export { NOTIFICATION_KINDS, NotificationKind } from "./schemas.ts";
export { writeSetting } from "./settings.ts";
