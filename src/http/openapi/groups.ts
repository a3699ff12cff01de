import type { OperationGroup } from "../../core/operation.ts";
import { accessOperations } from "../../domain/access/operations.ts";
import { assetOperations } from "../../domain/assets/operations.ts";
import { contentOperations } from "../../domain/entries/operations.ts";
import { domainOperations, memberOperations } from "../../domain/members/operations.ts";
import { oauthOperations } from "../../domain/oauth/operations.ts";
import { auditOperations } from "../../domain/events/operations.ts";
import { reviewOperations } from "../../domain/review/operations.ts";
import { scheduleOperations } from "../../domain/schedules/operations.ts";
import { policyOperations } from "../../domain/policies/operations.ts";
import { ssoOperations } from "../../domain/sso/operations.ts";
import { environmentOperations, tenantOperations } from "../../domain/tenants/operations.ts";
import { registeredOperations } from "../../domain/operations/operations.ts";
import { typeOperations } from "../../domain/types/operations.ts";
import { documentOperations, graphqlOperations } from "./own-operations.ts";

/** What every slice says of its REST, in the order in which its examples work. */
export const GROUPS: readonly OperationGroup[] = [
  environmentOperations,
  tenantOperations,
  typeOperations,
  assetOperations,
  contentOperations,
  scheduleOperations,
  reviewOperations,
  accessOperations,
  memberOperations,
  domainOperations,
  oauthOperations,
  policyOperations,
  ssoOperations,
  auditOperations,
  registeredOperations,
  graphqlOperations,
  documentOperations,
];
