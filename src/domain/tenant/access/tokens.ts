import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid, notFound, overQuota } from "../../../core/errors.ts";
import { BUILT_IN_ROLES } from "../../../core/grants.ts";
import { newId } from "../../../core/ids.ts";
import { didYouMean } from "../../../core/nearest.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { formatToken, hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import { requireOwner, roleUnlessNamed } from "./given-roles.ts";
import { record } from "../events/index.ts";
import { lockQuota } from "../tenants/index.ts";
import type { IssuedToken, NewToken, Token } from "./schemas.ts";

/** How many tokens of a tenant can be used at once: its snapshot holds them all. */
export const MAX_TOKENS = 1000;

/** Makes an API token. The answer is the only place where the token itself is ever shown. */
export async function createToken(ctx: Context, wanted: NewToken): Promise<IssuedToken> {
  if (wanted.expires_at !== undefined && Date.parse(wanted.expires_at) <= ctx.now().getTime()) {
    throw invalid("access/invalid-token", "The expiry is in the past.", [
      { path: "expires_at", message: "must be in the future" },
    ]);
  }
  requireHeld(ctx, wanted.role);
  const role = wanted.role ?? roleUnlessNamed(ctx);
  const isBuiltIn = role !== null && Object.hasOwn(BUILT_IN_ROLES, role);
  const roleIsKnown = sql`(${isBuiltIn || role === null}::boolean
    or exists (select 1 from roles where tenant_id = ${ctx.tenantId}::uuid and name = ${role}))`;
  const unknownTypes = sql`(select jsonb_agg(wanted.id)
    from jsonb_array_elements_text(${JSON.stringify(wanted.content_types ?? [])}::jsonb) wanted (id)
    where not exists (select 1 from content_types where tenant_id = ${ctx.tenantId}::uuid
    and id = wanted.id))`;
  const id = newId("tok", ctx.now().getTime());
  const secret = newTokenSecret();
  const hash = await hashSecret(secret);
  const used = sql`(select count(*) from api_tokens where tenant_id = ${ctx.tenantId}::uuid
    and revoked_at is null and (expires_at is null or expires_at > now()))`;
  const { results } = await ctx.db.run([
    lockQuota(ctx, "tokens"),
    sql`with environment as (select id from environments where tenant_id = ${ctx.tenantId}::uuid
      and name = ${wanted.environment ?? null}),
      saved as (insert into api_tokens (tenant_id, id, name, scopes, secret_hash, environment_id,
        created_by, expires_at, ip_ranges, role, content_types)
        select ${ctx.tenantId}::uuid, ${id}, ${wanted.name}, array[${wanted.scope}]::text[], ${hash},
          (select id from environment), ${ctx.actor.id},
          ${wanted.expires_at ?? null}::timestamptz, ${JSON.stringify(wanted.ip_ranges ?? [])}::jsonb,
          ${role}, ${wanted.content_types ? JSON.stringify(wanted.content_types) : null}::jsonb
        where (${wanted.environment ?? null}::text is null or exists (select 1 from environment))
        and ${roleIsKnown} and ${unknownTypes} is null and ${used} < ${MAX_TOKENS}::int returning *),
      ${record(ctx, {
        event: "token.created",
        from: sql`saved`,
        subject: sql`'token:' || saved.id`,
        payload: sql`jsonb_build_object('id', saved.id)`,
        meta: sql`jsonb_build_object('scopes', saved.scopes)`,
        personal: { data: sql`jsonb_build_object('name', saved.name)` },
      })}
      select cms_iso(saved.created_at), (select id::text from event_row), ${roleIsKnown}, ${unknownTypes},
        ${used} from (select 1) one left join saved on true`,
  ]);
  const row = results[1]![0]!;
  if (row[2] === false) throw unknownRole(role!);
  if (row[3] !== null) throw unknownTypesOf(row[3] as string[]);
  if (row[1] === null && Number(row[4]) >= MAX_TOKENS)
    throw overQuota(
      "access/too-many-tokens",
      `A tenant can have at most ${MAX_TOKENS} active tokens: revoke one.`,
    );
  if (row[1] === null)
    throw notFound("environments/not-found", `There is no environment "${wanted.environment}".`);
  ctx.outbox.poke(ctx.tenantId, [row[1] as string]);
  const token = formatToken({ kind: wanted.scope, tenantId: ctx.tenantId, tokenId: id, secret });
  return { id, ...wanted, ...(role === null ? {} : { role }), created_at: row[0] as string, token };
}

