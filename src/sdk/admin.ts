export * from "./index.ts";
export { AdminClient } from "./admin-client.ts";
export type {
  AccessApi,
  Can,
  ExplainQuery,
  Explanation,
  Me,
  NewGrant,
  NewPolicy,
  NewRole,
  Policies,
  Policy,
  Role,
  Roles,
} from "./access.ts";
export type { Domain, Domains } from "./domains.ts";
export type { Invitation, Leavings, Member, MemberChange, Members, Team, Teams } from "./members.ts";
export type { GrantType, IssuerKey, NewOAuthClient, OAuth, OAuthClient } from "./oauth.ts";
