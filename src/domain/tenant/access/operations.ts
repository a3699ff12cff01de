import * as z from "zod";
import type { Context } from "../../../core/context.ts";
import { declares, type Operation, type OperationGroup } from "../../../core/operation.ts";
import { createKey, listKeys, revokeKey } from "./keys.ts";
import { IssuedKey, IssuedToken, Key, NewKey, NewToken, Token } from "./schemas.ts";
import { createToken, listTokens, revokeToken } from "./tokens.ts";

const operation = declares<Context>("access/bad-query");

const tokenId = "tok_01jd3f0b6vfs8t4z9c7q2m5n8x";
const created_at = "2026-01-31T09:30:00.000Z";
const token = { id: tokenId, name: "Website", scope: "read", created_at };
const key = {
  kid: "website-2026",
  jwk: { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" },
};
const jwkErrors = {
  402: ["access/too-many-keys"],
  409: ["access/kid-taken"],
} as const;

export const accessOperations: OperationGroup<Operation<Context>> = {
  tag: "Access",
  description:
    "API tokens with the scope `read` (published content), `write` (also entries and assets), `admin` or `sso_admin` (sign-in and the audit log, no content), optionally restricted to a role, content types and an environment; and public keys whose JWTs are trusted.",
  schemas: { Token, IssuedToken, NewToken, Key, IssuedKey, NewKey },
  operations: [
    operation({
      method: "post",
      path: "/tokens",
      operationId: "createToken",
      summary: "Create a token",
      description: "The token itself is only in this response: it is stored as a hash.",
      permission: "tokens:write",
      body: NewToken,
      invalid: ["access/invalid-token", "The token is not valid."],
      answer: IssuedToken,
      statuses: [201],
      errors: {
        402: ["access/too-many-tokens"],
        404: ["environments/not-found"],
        422: ["access/unknown-role"],
      },
      example: {
        request: { name: "Website", scope: "read" },
        response: { ...token, token: "flow_read_…" },
      },
      changesSnapshot: true,
      secret: "token",
      sdk: { call: "tokens.create" },
      run: (ctx, { body }) => createToken(ctx, body),
    }),
    operation({
      method: "get",
      path: "/tokens",
      operationId: "listTokens",
      summary: "List tokens",
      description: "All tokens that are not revoked, without their secrets.",
      permission: "tokens:read",
      answer: z.array(Token),
      example: {
        response: [
          {
            ...token,
            environment: null,
            created_by: tokenId,
            expires_at: null,
            ip_ranges: [],
            last_used_at: "2026-02-01T08:00:00.000Z",
            role: null,
            content_types: null,
          },
        ],
      },
      sdk: { call: "tokens.list" },
      run: (ctx) => listTokens(ctx),
    }),
    operation({
      method: "delete",
      path: "/tokens/{id}",
      operationId: "revokeToken",
      summary: "Revoke a token",
      description: "It is rejected everywhere within ten seconds.",
      permission: "tokens:write",
      params: { id: z.string().describe("`tok_…`") },
      statuses: [204],
      errors: { 404: ["access/no-such-token"] },
      example: { params: { id: tokenId } },
      changesSnapshot: true,
      sdk: { call: "tokens.revoke" },
      run: (ctx, { params }) => revokeToken(ctx, params),
    }),
    operation({
      method: "post",
      path: "/keys",
      operationId: "createKey",
      summary: "Trust a public key",
      description:
        "JWTs signed with it are accepted. They have the claims `tid` (the tenant), `aud` (`flowcms`), `sub` (who it is), `scope`, and an `exp` within an hour.",
      permission: "keys:write",
      body: NewKey,
      invalid: ["access/invalid-key", "The key is not a valid public JWK."],
      answer: IssuedKey,
      statuses: [201],
      errors: jwkErrors,
      example: {
        request: key,
        response: { ...key, alg: "EdDSA", tenant: "7c9e6679-7425-40de-944b-e07fc1f90ae7", created_at },
      },
      changesSnapshot: true,
      sdk: { call: "keys.create" },
      run: (ctx, { body }) => createKey(ctx, body),
    }),
    operation({
      method: "get",
      path: "/keys",
      operationId: "listKeys",
      summary: "List trusted keys",
      description: "All trusted public keys.",
      permission: "keys:read",
      answer: z.array(Key),
      example: { response: [{ ...key, alg: "EdDSA", created_at }] },
      sdk: { call: "keys.list" },
      run: (ctx) => listKeys(ctx),
    }),
    operation({
      method: "delete",
      path: "/keys/{kid}",
      operationId: "revokeKey",
      summary: "Stop trusting a key",
      description: "Its JWTs are rejected within ten seconds.",
      permission: "keys:write",
      params: { kid: z.string().describe("The `kid` of the key.") },
      statuses: [204],
      errors: { 404: ["access/no-such-key"] },
      example: { params: { kid: "website-2026" } },
      changesSnapshot: true,
      sdk: { call: "keys.revoke" },
      run: (ctx, { params }) => revokeKey(ctx, params),
    }),
  ],
};
