import { sql } from "drizzle-orm";
import type { Row } from "../../../core/context.ts";
import { EmailAddress } from "../../../core/email-address.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { record } from "../../tenant/events/index.ts";
import { lockOwners, mayBarSql, refuseTokens, requireStanding } from "../members/index.ts";
import { rolesArrayOf, rolesOf } from "../../tenant/tenants/index.ts";
import { USERS } from "./attributes.ts";
import { readFilter } from "./filter.ts";
import { filterSql } from "./filter-sql.ts";
import { patchResource } from "./patch-resource.ts";
import { project } from "./project.ts";
import { isOwner, ownersOnly, withinReach } from "./reach.ts";
import { readResource, type Kept } from "./read-resource.ts";
import { changedMeanwhile, ListQuery, readInput, readPatch, UserInput } from "./schemas.ts";
import {
  givenOf,
  nameOf,
  noSuchUser,
  presentUser,
  readUserRow,
  USER_COLUMNS,
  USER_SOURCES,
  type UserResource,
  type UserRow,
} from "./user-resource.ts";
import { requireVersion, type Conditions } from "./versions.ts";

const within = (ctx: IdentityContext) =>
  sql`member.tenant_id = ${ctx.tenantId}::uuid and ${withinReach(ctx, sql`member`)}`;
const recordUser = (ctx: IdentityContext, event: "created" | "updated" | "deleted") =>
  record(ctx, {
    event: `scim.user_${event}`,
    from: sql`saved`,
    subject: sql`'member:' || saved.person_id`,
    payload: sql`jsonb_build_object('id', saved.person_id)`,
    meta: sql`jsonb_build_object('active', saved.suspended_at is null)`,
    personal: {
      about: sql`'person:' || saved.person_id`,
      data: sql`jsonb_build_object('email', saved.email)`,
    },
  });

/** The members that provisioning reaches, the oldest first: those that a filter names, or a page of all. */
export async function listUsers(ctx: IdentityContext, input: { query: Record<string, string> }) {
  requirePermission(ctx, "sso:read");
  const { filter: text, startIndex, count, ...shown } = readInput(ListQuery, input.query);
  const filter = readFilter(text);
  const matches = filter ? filterSql(USER_SOURCES, filter) : sql`true`;
  const [total, page] = await Promise.all([
    ctx.db.read(sql`select count(*)::int from members member where ${within(ctx)} and ${matches}`),
    ctx.db.read(sql`select ${USER_COLUMNS} from members member where ${within(ctx)} and ${matches}
      order by member.created_at, member.person_id limit ${count}::int offset ${startIndex - 1}::int`),
  ]);
  return {
    total: total.rows[0]![0] as number,
    startIndex,
    resources: page.rows.map((row) => project(USERS, presentUser(ctx, row), shown)),
  };
}

/** One user. NOT_FOUND `scim/no-such-user`, for members out of reach too. */
export async function getUser(ctx: IdentityContext, input: { id: string }): Promise<UserResource> {
  requirePermission(ctx, "sso:read");
  return presentUser(ctx, await rowOf(ctx, input.id));
}

async function rowOf(ctx: IdentityContext, id: string): Promise<Row> {
  const { rows } = await ctx.db.read(
    sql`select ${USER_COLUMNS} from members member where ${within(ctx)} and member.person_id = ${id}`,
  );
  if (!rows[0]) throw noSuchUser();
  return rows[0];
}

/**
 * Makes somebody a member. Their address must lie in a domain that the tenant has verified; an
 * account that is there already becomes a member only when its address was proved.
 */
