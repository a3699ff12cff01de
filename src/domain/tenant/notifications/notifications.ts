import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursors.ts";
import type { Notification } from "./schemas.ts";
import { requirePermission } from "../../../core/permissions.ts";

/** The actor's own notifications, newest first. */
export async function listNotifications(
  ctx: Context,
  input: { limit: number; cursor?: string | undefined },
): Promise<{ data: Notification[]; nextCursor: string | null }> {
  const before =
    input.cursor === undefined ? null : Number(decodeCursor(input.cursor, "notifications", 1)[0]);
  const { rows } = await ctx.db
    .read(sql`select id, kind, subject, payload, cms_iso(created_at), cms_iso(read_at) from notifications
    where tenant_id = ${ctx.tenantId}::uuid and person = ${ctx.actor.id} and in_app
    and (${before}::bigint is null or id < ${before}::bigint)
    order by id desc limit ${input.limit + 1}::int`);
  const shown = rows.slice(0, input.limit);
  const last = rows.length > input.limit ? shown.at(-1) : undefined;
  return {
    data: shown.map(([id, kind, subject, payload, createdAt, readAt]) => ({
      id: String(id),
      kind: kind as string,
      subject: subject as string,
      payload,
      created_at: createdAt as string,
      read_at: readAt as string | null,
    })),
    nextCursor: last ? encodeCursor("notifications", [Number(last[0])]) : null,
  };
}

/** How many of the actor's notifications are unread. */
export async function countUnread(ctx: Context): Promise<{ unread: number }> {
  const { rows } = await ctx.db.read(sql`select count(*)::int from notifications
    where tenant_id = ${ctx.tenantId}::uuid and person = ${ctx.actor.id} and in_app and read_at is null`);
  return { unread: rows[0]![0] as number };
}

/** Marks the actor's notifications as read; answers how many were unread. */
export async function readNotifications(ctx: Context): Promise<{ read: number }> {
  const { results } = await ctx.db.run(
    [
      sql`update notifications set read_at = now() where tenant_id = ${ctx.tenantId}::uuid
        and person = ${ctx.actor.id} and in_app and read_at is null returning id`,
    ],
    { write: true },
  );
  return { read: results[0]!.length };
}

/** Takes away the tenant's notifications after half a year. */
export async function expireNotifications(ctx: Context): Promise<void> {
  requirePermission(ctx, "content:delete");
  await ctx.db.run([
    sql`delete from notifications where tenant_id = ${ctx.tenantId}::uuid
      and id in (select id from notifications
      where tenant_id = ${ctx.tenantId}::uuid and created_at < now() - interval '180 days' limit 5000)`,
  ]);
}
