import * as z from "zod";
import type { OperationGroup } from "../../core/operation.ts";
import { Leavings, Revoked } from "./leavings.ts";
import { MemberChange, NewDomain, NewInvitation, NewTeam, TeamChange } from "./schemas.ts";

const roles = z
  .array(z.string())
  .describe(
    "Names of roles: `owner`, `admin`, `editor`, `author`, `contributor`, `viewer`, or one of your own.",
  );
const Member = z.object({
  id: z.string().describe("The person's, `usr_…`."),
  email: z.string(),
  name: z.string(),
  roles,
  teams: z.array(z.object({ id: z.string(), name: z.string(), roles })).describe("Their roles count too."),
  source: z.string().describe("How they came in: `first`, `invitation`, `sso` or `scim`."),
  suspended: z.boolean(),
  created_at: z.iso.datetime(),
});
const Invitation = z.object({
  id: z.string().describe("`inv_…`"),
  email: z.string(),
  roles,
  created_at: z.iso.datetime(),
  created_by: z.string(),
  expires_at: z.iso.datetime().describe("A week after it was written."),
});
const Team = z.object({
  id: z.string().describe("`tea_…`"),
  name: z.string(),
  roles,
  members: z.array(z.string()).describe("Ids of people."),
  created_at: z.iso.datetime(),
});
const Domain = z.object({
  domain: z.string(),
  serves: z.boolean().describe("Whether requests for this host are the tenant's."),
  verified: z.boolean(),
  verified_at: z.iso.datetime().nullable(),
  record: z
    .object({ name: z.string(), type: z.literal("TXT"), value: z.string() })
    .describe("The DNS record that proves it."),
  created_at: z.iso.datetime(),
});

const created_at = "2026-01-31T09:30:00.000Z";
const personId = "usr_01jd3f0b6vfs8t4z9c7q2m5n8x";
const teamId = "tea_01jd3f0b6vfs8t4z9c7q2m5n8x";
const invitationId = "inv_01jd3f0b6vfs8t4z9c7q2m5n8x";
const member = {
  id: personId,
  email: "ann@example.com",
  name: "Ann",
  roles: ["editor"],
  teams: [],
  source: "invitation",
  suspended: false,
  created_at,
};
const team = { id: teamId, name: "Writers", roles: ["author"], members: [], created_at };
const domain = {
  domain: "cms.acme.example",
  serves: true,
  verified: false,
  verified_at: null,
  record: { name: "_flowcms.cms.acme.example", type: "TXT", value: "flowcms-verification=4x8…" },
  created_at,
};
const id = { id: z.string().describe("`usr_…`") };
const ofTeam = { id: z.string().describe("`tea_…`") };
const domainName = { domain: z.string().describe("Such as `cms.acme.com`.") };

