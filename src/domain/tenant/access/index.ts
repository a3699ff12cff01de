export { expireTokens } from "./tokens.ts";
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
