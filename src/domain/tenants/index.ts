export { findTenantByHost, readSnapshot } from "./read-snapshot.ts";
export { listEnvironments, updateEnvironment } from "./environments.ts";
export {
  findTenantBySlug,
  issueTokens,
  provisionTenant,
  type ProvisionedTenant,
} from "./provision-tenant.ts";