export async function createUser(ctx: IdentityContext, input: { user: unknown }): Promise<UserResource> {
  requirePermission(ctx, "sso:write");
  const wanted = readUser(input.user);
  const email = readInput(EmailAddress, wanted.userName.trim().toLowerCase(), "userName");
  const name = nameOf(wanted.kept);
  const { results } = await ctx.db.run([
    sql`with covered as (select 1 from domains where tenant_id = ${ctx.tenantId}::uuid
      and verified_at is not null and domain = split_part(${email}, '@', 2)),
      known as (select id as person_id, email_verified_at is not null as is_verified from people
        where email = ${email} and exists (select 1 from covered) for key share),
      before as (select person_id from members where tenant_id = ${ctx.tenantId}::uuid
        and person_id in (select person_id from known)),
      made as (insert into people (id, email, name, email_verified_at)
        select ${newId("usr", ctx.now().getTime())}, ${email}, ${name}, now()
        from covered where not exists (select 1 from known) returning id as person_id),
      saved as (insert into members (tenant_id, person_id, email, name, scim, source, external_id,
        created_by, suspended_at)
        select ${ctx.tenantId}::uuid, person_id, ${email}, ${name}, ${JSON.stringify(wanted.kept)}::jsonb,
          'scim', ${wanted.externalId ?? null}::text, ${ctx.actor.id},
          case when ${String(wanted.active)}::boolean then null else now() end
        from (select person_id from made union all select person_id from known where is_verified
        and not exists (select 1 from before)) who returning *),
      ${recordUser(ctx, "created")}
      select (select count(*)::int from covered), (select count(*)::int from before),
        (select count(*)::int from known), (select id::text from event_row)`,
    sql`select ${USER_COLUMNS} from members member where ${within(ctx)} and member.email = ${email}`,
  ]);
  const [covered, before, , outboxId] = results[0]![0]! as [number, number, number, string | null];
  if (covered === 0)
    throw new AppError(
      "FORBIDDEN",
      "scim/domain-not-verified",
      `The tenant has not verified the domain of ${email}.`,
    );
  if (before > 0) throw new AppError("CONFLICT", "scim/already-a-member", `${email} is a member already.`);
  if (outboxId === null)
    throw new AppError(
      "CONFLICT",
      "scim/address-unproved",
      `The account for ${email} has an unconfirmed address.`,
    );
  ctx.outbox.poke(ctx.tenantId, [outboxId]);
  return presentUser(ctx, results[1]![0]!);
}

/** Replaces what provisioning keeps of a user. */
export async function replaceUser(
  ctx: IdentityContext,
  input: { id: string; user: unknown } & Conditions,
): Promise<UserResource> {
  requirePermission(ctx, "sso:write");
  const { userName, active, externalId, kept } = readUser(input.user);
  const before = input.ifMatch === undefined ? undefined : await rowOf(ctx, input.id);
  if (before) requireVersion(input, presentUser(ctx, before));
  const wanted = { userName, kept, active, externalId: externalId ?? null };
  const changed = await changeUser(ctx, input.id, wanted, before && readUserRow(before));
  if (!changed) throw changedMeanwhile();
  return changed;
}

const TRIES = 3;

/**
 * Changes some of it: `active: false` keeps the person out, and what they hold is refused within ten
 * seconds.
 */
export async function patchUser(
  ctx: IdentityContext,
  input: { id: string; patch: unknown } & Conditions,
): Promise<UserResource> {
  requirePermission(ctx, "sso:write");
  const operations = readPatch(input.patch);
  for (let attempt = 1; ; attempt++) {
    const row = await rowOf(ctx, input.id);
    requireVersion(input, presentUser(ctx, row));
    const before = readUserRow(row);
    const given = givenOf(before);
    const patched = patchResource(USERS, given, operations);
    const { userName, active, externalId, kept } = readUser(patched);
    const isSame = JSON.stringify(readUser(given).kept) === JSON.stringify(kept);
    const changed = await changeUser(
      ctx,
      input.id,
      {
        ...(userName === before.email ? {} : { userName }),
        ...(isSame ? {} : { kept }),
        ...(active === before.active ? {} : { active }),
        externalId: externalId ?? null,
      },
      before,
    );
    if (changed) return changed;
    if (attempt === TRIES) throw changedMeanwhile();
  }
}

/** Takes somebody out of the tenant; their account stays theirs. */
export async function deleteUser(ctx: IdentityContext, input: { id: string } & Conditions): Promise<void> {
  requirePermission(ctx, "sso:write");
  if (input.ifMatch !== undefined) requireVersion(input, presentUser(ctx, await rowOf(ctx, input.id)));
  const isIt = sql`${within(ctx)} and member.person_id = ${input.id}`;
  const { results } = await ctx.db.run([
    lockOwners(ctx),
    sql`select ${rolesOf(sql`member`)} from members member where ${isIt}`,
    sql`with saved as (delete from members member where ${isIt} and ${mayBar(ctx)} returning member.*),
      grants as (update oauth_grants set revoked_at = now() where tenant_id = ${ctx.tenantId}::uuid
        and revoked_at is null and person_id in (select person_id from saved)),
      identities as (delete from sso_identities where tenant_id = ${ctx.tenantId}::uuid
        and person_id in (select person_id from saved)),
      ${endedSessions(ctx)}, ${refuseTokens(ctx, sql`saved`)}, ${recordUser(ctx, "deleted")}
        select (select id::text from event_row) from saved`,
  ]);
  if (!results[1]![0]) throw noSuchUser();
  if (!results[2]![0]) throw refusal(ctx, results[1]![0][0] as string[]);
  ctx.outbox.poke(ctx.tenantId, [results[2]![0][0] as string]);
}

