export { createToken, expireTokens, listTokens, revokeToken } from "./tokens.ts";
export { createKey, listKeys, revokeKey } from "./keys.ts";
export {
  heldRolesSql,
  holdsEverything,
  mayChangeOwners,
  moreThanYours,
  requireHeldRoles,
  requireKnownRoles,
  requireOwner,
  roleUnlessNamed,
  unknownRolesCte,
} from "./given-roles.ts";
