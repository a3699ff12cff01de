import * as z from "zod";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import {
  createConnection,
  deleteConnection,
  getConnection,
  listConnections,
  updateConnection,
} from "./connections.ts";
import { Connection, ConnectionChange, NewConnection } from "./schemas.ts";

const operation = declares<IdentityContext>("sso/invalid-connection");

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
const refused = ["sso/domain-not-verified", "sso/address-not-allowed", "sso/saml-metadata"] as const;

export const ssoOperations: OperationGroup<Operation<IdentityContext>> = {
  tag: "Single sign-on",
  description:
    "Identity providers for the tenant's people: SAML 2.0 and OpenID Connect. Secrets are write-only.",
  schemas: { Connection, NewConnection, ConnectionChange },
  operations: [
    operation({
      method: "post",
      path: "/sso/connections",
      operationId: "createConnection",
      summary: "Connect an identity provider",
      description:
        "SAML: the metadata, its URL, or `entity_id`, `sso_url` and `certificates`. OpenID Connect: issuer and client. `domains` must be verified first; only people of these domains become members.",
      permission: "sso:write",
      body: NewConnection,
      invalid: ["sso/invalid-connection", "The connection is not valid."],
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
      sdk: { call: "sso.create" },
      run: (ctx, { body }) => createConnection(ctx, { connection: body }),
    }),
    operation({
      method: "get",
      path: "/sso/connections",
      operationId: "listConnections",
      summary: "List connections",
      description: "The tenant's identity providers, sorted by name.",
      permission: "sso:read",
      answer: z.array(Connection),
      example: { response: [connection] },
      sdk: { call: "sso.list" },
      run: (ctx) => listConnections(ctx),
    }),
    operation({
      method: "get",
      path: "/sso/connections/{id}",
      operationId: "getConnection",
      summary: "Get a connection",
      description: "With the URLs to configure at the identity provider.",
      permission: "sso:read",
      params,
      answer: Connection,
      errors: missing,
      example: { params: { id }, response: connection },
      sdk: { call: "sso.get" },
      run: (ctx, { params }) => getConnection(ctx, params),
    }),
    operation({
      method: "patch",
      path: "/sso/connections/{id}",
      operationId: "updateConnection",
      summary: "Change a connection",
      description: "Properties that are absent keep their values. Disabling it ends its sessions.",
      permission: "sso:write",
      params,
      body: ConnectionChange,
      invalid: ["sso/invalid-connection", "The change is not valid."],
      answer: Connection,
      errors: { ...missing, 422: refused, 503: ["sso/provider-unreachable"] },
      example: { params: { id }, request: { enabled: true }, response: connection },
      sdk: { call: "sso.update" },
      run: (ctx, { params, body }) => updateConnection(ctx, { ...params, change: body }),
    }),
    operation({
      method: "delete",
      path: "/sso/connections/{id}",
      operationId: "deleteConnection",
      summary: "Delete a connection",
      description: "Its sessions end; its people stay members.",
      permission: "sso:write",
      params,
      statuses: [204],
      errors: missing,
      example: { params: { id } },
      sdk: { call: "sso.delete" },
      run: (ctx, { params }) => deleteConnection(ctx, params),
    }),
  ],
};
