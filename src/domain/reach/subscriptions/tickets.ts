import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import type { Identity } from "../../../core/live.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { formatTicket, hashSecret, newTokenSecret, parseTicket } from "../../../core/tokens.ts";
import { runBatch, type DatabaseClient } from "../../../db/client.ts";
import type { Ticket } from "./schemas.ts";

const LIFETIME_SECONDS = 60;

/**
 * Makes a ticket with which whoever has it signs in to subscriptions once, as the caller, within a
 * minute: for pages, which must not be given a token.
 */
export async function createTicket(ctx: Context): Promise<Ticket> {
  requirePermission(ctx, "content:read");
  const { identity, environmentName = null } = ctx;
  if (!identity)
    throw new AppError("FORBIDDEN", "realtime/no-identity", "Only tokens make tickets for subscriptions.");
  const secret = newTokenSecret();
  const { results } = await ctx.db.run([
    sql`delete from realtime_tickets where tenant_id = ${ctx.tenantId}::uuid and expires_at < now()`,
    sql`insert into realtime_tickets (tenant_id, hash, identity, environment, expires_at)
      values (${ctx.tenantId}::uuid, ${await hashSecret(secret)}, ${JSON.stringify(identity)}::jsonb,
        ${environmentName}, now() + make_interval(secs => ${LIFETIME_SECONDS}::int))
      returning cms_iso(expires_at)`,
  ]);
  return { ticket: formatTicket(ctx.tenantId, secret), expires_at: results[1]![0]![0] as string };
}

/** Whom a ticket signs in: it is used up. Throws UNAUTHENTICATED for one that is not valid any more. */
export async function redeemTicket(
  client: DatabaseClient,
  ticket: string,
): Promise<{ tenantId: string; identity: Identity; environment: string | null }> {
  const parts = parseTicket(ticket);
  const found = parts && (await takeTicket(client, parts.tenantId, await hashSecret(parts.secret)));
  if (found) return { tenantId: parts.tenantId, ...found };
  throw new AppError(
    "UNAUTHENTICATED",
    "realtime/bad-ticket",
    "The ticket is not valid: it was used, or is older than a minute.",
  );
}

async function takeTicket(client: DatabaseClient, tenantId: string, hash: string) {
  const [, rows] = await runBatch(client, [
    sql`select set_config('app.tenant_id', ${tenantId}, true)`,
    sql`delete from realtime_tickets where tenant_id = ${tenantId}::uuid and hash = ${hash}
      returning identity, environment, expires_at > now()`,
  ]);
  const [identity, environment, isValid] = rows?.[0] ?? [];
  if (isValid !== true) return undefined;
  return { identity: identity as Identity, environment: environment as string | null };
}

/** Takes away tickets that nobody used: 5,000 at most. */
export async function expireTickets(ctx: Context): Promise<void> {
  requirePermission(ctx, "content:read");
  await ctx.db.run([
    sql`delete from realtime_tickets where tenant_id = ${ctx.tenantId}::uuid and hash in (
      select hash from realtime_tickets where tenant_id = ${ctx.tenantId}::uuid and expires_at < now()
      limit 5000)`,
  ]);
}
