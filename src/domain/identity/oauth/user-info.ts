import { sql } from "drizzle-orm";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { oauthError } from "./oauth-error.ts";
import { readAccessToken, refusedSql } from "./revoke.ts";

/**
 * Who somebody is, for the client that holds their access token (OpenID Connect Core, 5.3). Throws
 * `invalid_token` for one that is no good any more, `insufficient_scope` for one without `openid`.
 */
export async function userInfo(ctx: IdentityContext, token: string): Promise<Record<string, unknown>> {
  const payload = await readAccessToken(ctx, token);
  if (!payload) throw invalidToken();
  const scopes = String(payload["scope"] ?? "").split(" ");
  if (!scopes.includes("openid"))
    throw oauthError("insufficient_scope", "The token does not have the scope openid.");
  const { rows } = await ctx.db.read(sql`
    select member.person_id, member.email, person.email_verified_at is not null, member.name
    from members member join people person on person.id = member.person_id and person.disabled_at is null
    where member.tenant_id = ${ctx.tenantId}::uuid and member.person_id = ${payload.sub ?? null}::text
    and member.suspended_at is null
      and not ${refusedSql(ctx, payload)}`);
  if (!rows[0]) throw invalidToken();
  const [sub, email, isVerified, name] = rows[0];
  return {
    sub,
    ...(scopes.includes("email") ? { email, email_verified: isVerified } : {}),
    ...(scopes.includes("profile") && name !== "" ? { name } : {}),
  };
}

const invalidToken = () =>
  oauthError("invalid_token", "The access token is not valid, has expired, or was revoked.");
