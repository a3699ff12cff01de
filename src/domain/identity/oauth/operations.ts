import * as z from "zod";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { createClient, deleteClient, listClients, renewSecret, updateClient } from "./clients.ts";
import { listIssuerKeys, rotateIssuerKeys } from "./issuer-keys.ts";
import { ClientChange, IssuedClient, IssuerKey, NewClient, OAuthClient, RenewedSecret } from "./schemas.ts";

const operation = declares<IdentityContext>("oauth/invalid-client");

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

export const oauthOperations: OperationGroup<Operation<IdentityContext>> = {
  tag: "OAuth",
  description:
    "Applications that get tokens from the tenant's authorisation server, and its signing keys. The endpoints are listed in its metadata: `/.well-known/oauth-authorization-server`.",
  schemas: { ClientChange, IssuedClient, IssuerKey, NewClient, OAuthClient },
  operations: [
    operation({
      method: "post",
      path: "/oauth/clients",
      operationId: "createClient",
      summary: "Register a client",
      description: "The secret is only in this response: it is stored as a hash.",
      permission: "oauth:write",
      body: NewClient,
      invalid: ["oauth/invalid-client", "The client is not valid."],
      answer: IssuedClient,
      statuses: [201],
      errors: { 422: ["access/unknown-role"] },
      example: { request: wanted, response: { ...client, secret: "flows_…" } },
      secret: "client",
      sdk: { call: "oauth.createClient" },
      run: (ctx, { body }) => createClient(ctx, { client: body }),
    }),
    operation({
      method: "get",
      path: "/oauth/clients",
      operationId: "listClients",
      summary: "List clients",
      description: "Without their secrets.",
      permission: "oauth:read",
      answer: z.array(OAuthClient),
      example: { response: [client] },
      sdk: { call: "oauth.clients" },
      run: (ctx) => listClients(ctx),
    }),
    operation({
      method: "patch",
      path: "/oauth/clients/{id}",
      operationId: "updateClient",
      summary: "Change a client",
      description: "The secret does not change.",
      permission: "oauth:write",
      params: id,
      body: ClientChange,
      invalid: ["oauth/invalid-client", "The client is not valid."],
      answer: OAuthClient,
      errors: { 404: ["oauth/no-such-client"], 422: ["access/unknown-role"] },
      example: { params: { id: clientId }, request: { name: "App" }, response: { ...client, name: "App" } },
      sdk: { call: "oauth.updateClient" },
      run: (ctx, { params, body }) => updateClient(ctx, { ...params, change: body }),
    }),
    operation({
      method: "post",
      path: "/oauth/clients/{id}/secret",
      operationId: "renewClientSecret",
      summary: "Renew a client's secret",
      description: "The old secret stops working. 404 for a client without a secret.",
      permission: "oauth:write",
      params: id,
      answer: RenewedSecret,
      errors: { 404: ["oauth/no-such-client"] },
      example: { params: { id: clientId }, response: { id: clientId, secret: "flows_…" } },
      secret: "client",
      sdk: { call: "oauth.renewSecret" },
      run: (ctx, { params }) => renewSecret(ctx, params),
    }),
    operation({
      method: "delete",
      path: "/oauth/clients/{id}",
      operationId: "deleteClient",
      summary: "Delete a client",
      description: "Its tokens are rejected within ten seconds, and the consents of people are deleted.",
      permission: "oauth:write",
      params: id,
      statuses: [204],
      errors: { 404: ["oauth/no-such-client"] },
      example: { params: { id: clientId } },
      sdk: { call: "oauth.deleteClient" },
      run: (ctx, { params }) => deleteClient(ctx, params),
    }),
    operation({
      method: "post",
      path: "/oauth/keys/rotate",
      operationId: "rotateIssuerKeys",
      summary: "Rotate the issuer's keys",
      description:
        "The next key signs from now on; the previous one is published until the tokens that it signed have expired. A key must have been published for a day, unless forced.",
      permission: "keys:write",
      query: z.strictObject({
        force: z
          .enum(["true", "false"])
          .optional()
          .describe("`true` to skip the waiting time, when the active key may have leaked."),
        environment: z.string().optional(),
      }),
      answer: z.array(IssuerKey),
      errors: { 409: ["oauth/key-too-young"] },
      example: { query: { force: "true" }, response: [key] },
      changesSnapshot: true,
      sdk: { call: "oauth.rotateKeys" },
      run: (ctx, { query }) => rotateIssuerKeys(ctx, { isForced: query.force === "true" }),
    }),
    operation({
      method: "get",
      path: "/oauth/keys",
      operationId: "listIssuerKeys",
      summary: "List the issuer's keys",
      description: "With their states; the public keys are at `/.well-known/jwks.json`.",
      permission: "keys:read",
      answer: z.array(IssuerKey),
      example: { response: [key] },
      sdk: { call: "oauth.keys" },
      run: (ctx) => listIssuerKeys(ctx),
    }),
  ],
};
