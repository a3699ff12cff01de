import { sql } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { invalid } from "../../../core/errors.ts";
import { PLANS } from "../../../core/plans.ts";
import { record } from "../events/index.ts";
import type { Tenant, TenantChange } from "./schemas.ts";
import { refusePeople } from "./token-lifetime.ts";

const COLUMNS = sql`tenant.tenant_id::text, tenant.slug, tenant.name, tenant.status, tenant.ip_ranges,
  jsonb_build_object('sso', tenant.sign_in_policy ->> 'sso' is not distinct
    from 'true', 'second_factor', tenant.sign_in_policy ->> 'second_factor' is not distinct from 'true'),
  tenant.language,
  cms_iso(tenant.created_at)`;
const HAS_CONNECTION = sql`exists (select 1 from sso_connections connection
  join domains verified on verified.tenant_id = connection.tenant_id
  and verified.domain = any (connection.domains) and verified.verified_at is not null
  where connection.tenant_id = tenant.tenant_id and connection.enabled)`;

/** The tenant that the caller belongs to. */
export async function getTenant(ctx: Context): Promise<Tenant> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from tenants tenant where tenant.tenant_id = ${ctx.tenantId}::uuid`,
  );
  return present(ctx, rows[0]!);
}

/**
 * Changes the tenant. Where a sign-in must have more than before, its people need new tokens at once.
 * Throws INVALID `access/would-lock-out` for ranges that the caller's own address is not in,
 * `tenants/no-connection` when sign-in by a connection is demanded and none could be signed in by.
 */
export async function updateTenant(
  ctx: Context,
  { ip_ranges: ranges, sign_in: signIn, language }: TenantChange,
): Promise<Tenant> {
  if (ranges && ranges.length > 0 && !ctx.isFrom(ranges))
    throw invalid(
      "access/would-lock-out",
      "These ranges would lock you out: they do not contain your own address.",
      [{ path: "ip_ranges", message: `must contain ${ctx.ip ?? "your own address"}` }],
    );
  const { results } = await ctx.db.run([
    sql`with before as (select sign_in_policy from tenants where tenant_id = ${ctx.tenantId}::uuid),
      saved as (update tenants tenant set ip_ranges =
        coalesce(${ranges ? JSON.stringify(ranges) : null}::jsonb, tenant.ip_ranges),
        sign_in_policy = tenant.sign_in_policy || ${JSON.stringify(signIn ?? {})}::jsonb,
        language = coalesce(${language ?? null}::text, tenant.language)
      where tenant.tenant_id = ${ctx.tenantId}::uuid
      and (${String(signIn?.sso !== true)}::boolean or ${HAS_CONNECTION}) returning tenant.*),
      ${refusePeople(
        ctx.tenantId,
        sql`exists (select 1 from before, saved, unnest(array['sso', 'second_factor']) demand
        where saved.sign_in_policy ->> demand = 'true' and before.sign_in_policy ->> demand is distinct
        from 'true')`,
      )},
      ${record(ctx, {
        event: "tenant.updated",
        from: sql`saved`,
        subject: sql`'tenant:' || saved.slug`,
        payload: sql`jsonb_build_object('slug', saved.slug)`,
        meta: sql`jsonb_build_object('sign_in', saved.sign_in_policy)`,
        personal: { data: sql`jsonb_build_object('ip_ranges', saved.ip_ranges)` },
      })}
      select (select id::text from event_row), ${COLUMNS} from saved tenant`,
  ]);
  if (!results[0]![0])
    throw invalid(
      "tenants/no-connection",
      "Nobody could sign in: first create and enable a connection with a verified domain.",
      [{ path: "sign_in.sso", message: "needs an enabled connection with a verified domain" }],
    );
  const [outboxId, ...columns] = results[0]![0];
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return present(ctx, columns);
}

function present({ plan = "self_hosted", quotas = PLANS[plan] }: Context, row: Row): Tenant {
  const names = "id slug name status ip_ranges sign_in language".split(" ");
  return {
    ...Object.fromEntries(names.map((name, i) => [name, row[i]])),
    plan,
    quotas: { writes: quotas.writes, costly_reads: quotas["costly-reads"] },
    created_at: row[names.length],
  } as Tenant;
}
