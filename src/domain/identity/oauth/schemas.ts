import * as z from "zod";
import { PlainName } from "../../../core/plain-name.ts";
import { SCOPES } from "../../../core/permissions.ts";

export const GRANTS = [
  "authorization_code",
  "refresh_token",
  "client_credentials",
  "urn:ietf:params:oauth:grant-type:device_code",
] as const;
export type GrantType = (typeof GRANTS)[number];
/** The scope that lets a refresh token outlive the session it began in. */
export const OFFLINE = "offline_access";

const RedirectUri = z
  .string()
  .max(2000)
  .refine(
    isRedirectUri,
    "must be an https address without a fragment, http on this machine, or an app's own scheme",
  );
/**
 * What a client may learn of the person who signs in (OpenID Connect): who they are, their name, their
 * address.
 */
export const PERSON_SCOPES = ["openid", "profile", "email"] as const;
const ClientScope = z.enum([...SCOPES, ...PERSON_SCOPES, OFFLINE]);
/** Whether scopes ask for anything: an API, or who somebody is. */
export const asksSomething = (scopes: readonly string[]): boolean =>
  scopes.some((scope) => scope === "openid" || (SCOPES as readonly string[]).includes(scope));
export const ofApi = (scopes: readonly string[]): string[] =>
  scopes.filter((scope) => (SCOPES as readonly string[]).includes(scope));

const Changeable = z.strictObject({
  name: PlainName.min(1).describe("The name on the consent page."),
  grants: z.array(z.enum(GRANTS)).min(1).max(GRANTS.length).describe("The allowed grant types."),
  redirect_uris: z
    .array(RedirectUri)
    .max(20)
    .describe("The allowed redirect URIs, compared exactly; on a loopback IP address any port is allowed."),
  scopes: z.array(ClientScope).min(1).max(10).describe("The scopes that it may request."),
  roles: z
    .array(z.string().max(64))
    .max(20)
    .describe("Its roles with `client_credentials`; everything within its scopes when empty."),
});
export const NewClient = Changeable.extend({
  confidential: z
    .boolean()
    .default(true)
    .describe("Whether it is a confidential client; apps on phones and in browsers are not."),
  redirect_uris: Changeable.shape.redirect_uris.default([]),
  scopes: Changeable.shape.scopes.default(["read"]),
  roles: Changeable.shape.roles.default([]),
});
export type NewClient = z.infer<typeof NewClient>;
export const ClientChange = Changeable.partial();
export type ClientChange = z.infer<typeof ClientChange>;

/** A client as it is shown. */
export const OAuthClient = z.object({
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
export type OAuthClient = z.infer<typeof OAuthClient>;
const secret = z.string().describe("The `client_secret`. Only this response has it.");
export const IssuedClient = OAuthClient.extend({ secret: secret.optional() });
export type IssuedClient = z.infer<typeof IssuedClient>;
export const IssuerKey = z.object({
  kid: z.string(),
  alg: z.literal("ES256"),
  state: z
    .enum(["next", "active", "retired"])
    .describe("Published but not signing yet, signing, or retired while its tokens are valid."),
  created_at: z.iso.datetime(),
  active_at: z.iso.datetime().nullable(),
  retired_at: z.iso.datetime().nullable(),
});
export type IssuerKey = z.infer<typeof IssuerKey>;
export const RenewedSecret = z.object({ id: z.string(), secret });
export type RenewedSecret = z.infer<typeof RenewedSecret>;

function isRedirectUri(text: string): boolean {
  const url = URL.parse(text);
  if (
    !url ||
    url.hash !== "" ||
    text.includes("#") ||
    url.username !== "" ||
    url.password !== "" ||
    text.includes("*")
  )
    return false;
  if (url.protocol === "https:") return true;
  if (url.protocol === "http:") return /^(?:127\.0\.0\.1|localhost|\[::1\])$/.test(url.hostname);
  return /^[a-z][a-z0-9+-]*\.[a-z0-9+.-]+:$/.test(url.protocol);
}
