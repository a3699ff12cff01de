import * as z from "zod";
import type { OperationGroup } from "../../core/operation.ts";
import { IpRanges } from "../../core/ip-ranges.ts";
import { SCOPES } from "../../core/permissions.ts";
import { NewKey } from "./keys.ts";
import { NewToken } from "./tokens.ts";

const Token = z.object({
  id: z.string().describe("`tok_…`"),
  name: z.string(),
  scope: z.enum(SCOPES).describe("The most it may do."),
  role: z.string().nullish().describe("The role that narrows its scope; nothing does when absent."),
  content_types: z.array(z.string()).nullish().describe("The only content types it is for; all when absent."),
  environment: z.string().nullish().describe("The only environment it works in; any when absent."),
  created_at: z.iso.datetime(),
  created_by: z.string().optional(),
  expires_at: z.string().nullish().describe("Never when absent."),
  ip_ranges: IpRanges.optional().describe("From where it may be used; from anywhere when there are none."),
  last_used_at: z.iso.datetime().nullish().describe("Up to five minutes behind."),
});
const IssuedToken = Token.extend({
  token: z.string().describe("The token itself. This answer is the only place that ever shows it."),
});
const Key = z.object({
  kid: z.string().describe("The id that JWTs name the key by."),
  alg: z.enum(["ES256", "EdDSA", "RS256"]),
  jwk: z.record(z.string(), z.unknown()).describe("The public key as it was registered."),
  created_at: z.iso.datetime(),
});
const IssuedKey = Key.extend({ tenant: z.string().describe("What the JWTs must carry as `tid`.") });

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
  422: ["access/invalid-key"],
} as const;

export const accessOperations: OperationGroup = {
  tag: "Access",
  description:
    "API tokens with the scope `read` (published content), `write` (entries and assets too), `admin` or `sso_admin` (sign-in and the audit log, no content), perhaps narrowed by a role, content types and an environment; and public keys whose JWTs are trusted.",
  schemas: { Token, IssuedToken, NewToken, Key, IssuedKey, NewKey },
  operations: [
    {
      method: "post",
      path: "/tokens",
      operationId: "createToken",
      summary: "Create a token",
      description: "The answer is the only place where the token itself is shown: it is kept as a hash.",
      permission: "tokens:write",
      body: NewToken,
      answer: IssuedToken,
      statuses: [201],
      errors: {
        402: ["access/too-many-tokens"],
        404: ["environments/not-found"],
        422: ["access/invalid-token", "access/unknown-role"],
      },
      example: {
        request: { name: "Website", scope: "read" },
        response: { ...token, token: "flow_read_…" },
      },
    },
    {
      method: "get",
      path: "/tokens",
      operationId: "listTokens",
      summary: "List tokens",
      description: "Those that are not revoked, without their secrets.",
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
    },
    {
      method: "delete",
      path: "/tokens/{id}",
      operationId: "revokeToken",
      summary: "Revoke a token",
      description: "It is refused at every edge within ten seconds.",
      permission: "tokens:write",
      params: { id: z.string().describe("`tok_…`") },
      statuses: [204],
      errors: { 404: ["access/no-such-token"] },
      example: { params: { id: tokenId } },
    },
    {
      method: "post",
      path: "/keys",
      operationId: "createKey",
      summary: "Trust a public key",
      description:
        "JWTs signed by its holder are let in. They carry `tid` (the tenant), `aud` (`flowcms`), `sub` (who it is), `scope`, and an `exp` within an hour.",
      permission: "keys:write",
      body: NewKey,
      answer: IssuedKey,
      statuses: [201],
      errors: jwkErrors,
      example: {
        request: key,
        response: { ...key, alg: "EdDSA", tenant: "7c9e6679-7425-40de-944b-e07fc1f90ae7", created_at },
      },
    },
    {
      method: "get",
      path: "/keys",
      operationId: "listKeys",
      summary: "List trusted keys",
      description: "The public keys that are trusted now.",
      permission: "keys:read",
      answer: z.array(Key),
      example: { response: [{ ...key, alg: "EdDSA", created_at }] },
    },
    {
      method: "delete",
      path: "/keys/{kid}",
      operationId: "revokeKey",
      summary: "Stop trusting a key",
      description: "Its JWTs are refused within ten seconds.",
      permission: "keys:write",
      params: { kid: z.string().describe("The id the key was registered under.") },
      statuses: [204],
      errors: { 404: ["access/no-such-key"] },
      example: { params: { kid: "website-2026" } },
    },
  ],
};
