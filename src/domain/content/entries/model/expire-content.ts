import { sql } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { forgetInReleases } from "./slug-history.ts";
import { record } from "../../../tenant/events/index.ts";

const VERSIONS_KEPT = sql.raw("interval '365 days'");
const TRASH_KEPT = sql.raw("interval '30 days'");
const AT_ONCE = sql.raw("5000");

/**
 * Deletes expired rows in all environments of the tenant: versions after 365 days, unless they have a
 * name, are the latest or are published; deleted entries after 30 days, with their versions. At most
 * 5,000 of each.
 */
export async function expireContent(ctx: Context): Promise<{ versions: number; entries: number }> {
  requirePermission(ctx, "content:delete");
  const { results } = await ctx.db.run(
    [
      sql`with gone as (delete from entry_versions old where old.tenant_id = ${ctx.tenantId}::uuid
        and (old.environment_id, old.entry_id, old.version) in (
          select kept.environment_id, kept.entry_id, kept.version from entry_versions kept
          join entries entry on entry.tenant_id = kept.tenant_id
            and entry.environment_id = kept.environment_id and entry.id = kept.entry_id
          where kept.tenant_id = ${ctx.tenantId}::uuid and kept.created_at < now() - ${VERSIONS_KEPT}
          and kept.name is null
            and kept.version <> entry.version and kept.version is distinct from entry.published_version
            and not exists (select 1 from jsonb_each(entry.published_locales) shown
            where shown.value = to_jsonb(kept.version))
          limit ${AT_ONCE}) returning 1)
      select count(*)::int from gone`,
      sql`with gone as (delete from trash where trash.tenant_id = ${ctx.tenantId}::uuid
        and (trash.environment_id, trash.id) in (
          select old.environment_id, old.id from trash old where old.tenant_id = ${ctx.tenantId}::uuid
          and old.deleted_at < now() - ${TRASH_KEPT}
          limit ${AT_ONCE}) returning *),
        gone_versions as (delete from entry_versions old using gone where old.tenant_id = gone.tenant_id
          and old.environment_id = gone.environment_id and old.entry_id = gone.id),
        gone_slugs as (delete from slug_history old using gone where old.tenant_id = ${ctx.tenantId}::uuid
          and old.environment_id = gone.environment_id and old.entry_id = gone.id),
        ${forgetInReleases},
        ${record(ctx, {
          event: "entry.erased",
          from: sql`gone`,
          subject: sql`'entry:' || gone.id`,
          payload: sql`jsonb_build_object('id', gone.id, 'type', gone.type, 'version', gone.version)`,
          environment: sql`gone.environment_id`,
        })}
      select count(*)::int from gone`,
    ],
    { kind: "rebuild" },
  );
  return { versions: results[0]![0]![0] as number, entries: results[1]![0]![0] as number };
}
