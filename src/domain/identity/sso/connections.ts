import { sql, type SQL } from "drizzle-orm";
import type { Row } from "../../../core/context.ts";
import { AppError, invalid, notFound } from "../../../core/errors.ts";
import { isId, newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { holdsEverything, requireHeldRoles } from "../../tenant/access/index.ts";
import { record } from "../../tenant/events/index.ts";
import { baseOf, oidcAddresses, samlAddresses } from "./addresses.ts";
import { oidcConfig, samlConfig } from "./connection-config.ts";
import { createServiceProviderKey, readCertificate } from "./saml/index.ts";
import type { Connection, ConnectionChange, NewConnection, OidcConfig, SamlConfig } from "./schemas.ts";
import { textArray } from "../../../db/text-array.ts";
import { OUTLIVES_TOKENS, refusePeople } from "../../tenant/tenants/index.ts";

export const SECRET = "sso-connection";

const COLUMNS = sql.raw(
  "saved.id, saved.type, saved.name, saved.config, saved.sealed_secret is not null, to_jsonb(saved.domains), saved.role_mapping, to_jsonb(saved.default_roles), saved.jit, saved.enabled, cms_iso(saved.created_at), cms_iso(saved.updated_at)",
);
const isIt = (ctx: IdentityContext, id: string) =>
  sql`saved.tenant_id = ${ctx.tenantId}::uuid and saved.id = ${id}`;
const recordConnection = (ctx: IdentityContext, event: "created" | "updated" | "deleted") =>
  record(ctx, {
    event: `sso.connection_${event}`,
    from: sql`saved`,
    subject: sql`'connection:' || saved.id`,
    payload: sql`jsonb_build_object('id', saved.id)`,
    meta: sql`jsonb_build_object('type', saved.type, 'domains', saved.domains, 'enabled', saved.enabled)`,
    personal: { data: sql`jsonb_build_object('name', saved.name)` },
  });
/** Which of these domains the tenant has not verified. */
const unverified = (ctx: IdentityContext, domains: readonly string[]): SQL =>
  sql`(select coalesce(jsonb_agg(wanted), '[]')
    from jsonb_array_elements_text(${JSON.stringify(domains)}::jsonb) wanted
    where not exists (select 1 from domains where tenant_id = ${ctx.tenantId}::uuid and domain = wanted
    and verified_at is not null))`;

/** The tenant's connections, by name. */
export async function listConnections(ctx: IdentityContext): Promise<Connection[]> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from sso_connections saved where saved.tenant_id = ${ctx.tenantId}::uuid
      order by saved.name, saved.id`,
  );
  return rows.map((row) => present(ctx, row));
}

/** One connection. NOT_FOUND `sso/no-such-connection`. */
export async function getConnection(ctx: IdentityContext, input: { id: string }): Promise<Connection> {
  return present(ctx, (await readConnection(ctx, input.id)).row);
}

/**
 * Connects an identity provider. Throws INVALID `sso/domain-not-verified` for domains that are not
 * proved to be the tenant's; nothing secret is in the answer.
 */
export async function createConnection(
  ctx: IdentityContext,
  input: { connection: NewConnection },
): Promise<Connection> {
  const wanted = input.connection;
  requireHeldRoles(ctx, rolesIn(wanted));
  if (wanted.enabled) requireTrusting(ctx);
  const id = newId("sso", ctx.now().getTime());
  const key =
    wanted.type === "saml" ? await createServiceProviderKey({ commonName: `FlowCMS ${id}` }) : undefined;
  const config =
    wanted.type === "saml"
      ? await samlConfig(ctx, wanted.saml, undefined, key!.certificate)
      : oidcConfig(ctx, wanted.oidc, undefined);
  const secret = wanted.type === "saml" ? key!.privateKey : wanted.oidc.client_secret;
  const sealed = secret === null ? null : await ctx.vault.seal(ctx.tenantId, `${SECRET}:${id}`, secret);
  const { results } = await ctx.db.run([
    sql`select ${unverified(ctx, wanted.domains)}`,
    sql`with saved as (insert into sso_connections (tenant_id, id, type, name, config, sealed_secret,
      domains, role_mapping, default_roles, jit, enabled, created_by)
        select ${ctx.tenantId}::uuid, ${id}, ${wanted.type}, ${wanted.name},
          ${JSON.stringify({ ...config, base: ctx.site.issuer })}::jsonb, ${sealed}::text,
            ${textArray(wanted.domains)},
          ${JSON.stringify(wanted.role_mapping)}::jsonb, ${textArray(wanted.default_roles)},
            ${String(wanted.jit)}::boolean, ${String(wanted.enabled)}::boolean, ${ctx.actor.id}
        where ${unverified(ctx, wanted.domains)} = '[]' returning *),
      ${refusePeople(ctx.tenantId, DEMANDED)}, ${recordConnection(ctx, "created")}
        select (select id::text from event_row), ${COLUMNS} from saved`,
  ]);
  return told(ctx, results[1]![0], results[0]![0]![0] as string[]);
}

/** Changes a connection; when it is switched off, the sessions it opened end. */
export async function updateConnection(
  ctx: IdentityContext,
  input: { id: string; change: ConnectionChange },
): Promise<Connection> {
  const { change } = input;
  requireHeldRoles(ctx, rolesIn(change));
  const { type, config: before, isEnabled, row } = await readConnection(ctx, input.id);
  // Who takes a mapping away takes the roles away from those who had them by it.
  if (change.role_mapping || change.default_roles) requireHeldRoles(ctx, rolesIn(present(ctx, row)));
  const { name: _name, enabled, role_mapping: _mapping, default_roles: _roles, ...trust } = change;
  if (enabled === true || (isEnabled && Object.keys(trust).length > 0)) requireTrusting(ctx);
  if (change[type === "saml" ? "oidc" : "saml"] !== undefined)
    throw invalid("sso/invalid-connection", `This is a ${type} connection: its type cannot be changed.`);
  const secret = change.oidc?.client_secret;
  const sealed = secret ? await ctx.vault.seal(ctx.tenantId, `${SECRET}:${input.id}`, secret) : null;
  const config =
    type === "saml"
      ? await samlConfig(ctx, change.saml ?? {}, before as SamlConfig, (before as SamlConfig).sp_certificate)
      : oidcConfig(ctx, change.oidc ?? {}, before as OidcConfig);
  if (type === "oidc" && secret === undefined)
    keepSecretAtHome((config as OidcConfig).issuer, (before as OidcConfig).issuer);
  const domains = change.domains ?? [];
  const { results } = await ctx.db.run([
    sql`select ${unverified(ctx, domains)}`,
    sql`with saved as (update sso_connections saved
      set name = coalesce(${change.name ?? null}::text, saved.name),
        config = ${JSON.stringify(config)}::jsonb,
          sealed_secret = ${secret === undefined ? sql`saved.sealed_secret` : sql`${sealed}::text`},
          domains = ${change.domains ? textArray(change.domains) : sql`saved.domains`},
          role_mapping = coalesce(${change.role_mapping ? JSON.stringify(change.role_mapping) : null}::jsonb, saved.role_mapping),
          default_roles = ${change.default_roles ? textArray(change.default_roles) : sql`saved.default_roles`},
          jit = coalesce(${flag(change.jit)}::boolean, saved.jit),
            enabled = coalesce(${flag(change.enabled)}::boolean, saved.enabled), updated_at = now()
        where ${isIt(ctx, input.id)} and (${String(holdsEverything(ctx))}::boolean
          or saved.enabled = ${String(isEnabled)}::boolean) and ${unverified(ctx, domains)} = '[]'
            returning saved.*),
      ${endSessionsOf(ctx, sql`(select id from saved where not enabled)`)},
      ${refusePeople(ctx.tenantId, change.enabled || change.domains ? DEMANDED : sql`false`)},
        ${recordConnection(ctx, "updated")} select (select id::text from event_row), ${COLUMNS} from saved`,
  ]);
  if (!results[1]![0] && (results[0]![0]![0] as string[]).length === 0) throw noSuchConnection();
  return told(ctx, results[1]![0], results[0]![0]![0] as string[]);
}

/** The secret is sent to the issuer: whoever names another one must know it. */
function keepSecretAtHome(issuer: string, before: string): void {
  if (new URL(issuer).origin === new URL(before).origin) return;
  throw invalid(
    "sso/invalid-connection",
    "The client secret belongs to the issuer: give that of the new one.",
    [{ path: "oidc.client_secret", message: "must be given again: `oidc.issuer` leads to another origin" }],
  );
}

/** Takes a connection away with its identities; the sessions it opened end, its people stay members. */
export async function deleteConnection(ctx: IdentityContext, input: { id: string }): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with saved as (delete from sso_connections saved where ${isIt(ctx, input.id)} returning saved.*),
      ${endSessionsOf(ctx, sql`(select id from saved)`)},
      ${recordConnection(ctx, "deleted")} select (select id::text from event_row) from saved`,
  ]);
  if (!results[0]![0]) throw noSuchConnection();
  ctx.outbox.poke(ctx.tenantId, [results[0]![0][0] as string]);
}

