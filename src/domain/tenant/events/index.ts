export { personalCte, pokeWritten, record, writtenEvents } from "./record.ts";
export { addressCte, asPerson, auditPerson, eventRows, pokeAll, recordPerson } from "./record-person.ts";
export { deliverOutbox, expireEvents, sweepOutbox, type OutboxEvent, type Undelivered } from "./outbox.ts";
export { expireAuditLog } from "./audit-log.ts";
