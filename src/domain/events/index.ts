export { record } from "./record.ts";
export { deliverOutbox, expireEvents, sweepOutbox, type OutboxEvent } from "./outbox.ts";
export { listAuditLog } from "./audit-log.ts";
