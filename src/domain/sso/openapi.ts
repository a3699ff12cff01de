import * as z from "zod";
import type { OperationGroup } from "../../core/operation.ts";
import { ConnectionChange, NewConnection } from "./schemas.ts";

const Shared = z.object({
  id: z.string().describe("`sso_…`"),
  name: z.string(),
  domains: z.array(z.string()).describe("Whose addresses it may speak for."),
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
        certificate: z.string().describe("What we sign with and what is encrypted to us, PEM."),
      })
      .describe("What the identity provider is told of us."),
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
    redirect_uri: z.string().describe("What the provider must know the client by."),
    login_url: z.string(),
  }),
});
const Connection = z.discriminatedUnion("type", [SamlConnection, OidcConnection]);

const id = "sso_01jd3f0b6vfs8t4z9c7q2m5n8x";
const at = "2026-01-31T09:30:00.000Z";
const connection = {
  id,
  type: "oidc",
  name: "Acme",
  domains: [],
  role_mapping: { editors: ["editor"] },
  default_roles: [],
  jit: true,
  enabled: true,
  created_at: at,
  updated_at: at,
  oidc: {
    issuer: "https://login.acme.com",
    client_id: "flowcms",
    has_secret: true,
    redirect_uri: `https://cms.example.com/t/acme/sso/oidc/${id}/callback`,
    login_url: `https://cms.example.com/t/acme/sso/oidc/${id}/login`,
  },
};
const params = { id: z.string().describe("The connection's id.") };
const missing = { 404: ["sso/no-such-connection"] } as const;
const refused = [
  "sso/invalid-connection",
  "sso/domain-not-verified",
  "sso/address-not-allowed",
  "sso/saml-metadata",
] as const;

export const ssoOperations: OperationGroup = {
  tag: "Single sign-on",
  description:
    "Identity providers that a tenant's people sign in by: SAML 2.0 and OpenID Connect. Secrets go in and never come out.",
  schemas: { Connection, NewConnection, ConnectionChange },
  operations: [
    {
      method: "post",
      path: "/sso/connections",
      operationId: "createConnection",
      summary: "Connect an identity provider",
      description:
        "SAML: its metadata, a URL of it, or `entity_id`, `sso_url` and `certificates`. OpenID Connect: issuer and client. `domains` must be verified before; people of these alone are made members.",
      permission: "sso:write",
      body: NewConnection,
      answer: Connection,
      statuses: [201],
      errors: { 422: refused, 503: ["sso/provider-unreachable"] },
      example: {
        request: {
          type: "oidc",
          name: "Acme",
          role_mapping: { editors: ["editor"] },
          oidc: {
            issuer: "https://login.acme.com",
            client_id: "flowcms",
            client_secret: "the client's secret",
          },
        },
        response: connection,
      },
    },
    {
      method: "get",
      path: "/sso/connections",
      operationId: "listConnections",
      summary: "List connections",
      description: "The tenant's identity providers, by name.",
      permission: "sso:read",
      answer: z.array(Connection),
      example: { response: [connection] },
    },
    {
      method: "get",
      path: "/sso/connections/{id}",
      operationId: "getConnection",
      summary: "Get a connection",
      description: "With the addresses that the identity provider must be told.",
      permission: "sso:read",
      params,
      answer: Connection,
      errors: missing,
      example: { params: { id }, response: connection },
    },
    {
      method: "patch",
      path: "/sso/connections/{id}",
      operationId: "updateConnection",
      summary: "Change a connection",
      description: "Whatever is not given stays. Switching it off ends the sessions that it opened.",
      permission: "sso:write",
      params,
      body: ConnectionChange,
      answer: Connection,
      errors: { ...missing, 422: refused, 503: ["sso/provider-unreachable"] },
      example: { params: { id }, request: { enabled: true }, response: connection },
    },
    {
      method: "delete",
      path: "/sso/connections/{id}",
      operationId: "deleteConnection",
      summary: "Take a connection away",
      description: "The sessions that it opened end; its people stay members.",
      permission: "sso:write",
      params,
      statuses: [204],
      errors: missing,
      example: { params: { id } },
    },
  ],
};
