import { sql, type SQL } from "drizzle-orm";
import type { Row } from "../../../core/context.ts";
import { notFound, type AppError } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { heldRolesSql, requireHeldRoles } from "../../tenant/access/index.ts";
import { record } from "../../tenant/events/index.ts";
import { refuseTokens } from "../members/index.ts";
import { findAttribute, GROUP, GROUPS } from "./attributes.ts";
import { readFilter } from "./filter.ts";
import { filterSql, type Sources } from "./filter-sql.ts";
import { readGroupPatch, type GroupChange } from "./patch-group.ts";
import { project, type Shown } from "./project.ts";
import { ownersOnly, withinReach } from "./reach.ts";
import { readResource } from "./read-resource.ts";
import { badValue, GroupInput, ListQuery, readInput, readPatch } from "./schemas.ts";
import { requireVersion, versioned, type Conditions } from "./versions.ts";

const MEMBERS_OF = `(select coalesce(jsonb_agg(
      jsonb_build_object('value', member.person_id, 'display', member.email, 'type', 'User')
      order by member.person_id), '[]')
    from team_members of_team join members member
      on member.tenant_id = of_team.tenant_id and member.person_id = of_team.person_id
    where of_team.tenant_id = saved.tenant_id and of_team.team_id = saved.id)`;
const SOURCES: Sources = {
  schema: GROUPS,
  columns: new Map([
    ["id", { value: sql`saved.id` }],
    ["displayName", { value: sql`saved.name` }],
    ["externalId", { value: sql`saved.external_id` }],
    ["meta.created", { value: sql`saved.created_at` }],
    ["meta.lastModified", { value: sql`coalesce(saved.changed_at, saved.created_at)` }],
  ]),
  json: (name) => (name === "members" ? sql.raw(MEMBERS_OF) : undefined),
  holds: (name, value) =>
    name === "members"
      ? sql`exists (select 1 from team_members of_team where of_team.tenant_id = saved.tenant_id
        and of_team.team_id = saved.id and of_team.person_id = ${value}::text)`
      : undefined,
};

const columns = (members: string): SQL =>
  sql.raw(
    `saved.id, saved.name, saved.external_id, cms_iso(saved.created_at),
      cms_iso(coalesce(saved.changed_at, saved.created_at)), ${members}`,
  );
const COLUMNS = columns(MEMBERS_OF);
const WITHOUT_MEMBERS = columns("null::jsonb");

const isIt = (ctx: IdentityContext, id: string) =>
  sql`saved.tenant_id = ${ctx.tenantId}::uuid and saved.id = ${id}`;
const recordGroup = (ctx: IdentityContext, event: "created" | "updated" | "deleted") =>
  record(ctx, {
    event: `scim.group_${event}`,
    from: sql`saved`,
    subject: sql`'team:' || saved.id`,
    payload: sql`jsonb_build_object('id', saved.id)`,
    personal: { data: sql`jsonb_build_object('name', saved.name)` },
  });

/** The tenant's teams as SCIM groups, the oldest first. */
export async function listGroups(ctx: IdentityContext, input: { query: Record<string, string> }) {
  requirePermission(ctx, "sso:read");
  const { filter: text, startIndex, count, ...shown } = readInput(ListQuery, input.query);
  const filter = readFilter(text);
  const which = sql`saved.tenant_id = ${ctx.tenantId}::uuid and ${filter ? filterSql(SOURCES, filter) : sql`true`}`;
  const columnsShown = showsMembers(shown) ? COLUMNS : WITHOUT_MEMBERS;
  const [total, page] = await Promise.all([
    ctx.db.read(sql`select count(*)::int from teams saved where ${which}`),
    ctx.db.read(
      sql`select ${columnsShown} from teams saved where ${which} order by saved.id
        limit ${count}::int offset ${startIndex - 1}::int`,
    ),
  ]);
  const resources = page.rows.map((row) => project(GROUPS, present(ctx, row), shown));
  return { total: total.rows[0]![0] as number, startIndex, resources };
}

