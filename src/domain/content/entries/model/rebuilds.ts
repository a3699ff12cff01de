import { personalCte } from "../../../tenant/events/index.ts";
import { sql } from "drizzle-orm";
import type { Context, TenantDatabase } from "../../../../core/context.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { runBatch, type DatabaseClient } from "../../../../db/client.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";

/** A type whose entries are being rebuilt, up to the id `after`. */
export type Rebuild = {
  environmentId: string;
  type: string;
  after: string;
  startedAt: string;
  attempts: number;
};

/** Whoever works on a type for longer than this is taken for dead. */
const LEASE = sql.raw("interval '60 seconds'");
const COLUMNS = sql.raw(
  "rebuild.environment_id::text, rebuild.type, rebuild.after, rebuild.started_at::text, rebuild.attempts",
);

/** Queues a rebuild of the entries of a type, or of every type; a running one starts over. */
export async function startRebuilds(ctx: Context, input: { type: string | undefined }): Promise<void> {
  requirePermission(ctx, "types:write");
  await ctx.db.run([
    sql`insert into rebuilds (tenant_id, environment_id, type, writes_inner)
      select ${ctx.tenantId}::uuid, type.environment_id, type.id, true from content_types type
        where ${inEnvironment(ctx, "type")} and (${input.type ?? null}::text is null
          or type.id = ${input.type ?? null}::text) order by type.id
      on conflict (tenant_id, environment_id, type) do update
      set after = '', attempts = 0, started_at = clock_timestamp(), writes_inner = true`,
  ]);
}

/**
 * Takes on the tenant's type that has waited longest, of those too whose entries were stored before
 * what is inside components had side rows; undefined when there is none that nobody works on.
 */
export async function takeRebuild(db: TenantDatabase, tenantId: string): Promise<Rebuild | undefined> {
  const { results } = await db.run([
    sql`insert into rebuilds (tenant_id, environment_id, type, writes_inner)
      select ${tenantId}::uuid, type.environment_id, type.id, true from content_types type
      where type.tenant_id = ${tenantId}::uuid and not type.is_inner_indexed
      on conflict (tenant_id, environment_id, type) do nothing`,
    sql`with next as materialized (select tenant_id, environment_id, type from rebuilds
      where tenant_id = ${tenantId}::uuid and leased_until <= now()
        order by leased_until, started_at limit 1 for update skip locked)
      update rebuilds rebuild set leased_until = now() + ${LEASE} from next
      where rebuild.tenant_id = next.tenant_id and rebuild.environment_id = next.environment_id
      and rebuild.type = next.type
      returning ${COLUMNS}`,
  ]);
  const row = results[1]![0];
  if (!row) return undefined;
  const [environmentId, type, after, startedAt, attempts] = row as [string, string, string, string, number];
  return { environmentId, type, after, startedAt, attempts };
}

/**
 * Stores the progress of a rebuild, undefined at its end, and releases it; one that was restarted in the
 * meantime starts over.
 */
export async function leaveRebuild(
  ctx: Context,
  { type, startedAt }: Rebuild,
  reached: { after: string | undefined; attempts: number },
): Promise<void> {
  requirePermission(ctx, "types:write");
  const isIt = sql`${inEnvironment(ctx, "rebuilds")} and rebuilds.type = ${type}`;
  const isSame = sql`started_at = ${startedAt}::timestamptz`;
  const { after, attempts } = reached;
  await ctx.db.run([
    after === undefined
      ? sql`delete from rebuilds where ${isIt} and ${isSame}`
      : sql`update rebuilds set after = ${after}, attempts = ${attempts}::smallint where ${isIt} and ${isSame}`,
    sql`update rebuilds set leased_until = clock_timestamp() where ${isIt}`,
  ]);
}

/** The entry of a type that comes behind an id; undefined at the end. */
export async function nextToRebuild(
  ctx: Context,
  input: { type: string; after: string },
): Promise<string | undefined> {
  requirePermission(ctx, "types:write");
  const { rows } = await ctx.db.read(
    sql`select entry.id from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.type = ${input.type} and entry.id > ${input.after}
      order by entry.id limit 1`,
  );
  return rows[0]?.[0] as string | undefined;
}

/** Records in the audit log which entries could not be rebuilt or indexed, and why. */
export async function noteSkipped(
  ctx: Context,
  input: { type: string; skipped: { id: string; reason: string }[] },
): Promise<void> {
  requirePermission(ctx, "types:write");
  await ctx.db.run([
    sql`with skipped as (select * from jsonb_to_recordset(${JSON.stringify(input.skipped)}::jsonb)
      given(id text, reason text)),
      audit_row as (insert into audit_log (tenant_id, environment_id, actor_kind, actor_id, action, subject,
        request_id, meta)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${ctx.actor.kind}, ${ctx.actor.id},
        'read_model.entry_skipped', 'entry:' || skipped.id, ${ctx.requestId},
        jsonb_build_object('type', ${input.type}::text) from skipped returning id, subject),
      ${personalCte(ctx, {
        from: sql`skipped`,
        subject: sql`'entry:' || skipped.id`,
        data: sql`jsonb_build_object('reason', skipped.reason)`,
      })} select 1`,
  ]);
}

/** The tenants with pending rebuilds that no worker has claimed. */
export async function sweepRebuilds(client: DatabaseClient): Promise<string[]> {
  const [, rows] = await runBatch(client, [
    sql`select set_config('app.sweep', 'on', true)`,
    sql`select tenant_id::text from rebuilds where leased_until < now() - interval '10 seconds'
      union select type.tenant_id::text from content_types type where not type.is_inner_indexed
        and not exists (select 1 from rebuilds rebuild where rebuild.tenant_id = type.tenant_id
          and rebuild.environment_id = type.environment_id and rebuild.type = type.id)`,
  ]);
  return rows!.map(([tenantId]) => tenantId as string);
}
