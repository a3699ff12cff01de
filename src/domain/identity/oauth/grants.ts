import { sql, type SQL } from "drizzle-orm";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { SCOPES } from "../../../core/permissions.ts";
import { hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import { textArray } from "../../../db/text-array.ts";
import { isOfThisTenant, policyDemand } from "../people/index.ts";
import { rolesOf } from "../../tenant/tenants/index.ts";
import { answerToken, type TokenAnswer } from "./access-token.ts";
import { type Client } from "./client-auth.ts";
import { OFFLINE } from "./schemas.ts";
import { oauthError } from "./oauth-error.ts";

const REFRESH_DAYS = 30;

/** A refresh token: the tenant and 160 random bits. */
export const newRefreshToken = () => `flowr_${newTokenSecret()}`;
export const refreshExpiry = sql`now() + make_interval(days => ${REFRESH_DAYS}::int)`;

/**
 * Whether the person of a grant may still act: they are a member, the session lives if the grant ends
 * with it, and the way they signed in is one that the tenant's policy takes.
 */
export const isAlive = (
  ctx: IdentityContext,
  grant: SQL,
): SQL => sql`exists (select 1 from members member join people person on person.id = member.person_id
    where member.tenant_id = ${ctx.tenantId}::uuid and member.person_id = ${grant}.person_id
    and member.suspended_at is null and person.disabled_at is null)
  and (${grant}.session_id is null or exists (select 1 from sessions session
  where session.id = ${grant}.session_id and session.revoked_at is null and session.expires_at > now()
    and ${isOfThisTenant(ctx, sql`session`)}))
  and ${policyDemand(ctx, sql`${grant}.person_id`, sql`${grant}.amr`)} is null`;

/** The roles that the person of a grant has now. */
export const grantRoles = (ctx: IdentityContext, grant: SQL): SQL =>
  sql`(select ${rolesOf(sql`member`)} from members member where member.tenant_id = ${ctx.tenantId}::uuid
    and member.person_id = ${grant}.person_id)`;

/** The columns of a grant that `answerGrant` reads; the nonce of the request may follow. */
export const grantColumns = (ctx: IdentityContext, grant: SQL, scopes = sql`${grant}.scopes`): SQL =>
  sql`${grant}.id, ${grant}.person_id, ${grant}.session_id, to_jsonb(${scopes}), to_jsonb(${grant}.amr),
    extract(epoch from ${grant}.authenticated_at)::bigint, ${grantRoles(ctx, grant)}`;

/** Of the scopes that a person allowed, those that the client may have now. */
export const scopesLeft = (client: Client, scopes: SQL): SQL =>
  sql`array(select scope from unnest(${scopes}) with ordinality as allowed (scope, place)
    where scope = any (${textArray(client.scopes)}) order by place)`;

/** The same as `asksSomething`. */
export const asksSomethingSql = (scopes: SQL): SQL => sql`${scopes} && ${textArray(["openid", ...SCOPES])}`;

/** Tokens for a grant whose columns `grantColumns` selected. */
export function answerGrant(
  ctx: IdentityContext,
  client: Client,
  row: unknown[],
  refreshToken?: string,
): Promise<TokenAnswer> {
  const [id, sub, sessionId, scopes, amr, authTime, roles, nonce] = row as [
    string,
    string,
    string | null,
    string[],
    string[],
    number,
    string[] | null,
    (string | null)?,
  ];
  return answerToken(
    ctx,
    {
      sub,
      sid: sessionId ?? undefined,
      gid: id,
      clientId: client.id,
      scopes,
      roles: roles ?? [],
      amr,
      authTime: Number(authTime),
    },
    { refreshToken, nonce: nonce ?? undefined },
  );
}

/** The CTE `first_refresh`: the first refresh token of the grant that the CTE `granted` made. */
export async function firstRefreshCte(
  ctx: IdentityContext,
  client: Client,
): Promise<{ cte: SQL; token: string | undefined }> {
  if (!client.grants.includes("refresh_token"))
    return { cte: sql`first_refresh as (select 1)`, token: undefined };
  const token = newRefreshToken();
  const cte = sql`first_refresh as (insert into oauth_refresh_tokens (tenant_id, token_hash, grant_id,
    expires_at)
    select ${ctx.tenantId}::uuid, ${await hashSecret(token)}, granted.id, ${refreshExpiry} from granted)`;
  return { cte, token };
}

/** The session that ends the grant; none when it may outlive the session (offline access). */
export const boundSession = (scopes: SQL, session: SQL): SQL =>
  sql`case when ${OFFLINE} = any (${scopes}) then null else ${session} end`;

export const invalidGrant = (what: string) =>
  oauthError(
    "invalid_grant",
    `The ${what} is not valid, was already used, has expired, or belongs to a sign-in that the tenant's policy does not allow.`,
  );
