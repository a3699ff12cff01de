export { findTenantByHost, readSnapshot } from "./read-snapshot.ts";
export { listEnvironments, updateEnvironment } from "./environments.ts";
export { provisionTenant } from "./provision-tenant.ts";
