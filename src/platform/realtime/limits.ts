/** What the sockets of subscriptions are limited to; docs/limits.md has them. */
export const MAX_SOCKETS_PER_SHARD = 5000;
export const MAX_SOCKETS_PER_CALLER = 20_000;
export const MAX_SOCKETS_PER_ENVIRONMENT = 50_000;
export const MAX_OPERATIONS_PER_SOCKET = 50;
/** Different subscriptions of one environment, of the sockets of one shard: each is executed for events. */
export const MAX_DIFFERENT = 500;
export const MAX_MESSAGE_CHARS = 65_536;
export const MAX_ID_CHARS = 64;
export const INIT_TIMEOUT_MS = 10_000;
/** Messages of one socket: so many at once, then so many each second. */
export const MESSAGES_AT_ONCE = 200;
export const MESSAGES_PER_SECOND = 20;
/** Bytes that are on their way to a socket: it is asked whether they arrived, and given up as too slow. */
export const ASK_AFTER_CHARS = 262_144;
export const MAX_UNANSWERED_CHARS = 4_194_304;
/** Events that come within this time are told together. */
export const BATCH_MS = 50;
/** What the log of a hub keeps. */
export const LOG_EVENTS = 10_000;
export const LOG_MS = 86_400_000;
/** Events that are told at once. */
export const DELIVERED_AT_ONCE = 500;
/** Subscriptions that CONTENT executes in one request. */
export const EXECUTED_AT_ONCE = 100;
