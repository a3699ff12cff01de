import { sql } from "drizzle-orm";
import * as z from "zod";
import type { Context } from "../../core/context.ts";
import { invalid, notFound } from "../../core/errors.ts";
import { IpRanges } from "../../core/ip-ranges.ts";
import { newId } from "../../core/ids.ts";
import { parseInput } from "../../core/parse-input.ts";
import { requirePermission, SCOPES } from "../../core/permissions.ts";
import { formatToken, hashSecret, newTokenSecret } from "../../core/tokens.ts";
import { record } from "../events/index.ts";

export const NewToken = z.strictObject({
  name: z.string().min(1).max(200).describe("What it is for."),
  scope: z.enum(SCOPES).describe("Each contains the ones before it."),
  environment: z
    .string()
    .max(63)
    .optional()
    .describe("The only environment it is to work in; any when absent."),
  expires_at: z.iso.datetime({ offset: true }).optional().describe("Never when absent."),
  ip_ranges: IpRanges.optional().describe(
    "From where it may be used, beside what the tenant says; from anywhere when absent.",
  ),
});

/** Makes an API token. The answer is the only place where the token itself is ever shown. */
export async function createToken(ctx: Context, input: { token: unknown }) {
  requirePermission(ctx, "tokens:write");
  const wanted = parseInput(NewToken, input.token, "access/invalid-token", "The token is not valid.");
  if (wanted.expires_at !== undefined && Date.parse(wanted.expires_at) <= ctx.now().getTime()) {
    throw invalid("access/invalid-token", "The token would have expired already.", [
      { path: "expires_at", message: "must lie in the future" },
    ]);
  }
  const id = newId("tok", ctx.now().getTime());
  const secret = newTokenSecret();
  const hash = await hashSecret(secret);
  const { results } = await ctx.db.run([
    sql`with environment as (select id from environments where tenant_id = ${ctx.tenantId}::uuid and name = ${wanted.environment ?? null}),
      saved as (insert into api_tokens (tenant_id, id, name, scopes, secret_hash, environment_id, created_by, expires_at, ip_ranges)
        select ${ctx.tenantId}::uuid, ${id}, ${wanted.name}, array[${wanted.scope}]::text[], ${hash}, (select id from environment), ${ctx.actor.id},
          ${wanted.expires_at ?? null}::timestamptz, ${JSON.stringify(wanted.ip_ranges ?? [])}::jsonb
        where ${wanted.environment ?? null}::text is null or exists (select 1 from environment) returning *),
      ${record(ctx, { event: "token.created", from: sql`saved`, subject: sql`'token:' || saved.id`, payload: sql`jsonb_build_object('id', saved.id)`, meta: sql`jsonb_build_object('name', saved.name, 'scopes', saved.scopes)` })}
      select cms_iso(created_at), (select id::text from event_row) from saved`,
  ]);
  const row = results[0]![0];
  if (!row) throw notFound("environments/not-found", `There is no environment "${wanted.environment}".`);
  ctx.outbox.poke(ctx.tenantId, [row[1] as string]);
  const token = formatToken({ kind: wanted.scope, tenantId: ctx.tenantId, tokenId: id, secret });
  return { id, ...wanted, created_at: row[0] as string, token };
}

/** The tenant's tokens that are not revoked, without their secrets. */
export async function listTokens(ctx: Context) {
  requirePermission(ctx, "tokens:read");
  const { rows } = await ctx.db.read(sql`
    select token.id, token.name, token.scopes, environment.name, cms_iso(token.created_at), token.created_by, cms_iso(token.expires_at),
      token.ip_ranges, cms_iso(token.last_used_at)
    from api_tokens token left join environments environment on environment.tenant_id = ${ctx.tenantId}::uuid and environment.id = token.environment_id
    where token.tenant_id = ${ctx.tenantId}::uuid and token.revoked_at is null order by token.id`);
  return rows.map(
    ([id, name, scopes, environment, createdAt, createdBy, expiresAt, ipRanges, lastUsedAt]) => ({
      id,
      name,
      scope: (scopes as string[])[0],
      environment,
      created_at: createdAt,
      created_by: createdBy,
      expires_at: expiresAt,
      ip_ranges: ipRanges,
      last_used_at: lastUsedAt,
    }),
  );
}

/** Revokes a token: refused at every edge within ten seconds. */
export async function revokeToken(ctx: Context, input: { id: string }): Promise<void> {
  requirePermission(ctx, "tokens:write");
  const { results } = await ctx.db.run([
    sql`with saved as (update api_tokens set revoked_at = now() where tenant_id = ${ctx.tenantId}::uuid and id = ${input.id} and revoked_at is null returning *),
      ${record(ctx, { event: "token.revoked", from: sql`saved`, subject: sql`'token:' || saved.id`, payload: sql`jsonb_build_object('id', saved.id)` })}
      select (select id::text from event_row)`,
  ]);
  const outboxId = results[0]![0]![0];
  if (outboxId === null)
    throw notFound("access/no-such-token", `There is no token "${input.id.slice(0, 64)}" to revoke.`);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}
