import type { Context } from "../core/context.ts";
import type { Operation, OperationGroup } from "../core/operation.ts";
import { accessOperations } from "../domain/tenant/access/operations.ts";
import { reviewOperations } from "../domain/content/review/operations.ts";
import { environmentOperations, tenantOperations } from "../domain/tenant/tenants/operations.ts";
import { notificationOperations } from "../domain/tenant/notifications/operations.ts";
import { auditOperations } from "../domain/tenant/events/operations.ts";
import { registeredOperations } from "../domain/content/operations/operations.ts";
import { policyOperations } from "../domain/content/policies/operations.ts";
import { releaseOperations } from "../domain/content/releases/operations.ts";
import { scheduleOperations } from "../domain/content/schedules/operations.ts";
import { contentOperations } from "../domain/content/entries/operations.ts";
import { realtimeOperations } from "../domain/reach/subscriptions/operations.ts";
import { assetOperations } from "../domain/media/assets/operations.ts";
import { receiptOperations } from "../domain/reach/receipts/operations.ts";
import { webhookOperations } from "../domain/reach/webhooks/operations.ts";
import { componentOperations, typeOperations } from "../domain/content/types/operations.ts";

/** What CONTENT offers, slice by slice, in the order in which the examples work. */
export const CONTENT_GROUPS: readonly OperationGroup<Operation<Context>>[] = [
  environmentOperations,
  tenantOperations,
  componentOperations,
  typeOperations,
  assetOperations,
  contentOperations,
  receiptOperations,
  scheduleOperations,
  reviewOperations,
  notificationOperations,
  releaseOperations,
  accessOperations,
  policyOperations,
  auditOperations,
  realtimeOperations,
  registeredOperations,
  webhookOperations,
];