/** Whether members are wanted at all: a group may have thousands of them. */
function showsMembers({ attributes, excludedAttributes }: Shown): boolean {
  const names = (text: string) =>
    text.split(",").map((name) => findAttribute(GROUPS, name.trim())?.steps.join("."));
  if (excludedAttributes !== undefined && names(excludedAttributes).includes("members")) return false;
  return attributes === undefined || names(attributes).some((name) => name?.startsWith("members"));
}

/** One group. NOT_FOUND `scim/no-such-group`. */
export async function getGroup(ctx: IdentityContext, input: { id: string }) {
  requirePermission(ctx, "sso:read");
  const { rows } = await ctx.db.read(sql`select ${COLUMNS} from teams saved where ${isIt(ctx, input.id)}`);
  if (!rows[0]) throw noSuchGroup();
  return present(ctx, rows[0]);
}

async function requireGroupVersion(ctx: IdentityContext, input: { id: string } & Conditions): Promise<void> {
  if (input.ifMatch !== undefined) requireVersion(input, await getGroup(ctx, input));
}

/** Creates a team without roles: `/teams` assigns them. */
export async function createGroup(ctx: IdentityContext, input: { group: unknown }) {
  requirePermission(ctx, "sso:write");
  const { displayName, externalId, members } = readInput(GroupInput, readResource(GROUPS, input.group));
  const id = newId("tea", ctx.now().getTime());
  const made = sql`saved as (insert into teams (tenant_id, id, name, external_id, created_by)
    select ${ctx.tenantId}::uuid, ${id}, ${displayName}, ${externalId ?? null}::text, ${ctx.actor.id}
    where ${noneMissing(ctx, ids(members))} returning *)`;
  return write(ctx, id, made, { isWhole: true, add: ids(members), remove: [] }, "created");
}

/** Replaces a team's name and members. */
export async function replaceGroup(ctx: IdentityContext, input: { id: string; group: unknown } & Conditions) {
  requirePermission(ctx, "sso:write");
  await requireGroupVersion(ctx, input);
  const { displayName, externalId, members } = readInput(GroupInput, readResource(GROUPS, input.group));
  return change(ctx, input.id, {
    name: displayName,
    externalId: externalId ?? null,
    isWhole: true,
    add: ids(members),
    remove: [],
  });
}

/**
 * Changes a team's name or members; tokens of who comes or goes are refused, and their next ones have
 * the new roles.
 */
export async function patchGroup(ctx: IdentityContext, input: { id: string; patch: unknown } & Conditions) {
  requirePermission(ctx, "sso:write");
  const wanted = readGroupPatch(readPatch(input.patch));
  await requireGroupVersion(ctx, input);
  return change(ctx, input.id, wanted);
}

/** Takes a team away; its members stay members. */
export async function deleteGroup(ctx: IdentityContext, input: { id: string } & Conditions): Promise<void> {
  requirePermission(ctx, "sso:write");
  await requireGroupVersion(ctx, input);
  const { results } = await ctx.db.run([
    sql`select to_jsonb(saved.roles) from teams saved where ${isIt(ctx, input.id)}`,
    sql`with holders as (select person_id from team_members where tenant_id = ${ctx.tenantId}::uuid
      and team_id = ${input.id}),
      saved as (delete from teams saved where ${isIt(ctx, input.id)} and ${mayFill(ctx)} returning saved.*),
      barred as (select person_id from holders where exists (select 1 from saved)),
      ${refuseTokens(ctx, sql`barred`)}, ${recordGroup(ctx, "deleted")}
        select (select id::text from event_row) from saved`,
  ]);
  if (results[0]!.length === 0) throw noSuchGroup();
  if (!results[1]![0]) throw refusal(ctx, results[0]![0]![0]);
  ctx.outbox.poke(ctx.tenantId, [results[1]![0][0] as string]);
}

function refusal(ctx: IdentityContext, roles: unknown): AppError {
  if (!(roles as string[]).includes("owner")) requireHeldRoles(ctx, roles as string[]);
  return ownersOnly();
}

