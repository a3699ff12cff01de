import { sql } from "drizzle-orm";
import { newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import { asPerson, auditPerson } from "../../tenant/events/index.ts";
import type { Person } from "../people/index.ts";
import { clientOf, clientRow, readScopes, type Client } from "./client-auth.ts";
import { describable, oauthError, type OAuthCode } from "./oauth-error.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { textArray } from "../../../db/text-array.ts";

const CODE_SECONDS = 60;
const MAX_NONCE_CHARS = 1000;

/** Parameters of a request: those with a value, and the names that came more than once. */
export type Parameters = { params: Record<string, string>; repeated: ReadonlySet<string> };

/** A request for authorisation that may be answered by redirect. */
export type AuthorizationRequest = {
  client: Client;
  redirectUri: string;
  state: string | undefined;
  scopes: string[];
  challenge: string;
  /** Whether the client named the redirect URI, which it must then name again for its tokens. */
  isRedirectNamed: boolean;
  nonce: string | undefined;
  prompt: ReadonlySet<string>;
  /** How long ago the person may have signed in, seconds. */
  maxAge: number | undefined;
  /** Whether the person allowed this client these scopes before, and it is sure to be the same client. */
  isConsented: boolean;
};

/** An error of a request with a valid client and redirect URI: the client gets it by redirect. */
export type RefusedRequest = { redirect: string };

/**
 * Reads the parameters of `/oauth/authorize`. Throws INVALID when no redirect is allowed: an unknown
 * client, or a redirect URI that is not registered (exact comparison).
 */
export async function readAuthorization(
  ctx: IdentityContext,
  { params, repeated }: Parameters,
  person: Person | undefined,
): Promise<AuthorizationRequest | RefusedRequest> {
  const {
    client_id: clientId = "",
    redirect_uri: given,
    state,
    code_challenge: challenge = "",
    nonce,
  } = params;
  if (repeated.has("client_id") || repeated.has("redirect_uri"))
    throw oauthError("invalid_request", "client_id and redirect_uri must be given once.");
  const { rows } = await ctx.db.read(sql`select ${clientRow(ctx, clientId)},
    (select to_jsonb(scopes) from oauth_consents where tenant_id = ${ctx.tenantId}::uuid
      and person_id = ${person?.id ?? ""} and client_id = ${clientId})`);
  const client = clientOf(clientId, rows[0]![0]);
  if (!client)
    throw invalid("oauth/unknown-client", "The application that sent you here is unknown.", [], 400);
  const redirectUri = given ?? (client.redirectUris.length === 1 ? client.redirectUris[0] : undefined);
  if (redirectUri === undefined || !client.redirectUris.some((known) => isSameRedirect(known, redirectUri)))
    throw invalid(
      "oauth/wrong-redirect-uri",
      "The application that sent you here uses a redirect URI that is not registered.",
      [],
      400,
    );
  const refuse = (word: OAuthCode, message: string) => ({
    redirect: redirectWith(ctx, redirectUri, repeated.has("state") ? undefined : state, {
      error: word,
      error_description: describable(message),
    }),
  });
  if (repeated.size > 0)
    return refuse("invalid_request", `A parameter is repeated: ${[...repeated].join(", ").slice(0, 100)}.`);
  if (params["response_type"] === undefined) return refuse("invalid_request", "response_type is missing.");
  if (params["response_type"] !== "code")
    return refuse("unsupported_response_type", "response_type must be code.");
  for (const name of ["request", "request_uri"] as const)
    if (params[name] !== undefined) return refuse(`${name}_not_supported`, `${name} is not supported.`);
  if (params["response_mode"] !== undefined && params["response_mode"] !== "query")
    return refuse("invalid_request", "response_mode must be query.");
  const prompt = new Set(params["prompt"]?.split(" ").filter((one) => one !== ""));
  if (prompt.has("none") && prompt.size > 1)
    return refuse("invalid_request", "prompt=none cannot be combined with other values.");
  if (!/^\d{1,9}$/.test(params["max_age"] ?? "0"))
    return refuse("invalid_request", "max_age must be a number of seconds.");
  if ((nonce ?? "").length > MAX_NONCE_CHARS) return refuse("invalid_request", "nonce is too long.");
  if (!client.grants.includes("authorization_code"))
    return refuse("unauthorized_client", "This client may not use authorization codes.");
  if (params["code_challenge_method"] !== "S256" || !/^[\w-]{43}$/.test(challenge))
    return refuse("invalid_request", "PKCE is required: code_challenge with code_challenge_method=S256.");
  try {
    const scopes = readScopes(client, params["scope"]);
    const consented = (rows[0]![1] ?? []) as string[];
    return {
      client,
      redirectUri,
      state,
      scopes,
      challenge,
      isRedirectNamed: given !== undefined,
      nonce,
      prompt,
      maxAge: params["max_age"] === undefined ? undefined : Number(params["max_age"]),
      isConsented: isSureOf(client, redirectUri) && scopes.every((one) => consented.includes(one)),
    };
  } catch (error) {
    if (error instanceof AppError) return refuse("invalid_scope", error.message);
    throw error;
  }
}

/**
 * Whether only the client can receive the redirect: it has a secret, or an https URI. Any program can
 * listen on a loopback port or a custom scheme, so there consent is asked each time (RFC 8252, 8.6).
 */
const isSureOf = ({ secretHash }: Client, redirectUri: string): boolean =>
  secretHash !== null || new URL(redirectUri).protocol === "https:";

/** Gives the client its code, and remembers the consent. Answers where to send the person. */
export async function allow(
  ctx: IdentityContext,
  person: Person,
  request: AuthorizationRequest,
): Promise<string> {
  const code = newTokenSecret();
  const { client, scopes, redirectUri, challenge, isRedirectNamed, nonce } = request;
  const scopeList = textArray(scopes);
  await ctx.db.run([
    asPerson(sql`${person.id}::text`),
    sql`with code as (insert into oauth_codes (tenant_id, code_hash, client_id, person_id, session_id,
      grant_id, redirect_uri, redirect_named, nonce, code_challenge, scopes, expires_at)
        values (${ctx.tenantId}::uuid, ${await hashSecret(code)}, ${client.id}, ${person.id},
          ${person.session.id}, ${newId("grt", ctx.now().getTime())},
          ${redirectUri}, ${String(isRedirectNamed)}::boolean, ${nonce ?? null}::text, ${challenge},
            ${scopeList}, now() + make_interval(secs => ${CODE_SECONDS}::int)) returning person_id),
      consent as (insert into oauth_consents as known (tenant_id, person_id, client_id, scopes)
        values (${ctx.tenantId}::uuid, ${person.id}, ${client.id}, ${scopeList})
        on conflict (tenant_id, person_id, client_id) do update
        set scopes = array(select distinct unnest(known.scopes || excluded.scopes)), created_at = now()),
      ${auditPerson(ctx, {
        event: "oauth.allowed",
        from: sql`code`,
        person: sql`code.person_id`,
        meta: sql`jsonb_build_object('client', ${client.id}::text, 'scopes', ${JSON.stringify(scopes)}::jsonb)`,
      })}
      select 1`,
  ]);
  return redirectWith(ctx, redirectUri, request.state, { code });
}

/** Tells the client that the person or the tenant denied the request. Returns the redirect URL. */
export const deny = (
  ctx: IdentityContext,
  request: AuthorizationRequest,
  word: OAuthCode,
  message: string,
): string =>
  redirectWith(ctx, request.redirectUri, request.state, {
    error: word,
    error_description: describable(message),
  });

/** RFC 9207: the answer names its issuer. */
function redirectWith(
  ctx: IdentityContext,
  to: string,
  state: string | undefined,
  params: Record<string, string>,
): string {
  const url = new URL(to);
  for (const [name, value] of Object.entries({
    ...params,
    ...(state === undefined ? {} : { state }),
    iss: ctx.site.issuer,
  }))
    url.searchParams.set(name, value);
  return url.toString();
}

const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]))(?::(\d{1,5}))?((?:[/?][^]*)?)$/;

/** Exact comparison; only the port of a loopback IP address may differ (RFC 8252, 7.3). */
export function isSameRedirect(known: string, given: string): boolean {
  if (known === given) return true;
  const [, host, , rest] = LOOPBACK.exec(known) ?? [];
  const [, otherHost, port = "80", otherRest] = LOOPBACK.exec(given) ?? [];
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  return host !== undefined && host === otherHost && rest === otherRest && isPort;
}
