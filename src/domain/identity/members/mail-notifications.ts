import { sql, type SQL } from "drizzle-orm";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { named, sendNow, write } from "../people/index.ts";
import { textOf } from "./notification-texts.ts";
import { unsubscribeToken } from "./unsubscribe.ts";

/** What one call sends at most; an email lists so many. */
const AT_ONCE = 100;
const MAX_ATTEMPTS = 5;
/** Daily emails are of what was there at this hour, UTC. */
const DAILY_HOUR = 6;

type Row = {
  id: string;
  person: string;
  to: string | null;
  kind: string;
  subject: string;
  payload: Record<string, unknown>;
  by: string | null;
  wanted: "due" | "daily";
  attempts: number;
};
type Tenant = { language: string; name: string; slug: string };

/**
 * Emails what people of the tenant are notified of: what is `due`, or what waits for the daily email.
 * One email for each person. A notification is claimed before it is sent, so that nobody gets it twice:
 * what a crash cuts off in between is not sent. Throws UNAVAILABLE when the provider refuses; that is
 * tried again by the next call, five times.
 */
export async function mailNotifications(
  ctx: IdentityContext,
  { which, origin }: { which: "due" | "daily"; origin: string | null },
): Promise<number> {
  const { results } = await ctx.db.run([
    sql`with chosen as (select id, email from notifications where ${ripe(ctx, which)}
        order by person, id limit ${AT_ONCE}::int for update skip locked),
      claimed as (update notifications notification set email = 'sent', emailed_at = now(),
        email_attempts = notification.email_attempts + 1 from chosen
        where notification.tenant_id = ${ctx.tenantId}::uuid and notification.id = chosen.id
        returning notification.*, chosen.email as wanted)
      select jsonb_build_object('id', claimed.id::text, 'person', claimed.person, 'to', person.email,
          'kind', kind, 'subject', subject, 'payload', payload, 'by', coalesce(nullif(actor.name, ''), payload ->> 'by'),
          'wanted', wanted, 'attempts', email_attempts),
        jsonb_build_object('language', tenant.language, 'name', tenant.name, 'slug', tenant.slug)
      from claimed join tenants tenant on tenant.tenant_id = ${ctx.tenantId}::uuid
      left join members member on member.tenant_id = ${ctx.tenantId}::uuid
        and member.person_id = claimed.person and member.suspended_at is null
      left join people person on person.id = member.person_id and person.email_verified_at is not null
        and person.disabled_at is null
      left join members actor on actor.tenant_id = ${ctx.tenantId}::uuid
        and actor.person_id = claimed.payload ->> 'by'
      order by claimed.id`,
  ]);
  const rows = results[0]! as [Row, Tenant][];
  const tenant = rows[0]?.[1];
  const failures: unknown[] = [];
  let sent = 0;
  for (const [, mine] of Map.groupBy(
    rows.map(([row]) => row),
    ({ person }) => person,
  )) {
    if (mine[0]!.to === null) continue;
    const over = await sendNow(ctx, await emailOf(ctx, mine, tenant!, origin)).catch(
      async (error: unknown) => {
        failures.push(error);
        await release(
          ctx,
          mine,
          sql`case when email_attempts >= ${MAX_ATTEMPTS}::int then 'failed' else ${mine[0]!.wanted}::text end`,
        );
        return undefined;
      },
    );
    if (over?.length === 0) sent++;
    // Too many in an hour: the rest comes together.
    else if (over) await release(ctx, mine, sql`'daily'`);
  }
  if (failures.length > 0) throw failures[0];
  return sent;
}

function ripe({ tenantId }: IdentityContext, which: "due" | "daily"): SQL {
  const mine = sql`tenant_id = ${tenantId}::uuid and email = ${which}::text`;
  if (which === "due") return mine;
  const boundary = sql`date_trunc('day', now() - make_interval(hours => ${DAILY_HOUR}::int)) + make_interval(hours => ${DAILY_HOUR}::int)`;
  return sql`${mine} and read_at is null and person in
    (select person from notifications where ${mine} and created_at < ${boundary})`;
}

const release = (ctx: IdentityContext, rows: Row[], email: SQL) =>
  ctx.db.run([
    sql`update notifications set email = ${email}, emailed_at = null where tenant_id = ${ctx.tenantId}::uuid
      and id in (select value::bigint from jsonb_array_elements_text(${JSON.stringify(rows.map(({ id }) => id))}::jsonb))`,
  ]);

async function emailOf(ctx: IdentityContext, rows: Row[], tenant: Tenant, origin: string | null) {
  const { person, to, kind } = rows[0]!;
  const say = (name: string, parts: Record<string, string> = {}) =>
    textOf(tenant.language, name, { tenant: named(tenant.name), count: String(rows.length), ...parts }) ??
    name;
  const url =
    origin === null
      ? undefined
      : `${origin}/t/${tenant.slug}/unsubscribe?token=${encodeURIComponent(await unsubscribeToken(ctx, person, kind))}`;
  const lines = rows.map((row) =>
    say(row.kind, {
      by: named(row.by ?? "FlowCMS"),
      subject: row.subject.replace(/^\w+:/, ""),
      stage: named(String(row.payload["stage"] ?? "")),
      reason: String((row.payload["failure"] as { reason?: string } | null)?.reason ?? ""),
    }),
  );
  return {
    ...write({
      kind: "notice",
      to: to!,
      subject: say(rows.length === 1 ? "one" : "several"),
      lines: [lines.join("\n\n"), say("because"), ...(url ? [`${say("stop")}: ${url}`] : [])],
    }),
    ...(url
      ? { headers: { "List-Unsubscribe": `<${url}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" } }
      : {}),
  };
}
