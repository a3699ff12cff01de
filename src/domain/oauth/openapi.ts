import * as z from "zod";
import type { OperationGroup } from "../../core/operation.ts";
import { ClientChange, NewClient } from "./schemas.ts";

const OAuthClient = z.object({
  id: z.string().describe("The `client_id`, `cli_…`."),
  name: z.string(),
  confidential: z.boolean(),
  grants: z.array(z.string()),
  redirect_uris: z.array(z.string()),
  scopes: z.array(z.string()),
  roles: z.array(z.string()),
  created_at: z.iso.datetime(),
  created_by: z.string(),
});
const secret = z.string().describe("The `client_secret`. This answer is the only place that ever shows it.");
const IssuedClient = OAuthClient.extend({ secret: secret.optional() });
const IssuerKey = z.object({
  kid: z.string(),
  alg: z.literal("ES256"),
  state: z
    .enum(["next", "active", "retired"])
    .describe("Published before it signs, signs, signed what may still be shown."),
  created_at: z.iso.datetime(),
  active_at: z.iso.datetime().nullable(),
  retired_at: z.iso.datetime().nullable(),
});

const id = { id: z.string().describe("`cli_…`") };
const clientId = "cli_01jd3f0b6vfs8t4z9c7q2m5n8x";
const created_at = "2026-01-31T09:30:00.000Z";
const wanted = {
  name: "Mobile app",
  confidential: true,
  grants: ["authorization_code", "refresh_token"],
  redirect_uris: ["https://app.example.com/callback"],
  scopes: ["read", "write"],
};
const client = {
  id: clientId,
  ...wanted,
  roles: [],
  created_at,
  created_by: "usr_01jd3f0b6vfs8t4z9c7q2m5n8x",
};
const key = {
  kid: "k-7c9e6679",
  alg: "ES256",
  state: "active",
  created_at,
  active_at: created_at,
  retired_at: null,
};

export const oauthOperations: OperationGroup = {
  tag: "OAuth",
  description:
    "Applications that get tokens from the tenant's authorisation server, and the keys it signs with. Where the server's endpoints are, its metadata says: `/.well-known/oauth-authorization-server`.",
  schemas: { ClientChange, IssuedClient, IssuerKey, NewClient, OAuthClient },
  operations: [
    {
      method: "post",
      path: "/oauth/clients",
      operationId: "createClient",
      summary: "Register a client",
      description: "Its secret is shown in this answer only: it is kept as a hash.",
      permission: "oauth:write",
      body: NewClient,
      answer: IssuedClient,
      statuses: [201],
      errors: { 422: ["oauth/invalid-client", "access/unknown-role"] },
      example: { request: wanted, response: { ...client, secret: "flows_…" } },
    },
    {
      method: "get",
      path: "/oauth/clients",
      operationId: "listClients",
      summary: "List clients",
      description: "Without their secrets.",
      permission: "oauth:read",
      answer: z.array(OAuthClient),
      example: { response: [client] },
    },
    {
      method: "patch",
      path: "/oauth/clients/{id}",
      operationId: "updateClient",
      summary: "Change a client",
      description: "Its secret stays.",
      permission: "oauth:write",
      params: id,
      body: ClientChange,
      answer: OAuthClient,
      errors: { 404: ["oauth/no-such-client"], 422: ["oauth/invalid-client", "access/unknown-role"] },
      example: { params: { id: clientId }, request: { name: "App" }, response: { ...client, name: "App" } },
    },
    {
      method: "post",
      path: "/oauth/clients/{id}/secret",
      operationId: "renewClientSecret",
      summary: "Renew a client's secret",
      description: "The old one works no more. A client without a secret is not found.",
      permission: "oauth:write",
      params: id,
      answer: z.object({ id: z.string(), secret }),
      errors: { 404: ["oauth/no-such-client"] },
      example: { params: { id: clientId }, response: { id: clientId, secret: "flows_…" } },
    },
    {
      method: "delete",
      path: "/oauth/clients/{id}",
      operationId: "deleteClient",
      summary: "Delete a client",
      description: "Its tokens are refused within ten seconds, and what people allowed it is over.",
      permission: "oauth:write",
      params: id,
      statuses: [204],
      errors: { 404: ["oauth/no-such-client"] },
      example: { params: { id: clientId } },
    },
    {
      method: "post",
      path: "/oauth/keys/rotate",
      operationId: "rotateIssuerKeys",
      summary: "Rotate the issuer's keys",
      description:
        "The next key signs from now on; the one that did is published until what it signed has expired. A key must have been published for a day, unless forced.",
      permission: "keys:write",
      query: z.object({
        force: z
          .enum(["true", "false"])
          .optional()
          .describe("Whether not to wait: when the active key may have been seen."),
      }),
      answer: z.array(IssuerKey),
      errors: { 409: ["oauth/key-too-young"] },
      example: { query: { force: "true" }, response: [key] },
    },
    {
      method: "get",
      path: "/oauth/keys",
      operationId: "listIssuerKeys",
      summary: "List the issuer's keys",
      description: "With their states; their public halves are at `/.well-known/jwks.json`.",
      permission: "keys:read",
      answer: z.array(IssuerKey),
      example: { response: [key] },
    },
  ],
};