/**
 * Throws FORBIDDEN unless the actor has all permissions: an enabled provider can sign in as anyone,
 * including owners. With `sso_admin` alone, connections can be created and changed while disabled.
 */
function requireTrusting(ctx: IdentityContext): void {
  if (holdsEverything(ctx)) return;
  throw new AppError(
    "FORBIDDEN",
    "access/more-than-yours",
    "An enabled connection can sign in as anyone: only callers with all permissions can enable one, or change its trust settings.",
  );
}

/** Whether the change makes people use the connection `saved` who could sign in otherwise before. */
const DEMANDED = sql`exists (select 1 from saved join tenants policy on policy.tenant_id = saved.tenant_id
  where saved.enabled and policy.sign_in_policy ->> 'sso' = 'true')`;

/** The CTEs that end the sessions of `connections`, and the consents given in them. */
const endSessionsOf = (ctx: IdentityContext, connections: SQL): SQL => sql`
  ended as (update sessions set revoked_at = now() where sso_tenant_id = ${ctx.tenantId}::uuid
    and revoked_at is null and sso_connection_id in ${connections} returning id),
  refused as (insert into revocations (tenant_id, kind, id, expires_at)
    select ${ctx.tenantId}::uuid, 'session', id, now() + ${OUTLIVES_TOKENS} from ended
    on conflict (tenant_id, kind, id) do nothing),
  outlived as (update oauth_grants set revoked_at = now() where tenant_id = ${ctx.tenantId}::uuid
    and revoked_at is null and 'fed' = any (amr) and session_id is null
    and person_id in (select person_id from sso_identities where tenant_id = ${ctx.tenantId}::uuid
    and connection_id in ${connections}) returning id),
  refused_grants as (insert into revocations (tenant_id, kind, id, expires_at)
    select ${ctx.tenantId}::uuid, 'session', id, now() + ${OUTLIVES_TOKENS} from outlived
    on conflict (tenant_id, kind, id) do nothing)`;

