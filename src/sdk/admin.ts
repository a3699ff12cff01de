export * from "./index.ts";
export { AdminClient } from "./admin-client.ts";
export type { AccessApi } from "./generated/access.ts";
export type { Domains } from "./generated/domains.ts";
export type { OAuth } from "./generated/oauth.ts";
export type { Policies } from "./generated/policies.ts";
export type { Releases } from "./generated/releases.ts";
export type { Roles } from "./generated/roles.ts";
export type { Sso } from "./generated/sso.ts";
export type { Teams } from "./generated/teams.ts";
export type { TenantApi } from "./generated/tenant.ts";
export type { Webhooks } from "./generated/webhooks.ts";
export type { Members } from "./members.ts";
export type { GrantType, NewGrant, NewOAuthClient } from "./names.ts";
export type {
  Connection,
  ConnectionChange,
  Delivery,
  DeliveryDetails,
  Domain,
  DryRun,
  Explanation,
  Finding,
  Invitation,
  IssuedClient,
  IssuedWebhook,
  IssuerKey,
  Leavings,
  Me,
  Member,
  MemberChange,
  NewConnection,
  NewItem,
  NewPolicy,
  NewRelease,
  NewRole,
  NewWebhook,
  OAuthClient,
  Policy,
  Release,
  ReleaseItem,
  Role,
  Team,
  Tenant,
  Webhook,
} from "./generated/shapes.ts";
