export type { CachedAnswer } from "./answer-cache.ts";
export { answerKey, deliver, freshAnswer, touchAnswer } from "./deliver.ts";
export { QUOTAS_HEADER } from "./delivery-headers.ts";
export { Delivery } from "./delivery.ts";
export type { DeliveryProps, GatewayExecution } from "./execution.ts";
export { KeptAnswers } from "./kept-answers.ts";
export { purge } from "./purge.ts";
export { PurgeCoordinator } from "./purge-coordinator.ts";
