import { sql } from "drizzle-orm";
import { toBase64Url } from "../../../core/base64.ts";
import { textArray } from "../../../db/text-array.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret } from "../../../core/tokens.ts";
import { answerToken, type TokenAnswer } from "./access-token.ts";
import { authenticateClient, readScopes, type Client, type Shown } from "./client-auth.ts";
import { ofApi, type GrantType } from "./schemas.ts";
import { redeemDevice } from "./devices.ts";
import {
  answerGrant,
  asksSomethingSql,
  boundSession,
  firstRefreshCte,
  grantColumns,
  invalidGrant,
  isAlive,
  newRefreshToken,
  refreshExpiry,
  scopesLeft,
} from "./grants.ts";
import { oauthError } from "./oauth-error.ts";
import { revokeGrantCte } from "./revoke.ts";

const PURPOSE = "refresh-successor";
const GRACE_SECONDS = 30;

/** The token endpoint: every grant, by `grant_type`. Throws AppErrors whose reasons are OAuth's words. */
export async function issueToken(
  ctx: IdentityContext,
  input: { shown: Shown; form: Record<string, string> },
): Promise<TokenAnswer> {
  const { shown, form } = input;
  const grant = form["grant_type"];
  if (!grant) throw oauthError("invalid_request", "grant_type is missing.");
  switch (grant as GrantType) {
    case "client_credentials":
      return forItself(ctx, await authenticateClient(ctx, shown, "client_credentials"), form);
    case "authorization_code":
      return redeemCode(ctx, await authenticateClient(ctx, shown, "authorization_code"), form);
    case "refresh_token":
      return refresh(ctx, await authenticateClient(ctx, shown, "refresh_token"), form);
    case "urn:ietf:params:oauth:grant-type:device_code":
      return redeemDevice(ctx, await authenticateClient(ctx, shown, grant as GrantType), form);
    default:
      throw oauthError("unsupported_grant_type", `There is no grant "${grant.slice(0, 80)}".`);
  }
}

function forItself(ctx: IdentityContext, client: Client, form: Record<string, string>): Promise<TokenAnswer> {
  if (client.secretHash === null)
    throw oauthError("unauthorized_client", "Only a client with a secret may use client_credentials.");
  const scopes = ofApi(readScopes(client, form["scope"]));
  if (scopes.length === 0)
    throw oauthError("invalid_scope", "openid needs a person, not client_credentials.");
  const roles = client.roles.length > 0 ? client.roles : undefined;
  return answerToken(ctx, { sub: client.id, clientId: client.id, scopes, roles });
}

/**
 * A code works once, with the redirect URI and the verifier of its request; reusing it revokes the grant
 * (RFC 6749, 4.1.2), even in an invalid request. Other errors do not consume it: an attacker must not be
 * able to end it for its owner, and it expires after a minute.
 */
async function redeemCode(
  ctx: IdentityContext,
  client: Client,
  form: Record<string, string>,
): Promise<TokenAnswer> {
  const { code = "", code_verifier: verifier = "", redirect_uri: redirectUri } = form;
  if (code === "") throw oauthError("invalid_request", "code is missing.");
  if (!/^[\w.~-]{43,128}$/.test(verifier))
    throw oauthError("invalid_request", "code_verifier must be 43 to 128 characters.");
  const hash = await hashSecret(code);
  const { cte, token } = await firstRefreshCte(ctx, client);
  const { results } = await ctx.db.run([
    sql`with ${revokeGrantCte(
      ctx,
      sql`g.id in (select grant_id from oauth_codes
      where tenant_id = ${ctx.tenantId}::uuid and code_hash = ${hash} and used_at is not null)`,
    )}
      select 1`,
    sql`with shown as (select code.tenant_id, code.code_hash, code.grant_id, code.client_id, code.person_id,
      ${boundSession(sql`code.scopes`, sql`code.session_id`)} as session_id,
          session.amr, session.authenticated_at, ${scopesLeft(client, sql`code.scopes`)} as scopes,
            code.nonce
        from oauth_codes code join sessions session on session.id = code.session_id
        and session.revoked_at is null
        where code.tenant_id = ${ctx.tenantId}::uuid and code.code_hash = ${hash} and code.used_at is null
        and code.expires_at > now() and code.client_id = ${client.id}
          and (code.redirect_uri = ${redirectUri ?? null}::text or (not code.redirect_named
          and ${redirectUri ?? null}::text is null))
          and code.code_challenge = ${await challengeOf(verifier)} for update of code),
      used as (update oauth_codes code set used_at = now() from shown where code.tenant_id = shown.tenant_id
        and code.code_hash = shown.code_hash
          and ${isAlive(ctx, sql`shown`)} and ${asksSomethingSql(sql`shown.scopes`)} returning shown.*),
      granted as (insert into oauth_grants (tenant_id, id, client_id, person_id, session_id, amr,
        authenticated_at, scopes)
        select ${ctx.tenantId}::uuid, grant_id, client_id, person_id, session_id, amr, authenticated_at,
          scopes from used returning *),
      ${cte} select ${grantColumns(ctx, sql`granted`)}, (select nonce from used) from granted`,
  ]);
  const row = results[1]![0];
  if (!row) throw invalidGrant("code");
  return answerGrant(ctx, client, row, token);
}

