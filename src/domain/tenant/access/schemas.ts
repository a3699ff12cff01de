import * as z from "zod";
import { IpRanges } from "../../../core/ip-ranges.ts";
import { Datetime } from "../../../core/datetimes.ts";
import { SCOPES } from "../../../core/permissions.ts";
import { PlainName } from "../../../core/plain-name.ts";

export const NewToken = z.strictObject({
  name: PlainName.min(1).describe("A name for its purpose."),
  scope: z
    .enum(SCOPES)
    .describe(
      "The upper limit of its permissions: `write` includes `read`, `admin` includes all others; `sso_admin` manages sign-in and reads the audit log, but no content.",
    ),
  role: z
    .string()
    .max(63)
    .optional()
    .describe("A role that restricts the scope; no restriction when absent."),
  content_types: z
    .array(z.string().max(63))
    .min(1)
    .max(50)
    .optional()
    .describe("The only allowed content types; all when absent."),
  environment: z.string().max(63).optional().describe("The only allowed environment; all when absent."),
  expires_at: Datetime.optional().describe("Never when absent."),
  ip_ranges: IpRanges.optional().describe(
    "The allowed IP ranges, in addition to the tenant's; any address when absent.",
  ),
});
export type NewToken = z.infer<typeof NewToken>;

export const Token = z.object({
  id: z.string().describe("`tok_…`"),
  name: z.string(),
  scope: z.enum(SCOPES).describe("The upper limit of its permissions."),
  role: z.string().nullish().describe("The role that restricts its scope; no restriction when absent."),
  content_types: z.array(z.string()).nullish().describe("The only allowed content types; all when absent."),
  environment: z.string().nullish().describe("The only allowed environment; all when absent."),
  created_at: z.iso.datetime(),
  created_by: z.string().optional(),
  expires_at: z.string().nullish().describe("Never when absent."),
  ip_ranges: IpRanges.optional().describe("The allowed IP ranges; any address when empty."),
  last_used_at: z.iso.datetime().nullish().describe("Up to five minutes old."),
});
export type Token = z.infer<typeof Token>;

export const IssuedToken = Token.extend({
  token: z.string().describe("The token itself. Only this response has it."),
});
export type IssuedToken = z.infer<typeof IssuedToken>;

const Base64Url = z
  .string()
  .regex(/^[\w-]+$/)
  .max(2000);
const Public = z.discriminatedUnion("kty", [
  z.strictObject({ kty: z.literal("EC"), crv: z.literal("P-256"), x: Base64Url, y: Base64Url }),
  z.strictObject({ kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: Base64Url }),
  z.strictObject({
    kty: z.literal("RSA"),
    n: Base64Url.min(340, "must be 2,048 bits or more"),
    e: Base64Url,
  }),
]);

/**
 * Named as the keys are that IDENTITY signs with: what is signed with one of those is never the
 * tenant's own.
 */
const OURS = /^k-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const NewKey = z.strictObject({
  kid: z
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .refine((kid) => !OURS.test(kid), "must not have the form of the tenant's own issuer keys"),
  jwk: Public,
});
export type NewKey = z.infer<typeof NewKey>;

export const Key = z.object({
  kid: z.string().describe("The `kid` in the header of the JWTs."),
  alg: z.enum(["ES256", "EdDSA", "RS256"]),
  jwk: z.record(z.string(), z.unknown()).describe("The public key as it was registered."),
  created_at: z.iso.datetime(),
});
export type Key = z.infer<typeof Key>;

export const IssuedKey = Key.extend({ tenant: z.string().describe("The value of the claim `tid`.") });
export type IssuedKey = z.infer<typeof IssuedKey>;
