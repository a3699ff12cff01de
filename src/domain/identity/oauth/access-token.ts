import { SignJWT } from "jose";
import { toBase64Url } from "../../../core/base64.ts";
import { newTokenSecret } from "../../../core/tokens.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { activeKey, ALGORITHM } from "./issuer-keys.ts";

export const LIFETIME_SECONDS = 300;
export const AUDIENCE = "flowcms";

/** Whom an access token is for and what it may do. */
export type Subject = {
  sub: string;
  /** The session and the grant that it ends with; neither for a client that acts for itself. */
  sid?: string | undefined;
  gid?: string;
  clientId: string;
  scopes: readonly string[];
  /** Absent for what no role limits. */
  roles?: readonly string[] | undefined;
  amr?: readonly string[];
  /** When the person signed in, seconds since 1970. */
  authTime?: number;
};

/** Signs an access token (RFC 9068, `at+jwt`, ES256) that holds for five minutes. */
export async function signAccessToken(ctx: IdentityContext, subject: Subject): Promise<string> {
  const { kid, key } = await activeKey(ctx);
  const issuedAtMs = ctx.now().getTime();
  const now = Math.floor(issuedAtMs / 1000);
  const { sub, sid, gid, clientId, scopes, roles, amr, authTime } = subject;
  return new SignJWT({
    tid: ctx.tenantId,
    client_id: clientId,
    // Seconds are too coarse to order a token and a revocation that were issued right after each other.
    iat_ms: issuedAtMs,
    scope: scopes.join(" "),
    ...(roles === undefined ? {} : { roles }),
    ...(sid === undefined ? {} : { sid }),
    ...(gid === undefined ? {} : { gid }),
    ...(amr === undefined ? {} : { amr }),
    ...(authTime === undefined ? {} : { auth_time: authTime }),
  })
    .setProtectedHeader({ alg: ALGORITHM, kid, typ: "at+jwt" })
    .setIssuer(ctx.site.issuer)
    .setAudience(AUDIENCE)
    .setSubject(sub)
    .setJti(newTokenSecret())
    .setIssuedAt(now)
    .setExpirationTime(now + LIFETIME_SECONDS)
    .sign(key);
}

/** The answer of the token endpoint. */
export type TokenAnswer = {
  access_token: string;
  token_type: "Bearer";
  expires_in: number;
  scope: string;
  refresh_token?: string;
  id_token?: string;
};

/** An access token as the token endpoint answers it. */
export async function answerToken(
  ctx: IdentityContext,
  subject: Subject,
  { refreshToken, nonce }: { refreshToken?: string | undefined; nonce?: string | undefined } = {},
): Promise<TokenAnswer> {
  const accessToken = await signAccessToken(ctx, subject);
  const idToken = subject.scopes.includes("openid")
    ? await signIdToken(ctx, subject, { accessToken, nonce })
    : undefined;
  return {
    access_token: accessToken,
    token_type: "Bearer",
    expires_in: LIFETIME_SECONDS,
    scope: subject.scopes.join(" "),
    ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
    ...(idToken === undefined ? {} : { id_token: idToken }),
  };
}

/**
 * Signs an ID token for the client (OpenID Connect Core, 2). The claims of `profile` and `email` come
 * from the userinfo endpoint.
 */
async function signIdToken(
  ctx: IdentityContext,
  { sub, sid, clientId, amr, authTime }: Subject,
  { accessToken, nonce }: { accessToken: string; nonce: string | undefined },
): Promise<string> {
  const { kid, key } = await activeKey(ctx);
  const now = Math.floor(ctx.now().getTime() / 1000);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(accessToken));
  return new SignJWT({
    at_hash: toBase64Url(new Uint8Array(digest).slice(0, 16)),
    ...(nonce === undefined ? {} : { nonce }),
    ...(sid === undefined ? {} : { sid }),
    ...(amr === undefined ? {} : { amr }),
    ...(authTime === undefined ? {} : { auth_time: authTime }),
  })
    .setProtectedHeader({ alg: ALGORITHM, kid, typ: "JWT" })
    .setIssuer(ctx.site.issuer)
    .setAudience(clientId)
    .setSubject(sub)
    .setIssuedAt(now)
    .setExpirationTime(now + LIFETIME_SECONDS)
    .sign(key);
}
