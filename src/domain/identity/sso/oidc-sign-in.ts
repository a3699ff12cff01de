import * as oidc from "openid-client";
import { AppError } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import type { OpenedSession } from "../people/index.ts";
import { keepBase, loginElsewhere, oidcAddresses } from "./addresses.ts";
import { enterBySso, type Asserted } from "./enter-by-sso.ts";
import { asRefusal, oidcClient } from "./oidc-client.ts";
import type { OidcConfig } from "./schemas.ts";
import {
  beginAttempt,
  findConnection,
  requireOpen,
  unknownAttempt,
  type SignInRequest,
  type SignInStart,
} from "./sign-in-attempts.ts";

const PURPOSE = "sso-attempt";
const SCOPES = "openid email profile";
const MAX_SUBJECT_CHARS = 255;

/**
 * Begins a sign-in with a code, PKCE, state and nonce: where the browser goes, and what its cookie
 * must hold.
 */
export async function startOidc(ctx: IdentityContext, input: SignInRequest): Promise<SignInStart> {
  const { connection } = await findConnection<OidcConfig>(ctx, "oidc", input.id);
  const elsewhere = loginElsewhere(ctx, { type: "oidc", config: connection.config, ...input });
  if (elsewhere !== undefined) return { url: elsewhere };
  const client = await oidcClient(ctx, connection);
  const [state, nonce, verifier] = [newTokenSecret(), newTokenSecret(), oidc.randomPKCECodeVerifier()];
  const url = oidc.buildAuthorizationUrl(client, {
    redirect_uri: oidcAddresses(ctx.site.issuer, input.id).redirect_uri,
    scope: connection.config.scopes ?? SCOPES,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const cookie = await beginAttempt(ctx, {
    id: await hashSecret(state),
    connectionId: connection.id,
    cookie: input.cookie,
    sealed: await ctx.vault.seal(ctx.tenantId, PURPOSE, JSON.stringify({ nonce, verifier })),
    relay: input.relay,
  });
  return { url: url.href, cookie };
}

/**
 * Finishes a sign-in with the provider's redirect. Throws UNAUTHENTICATED `sso/unknown-attempt` and
 * `sso/oidc-answer`, FORBIDDEN for people who may not sign in, UNAVAILABLE when the provider does not
 * respond.
 */
export async function finishOidc(
  ctx: IdentityContext,
  input: { id: string; query: string; cookie: string | undefined },
): Promise<{ session: OpenedSession; relay: string | null }> {
  const { id, cookie = "" } = input;
  const state = new URLSearchParams(input.query).get("state") ?? "";
  const attemptId = await hashSecret(state);
  const { connection, attempt } = await findConnection<OidcConfig>(ctx, "oidc", id, {
    id: attemptId,
    cookie,
  });
  const open = requireOpen(attempt);
  if (open.isUsed) throw unknownAttempt();
  const { nonce, verifier } = JSON.parse(await ctx.vault.open(ctx.tenantId, PURPOSE, open.sealed!)) as Record<
    "nonce" | "verifier",
    string
  >;
  const client = await oidcClient(ctx, connection);
  const here = new URL(oidcAddresses(ctx.site.issuer, id).redirect_uri + input.query);
  const claims = await asRefusal(async () => {
    const tokens = await oidc.authorizationCodeGrant(client, here, {
      pkceCodeVerifier: verifier,
      expectedState: state,
      expectedNonce: nonce,
      idTokenExpected: true,
    });
    const told = tokens.claims()!;
    if (told["email"] !== undefined || client.serverMetadata().userinfo_endpoint === undefined) return told;
    return { ...(await oidc.fetchUserInfo(client, tokens.access_token, told.sub)), ...told };
  });
  const entered = await enterBySso(ctx, id, assertedBy(claims, connection.config), {
    attempt: { id: attemptId, cookie },
  });
  if (connection.config.base === undefined) await ctx.db.run([keepBase(ctx, id)]);
  return entered;
}

function assertedBy(
  claims: Record<string, unknown> & { iss: string; sub: string },
  config: OidcConfig,
): Asserted {
  if (claims.sub === "" || claims.sub.length > MAX_SUBJECT_CHARS)
    throw new AppError(
      "UNAUTHENTICATED",
      "sso/oidc-answer",
      "The identity provider's subject is empty or too long.",
    );
  const groups = claims[config.groups_claim ?? "groups"];
  return {
    issuer: claims.iss,
    subject: claims.sub,
    email: typeof claims["email"] === "string" ? claims["email"] : undefined,
    isEmailVerified: (claims["email_verified"] ?? config.trusts_email ?? false) === true,
    name: typeof claims["name"] === "string" ? claims["name"] : "",
    groups: (Array.isArray(groups) ? groups : [groups]).filter(
      (one): one is string => typeof one === "string",
    ),
  };
}
