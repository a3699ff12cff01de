import { accessOf, policiesOf, rolesOf, type AccessApi, type Policies, type Roles } from "./access.ts";
import type { ClientOptions } from "./call.ts";
import { Client } from "./client.ts";
import { domainsOf, type Domains } from "./domains.ts";
import { membersOf, teamsOf, type Members, type Teams } from "./members.ts";
import { oauthOf, type OAuth } from "./oauth.ts";
import type { AnySchema, SchemaShape } from "./schema.ts";
import { sender } from "./send.ts";

/**
 * The client with roles and policies, the people of a tenant and their applications: for scripts and back offices, so that sites
 * need not carry it.
 *
 * @example
 * const flow = new AdminClient({ url: "https://cms.example.com", apiKey: "flow_admin_…" });
 * await flow.members.invite({ email: "ann@example.com", roles: ["editor"] });
 */
export class AdminClient<S extends SchemaShape = AnySchema> extends Client<S> {
  readonly roles: Roles;
  readonly policies: Policies;
  readonly access: AccessApi;
  readonly members: Members;
  readonly teams: Teams;
  readonly domains: Domains;
  readonly oauth: OAuth;

  constructor(options: ClientOptions) {
    super(options);
    const ask = sender(options);
    this.roles = rolesOf(ask);
    this.policies = policiesOf(ask);
    this.access = accessOf(ask);
    this.members = membersOf(ask);
    this.teams = teamsOf(ask);
    this.domains = domainsOf(ask);
    this.oauth = oauthOf(ask);
  }
}
