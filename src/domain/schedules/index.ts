export { cancelSchedule, createSchedule, listSchedules, type Schedule } from "./schedules.ts";
export { runDueSchedules, sweepSchedules } from "./run-schedules.ts";
