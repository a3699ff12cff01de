export { expireNotifications } from "./notifications.ts";
