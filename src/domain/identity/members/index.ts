export { joinAsNewPerson, joinTenant, readInvitation, type OpenInvitation } from "./accept-invitation.ts";
export { createTenant } from "./create-tenant.ts";
export { deleteAccount } from "./delete-account.ts";
export { mailNotifications } from "./mail-notifications.ts";
export { readUnsubscribe, unsubscribe } from "./unsubscribe.ts";
export { hasOtherOwner, lockOwners, mayBarSql, refuseTokens, requireStanding } from "./guards.ts";
export { claimTenant, isWaitingForOwner, issueSetupCode, setUpTenant } from "./set-up.ts";
