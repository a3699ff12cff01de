import { sql } from "drizzle-orm";
import type { Row } from "../../../core/context.ts";
import { invalid, notFound } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { newTokenSecret } from "../../../core/tokens.ts";
import { record } from "../../tenant/events/index.ts";
import type { Domain, NewDomain } from "./schemas.ts";

const COLUMNS = sql.raw(
  "saved.domain, saved.serves, cms_iso(saved.verified_at), saved.challenge, cms_iso(saved.created_at)",
);
const isIt = (ctx: IdentityContext, domain: string) =>
  sql`saved.tenant_id = ${ctx.tenantId}::uuid and saved.domain = ${domain}`;
const recordDomain = (ctx: IdentityContext, event: "domain.added" | "domain.verified" | "domain.removed") =>
  record(ctx, {
    event,
    from: sql`saved`,
    subject: sql`'domain:' || saved.domain`,
    payload: sql`jsonb_build_object('domain', saved.domain)`,
  });

/** The domains that the tenant says are its own. */
export async function listDomains(ctx: IdentityContext): Promise<Domain[]> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from domains saved where saved.tenant_id = ${ctx.tenantId}::uuid
      order by saved.domain`,
  );
  return rows.map(present);
}

/** Says that a domain is the tenant's; it counts for nothing until DNS says so too. */
export async function addDomain(ctx: IdentityContext, input: { domain: NewDomain }): Promise<Domain> {
  const { domain, serves } = input.domain;
  const { results } = await ctx.db.run([
    sql`with saved as (insert into domains (tenant_id, domain, challenge, serves, created_by)
        values (${ctx.tenantId}::uuid, ${domain}, ${newTokenSecret()}, ${String(serves)}::boolean,
          ${ctx.actor.id}) returning *),
      ${recordDomain(ctx, "domain.added")} select (select id::text from event_row), ${COLUMNS} from saved`,
  ]);
  const [outboxId, ...row] = results[0]![0]!;
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return present(row);
}

/**
 * Asks DNS for the TXT record; while it is not there, the domain stays as it is. Throws CONFLICT
 * `domains/taken` when another tenant proved it first.
 */
export async function verifyDomain(ctx: IdentityContext, input: { domain: string }): Promise<Domain> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from domains saved where ${isIt(ctx, input.domain)}`,
  );
  if (!rows[0]) throw noSuchDomain(input.domain);
  const known = present(rows[0]);
  if (known.verified) return known;
  const found = await ctx.dns.txt(known.record.name);
  if (!found.includes(known.record.value)) return known;
  const { results } = await ctx.db.run([
    sql`with saved as (update domains saved set verified_at = now() where ${isIt(ctx, input.domain)}
      returning saved.*),
      owned as (insert into verified_domains (domain, tenant_id) select saved.domain, ${ctx.tenantId}::uuid
        from saved
        where not exists (select 1 from verified_domains mine where mine.domain = saved.domain
        and mine.tenant_id = ${ctx.tenantId}::uuid)),
      host as (insert into tenant_domains (host, tenant_id) select saved.domain, ${ctx.tenantId}::uuid
        from saved where saved.serves),
      ${recordDomain(ctx, "domain.verified")} select (select id::text from event_row), ${COLUMNS}
        from saved`,
  ]);
  if (!results[0]![0]) throw noSuchDomain(input.domain);
  const [outboxId, ...row] = results[0]![0];
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return present(row);
}

/** Gives a domain up: its host leads here no more, and its addresses prove nothing. */
export async function removeDomain(ctx: IdentityContext, input: { domain: string }): Promise<void> {
  if (input.domain === new URL(ctx.site.issuer).hostname)
    throw invalid("domains/in-use", "This request uses this domain: remove it from another host.");
  const { results } = await ctx.db.run([
    sql`with saved as (delete from domains saved where ${isIt(ctx, input.domain)} returning saved.*),
      owned as (delete from verified_domains where tenant_id = ${ctx.tenantId}::uuid
        and domain in (select domain from saved where verified_at is not null)),
      host as (delete from tenant_domains where tenant_id = ${ctx.tenantId}::uuid
        and host in (select domain from saved where serves and verified_at is not null)),
      homeless as (update sso_connections connection set config = connection.config - 'base' from saved
        where connection.tenant_id = ${ctx.tenantId}::uuid
        and split_part(split_part(split_part(connection.config ->> 'base', '://', 2), '/', 1), ':',
          1) = saved.domain),
      ${recordDomain(ctx, "domain.removed")} select (select id::text from event_row) from saved`,
  ]);
  if (!results[0]![0]) throw noSuchDomain(input.domain);
  ctx.outbox.poke(ctx.tenantId, [results[0]![0][0] as string]);
}

function present(row: Row): Domain {
  const [domain, serves, verified_at, challenge, created_at] = row as [
    string,
    boolean,
    string | null,
    string,
    string,
  ];
  const verified = verified_at !== null;
  const value = `flowcms-verification=${challenge}`;
  return {
    domain,
    serves,
    verified,
    verified_at,
    record: { name: `_flowcms.${domain}`, type: "TXT", value },
    created_at,
  };
}

const noSuchDomain = (domain: string) =>
  notFound("domains/no-such-domain", `The tenant has no domain "${domain.slice(0, 253)}".`);