async function readConnection(ctx: IdentityContext, id: string) {
  if (!isId("sso", id)) throw noSuchConnection();
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from sso_connections saved where ${isIt(ctx, id)}`,
  );
  if (!rows[0]) throw noSuchConnection();
  return {
    row: rows[0],
    type: rows[0][1] as "saml" | "oidc",
    config: rows[0][3] as SamlConfig | OidcConfig,
    isEnabled: rows[0][9] as boolean,
  };
}

function told(ctx: IdentityContext, saved: Row | undefined, unproved: string[]): Connection {
  if (!saved)
    throw new AppError(
      "INVALID",
      "sso/domain-not-verified",
      `The tenant has not verified ${unproved.join(", ").slice(0, 300)}: add and verify it at /domains first.`,
      { details: unproved.map((domain) => ({ path: "domains", message: `${domain} is not verified` })) },
    );
  const [outboxId, ...row] = saved;
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return present(ctx, row);
}

function present(ctx: IdentityContext, row: Row): Connection {
  const [
    id,
    type,
    name,
    config,
    hasSecret,
    domains,
    role_mapping,
    default_roles,
    jit,
    enabled,
    created_at,
    updated_at,
  ] = row as [
    string,
    "saml" | "oidc",
    string,
    SamlConfig | OidcConfig,
    boolean,
    string[],
    Record<string, string[]>,
    string[],
    boolean,
    boolean,
    string,
    string,
  ];
  const common = {
    id,
    type,
    name,
    domains,
    role_mapping,
    default_roles,
    jit,
    enabled,
    created_at,
    updated_at,
  };
  const base = baseOf(ctx, config);
  if (type === "oidc") {
    const { base: _base, ...oidc } = config as OidcConfig;
    return { ...common, type, oidc: { ...oidc, has_secret: hasSecret, ...oidcAddresses(base, id) } };
  }
  const { sp_certificate: certificate, certificates, base: _base, ...saml } = config as SamlConfig;
  return {
    ...common,
    type,
    saml: {
      ...saml,
      certificates: certificates.map((pem) => ({ pem, fingerprint: readCertificate(pem).fingerprint })),
      service_provider: { ...samlAddresses(base, id), certificate },
    },
  };
}

const flag = (value: boolean | undefined) => (value === undefined ? null : String(value));

export const noSuchConnection = () => notFound("sso/no-such-connection", "There is no such connection.");

/** Every role that a connection gives, by default or for a group. */
const rolesIn = ({ default_roles: given = [], role_mapping: mapping = {} }: Given): string[] => [
  ...given,
  ...Object.values(mapping).flat(),
];
type Given = { default_roles?: string[] | undefined; role_mapping?: Record<string, string[]> | undefined };
