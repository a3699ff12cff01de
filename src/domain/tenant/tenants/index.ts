export { findTenantByHost, noteUse, policiesOfRole, readSnapshot, sweepTenants } from "./read-snapshot.ts";
export {
  findTenantBySlug,
  issueTokens,
  provisionTenant,
  tenantStatements,
  type ProvisionedTenant,
} from "./provision-tenant.ts";
export { setPlan, type PlanChange } from "./set-plan.ts";
export { lockQuota } from "./lock-quota.ts";
export { rolesArrayOf, rolesOf } from "./member-roles.ts";
export { OUTLIVES_TOKENS, refusePeople } from "./token-lifetime.ts";
