import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { invalid } from "../../../core/errors.ts";
import { didYouMean } from "../../../core/nearest.ts";
import { requirePermission } from "../../../core/permissions.ts";
import {
  NOTIFICATION_KINDS,
  type NotificationChange,
  type NotificationKind,
  type NotificationSetting,
} from "./schemas.ts";

const isKind = (kind: string): kind is NotificationKind =>
  (NOTIFICATION_KINDS as readonly string[]).includes(kind);

/** As long as somebody says nothing else. */
const USUAL = { in_app: true, email: "immediate" } as const;

/** How the actor is notified, for every kind there is. */
export async function listSettings(ctx: Context): Promise<NotificationSetting[]> {
  requirePermission(ctx, "content:read-draft");
  const { rows } = await ctx.db.read(sql`select kind, in_app, email from notification_settings
    where tenant_id = ${ctx.tenantId}::uuid and person = ${ctx.actor.id}`);
  const own = new Map(rows.map(([kind, in_app, email]) => [kind, { in_app, email }]));
  return NOTIFICATION_KINDS.map((kind) => ({ kind, ...USUAL, ...own.get(kind) }) as NotificationSetting);
}

/** Changes how the actor is notified of a kind; what is there already stays as it is. */
export async function saveSetting(
  ctx: Context,
  kind: string,
  change: NotificationChange,
): Promise<NotificationSetting> {
  requirePermission(ctx, "content:read-draft");
  if (!isKind(kind))
    throw invalid("notifications/unknown-kind", "There is no such kind of notification.", [
      { path: "kind", message: `is not known.${didYouMean(kind, NOTIFICATION_KINDS)}` },
    ]);
  return writeSetting(ctx, ctx.actor.id, kind, change);
}

/** As `saveSetting`, for somebody who has proved in another way who they are. */
export async function writeSetting(
  { db, tenantId }: Pick<Context, "db" | "tenantId">,
  person: string,
  kind: NotificationKind,
  {
    in_app: inApp = null,
    email = null,
  }: { [name in keyof NotificationChange]?: NotificationChange[name] | null },
): Promise<NotificationSetting> {
  const { results } = await db.run([
    sql`insert into notification_settings as own (tenant_id, person, kind, in_app, email)
      values (${tenantId}::uuid, ${person}, ${kind}, coalesce(${inApp}::boolean, ${USUAL.in_app}::boolean),
        coalesce(${email}::text, ${USUAL.email}))
      on conflict (tenant_id, person, kind) do update set updated_at = now(),
        in_app = coalesce(${inApp}::boolean, own.in_app), email = coalesce(${email}::text, own.email)
      returning in_app, email`,
  ]);
  const [shown, mailed] = results[0]![0]!;
  return { kind, in_app: shown as boolean, email: mailed as NotificationSetting["email"] };
}