/**
 * Exchanges a refresh token for its one successor. Shown again within half a minute it gives the same
 * successor (the answer may have been lost); later it ends the whole grant, since two parties hold it
 * (RFC 9700, 4.14.2). Any other refusal, such as `invalid_scope`, leaves it as it was.
 */
async function refresh(
  ctx: IdentityContext,
  client: Client,
  form: Record<string, string>,
): Promise<TokenAnswer> {
  const { refresh_token: token = "", scope } = form;
  if (token === "") throw oauthError("invalid_request", "refresh_token is missing.");
  const hash = await hashSecret(token);
  const successor = newRefreshToken();
  const sealed = await ctx.vault.seal(ctx.tenantId, PURPOSE, successor);
  const isReplay = sql`used_at < now() - make_interval(secs => ${GRACE_SECONDS}::int)`;
  // Fewer scopes than were allowed, never more; without a word, all that the client may still have.
  const wanted = scope === undefined ? null : [...new Set(scope.split(" ").filter((one) => one !== ""))];
  const asked = wanted === null ? sql`null::text[]` : textArray(wanted);
  const { results } = await ctx.db.run([
    sql`with shown as (select refresh.token_hash, refresh.grant_id, refresh.used_at,
      refresh.sealed_successor, ${scopesLeft(client, sql`g.scopes`)} as allowed
        from oauth_refresh_tokens refresh join oauth_grants g on g.tenant_id = refresh.tenant_id
        and g.id = refresh.grant_id
        where refresh.tenant_id = ${ctx.tenantId}::uuid and refresh.token_hash = ${hash}
        and refresh.expires_at > now() and g.revoked_at is null and g.client_id = ${client.id}
          and ${isAlive(ctx, sql`g`)} for update of refresh),
      given as (select *, coalesce(${asked}, allowed) as scopes, ${asked} is null
        or (cardinality(${asked}) > 0 and ${asked} <@ allowed) as is_allowed
        from shown where ${asksSomethingSql(sql`allowed`)} and (used_at is null or not ${isReplay})),
      used as (update oauth_refresh_tokens refresh set used_at = now(), sealed_successor = ${sealed}
        from given
        where refresh.tenant_id = ${ctx.tenantId}::uuid and refresh.token_hash = given.token_hash
        and refresh.used_at is null and given.is_allowed returning refresh.grant_id),
      made as (insert into oauth_refresh_tokens (tenant_id, token_hash, grant_id, expires_at)
        select ${ctx.tenantId}::uuid, ${await hashSecret(successor)}, grant_id, ${refreshExpiry} from used
        returning grant_id),
      ${revokeGrantCte(ctx, sql`g.id in (select grant_id from shown where ${isReplay})`)}
      select given.is_allowed, (select count(*)::int from made), given.sealed_successor,
        ${grantColumns(ctx, sql`g`, sql`given.scopes`)}
      from oauth_grants g join given on given.grant_id = g.id where g.tenant_id = ${ctx.tenantId}::uuid`,
  ]);
  const [isAllowed, isFirst, kept, ...grant] = results[0]![0] ?? [];
  if (grant.length === 0) throw invalidGrant("refresh token");
  if (!isAllowed)
    throw oauthError("invalid_scope", "A refresh may not request more scopes than were granted.");
  const next = isFirst === 1 ? successor : await ctx.vault.open(ctx.tenantId, PURPOSE, kept as string);
  return answerGrant(ctx, client, grant, next);
}

async function challengeOf(verifier: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return toBase64Url(new Uint8Array(digest));
}
