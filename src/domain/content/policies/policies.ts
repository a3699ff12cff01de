import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { AppError, notFound } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import { record } from "../../tenant/events/index.ts";
import { type EnvironmentSchema, withSchema } from "../types/index.ts";
import { checkGrants, grantsOfPolicies, requireHolding, requireKeptRefusals } from "./check-grants.ts";
import type { NewPolicy, Policy, PolicyChange } from "./schemas.ts";

const MAX_POLICIES = 100;
/** All of a tenant's policies travel to the edge together. */
const MAX_TOTAL_CHARS = 500_000;
const COLUMNS = sql`policy.id, policy.name, policy.description, policy.grants, cms_iso(policy.created_at),
  policy.created_by, cms_iso(policy.updated_at), policy.updated_by`;

/** The tenant's policies. */
export async function listPolicies(ctx: Context): Promise<Policy[]> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from policies policy where policy.tenant_id = ${ctx.tenantId}::uuid
      order by policy.name`,
  );
  return rows.map(present);
}

/** One policy; NOT_FOUND when there is none. */
export async function getPolicy(ctx: Context, input: { id: string }): Promise<Policy> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from policies policy where policy.tenant_id = ${ctx.tenantId}::uuid
      and policy.id = ${input.id}`,
  );
  if (!rows[0]) throw noSuchPolicy(input.id);
  return present(rows[0]);
}

/**
 * Makes a policy; its grants are checked by the content types of the environment that the request is
 * about.
 */
export function createPolicy(ctx: Context, wanted: NewPolicy): Promise<Policy> {
  return withSchema(ctx, {
    plan(schema) {
      const grants = checkGrants(schema, wanted.grants);
      requireHolding(ctx, grants);
      return sql`with saved as (insert into policies (tenant_id, id, name, description, grants, created_by,
        updated_by)
          select ${ctx.tenantId}::uuid, ${wanted.id ?? newId("pol", ctx.now().getTime())}, ${wanted.name},
            ${wanted.description ?? null}, ${JSON.stringify(grants)}::jsonb, ${ctx.actor.id}, ${ctx.actor.id}
          where (select count(*) < ${MAX_POLICIES}::int and ${fits(grants, "")} from policies
          where tenant_id = ${ctx.tenantId}::uuid)
            and ${isInForce(ctx, schema)} returning *),
        ${recordOf(ctx, "policy.created")}
        select (select id::text from event_row), ${COLUMNS} from saved policy`;
    },
    // Types may be renamed meanwhile.
    run: (statement) => ctx.db.run([statement], { write: true }),
    read({ results }) {
      const row = results[0]![0];
      if (!row) throw tooMany();
      ctx.outbox.poke(ctx.tenantId, [row[0] as string]);
      return present(row.slice(1));
    },
  });
}

/** Changes the given properties of a policy; effective everywhere within ten seconds. */
export async function updatePolicy(
  ctx: Context,
  input: { id: string; change: PolicyChange },
): Promise<Policy> {
  const { change: wanted } = input;
  const known = ctx.actor.grants && wanted.grants ? await grantsOfPolicies(ctx, [input.id]) : [];
  return withSchema(ctx, {
    plan(schema) {
      const grants = wanted.grants && checkGrants(schema, wanted.grants);
      if (grants) requireHolding(ctx, grants);
      if (grants) requireKeptRefusals(ctx, known, grants);
      return sql`with ${before(ctx, input.id)},
        saved as (update policies policy set name = coalesce(${wanted.name ?? null}::text, policy.name),
            description = coalesce(${wanted.description ?? null}::text, policy.description),
            grants = coalesce(${grants ? JSON.stringify(grants) : null}::jsonb, policy.grants),
              updated_at = now(), updated_by = ${ctx.actor.id}
          from before where policy.tenant_id = ${ctx.tenantId}::uuid and policy.id = before.id
          and not before.is_own and ${isInForce(ctx, schema)}
          and (select ${fits(grants ?? [], input.id)} from policies where tenant_id = ${ctx.tenantId}::uuid)
          returning policy.*),
        ${recordOf(ctx, "policy.updated")}
        select (select id::text from event_row), (select is_own from before), ${COLUMNS} from (select 1) one
        left join saved policy on true`;
    },
    // Types may be renamed meanwhile.
    run: (statement) => ctx.db.run([statement], { write: true }),
    read({ results }) {
      const [outboxId, isOwn, ...columns] = results[0]![0]!;
      if (isOwn === null) throw noSuchPolicy(input.id);
      if (isOwn) throw ownRole("policy");
      if (outboxId === null) throw tooMany();
      ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
      return present(columns);
    },
  });
}

