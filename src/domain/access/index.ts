export { createToken, listTokens, revokeToken } from "./tokens.ts";
export { createKey, listKeys, revokeKey } from "./keys.ts";
export { requireHeldRoles, requireKnownRoles, unknownRolesCte } from "./given-roles.ts";