/**
 * Whether provisioning may keep the row `member` out, let them in again, or take them away: no owner,
 * and nobody above.
 */
const mayBar = (ctx: IdentityContext) =>
  sql`(not ${isOwner(sql`member`)} and ${mayBarSql(ctx, rolesArrayOf(sql`member`))})`;

function refusal(ctx: IdentityContext, roles: readonly string[]): AppError {
  if (!roles.includes("owner")) requireStanding(ctx, roles);
  return ownersOnly();
}

/** What provisioning can change of a user; null takes an external id away. */
type UserChange = { userName?: string; kept?: Kept; active?: boolean; externalId?: string | null };

/** Undefined when the user is no more as they were `before`. */
async function changeUser(
  ctx: IdentityContext,
  id: string,
  change: UserChange,
  before?: UserRow,
): Promise<UserResource | undefined> {
  const isIt = sql`${within(ctx)} and member.person_id = ${id}`;
  const email = change.userName?.trim().toLowerCase() ?? null;
  const active = change.active === undefined ? null : String(change.active);
  const name = change.kept === undefined ? null : nameOf(change.kept);
  const isAsBefore = before
    ? sql`cms_iso(coalesce(member.changed_at, member.created_at)) = ${before.changed}
      and member.scim = ${JSON.stringify(before.kept)}::jsonb
        and (member.suspended_at is null) = ${String(before.active)}::boolean`
    : sql`true`;
  const { results } = await ctx.db.run([
    lockOwners(ctx),
    sql`select member.email, ${rolesOf(sql`member`)}, ${isAsBefore} from members member where ${isIt}`,
    sql`with saved as (update members member set name = coalesce(${name}::text, member.name),
          scim = coalesce(${change.kept === undefined ? null : JSON.stringify(change.kept)}::jsonb,
            member.scim),
          external_id = case when ${String(change.externalId !== undefined)}::boolean then
            ${change.externalId ?? null}::text else member.external_id end,
          suspended_at = case ${active}::boolean when true then null
            when false then coalesce(member.suspended_at, now()) else member.suspended_at end
        where ${isIt} and ${isAsBefore} and (${email}::text is null or member.email = ${email}::text)
          and (${active}::boolean is null or ${active}::boolean = (member.suspended_at is null)
            or ${mayBar(ctx)}) returning member.*),
      barred as (select person_id from saved where suspended_at is not null),
      ${endedSessions(ctx, sql`barred`)}, ${refuseTokens(ctx, sql`barred`)}, ${recordUser(ctx, "updated")}
        select (select id::text from event_row) from saved`,
    sql`select ${USER_COLUMNS} from members member where ${isIt}`,
  ]);
  const found = results[1]![0];
  if (!found) throw noSuchUser();
  if (found[2] !== true) return undefined;
  if (email !== null && found[0] !== email)
    throw invalid(
      "scim/mutability",
      "userName cannot be changed, since it identifies the person's account: create another user.",
      [],
      400,
    );
  if (!results[2]![0]) throw refusal(ctx, found[1] as string[]);
  ctx.outbox.poke(ctx.tenantId, [results[2]![0][0] as string]);
  return presentUser(ctx, results[3]![0]!);
}

/** A user as it was sent; `kept` are the attributes that are stored unchanged. */
function readUser(user: unknown) {
  const read = readResource(USERS, user);
  const { userName, externalId, active, ...kept } = readInput(UserInput, read);
  return { userName, externalId, active, kept: kept as Kept };
}

/** The CTE `ended`: the sessions that a connection of this tenant opened for them. */
const endedSessions = (ctx: IdentityContext, from = sql`saved`) =>
  sql`ended as (update sessions set revoked_at = now() where sso_tenant_id = ${ctx.tenantId}::uuid
    and revoked_at is null and person_id in (select person_id from ${from}))`;
