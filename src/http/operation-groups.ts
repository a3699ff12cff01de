import type { Context } from "../core/context.ts";
import type { Operation, OperationGroup } from "../core/operation.ts";
import { accessOperations } from "../domain/access/operations.ts";
import { reviewOperations } from "../domain/review/operations.ts";
import { environmentOperations, tenantOperations } from "../domain/tenants/operations.ts";
import { auditOperations } from "../domain/events/operations.ts";
import { registeredOperations } from "../domain/operations/operations.ts";
import { policyOperations } from "../domain/policies/operations.ts";
import { scheduleOperations } from "../domain/schedules/operations.ts";
import { contentOperations } from "../domain/entries/operations.ts";
import { assetOperations } from "../domain/assets/operations.ts";
import { typeOperations } from "../domain/types/operations.ts";

/** What CONTENT offers, slice by slice, in the order in which the examples work. */
export const CONTENT_GROUPS: readonly OperationGroup<Operation<Context>>[] = [
  environmentOperations,
  tenantOperations,
  typeOperations,
  assetOperations,
  contentOperations,
  scheduleOperations,
  reviewOperations,
  accessOperations,
  policyOperations,
  auditOperations,
  registeredOperations,
];
