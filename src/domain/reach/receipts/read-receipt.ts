import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid, notFound } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { rangeOfReceipt } from "../../../core/receipts.ts";
import { withinASecond } from "../../../core/within-a-second.ts";
import type { Receipt } from "./schemas.ts";

/** A request writes fewer events, whatever others write meanwhile. */
const MAX_IDS = 1_000_000;

/** How far what a write did has got. Throws NOT_FOUND once it is a week ago. */
export async function readReceipt(ctx: Context, id: string): Promise<Receipt> {
  requirePermission(ctx, "content:read");
  const { rows } = await ctx.db.read(sql`
    select count(*)::int, cms_iso(max(created_at)),
      case when bool_and(done_at is not null) then cms_iso(max(done_at)) end,
      case when bool_and(done_at is not null and waiting = '{}')
        then cms_iso(greatest(max(done_at), max(notified_at))) end
    from outbox where ${isAbout(ctx, id)}`);
  const [events, committed, purged, notified] = rows[0]!;
  if (events === 0) throw notFound("receipts/not-found", `There is no receipt "${id.slice(0, 100)}".`);
  return {
    id,
    state: notified !== null ? "notified" : purged !== null ? "purged" : "committed",
    events: events as number,
    committed_at: committed as string,
    purged_at: purged as string | null,
    notified_at: notified as string | null,
  };
}

/**
 * Waits until everything shows what the write did, for a second at most; throws PRECONDITION_FAILED when
 * it does not. Of what is long ago nothing is known any more: that has been shown.
 */
export async function awaitReceipt(ctx: Context, id: string): Promise<void> {
  const pending = sql`select 1 from outbox where ${isAbout(ctx, id)} and done_at is null limit 1`;
  const isShown = await withinASecond(async () =>
    (await ctx.db.read(pending)).rows.length > 0 ? undefined : true,
  );
  if (!isShown)
    throw new AppError(
      "PRECONDITION_FAILED",
      "receipts/not-visible-yet",
      "What this receipt is about is stored, but not visible everywhere yet: try again.",
      { headers: { "retry-after": "1" } },
    );
}

function isAbout({ tenantId }: Context, id: string): SQL {
  const range = rangeOfReceipt(id);
  if (!range || range.last - range.first > MAX_IDS)
    throw invalid("receipts/bad-receipt", "This is no receipt.", [
      { path: "receipt", message: "must be a receipt, rcp_…" },
    ]);
  return sql`tenant_id = ${tenantId}::uuid and id between ${range.first}::bigint and ${range.last}::bigint`;
}
