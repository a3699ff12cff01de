import type { Permission } from "./permissions.ts";

/** What is about the whole tenant: not for tokens that are bound to one environment, nor for grants of some. */
export const OF_TENANT: readonly Permission[] = [
  "environments:write",
  "tenant:read",
  "tenant:write",
  "tokens:read",
  "tokens:write",
  "keys:read",
  "keys:write",
  "members:read",
  "members:write",
  "oauth:read",
  "oauth:write",
  "sso:read",
  "sso:write",
  "audit:read",
  "access:read",
  "access:write",
];
