import { sql, type SQL } from "drizzle-orm";
import type { Row } from "../../../core/context.ts";
import { invalid, notFound } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { hashSecret, newTokenSecret } from "../../../core/tokens.ts";
import {
  heldRolesSql,
  requireHeldRoles,
  requireKnownRoles,
  roleUnlessNamed,
  unknownRolesCte,
} from "../../tenant/access/index.ts";
import { record } from "../../tenant/events/index.ts";
import type { ClientChange, IssuedClient, NewClient, OAuthClient, RenewedSecret } from "./schemas.ts";
import { textArray } from "../../../db/text-array.ts";
import { OUTLIVES_TOKENS } from "../../tenant/tenants/index.ts";

const COLUMNS = sql.raw(
  "saved.id, saved.name, saved.secret_hash is not null, to_jsonb(saved.grants), saved.redirect_uris, to_jsonb(saved.scopes), to_jsonb(saved.roles), cms_iso(saved.created_at), saved.created_by",
);

/** Registers a client. Its secret is in this answer only. */
export async function createClient(
  ctx: IdentityContext,
  input: { client: NewClient },
): Promise<IssuedClient> {
  const wanted = { ...input.client, roles: rolesUnlessNamed(ctx, input.client) };
  check(wanted);
  requireHeldRoles(ctx, powerOf(wanted));
  const secret = wanted.confidential ? `flows_${newTokenSecret()}` : undefined;
  const { results } = await ctx.db.run([
    sql`with ${unknownRolesCte(ctx, wanted.roles)}, saved
      as (insert into oauth_clients (tenant_id, id, name, secret_hash, redirect_uris, grants, scopes, roles,
        created_by)
        select ${ctx.tenantId}::uuid, ${newId("cli", ctx.now().getTime())}, ${wanted.name},
          ${secret === undefined ? null : await hashSecret(secret)},
          ${JSON.stringify(wanted.redirect_uris)}::jsonb, ${textArray(wanted.grants)},
            ${textArray(wanted.scopes)}, ${textArray(wanted.roles)}, ${ctx.actor.id} from unknown_roles
              where unknown_roles.list is null returning *),
      ${recordClient(ctx, "client.created")} select unknown_roles.list, (select id::text from event_row),
        ${COLUMNS} from unknown_roles left join saved on true`,
  ]);
  const [unknown, outboxId, ...row] = results[0]![0]!;
  requireKnownRoles(unknown);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return { ...present(row), ...(secret === undefined ? {} : { secret }) };
}

/** The clients of the tenant, without their secrets. */
export async function listClients(ctx: IdentityContext): Promise<OAuthClient[]> {
  const { rows } = await ctx.db.read(sql`select ${COLUMNS} from oauth_clients saved
    where saved.tenant_id = ${ctx.tenantId}::uuid and saved.revoked_at is null order by saved.id`);
  return rows.map(present);
}

/**
 * Changes a client; its secret stays. What it may do no more, tokens given before do no more within
 * ten seconds.
 */
export async function updateClient(
  ctx: IdentityContext,
  input: { id: string; change: ClientChange },
): Promise<OAuthClient> {
  const { change } = input;
  const { rows } = await ctx.db.read(
    sql`with ${unknownRolesCte(ctx, change.roles ?? [])} select unknown_roles.list, ${COLUMNS}
      from oauth_clients saved, unknown_roles where ${isIt(ctx, input.id)}`,
  );
  if (!rows[0]) throw noSuchClient(input.id);
  const [unknown, ...found] = rows[0];
  requireKnownRoles(unknown);
  const known = present(found);
  const wanted = { ...known, ...change };
  check(wanted);
  wanted.roles = rolesUnlessNamed(ctx, wanted);
  // What people allowed, they allowed for the places to which it led then.
  const isElsewhere = wanted.redirect_uris.some((uri) => !known.redirect_uris.includes(uri));
  requireHeldRoles(ctx, powerOf(known));
  requireHeldRoles(ctx, powerOf(wanted));
  const { results } = await ctx.db.run([
    sql`with before as (select saved.* from oauth_clients saved where ${isIt(ctx, input.id)} for update),
      saved as (update oauth_clients saved set name = ${wanted.name},
        redirect_uris = ${JSON.stringify(wanted.redirect_uris)}::jsonb,
        grants = ${textArray(wanted.grants)}, scopes = ${textArray(wanted.scopes)},
          roles = ${textArray(wanted.roles)} from before where saved.tenant_id = before.tenant_id
            and saved.id = before.id and ${heldRolesSql(ctx, POWER)} returning saved.*),
      asked_anew as (delete from oauth_consents where tenant_id = ${ctx.tenantId}::uuid
        and client_id in (select id from saved) and ${String(isElsewhere)}::boolean),
      ${refuseTokensCte(ctx, sql`saved join before on before.id = saved.id where ${IS_NARROWED}`)},
      ${recordClient(ctx, "client.updated")} select (select id::text from event_row), ${COLUMNS} from saved`,
  ]);
  if (!results[0]![0]) throw noSuchClient(input.id);
  const [outboxId, ...row] = results[0]![0];
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return present(row);
}

