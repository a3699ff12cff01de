export { personalCte, pokeWritten, record, writtenEvents } from "./record.ts";
export { addressCte, asPerson, auditPerson, eventRows, pokeAll, recordPerson } from "./record-person.ts";
export { deliverOutbox, expireEvents, type Consumer, type OutboxEvent, type Undelivered } from "./outbox.ts";
export { consumeWaiting } from "./consume.ts";
export { eachOrAll, isPassingFailure, reasonOf } from "./each-or-all.ts";
export { sweepConsumers, sweepOutbox } from "./sweep-outbox.ts";
export { beat, noteLate, readLag, type Lag } from "./lag.ts";
export { expireAuditLog } from "./audit-log.ts";
