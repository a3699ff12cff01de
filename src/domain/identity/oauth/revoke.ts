import { sql, type SQL } from "drizzle-orm";
import { jwtVerify, createLocalJWKSet, errors as jose, type JWTPayload } from "jose";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret } from "../../../core/tokens.ts";
import { AUDIENCE } from "./access-token.ts";
import { authenticateClient, type Shown } from "./client-auth.ts";
import { ALGORITHM, publicKeys } from "./issuer-keys.ts";
import { isAlive } from "./grants.ts";
import { OUTLIVES_TOKENS } from "../../tenant/tenants/index.ts";

/**
 * The CTEs that end the grants `g` for which `which` holds: no refresh any more, and their access
 * tokens refused at the edge.
 */
export const revokeGrantCte = (ctx: IdentityContext, which: SQL): SQL => sql`
  ended_grants as (update oauth_grants g set revoked_at = now() where g.tenant_id = ${ctx.tenantId}::uuid
    and g.revoked_at is null and ${which}
    returning g.id, g.session_id, g.person_id),
  refused_grants as (insert into revocations (tenant_id, kind, id, expires_at)
    select ${ctx.tenantId}::uuid, 'session', id, now() + ${OUTLIVES_TOKENS} from ended_grants
    on conflict (tenant_id, kind, id) do nothing),
  grant_audit as (insert into audit_log (tenant_id, actor_kind, actor_id, action, subject, request_id)
    select ${ctx.tenantId}::uuid, 'person', person_id, 'oauth.grant_revoked', 'grant:' || id,
      ${ctx.requestId} from ended_grants)`;

/** RFC 7009: ends a refresh token's grant, or one access token. What is not known is no error. */
export async function revokeToken(
  ctx: IdentityContext,
  input: { shown: Shown; token: string },
): Promise<void> {
  const client = await authenticateClient(ctx, input.shown);
  const hash = await hashSecret(input.token);
  const payload = await readAccessToken(ctx, input.token);
  const jti = payload?.["client_id"] === client.id ? payload.jti! : null;
  await ctx.db.run([
    sql`with ${revokeGrantCte(
      ctx,
      sql`g.client_id = ${client.id}
      and g.id in (select grant_id from oauth_refresh_tokens where tenant_id = ${ctx.tenantId}::uuid
      and token_hash = ${hash})`,
    )},
      refused as (insert into revocations (tenant_id, kind, id, expires_at)
        select ${ctx.tenantId}::uuid, 'token', ${jti}::text, now() + ${OUTLIVES_TOKENS}
        where ${jti}::text is not null on conflict (tenant_id, kind, id) do nothing)
      select 1`,
  ]);
}

/** Token introspection (RFC 7662), for authenticated clients. */
export async function introspectToken(
  ctx: IdentityContext,
  input: { shown: Shown; token: string },
): Promise<Record<string, unknown>> {
  const client = await authenticateClient(ctx, input.shown);
  if (client.secretHash === null) return { active: false };
  const payload = await readAccessToken(ctx, input.token);
  if (payload) return introspectAccess(ctx, payload);
  const { rows } = await ctx.db.read(sql`
    select g.person_id, array_to_string(g.scopes, ' '), g.client_id,
      extract(epoch from refresh.expires_at)::bigint, extract(epoch from refresh.created_at)::bigint
    from oauth_refresh_tokens refresh join oauth_grants g on g.tenant_id = refresh.tenant_id
    and g.id = refresh.grant_id
    where refresh.tenant_id = ${ctx.tenantId}::uuid
    and refresh.token_hash = ${await hashSecret(input.token)} and refresh.used_at is null
      and refresh.expires_at > now() and g.revoked_at is null and ${isAlive(ctx, sql`g`)}`);
  const row = rows[0];
  if (!row) return { active: false };
  const [sub, scope, clientId, exp, iat] = row;
  return {
    active: true,
    token_type: "refresh_token",
    sub,
    scope,
    client_id: clientId,
    exp,
    iat,
    tid: ctx.tenantId,
  };
}

async function introspectAccess(ctx: IdentityContext, payload: JWTPayload): Promise<Record<string, unknown>> {
  const { rows } = await ctx.db.read(sql`select 1 where ${refusedSql(ctx, payload)}`);
  return rows.length > 0 ? { active: false } : { active: true, token_type: "Bearer", ...payload };
}

/** Whether an access token with these claims was refused since it was issued. */
export const refusedSql = (ctx: IdentityContext, payload: JWTPayload): SQL => {
  const issuedAt = sql`to_timestamp(${Number(payload["iat_ms"] ?? (payload.iat ?? 0) * 1000)}::float8 / 1000)`;
  return sql`exists (select 1 from revocations where tenant_id = ${ctx.tenantId}::uuid and (
    (kind = 'people' and ${payload.sub ?? null}::text is distinct
      from ${payload["client_id"] as string}::text and at >= ${issuedAt})
        or (kind = 'session' and id in (${(payload["sid"] as string | undefined) ?? null}::text,
          ${(payload["gid"] as string | undefined) ?? null}::text)) or (kind = 'token'
            and id = ${payload.jti ?? null}::text)
    or (kind in ('person', 'client') and id in (${payload.sub ?? null}::text,
      ${payload["client_id"] as string}::text) and at >= ${issuedAt})))`;
};

/** The claims of an access token of this tenant that has not expired; undefined for anything else. */
export async function readAccessToken(ctx: IdentityContext, token: string): Promise<JWTPayload | undefined> {
  if (token.split(".").length !== 3) return undefined;
  try {
    const keys = createLocalJWKSet({ keys: await publicKeys(ctx) });
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [ALGORITHM],
      audience: AUDIENCE,
      typ: "at+jwt",
    });
    return payload["tid"] === ctx.tenantId ? payload : undefined;
  } catch (error) {
    if (error instanceof jose.JOSEError) return undefined;
    throw error;
  }
}
