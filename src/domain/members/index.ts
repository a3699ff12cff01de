export { joinAsNewPerson, joinTenant, readInvitation, type OpenInvitation } from "./accept-invitation.ts";
export { removeMember, updateMember } from "./change-member.ts";
export { createTenant } from "./create-tenant.ts";
export { deleteAccount } from "./delete-account.ts";
export { addDomain, listDomains, removeDomain, verifyDomain, type DomainShown } from "./domains.ts";
export { createInvitation, listInvitations, revokeInvitation, type Invitation } from "./invitations.ts";
export { hasOtherOwner, lockOwners, mayBarSql, refuseTokens, requireStanding } from "./guards.ts";
export { listLeavings, type Leavings } from "./leavings.ts";
export { getMember, listMembers, type Member } from "./read-members.ts";
export { claimTenant, isWaitingForOwner, issueSetupCode, setUpTenant } from "./set-up.ts";
export {
  addToTeam,
  createTeam,
  deleteTeam,
  listTeams,
  removeFromTeam,
  updateTeam,
  type Team,
} from "./teams.ts";
