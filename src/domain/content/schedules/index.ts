export { expireSchedules } from "./schedules.ts";
export { runDueSchedules, sweepSchedules } from "./run-schedules.ts";
