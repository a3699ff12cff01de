export { deleteAlias, listAliases, putAlias, type Alias } from "./aliases.ts";
export { createEnvironment, deleteEnvironment } from "./clone-environment.ts";
export { getTenant, updateTenant, type TenantSettings } from "./tenant-settings.ts";
export { findTenantByHost, noteUse, policiesOfRole, readSnapshot, sweepTenants } from "./read-snapshot.ts";
export { listEnvironments, updateEnvironment } from "./environments.ts";
export {
  findTenantBySlug,
  issueTokens,
  provisionTenant,
  tenantStatements,
  type ProvisionedTenant,
} from "./provision-tenant.ts";
export { lockQuota } from "./lock-quota.ts";
export { rolesArrayOf, rolesOf } from "./member-roles.ts";
export { OUTLIVES_TOKENS, refusePeople } from "./token-lifetime.ts";
