import * as z from "zod";
import { Domain } from "../../../core/domain-name.ts";
import { PlainName } from "../../../core/plain-name.ts";
import { RoleNames } from "../../../core/role-names.ts";

const NOT_OWNER = "an identity provider cannot assign the role owner";
const Roles = RoleNames.refine((roles) => !roles.includes("owner"), NOT_OWNER);
const AttributeName = z.string().min(1).max(300);
const Common = {
  name: PlainName.min(1).max(100).describe("The name on the sign-in page."),
  domains: z
    .array(Domain)
    .max(100)
    .transform((all) => [...new Set(all)].sort())
    .describe("The email domains it is trusted for; the tenant must have verified them."),
  role_mapping: z
    .record(z.string().min(1).max(300), Roles)
    .refine((mapping) => Object.keys(mapping).length <= 200, "must name at most 200 groups")
    .describe('The roles that members of a group get: `{ "Editors": ["editor"] }`.'),
  default_roles: Roles.describe("The roles that all its people get."),
  jit: z.boolean().describe("Whether people become members at their first sign-in."),
  enabled: z.boolean(),
};
const SamlFields = {
  metadata: z
    .string()
    .max(1_048_576)
    .describe("The identity provider's metadata as XML, instead of the three properties below."),
  metadata_url: z.url().max(2000).describe("The URL of the metadata; it is read once, now."),
  entity_id: z.string().min(1).max(1024),
  sso_url: z.url().max(2000).describe("Its single sign-on URL (redirect binding)."),
  certificates: z.array(z.string().max(20_000)).min(1).max(10).describe("Its signing certificates, PEM."),
  allow_idp_initiated: z.boolean().describe("Whether sign-in may start at the identity provider."),
  email_attribute: AttributeName,
  name_attribute: AttributeName,
  groups_attribute: AttributeName,
};
const OidcFields = {
  issuer: z.url().max(2000).describe("The issuer URL, without `/.well-known/…`."),
  client_id: z.string().min(1).max(500),
  client_secret: z
    .string()
    .min(1)
    .max(2000)
    .nullable()
    .describe("Stored encrypted and never returned; null for a public client."),
  scopes: z
    .string()
    .max(500)
    .regex(/^openid(?: [\w:./-]+)*$/, "must start with openid"),
  groups_claim: AttributeName,
  trusts_email: z
    .boolean()
    .describe(
      "Whether to trust an email address when the provider does not send whether it is verified, like Microsoft Entra ID. An address that it declares unverified is never trusted.",
    ),
};

const Saml = z.strictObject(SamlFields).partial();
const NewOidc = z
  .strictObject({ ...OidcFields, client_secret: OidcFields.client_secret.default(null) })
  .partial({ scopes: true, groups_claim: true, trusts_email: true });
const New = {
  name: Common.name,
  domains: Common.domains.default([]),
  role_mapping: Common.role_mapping.default({}),
  default_roles: Common.default_roles.default([]),
  jit: Common.jit.default(true),
  enabled: Common.enabled.default(true),
};

export const NewConnection = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("saml"), ...New, saml: Saml }),
  z.strictObject({ type: z.literal("oidc"), ...New, oidc: NewOidc }),
]);
export type NewConnection = z.infer<typeof NewConnection>;
export const ConnectionChange = z
  .strictObject({ ...Common, saml: Saml, oidc: z.strictObject(OidcFields).partial() })
  .partial();
export type ConnectionChange = z.infer<typeof ConnectionChange>;

const Shared = z.object({
  id: z.string().describe("`sso_…`"),
  name: z.string(),
  domains: z.array(z.string()).describe("The email domains it is trusted for."),
  role_mapping: z.record(z.string(), z.array(z.string())),
  default_roles: z.array(z.string()),
  jit: z.boolean(),
  enabled: z.boolean(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
const SamlConnection = Shared.extend({
  type: z.literal("saml"),
  saml: z.object({
    entity_id: z.string(),
    sso_url: z.string(),
    certificates: z.array(z.object({ pem: z.string(), fingerprint: z.string() })),
    allow_idp_initiated: z.boolean(),
    email_attribute: z.string().optional(),
    name_attribute: z.string().optional(),
    groups_attribute: z.string().optional(),
    service_provider: z
      .object({
        entity_id: z.string(),
        metadata_url: z.string(),
        acs_url: z.string(),
        login_url: z.string(),
        certificate: z.string().describe("The certificate for our signatures and for encryption to us, PEM."),
      })
      .describe("The values to configure at the identity provider."),
  }),
});
const OidcConnection = Shared.extend({
  type: z.literal("oidc"),
  oidc: z.object({
    issuer: z.string(),
    client_id: z.string(),
    has_secret: z.boolean(),
    scopes: z.string().optional(),
    groups_claim: z.string().optional(),
    trusts_email: z.boolean().optional(),
    redirect_uri: z.string().describe("The redirect URI to register at the provider."),
    login_url: z.string(),
  }),
});
/** A connection as it is shown: nothing secret is in it. */
export const Connection = z.discriminatedUnion("type", [SamlConnection, OidcConnection]);
export type Connection = z.infer<typeof Connection>;

/** `base` is where the connection's addresses are. */
export type SamlConfig = {
  base?: string | undefined;
  entity_id: string;
  sso_url: string;
  /** PEM. */
  certificates: string[];
  allow_idp_initiated: boolean;
  email_attribute?: string | undefined;
  name_attribute?: string | undefined;
  groups_attribute?: string | undefined;
  /** Ours, PEM: what we sign with and what is encrypted to us. */
  sp_certificate: string;
};
export type OidcConfig = {
  base?: string | undefined;
  issuer: string;
  client_id: string;
  scopes?: string | undefined;
  groups_claim?: string | undefined;
  trusts_email?: boolean | undefined;
};
