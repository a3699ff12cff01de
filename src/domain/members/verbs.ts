export { removeMember, updateMember } from "./change-member.ts";
export { addDomain, listDomains, removeDomain, verifyDomain } from "./domains.ts";
export { createInvitation, listInvitations, revokeInvitation } from "./invitations.ts";
export { listLeavings } from "./leavings.ts";
export { getMember, listMembers } from "./read-members.ts";
export { addToTeam, createTeam, deleteTeam, listTeams, removeFromTeam, updateTeam } from "./teams.ts";
