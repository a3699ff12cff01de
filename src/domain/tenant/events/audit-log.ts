import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import type { AuditQuery, AuditRecord } from "./schemas.ts";

/**
 * The tenant's audit log, newest first: actor, action, subject and request; with personal data while it
 * is kept.
 */
export async function listAuditLog(
  ctx: Context,
  input: AuditQuery,
): Promise<{ data: AuditRecord[]; nextCursor: string | null }> {
  const before = input.cursor === undefined ? null : Number(decodeCursor(input.cursor, "audit", 1)[0]);
  const { rows } = await ctx.db.read(sql`
    select log.id, cms_iso(log.at), log.actor_kind, log.actor_id, log.action, log.subject, log.request_id,
      log.meta || coalesce(personal.data, '{}')
    from audit_log log left join audit_private personal on personal.tenant_id = ${ctx.tenantId}::uuid
    and personal.audit_id = log.id
    where log.tenant_id = ${ctx.tenantId}::uuid and (${before}::bigint is null or log.id < ${before}::bigint)
    order by log.id desc limit ${input.limit + 1}::int`);
  const page = rows.slice(0, input.limit);
  const data = page.map(([id, at, kind, actor, action, subject, requestId, meta]) => ({
    id: String(id),
    at: at as string,
    actor: { kind: kind as AuditRecord["actor"]["kind"], id: actor as string },
    action: action as string,
    subject: subject as string,
    request_id: requestId as string | null,
    meta: meta as AuditRecord["meta"],
  }));
  const last = page.at(-1);
  return {
    data,
    nextCursor: rows.length > input.limit && last ? encodeCursor("audit", [last[0] as number]) : null,
  };
}

const AT_ONCE = 5000;

/** Takes away what the audit log has held for 400 days: the oldest 5,000 at most. */
export async function expireAuditLog(ctx: Context): Promise<number> {
  requirePermission(ctx, "audit:read");
  const { results } = await ctx.db.run([sql`select cms_expire_audit(${AT_ONCE}::int)`]);
  return results[0]![0]![0] as number;
}