export const memberOperations: OperationGroup = {
  tag: "Members",
  description:
    "The people of the tenant, their teams, and the invitations that are open. A person has one account for all tenants; what they may do in this one is in their roles and those of their teams.",
  schemas: { Invitation, Leavings, Member, MemberChange, NewInvitation, NewTeam, Team, TeamChange },
  operations: [
    {
      method: "get",
      path: "/members",
      operationId: "listMembers",
      summary: "List members",
      description: "The people of the tenant, by name.",
      permission: "members:read",
      answer: z.array(Member),
      example: { response: [member] },
    },
    {
      method: "get",
      path: "/members/{id}",
      operationId: "getMember",
      summary: "Read a member",
      description: "One person of the tenant.",
      permission: "members:read",
      params: id,
      answer: Member,
      errors: { 404: ["members/no-such-member"] },
      example: { params: { id: personId }, response: member },
    },
    {
      method: "get",
      path: "/members/{id}/leavings",
      operationId: "listLeavings",
      summary: "See what a member would leave",
      description:
        "The API tokens that they made and can be used, and the schedules that they planned and wait.",
      permission: "members:read",
      params: id,
      answer: Leavings,
      errors: { 404: ["members/no-such-member"] },
      example: { params: { id: personId }, response: { tokens: [], schedules: [], revoked: [] } },
    },
    {
      method: "patch",
      path: "/members/{id}",
      operationId: "updateMember",
      summary: "Change a member",
      description:
        "Gives them other roles, or keeps them out for a while. What they hold is refused at the edge within ten seconds; their next token has the new roles.",
      permission: "members:write",
      params: id,
      body: MemberChange,
      answer: Member,
      errors: {
        404: ["members/no-such-member"],
        409: ["members/last-owner"],
        422: ["members/invalid-member", "access/unknown-role"],
      },
      example: {
        params: { id: personId },
        request: { roles: ["author"] },
        response: { ...member, roles: ["author"] },
      },
    },
    {
      method: "delete",
      path: "/members/{id}",
      operationId: "removeMember",
      summary: "Remove a member",
      description:
        "Their account stays theirs; what they wrote stays. What they hold is refused within ten seconds. API tokens that they made and schedules that they planned go on: the answer names them, and `revoke=tokens,schedules` ends them in the same step. 204 where there are none.",
      permission: "members:write",
      params: id,
      query: Revoked,
      answer: Leavings,
      statuses: [200, 204],
      errors: {
        404: ["members/no-such-member"],
        409: ["members/last-owner"],
        422: ["members/invalid-member"],
      },
      example: { params: { id: personId } },
    },
    {
      method: "post",
      path: "/invitations",
      operationId: "createInvitation",
      summary: "Invite somebody",
      description:
        "Sends a letter with a link that holds for a week. A new invitation takes the place of an open one. Too many to one address, or from one tenant, are refused with 429 `identity/too-many-emails`.",
      permission: "members:write",
      body: NewInvitation,
      answer: Invitation,
      statuses: [201],
      errors: {
        409: ["members/already-a-member"],
        422: ["members/invalid-invitation", "access/unknown-role"],
      },
      example: {
        request: { email: "bob@example.com", roles: ["editor"] },
        response: {
          id: invitationId,
          email: "bob@example.com",
          roles: ["editor"],
          created_at,
          created_by: personId,
          expires_at: "2026-02-07T09:30:00.000Z",
        },
      },
    },
    {
      method: "get",
      path: "/invitations",
      operationId: "listInvitations",
      summary: "List open invitations",
      description: "Those that were neither accepted nor taken back, the newest first.",
      permission: "members:read",
      answer: z.array(Invitation),
      example: {},
    },
    {
      method: "delete",
      path: "/invitations/{id}",
      operationId: "revokeInvitation",
      summary: "Take an invitation back",
      description: "Its link works no more.",
      permission: "members:write",
      params: { id: z.string().describe("`inv_…`") },
      statuses: [204],
      errors: { 404: ["members/no-such-invitation"] },
      example: { params: { id: invitationId } },
    },
    {
      method: "post",
      path: "/teams",
      operationId: "createTeam",
      summary: "Make a team",
      description: "Its members have its roles beside their own.",
      permission: "members:write",
      body: NewTeam,
      answer: Team,
      statuses: [201],
      errors: { 409: ["members/team-name-taken"], 422: ["members/invalid-team", "access/unknown-role"] },
      example: { request: { name: "Writers", roles: ["author"] }, response: team },
    },
    {
      method: "get",
      path: "/teams",
      operationId: "listTeams",
      summary: "List teams",
      description: "With the ids of their members, by name.",
      permission: "members:read",
      answer: z.array(Team),
      example: { response: [team] },
    },
    {
      method: "patch",
      path: "/teams/{id}",
      operationId: "updateTeam",
      summary: "Change a team",
      description: "Its name or its roles.",
      permission: "members:write",
      params: ofTeam,
      body: TeamChange,
      answer: Team,
      errors: {
        404: ["members/no-such-team"],
        409: ["members/team-name-taken"],
        422: ["members/invalid-team", "access/unknown-role"],
      },
      example: {
        params: { id: teamId },
        request: { name: "Authors" },
        response: { ...team, name: "Authors" },
      },
    },
    {
      method: "put",
      path: "/teams/{id}/members/{person}",
      operationId: "addToTeam",
      summary: "Put a member into a team",
      description: "Nothing happens when they are in it already.",
      permission: "members:write",
      params: { ...ofTeam, person: z.string().describe("`usr_…`") },
      statuses: [204],
      errors: { 404: ["members/no-such-team", "members/no-such-member"] },
      example: { params: { id: teamId, person: personId } },
    },
    {
      method: "delete",
      path: "/teams/{id}",
      operationId: "deleteTeam",
      summary: "Delete a team",
      description: "Its members stay members.",
      permission: "members:write",
      params: ofTeam,
      statuses: [204],
      errors: { 404: ["members/no-such-team"] },
      example: { params: { id: teamId } },
    },
    {
      method: "delete",
      path: "/teams/{id}/members/{person}",
      operationId: "removeFromTeam",
      summary: "Take a member out of a team",
      description: "Nothing happens when they are not in it.",
      permission: "members:write",
      params: { ...ofTeam, person: z.string().describe("`usr_…`") },
      statuses: [204],
      errors: { 404: ["members/no-such-team", "members/no-such-member"] },
      example: { params: { id: teamId, person: personId } },
    },
  ],
};

export const domainOperations: OperationGroup = {
  tag: "Domains",
  description:
    "Domains that are the tenant's own once a DNS record says so: hosts that lead to it, and addresses whose people may come in by single sign-on.",
  schemas: { Domain, NewDomain },
  operations: [
    {
      method: "post",
      path: "/domains",
      operationId: "addDomain",
      summary: "Add a domain",
      description: "It counts for nothing until the record in the answer stands in DNS and was verified.",
      permission: "tenant:write",
      body: NewDomain,
      answer: Domain,
      statuses: [201],
      errors: { 409: ["domains/known"], 422: ["domains/invalid-domain"] },
      example: { request: { domain: domain.domain, serves: true }, response: domain },
    },
    {
      method: "get",
      path: "/domains",
      operationId: "listDomains",
      summary: "List domains",
      description: "With the records that prove them.",
      permission: "tenant:read",
      answer: z.array(Domain),
      example: { response: [domain] },
    },
    {
      method: "post",
      path: "/domains/{domain}/verify",
      operationId: "verifyDomain",
      summary: "Verify a domain",
      description: "Asks DNS for the record. While it is not there, `verified` stays false.",
      permission: "tenant:write",
      params: domainName,
      answer: Domain,
      errors: { 404: ["domains/no-such-domain"], 409: ["domains/taken"], 503: ["platform/no-dns"] },
      example: { params: { domain: domain.domain }, response: domain },
    },
    {
      method: "delete",
      path: "/domains/{domain}",
      operationId: "removeDomain",
      summary: "Give a domain up",
      description: "Its host leads here no more, and its addresses prove nothing.",
      permission: "tenant:write",
      params: domainName,
      statuses: [204],
      errors: { 404: ["domains/no-such-domain"], 422: ["domains/in-use"] },
      example: { params: { domain: domain.domain } },
    },
  ],
};