/** A restricted actor can only assign one of their own roles. */
function requireHeld(ctx: Context, role: string | undefined): void {
  if (role === "owner") requireOwner(ctx);
  if (ctx.actor.grants === undefined || (role !== undefined && ctx.actor.roles?.includes(role))) return;
  throw new AppError(
    "FORBIDDEN",
    "access/more-than-yours",
    "You can only create tokens with one of your own roles, since your roles restrict you.",
  );
}

const unknownRole = (role: string) =>
  invalid("access/unknown-role", `There is no role "${role.slice(0, 63)}".`, [
    { path: "role", message: `must be a role.${didYouMean(role, Object.keys(BUILT_IN_ROLES))}` },
  ]);

const unknownTypesOf = (ids: string[]) =>
  invalid(
    "access/invalid-token",
    `There is no content type "${ids[0]!.slice(0, 63)}" in any environment.`,
    ids.map((id) => ({ path: "content_types", message: `"${id.slice(0, 63)}" is not a content type` })),
  );

/** The tenant's tokens that are not revoked, without their secrets. */
export async function listTokens(ctx: Context): Promise<Token[]> {
  const { rows } = await ctx.db.read(sql`
    select token.id, token.name, token.scopes, environment.name, cms_iso(token.created_at),
      token.created_by, cms_iso(token.expires_at),
      token.ip_ranges, cms_iso(token.last_used_at), token.role, token.content_types
    from api_tokens token left join environments environment
      on environment.tenant_id = ${ctx.tenantId}::uuid and environment.id = token.environment_id
    where token.tenant_id = ${ctx.tenantId}::uuid and token.revoked_at is null order by token.id`);
  return rows.map((row) => ({
    id: row[0] as string,
    name: row[1] as string,
    scope: (row[2] as Token["scope"][])[0]!,
    environment: row[3] as string | null,
    created_at: row[4] as string,
    created_by: row[5] as string,
    expires_at: row[6] as string | null,
    ip_ranges: row[7] as string[],
    last_used_at: row[8] as string | null,
    role: row[9] as string | null,
    content_types: row[10] as string[] | null,
  }));
}

/** Revokes a token: refused at every edge within ten seconds. */
export async function revokeToken(ctx: Context, input: { id: string }): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with saved as (update api_tokens set revoked_at = now() where tenant_id = ${ctx.tenantId}::uuid
      and id = ${input.id} and revoked_at is null returning *),
      ${record(ctx, {
        event: "token.revoked",
        from: sql`saved`,
        subject: sql`'token:' || saved.id`,
        payload: sql`jsonb_build_object('id', saved.id)`,
      })}
      select (select id::text from event_row)`,
  ]);
  const outboxId = results[0]![0]![0];
  if (outboxId === null)
    throw notFound("access/no-such-token", `There is no token "${input.id.slice(0, 64)}" to revoke.`);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}

/** Takes away tokens that were revoked or ran out 90 days ago: 5,000 at most. */
export async function expireTokens(ctx: Context): Promise<void> {
  requirePermission(ctx, "tokens:write");
  await ctx.db.run([
    sql`delete from api_tokens where tenant_id = ${ctx.tenantId}::uuid and id in (select id from api_tokens
      where tenant_id = ${ctx.tenantId}::uuid and least(revoked_at, expires_at) < now() - interval '90 days'
      limit 5000)`,
  ]);
}
