import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { requirePermission } from "../../../core/permissions.ts";

/** As long as what is deleted can be restored. */
const KEPT_FOR = sql.raw("interval '30 days'");
const AT_ONCE = sql.raw("500");

/**
 * A claim is one caller's own: another one would delete the file that was put again meanwhile. After
 * this long its caller is held to be gone.
 */
const CLAIM_ENDS_AFTER = sql`interval '15 minutes'`;

/**
 * Deletes the bytes that no asset of the tenant has had for 30 days, in any environment: 500 at most.
 * A file is claimed before it goes, so that nobody comes to have it meanwhile; one that was claimed
 * in vain is deleted the next time.
 */
export async function expireFiles(ctx: Context): Promise<number> {
  requirePermission(ctx, "assets:write");
  const mine = sql`unused.tenant_id = ${ctx.tenantId}::uuid`;
  const isUsed = sql`exists (select 1 from assets asset where asset.tenant_id = unused.tenant_id
    and asset.storage_key = unused.storage_key)`;
  const { results } = await ctx.db.run([
    sql`delete from unused_files unused where ${mine} and unused.claimed_at is null
      and unused.since < now() - ${KEPT_FOR} and ${isUsed}`,
    sql`update unused_files unused set claimed_at = now() where ${mine}
      and (unused.claimed_at is null or unused.claimed_at < now() - ${CLAIM_ENDS_AFTER})
      and unused.since < now() - ${KEPT_FOR} and not ${isUsed}
      and unused.storage_key in (select waiting.storage_key from unused_files waiting
      where waiting.tenant_id = ${ctx.tenantId}::uuid
        and waiting.since < now() - ${KEPT_FOR} order by waiting.since limit ${AT_ONCE})
      returning unused.storage_key`,
  ]);
  const keys = results[1]!.map(([key]) => key as string);
  if (keys.length === 0) return 0;
  const isClaimed = sql`${mine} and unused.claimed_at is not null
    and unused.storage_key in (select jsonb_array_elements_text(${JSON.stringify(keys)}::jsonb))`;
  try {
    await ctx.storage.delete(keys);
  } catch (error) {
    // Some may be gone: the files stay claimed, for whoever sweeps next.
    await ctx.db.run([sql`update unused_files unused set claimed_at = 'epoch' where ${isClaimed}`]);
    throw error;
  }
  await ctx.db.run([sql`delete from unused_files unused where ${isClaimed}`]);
  return keys.length;
}
