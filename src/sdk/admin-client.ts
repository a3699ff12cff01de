import { accessOf, type AccessApi } from "./generated/access.ts";
import { domainsOf, type Domains } from "./generated/domains.ts";
import { oauthOf, type OAuth } from "./generated/oauth.ts";
import { policiesOf, type Policies } from "./generated/policies.ts";
import { releasesOf, type Releases } from "./generated/releases.ts";
import { rolesOf, type Roles } from "./generated/roles.ts";
import { ssoOf, type Sso } from "./generated/sso.ts";
import { teamsOf, type Teams } from "./generated/teams.ts";
import { tenantOf, type TenantApi } from "./generated/tenant.ts";
import { webhooksOf, type Webhooks } from "./generated/webhooks.ts";
import type { ClientOptions } from "./call.ts";
import { Client } from "./client.ts";
import { membersOf, type Members } from "./members.ts";
import type { AnySchema, SchemaShape } from "./schema.ts";
import { sender } from "./send.ts";

/**
 * The client with releases, roles and policies, the people of a tenant and their applications: for scripts and
 * back offices, so that sites need not carry it.
 *
 * @example
 * const flow = new AdminClient({ url: "https://cms.example.com", apiKey: "flow_admin_…" });
 * await flow.members.invite({ email: "ann@example.com", roles: ["editor"] });
 */
export class AdminClient<S extends SchemaShape = AnySchema> extends Client<S> {
  readonly releases: Releases;
  readonly roles: Roles;
  readonly policies: Policies;
  readonly access: AccessApi;
  readonly members: Members;
  readonly teams: Teams;
  readonly domains: Domains;
  readonly oauth: OAuth;
  readonly sso: Sso;
  readonly tenant: TenantApi;
  readonly webhooks: Webhooks;

  constructor(options: ClientOptions) {
    super(options);
    const ask = sender(options);
    this.releases = releasesOf(ask);
    this.roles = rolesOf(ask);
    this.policies = policiesOf(ask);
    this.access = accessOf(ask);
    this.members = membersOf(ask);
    this.teams = teamsOf(ask);
    this.domains = domainsOf(ask);
    this.oauth = oauthOf(ask);
    this.sso = ssoOf(ask);
    this.tenant = tenantOf(ask);
    this.webhooks = webhooksOf(ask);
  }
}