function change(ctx: IdentityContext, id: string, wanted: GroupChange) {
  const saved = sql`saved as (update teams saved
    set name = coalesce(${wanted.name ?? null}::text, saved.name),
      external_id = case when ${String(wanted.externalId !== undefined)}::boolean then
        ${wanted.externalId ?? null}::text else saved.external_id end
    where ${isIt(ctx, id)} and ${mayFill(ctx)} and ${noneMissing(ctx, wanted.add)} returning saved.*)`;
  return write(ctx, id, saved, wanted, "updated");
}

async function write(
  ctx: IdentityContext,
  id: string,
  saved: SQL,
  { isWhole, add, remove }: GroupChange,
  event: "created" | "updated",
) {
  const mine = sql`tenant_id = ${ctx.tenantId}::uuid`;
  const { results } = await ctx.db.run([
    sql`select ${missing(ctx, add)}, (select to_jsonb(saved.roles) from teams saved where ${isIt(ctx, id)})`,
    sql`with ${saved},
      gone as (delete from team_members where ${mine} and team_id in (select id from saved)
        and (person_id in ${among(remove)}
        or (${String(isWhole)}::boolean and person_id not in ${among(add)})) returning person_id),
      come as (insert into team_members (tenant_id, team_id, person_id)
        select ${ctx.tenantId}::uuid, saved.id, wanted.value
        from saved, jsonb_array_elements_text(${JSON.stringify(add)}::jsonb) wanted on conflict do nothing
        returning person_id),
      moved as (select person_id from gone union select person_id from come),
      ${refuseTokens(ctx, sql`moved`)}, ${recordGroup(ctx, event)} select (select id::text from event_row)
        from saved`,
    sql`select ${COLUMNS} from teams saved where ${isIt(ctx, id)}`,
  ]);
  const [unknown, roles] = results[0]![0]! as [string[], string[] | null];
  if (event === "updated" && roles === null) throw noSuchGroup();
  if (unknown.length > 0) throw badValue(`members: there is no user ${unknown.slice(0, 5).join(", ")}`);
  if (!results[1]![0]) throw refusal(ctx, roles);
  ctx.outbox.poke(ctx.tenantId, [results[1]![0][0] as string]);
  return present(ctx, results[2]![0]!);
}

/**
 * Who is in a team has its roles: those of who provisions must hold them, and no provisioning makes
 * owners.
 */
const mayFill = (ctx: IdentityContext): SQL =>
  sql`${heldRolesSql(ctx, sql`saved.roles`)} and not 'owner' = any (saved.roles)`;

const among = (values: readonly string[]): SQL =>
  sql`(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))`;
const missing = (
  ctx: IdentityContext,
  values: readonly string[],
): SQL => sql`(select coalesce(jsonb_agg(wanted), '[]')
  from jsonb_array_elements_text(${JSON.stringify(values)}::jsonb) wanted
  where not exists (select 1 from members member
    where member.tenant_id = ${ctx.tenantId}::uuid and member.person_id = wanted
    and ${withinReach(ctx, sql`member`)}))`;
const noneMissing = (ctx: IdentityContext, values: readonly string[]): SQL =>
  sql`${missing(ctx, values)} = '[]'`;
const ids = (members: { value: string }[] | null | undefined) => [
  ...new Set(members?.map(({ value }) => value)),
];

function present(ctx: IdentityContext, row: Row) {
  const [id, displayName, externalId, created, lastModified, members] = row as [
    string,
    string,
    string | null,
    string,
    string,
    unknown[] | null,
  ];
  return versioned({
    schemas: [GROUP],
    id,
    displayName,
    ...(externalId === null ? {} : { externalId }),
    ...(members === null ? {} : { members }),
    meta: {
      resourceType: "Group",
      created,
      lastModified,
      location: `${ctx.site.issuer}/scim/v2/Groups/${id}`,
    },
  });
}

const noSuchGroup = () => notFound("scim/no-such-group", "There is no such group.");
