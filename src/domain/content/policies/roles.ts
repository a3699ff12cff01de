import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { AppError, invalid, notFound } from "../../../core/errors.ts";
import { BUILT_IN_ROLES } from "../../../core/grants.ts";
import { newId } from "../../../core/ids.ts";
import { record } from "../../tenant/events/index.ts";
import { policiesOfRole } from "../../tenant/tenants/index.ts";
import { grantsOfPolicies, requireHolding, requireKeptRefusals } from "./check-grants.ts";
import { ownRole } from "./policies.ts";
import type { NewRole, Role, RoleChange } from "./schemas.ts";

const MAX_ROLES = 100;

const columns = (
  ctx: Context,
) => sql`role.id, role.name, role.description, cms_iso(role.created_at), cms_iso(role.updated_at),
  ${policiesOfRole(ctx.tenantId)}`;
const isIt = (ctx: Context, idOrName: string) =>
  sql`role.tenant_id = ${ctx.tenantId}::uuid and (role.id = ${idOrName} or role.name = ${idOrName})`;

const builtIn = (name: string): Role => ({
  id: null,
  name,
  description: BUILT_IN_ROLES[name]!.description,
  is_built_in: true,
  policies: [],
  grants: [...BUILT_IN_ROLES[name]!.grants],
});

/** Every role: those that the product has by itself, then the tenant's own. */
export async function listRoles(ctx: Context): Promise<Role[]> {
  const { rows } = await ctx.db.read(
    sql`select ${columns(ctx)} from roles role where role.tenant_id = ${ctx.tenantId}::uuid
      order by role.name`,
  );
  return [...Object.keys(BUILT_IN_ROLES).map(builtIn), ...rows.map(present)];
}

/** One role, by its id or its name. */
export async function getRole(ctx: Context, input: { id: string }): Promise<Role> {
  if (Object.hasOwn(BUILT_IN_ROLES, input.id)) return builtIn(input.id);
  const { rows } = await ctx.db.read(
    sql`select ${columns(ctx)} from roles role where ${isIt(ctx, input.id)}`,
  );
  if (!rows[0]) throw noSuchRole(input.id);
  return present(rows[0]);
}

/** Makes a role out of policies. */
export async function createRole(ctx: Context, wanted: NewRole): Promise<Role> {
  if (Object.hasOwn(BUILT_IN_ROLES, wanted.name))
    throw new AppError("CONFLICT", "access/role-name-taken", `"${wanted.name}" is a built-in role.`, {
      details: [{ path: "name", message: "is taken" }],
    });
  await requireHoldingPolicies(ctx, wanted.policies);
  const id = newId("rol", ctx.now().getTime());
  const { results } = await ctx.db.run([
    sql`with ${unknownPolicies(ctx, wanted.policies)},
      saved as (insert into roles as role (tenant_id, id, name, description, created_by, updated_by)
        select ${ctx.tenantId}::uuid, ${id}, ${wanted.name}, ${wanted.description ?? null}, ${ctx.actor.id},
          ${ctx.actor.id} from unknown
        where unknown.list is null and (select count(*) from roles
        where tenant_id = ${ctx.tenantId}::uuid) < ${MAX_ROLES} returning *),
      parts as (${putParts(ctx, wanted.policies)}),
      ${recordOf(ctx, "role.created")}
      select (select id::text from event_row), (select list from unknown)`,
    sql`select ${columns(ctx)} from roles role where ${isIt(ctx, id)}`,
  ]);
  const [outboxId, unknown] = results[0]![0]!;
  if (unknown !== null) throw noSuchPolicies(unknown as string[]);
  if (outboxId === null)
    throw new AppError(
      "QUOTA_EXCEEDED",
      "access/too-many",
      `A tenant has at most ${MAX_ROLES} roles of its own.`,
    );
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return present(results[1]![0]!);
}

/** Changes a role's description or policies; in force everywhere within ten seconds. Its name stays. */
export async function updateRole(ctx: Context, input: { id: string; change: RoleChange }): Promise<Role> {
  const { change: wanted } = input;
  refuseBuiltIn(input.id);
  await requireHoldingPolicies(ctx, wanted.policies ?? []);
  if (wanted.policies) await requireKeptPolicies(ctx, input.id, wanted.policies);
  const parts = wanted.policies
    ? sql`gone as (delete from role_policies part using saved where part.tenant_id = ${ctx.tenantId}::uuid
      and part.role_id = saved.id
          and not ${JSON.stringify(wanted.policies)}::jsonb ? part.policy_id),
        parts as (${putParts(ctx, wanted.policies)}),`
    : sql``;
  const { results } = await ctx.db.run([
    sql`with ${before(ctx, input.id)}, ${unknownPolicies(ctx, wanted.policies ?? [])},
      saved as (update roles role set description = coalesce(${wanted.description ?? null}::text,
        role.description), updated_at = now(), updated_by = ${ctx.actor.id}
        from before, unknown where role.tenant_id = ${ctx.tenantId}::uuid and role.id = before.id
        and not before.is_own and unknown.list is null returning role.*),
      ${parts}
      ${recordOf(ctx, "role.updated")}
      select (select id::text from event_row), (select is_own from before), (select list from unknown)`,
    sql`select ${columns(ctx)} from roles role where ${isIt(ctx, input.id)}`,
  ]);
  const [outboxId, isOwn, unknown] = results[0]![0]!;
  if (isOwn === null) throw noSuchRole(input.id);
  if (isOwn) throw ownRole("role");
  if (unknown !== null) throw noSuchPolicies(unknown as string[]);
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return present(results[1]![0]!);
}

