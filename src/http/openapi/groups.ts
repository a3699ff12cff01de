import type { OperationGroup } from "../../core/operation.ts";
import { accessOperations } from "../../domain/tenant/access/operations.ts";
import { assetOperations } from "../../domain/media/assets/operations.ts";
import { contentOperations } from "../../domain/content/entries/operations.ts";
import { domainOperations, memberOperations } from "../../domain/identity/members/operations.ts";
import { oauthOperations } from "../../domain/identity/oauth/operations.ts";
import { auditOperations } from "../../domain/tenant/events/operations.ts";
import { reviewOperations } from "../../domain/content/review/operations.ts";
import { scheduleOperations } from "../../domain/content/schedules/operations.ts";
import { policyOperations } from "../../domain/content/policies/operations.ts";
import { ssoOperations } from "../../domain/identity/sso/operations.ts";
import { environmentOperations, tenantOperations } from "../../domain/tenant/tenants/operations.ts";
import { registeredOperations } from "../../domain/content/operations/operations.ts";
import { typeOperations } from "../../domain/content/types/operations.ts";
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
