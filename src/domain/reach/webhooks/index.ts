export { deliveriesOf, wantsWebhooks, type Deliveries } from "./consume.ts";
export { disableWebhook } from "./save-webhook.ts";
export { claimDue, settleAttempt, type AttemptResult, type Claimed } from "./send.ts";
export { readRetryAfter } from "./retry.ts";
export { signedHeaders } from "./sign.ts";
export { expireDeliveries, sweepDeliveries } from "./sweep.ts";
export { MAX_CONCURRENCY } from "./schemas.ts";