/**
 * Takes a role away; CONFLICT `access/role-in-use` while a token, a member or a team has it. JWTs that
 * name it are granted nothing by it.
 */
export async function deleteRole(ctx: Context, input: { id: string }): Promise<void> {
  refuseBuiltIn(input.id);
  const { results } = await ctx.db.run([
    sql`with ${before(ctx, input.id)},
      used as (select jsonb_agg(holder.id order by holder.id) as list from (
        select token.id from api_tokens token join before on token.role = before.name
          where token.tenant_id = ${ctx.tenantId}::uuid and token.revoked_at is null
          and (token.expires_at is null or token.expires_at > now())
        union all select member.person_id from members member
        join before on before.name = any (member.roles) where member.tenant_id = ${ctx.tenantId}::uuid
        union all select team.id from teams team join before on before.name = any (team.roles)
        where team.tenant_id = ${ctx.tenantId}::uuid) holder),
      saved as (delete from roles role using before, used where role.tenant_id = ${ctx.tenantId}::uuid
        and role.id = before.id
        and not before.is_own and used.list is null returning role.*),
      ${recordOf(ctx, "role.deleted")}
      select (select id::text from event_row), (select is_own from before), (select list from used)`,
  ]);
  const [outboxId, isOwn, used] = results[0]![0]!;
  if (isOwn === null) throw noSuchRole(input.id);
  if (isOwn) throw ownRole("role");
  if (used !== null)
    throw new AppError("CONFLICT", "access/role-in-use", "This role is in use: `details` lists by whom.", {
      details: (used as string[])
        .slice(0, 50)
        .map((holder) => ({ path: "role", message: `of ${holder}`, holder })),
    });
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}

/** CTE `before`: the role, and whether it is one of the actor's own. */
const before = (ctx: Context, idOrName: string) =>
  sql`before as (select role.id, role.name,
    ${JSON.stringify(ctx.actor.roles ?? [])}::jsonb ? role.name as is_own from roles role
      where ${isIt(ctx, idOrName)})`;

/** CTE `unknown`: which of the ids are no policies. */
const unknownPolicies = (ctx: Context, ids: readonly string[]): SQL =>
  sql`unknown as (select jsonb_agg(wanted.id) as list
    from jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb) wanted (id)
    where not exists (select 1 from policies policy where policy.tenant_id = ${ctx.tenantId}::uuid
    and policy.id = wanted.id))`;

const putParts = (ctx: Context, ids: readonly string[]): SQL =>
  sql`insert into role_policies (tenant_id, role_id, policy_id, ordinal)
    select ${ctx.tenantId}::uuid, saved.id, wanted.id, wanted.position
    from saved, jsonb_array_elements_text(${JSON.stringify([...new Set(ids)])}::jsonb)
      with ordinality wanted (id, position)
    on conflict (tenant_id, role_id, policy_id) do update set ordinal = excluded.ordinal`;

/** Who is narrowed reads the policies first; everybody else may give whatever they say. */
async function requireHoldingPolicies(ctx: Context, ids: readonly string[]): Promise<void> {
  if (ctx.actor.grants !== undefined) requireHolding(ctx, await grantsOfPolicies(ctx, ids));
}

/** Who is narrowed takes no policy out of a role that refuses something. */
async function requireKeptPolicies(ctx: Context, idOrName: string, now: readonly string[]): Promise<void> {
  if (ctx.actor.grants === undefined) return;
  const { rows } = await ctx.db.read(sql`select part.policy_id from role_policies part
      join roles role on role.tenant_id = ${ctx.tenantId}::uuid and role.id = part.role_id
    where part.tenant_id = ${ctx.tenantId}::uuid and ${isIt(ctx, idOrName)}`);
  const gone = rows.map(([id]) => id as string).filter((id) => !now.includes(id));
  requireKeptRefusals(ctx, await grantsOfPolicies(ctx, gone));
}

function refuseBuiltIn(name: string): void {
  if (Object.hasOwn(BUILT_IN_ROLES, name))
    throw new AppError(
      "CONFLICT",
      "access/built-in-role",
      `"${name}" is a built-in role and cannot be changed.`,
    );
}

const noSuchRole = (id: string) => notFound("access/no-such-role", `There is no role "${id.slice(0, 64)}".`);

const noSuchPolicies = (ids: string[]) =>
  invalid(
    "access/invalid-role",
    `There is no policy "${ids[0]!.slice(0, 64)}".`,
    ids.map((id) => ({ path: "policies", message: `"${id.slice(0, 64)}" is not a policy` })),
  );

function recordOf(ctx: Context, event: "role.created" | "role.updated" | "role.deleted") {
  return record(ctx, {
    event,
    from: sql`saved`,
    subject: sql`'role:' || saved.id`,
    payload: sql`jsonb_build_object('id', saved.id)`,
    personal: { data: sql`jsonb_build_object('name', saved.name)` },
  });
}

function present([id, name, description, createdAt, updatedAt, policies]: Row): Role {
  return {
    id: id as string,
    name: name as string,
    description: description as string | null,
    is_built_in: false,
    policies: policies as string[],
    created_at: createdAt as string,
    updated_at: updatedAt as string,
  };
}
