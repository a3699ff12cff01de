import * as z from "zod";
import { IpRanges } from "../../../core/ip-ranges.ts";
import { Datetime } from "../../../core/datetimes.ts";
import { SCOPES } from "../../../core/permissions.ts";
import { PlainName } from "../../../core/plain-name.ts";

export const NewToken = z.strictObject({
  name: PlainName.min(1).describe("What it is for."),
  scope: z
    .enum(SCOPES)
    .describe(
      "The most it may do: `write` contains `read`, `admin` contains all others; `sso_admin` looks after sign-in and reads the audit log, and no content.",
    ),
  role: z
    .string()
    .max(63)
    .optional()
    .describe("A role that narrows what the scope holds; everything it holds when absent."),
  content_types: z
    .array(z.string().max(63))
    .min(1)
    .max(50)
    .optional()
    .describe("The only content types it is for; all when absent."),
  environment: z
    .string()
    .max(63)
    .optional()
    .describe("The only environment it is to work in; any when absent."),
  expires_at: Datetime.optional().describe("Never when absent."),
  ip_ranges: IpRanges.optional().describe(
    "From where it may be used, beside what the tenant says; from anywhere when absent.",
  ),
});
export type NewToken = z.infer<typeof NewToken>;

export const Token = z.object({
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
export type Token = z.infer<typeof Token>;

export const IssuedToken = Token.extend({
  token: z.string().describe("The token itself. This answer is the only place that ever shows it."),
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
    .refine((kid) => !OURS.test(kid), "must not be named as the keys of the tenant's own issuer are"),
  jwk: Public,
});
export type NewKey = z.infer<typeof NewKey>;

export const Key = z.object({
  kid: z.string().describe("The id that JWTs name the key by."),
  alg: z.enum(["ES256", "EdDSA", "RS256"]),
  jwk: z.record(z.string(), z.unknown()).describe("The public key as it was registered."),
  created_at: z.iso.datetime(),
});
export type Key = z.infer<typeof Key>;

export const IssuedKey = Key.extend({ tenant: z.string().describe("What the JWTs must carry as `tid`.") });
export type IssuedKey = z.infer<typeof IssuedKey>;
