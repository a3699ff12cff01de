export { datetimeOf } from "./datetime.ts";
export { expireSchedules } from "./schedules.ts";
export { runDueSchedules, sweepSchedules } from "./run-schedules.ts";
