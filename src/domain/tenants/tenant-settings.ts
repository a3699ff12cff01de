import { sql } from "drizzle-orm";
import * as z from "zod";
import { IpRanges } from "../../core/ip-ranges.ts";
import type { Context, Row } from "../../core/context.ts";
import { invalid } from "../../core/errors.ts";
import { parseInput } from "../../core/parse-input.ts";
import { requirePermission } from "../../core/permissions.ts";
import { record } from "../events/index.ts";

export const TenantChange = z.strictObject({ ip_ranges: IpRanges });

/** A tenant as its admins see it. `ip_ranges`: from where its tokens may be used, from anywhere when there are none. */
export type TenantSettings = {
  id: string;
  slug: string;
  name: string;
  status: "active" | "suspended";
  ip_ranges: string[];
  created_at: string;
};

const COLUMNS = sql`tenant.tenant_id::text, tenant.slug, tenant.name, tenant.status, tenant.ip_ranges, cms_iso(tenant.created_at)`;

/** The tenant that the caller belongs to. */
export async function getTenant(ctx: Context): Promise<TenantSettings> {
  requirePermission(ctx, "tenant:read");
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from tenants tenant where tenant.tenant_id = ${ctx.tenantId}::uuid`,
  );
  return present(rows[0]!);
}

/** Changes the tenant. Throws INVALID `access/would-lock-out` for ranges that the caller's own address is not in. */
export async function updateTenant(ctx: Context, input: { change: unknown }): Promise<TenantSettings> {
  requirePermission(ctx, "tenant:write");
  const { ip_ranges: ranges } = parseInput(
    TenantChange,
    input.change,
    "access/invalid-tenant",
    "The settings are not valid.",
  );
  if (ranges.length > 0 && !ctx.isFrom(ranges))
    throw invalid(
      "access/would-lock-out",
      "These ranges would lock you out: your own address is in none of them.",
      [{ path: "ip_ranges", message: `must hold ${ctx.ip ?? "the address that you come from"}` }],
    );
  const { results } = await ctx.db.run([
    sql`with saved as (update tenants tenant set ip_ranges = ${JSON.stringify(ranges)}::jsonb where tenant.tenant_id = ${ctx.tenantId}::uuid returning tenant.*),
      ${record(ctx, {
        event: "tenant.updated",
        from: sql`saved`,
        subject: sql`'tenant:' || saved.slug`,
        payload: sql`jsonb_build_object('slug', saved.slug)`,
        meta: sql`jsonb_build_object('ip_ranges', saved.ip_ranges)`,
      })}
      select (select id::text from event_row), ${COLUMNS} from saved tenant`,
  ]);
  const [outboxId, ...columns] = results[0]![0]!;
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return present(columns);
}

function present(row: Row): TenantSettings {
  const names = "id slug name status ip_ranges created_at".split(" ");
  return Object.fromEntries(names.map((name, i) => [name, row[i]])) as TenantSettings;
}
