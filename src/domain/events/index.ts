export { record } from "./record.ts";
export { asPerson, auditPerson, eventRows, pokeAll, recordPerson } from "./record-person.ts";
export { deliverOutbox, expireEvents, sweepOutbox, type OutboxEvent } from "./outbox.ts";
export { listAuditLog } from "./audit-log.ts";
