export {
  cancelSchedule,
  createSchedule,
  expireSchedules,
  listSchedules,
  type Schedule,
} from "./schedules.ts";
export { runDueSchedules, sweepSchedules } from "./run-schedules.ts";