/** Takes a policy away; CONFLICT `access/policy-in-use` while a role has it. */
export async function deletePolicy(ctx: Context, input: { id: string }): Promise<void> {
  const { results } = await ctx.db.run([
    sql`with ${before(ctx, input.id)},
      used as (select jsonb_agg(role.name order by role.name) as list from role_policies part
        join roles role on role.tenant_id = ${ctx.tenantId}::uuid and role.id = part.role_id
        where part.tenant_id = ${ctx.tenantId}::uuid and part.policy_id = ${input.id}),
      saved as (delete from policies policy using before, used
        where policy.tenant_id = ${ctx.tenantId}::uuid and policy.id = before.id and used.list is null
        returning policy.*),
      ${recordOf(ctx, "policy.deleted")}
      select (select id::text from event_row), (select id from before), (select list from used)`,
  ]);
  const [outboxId, id, used] = results[0]![0]!;
  if (id === null) throw noSuchPolicy(input.id);
  if (used !== null)
    throw new AppError(
      "CONFLICT",
      "access/policy-in-use",
      `Roles have this policy: ${(used as string[]).join(", ")}. Remove it from them first.`,
      {
        details: (used as string[]).map((role) => ({
          path: "policies",
          message: `of the role ${role}`,
          role,
        })),
      },
    );
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}

/**
 * Whether the schema that the grants were checked by is still the one in force: else they are checked
 * again, and written then.
 */
const isInForce = (ctx: Context, { version }: EnvironmentSchema): SQL =>
  sql`exists (select 1 from environments where tenant_id = ${ctx.tenantId}::uuid
    and id = ${ctx.environmentId}::uuid and schema_version = ${version}::int)`;

/** Over all policies: whether they hold these grants too, in place of those of the policy `id`. */
const fits = (grants: readonly object[], id: string): SQL =>
  sql`coalesce(sum(length(grants::text)) filter (where id <> ${id}),
    0) + ${JSON.stringify(grants).length}::int < ${MAX_TOTAL_CHARS}::int`;

const tooMany = () =>
  new AppError(
    "QUOTA_EXCEEDED",
    "access/too-many",
    `A tenant has at most ${MAX_POLICIES} policies, with ${MAX_TOTAL_CHARS} characters of grants in all of them.`,
  );

/** CTE `before`: the policy, and whether it is part of a role of the actor's own. */
const before = (ctx: Context, id: string) => sql`before as (select policy.id, exists (
    select 1 from role_policies part join roles role on role.tenant_id = ${ctx.tenantId}::uuid
    and role.id = part.role_id
    where part.tenant_id = ${ctx.tenantId}::uuid and part.policy_id = policy.id
    and ${JSON.stringify(ctx.actor.roles ?? [])}::jsonb ? role.name) as is_own
  from policies policy where policy.tenant_id = ${ctx.tenantId}::uuid and policy.id = ${id})`;

/** CONFLICT: who changed their own roles could lock themselves out, or let themselves in. */
export const ownRole = (what: "policy" | "role") =>
  new AppError(
    "CONFLICT",
    "access/own-role",
    `This ${what} determines your own permissions: somebody else must change it.`,
  );

const noSuchPolicy = (id: string) =>
  notFound("access/no-such-policy", `There is no policy "${id.slice(0, 64)}".`);

function recordOf(ctx: Context, event: "policy.created" | "policy.updated" | "policy.deleted") {
  return record(ctx, {
    event,
    from: sql`saved`,
    subject: sql`'policy:' || saved.id`,
    payload: sql`jsonb_build_object('id', saved.id)`,
    personal: { data: sql`jsonb_build_object('name', saved.name, 'grants', saved.grants)` },
  });
}

function present(row: Row): Policy {
  const names = "id name description grants created_at created_by updated_at updated_by".split(" ");
  return Object.fromEntries(names.map((name, i) => [name, row[i]])) as Policy;
}