/** Gives a client a new secret, shown in this answer only; the old one works no more. */
export async function renewSecret(ctx: IdentityContext, input: { id: string }): Promise<RenewedSecret> {
  const secret = `flows_${newTokenSecret()}`;
  const { results } = await ctx.db.run([
    sql`select to_jsonb(${POWER}) from oauth_clients saved where ${isIt(ctx, input.id)}`,
    sql`with saved as (update oauth_clients saved set secret_hash = ${await hashSecret(secret)}
        where ${isIt(ctx, input.id)} and saved.secret_hash is not null and ${heldRolesSql(ctx, POWER)}
        returning *),
      ${recordClient(ctx, "client.updated")} select (select id::text from event_row) from saved`,
  ]);
  if (!results[0]![0]) throw noSuchClient(input.id);
  requireHeldRoles(ctx, results[0]![0][0] as string[]);
  if (!results[1]![0]) throw noSuchClient(input.id);
  ctx.outbox.poke(ctx.tenantId, [results[1]![0][0] as string]);
  return { id: input.id, secret };
}

/** Takes a client away, with what people allowed it: its tokens are refused within ten seconds. */
export async function deleteClient(ctx: IdentityContext, input: { id: string }): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with saved as (update oauth_clients saved set revoked_at = now() where ${isIt(ctx, input.id)}
      returning *),
      ended as (update oauth_grants set revoked_at = now() where tenant_id = ${ctx.tenantId}::uuid
        and client_id in (select id from saved) and revoked_at is null),
      ${refuseTokensCte(ctx, sql`saved`)},
      ${recordClient(ctx, "client.deleted")} select (select id::text from event_row) from saved`,
  ]);
  if (!results[0]![0]) throw noSuchClient(input.id);
  ctx.outbox.poke(ctx.tenantId, [results[0]![0][0] as string]);
}

/**
 * The CTE that has the edge refuse the access tokens that clients were given so far; what they are
 * given after works.
 */
const refuseTokensCte = (ctx: IdentityContext, from: SQL): SQL =>
  sql`refused as (insert into revocations (tenant_id, kind, id, expires_at)
    select ${ctx.tenantId}::uuid, 'client', saved.id, now() + ${OUTLIVES_TOKENS} from ${from}
    on conflict (tenant_id, kind, id) do update set at = now(), expires_at = excluded.expires_at)`;

/** Whether the client `saved` may do less than it might `before`; no roles are all of them. */
const IS_NARROWED = sql`(not before.scopes <@ saved.scopes or not before.grants <@ saved.grants
  or (cardinality(saved.roles) > 0 and (cardinality(before.roles) = 0 or not before.roles <@ saved.roles)))`;

const recordClient = (ctx: IdentityContext, event: "client.created" | "client.updated" | "client.deleted") =>
  record(ctx, {
    event,
    from: sql`saved`,
    subject: sql`'client:' || saved.id`,
    payload: sql`jsonb_build_object('id', saved.id)`,
    meta: sql`jsonb_build_object('grants', saved.grants, 'scopes', saved.scopes)`,
    personal: { data: sql`jsonb_build_object('name', saved.name)` },
  });

const isIt = (ctx: IdentityContext, id: string) =>
  sql`saved.tenant_id = ${ctx.tenantId}::uuid and saved.id = ${id} and saved.revoked_at is null`;

type Checked = Pick<OAuthClient, "confidential" | "grants" | "redirect_uris">;

function check({ confidential, grants, redirect_uris: uris }: Checked): void {
  const problem = (path: string, message: string) =>
    invalid("oauth/invalid-client", "The client is not valid.", [{ path, message }]);
  if (grants.includes("authorization_code") && uris.length === 0)
    throw problem("redirect_uris", "must have at least one URI");
  if (grants.includes("client_credentials") && !confidential)
    throw problem(
      "grants",
      "cannot hold client_credentials: a client without a secret cannot act for itself",
    );
}

function present(row: Row): OAuthClient {
  const [id, name, confidential, grants, redirect_uris, scopes, roles, created_at, created_by] = row;
  return {
    id,
    name,
    confidential,
    grants,
    redirect_uris,
    scopes,
    roles,
    created_at,
    created_by,
  } as OAuthClient;
}

const noSuchClient = (id: string) =>
  notFound("oauth/no-such-client", `There is no client "${id.slice(0, 64)}".`);

/**
 * The roles that somebody must hold to have a client in their hands: its own; without any it does
 * what its scopes hold, as itself with an owner's power, for people within their roles.
 */
function powerOf({ roles, grants }: Pick<OAuthClient, "roles" | "grants">): readonly string[] {
  if (roles.length > 0) return roles;
  return grants.includes("client_credentials") ? ["owner"] : ["admin"];
}

/** The same of the row `saved`. */
const POWER = sql`(case when cardinality(saved.roles) > 0 then saved.roles
  when 'client_credentials' = any (saved.grants) then array['owner'] else array['admin'] end)`;

/** Only owners may give the role owner to a client with client_credentials. */
function rolesUnlessNamed(ctx: IdentityContext, { roles, grants }: Pick<OAuthClient, "roles" | "grants">) {
  const role = roleUnlessNamed(ctx);
  return roles.length === 0 && role !== null && grants.includes("client_credentials") ? [role] : roles;
}
