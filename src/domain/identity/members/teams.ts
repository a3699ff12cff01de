import { sql } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { AppError, notFound } from "../../../core/errors.ts";
import { newId } from "../../../core/ids.ts";
import {
  heldRolesSql,
  requireHeldRoles,
  requireKnownRoles,
  unknownRolesCte,
} from "../../tenant/access/index.ts";
import { record } from "../../tenant/events/index.ts";
import { refuseTokens, withdrawInvitations } from "./guards.ts";
import type { NewTeam, Team, TeamChange } from "./schemas.ts";
import { noSuchMember } from "./read-members.ts";
import { textArray } from "../../../db/text-array.ts";

const COLUMNS = sql.raw(`saved.id, saved.name, to_jsonb(saved.roles),
  (select coalesce(jsonb_agg(person_id order by person_id), '[]') from team_members
    where tenant_id = saved.tenant_id and team_id = saved.id), cms_iso(saved.created_at)`);
const isIt = (ctx: Context, id: string) => sql`saved.tenant_id = ${ctx.tenantId}::uuid and saved.id = ${id}`;
const recordTeam = (ctx: Context, event: "team.created" | "team.updated" | "team.deleted") =>
  record(ctx, {
    event,
    from: sql`saved`,
    subject: sql`'team:' || saved.id`,
    payload: sql`jsonb_build_object('id', saved.id)`,
    meta: sql`jsonb_build_object('roles', saved.roles)`,
    personal: { data: sql`jsonb_build_object('name', saved.name)` },
  });

/** The tenant's teams with their members' ids, by name. */
export async function listTeams(ctx: Context): Promise<Team[]> {
  const { rows } = await ctx.db.read(
    sql`select ${COLUMNS} from teams saved where saved.tenant_id = ${ctx.tenantId}::uuid
      order by saved.name`,
  );
  return rows.map(present);
}

/** Makes a team. Throws CONFLICT `members/team-name-taken`. */
export async function createTeam(ctx: Context, input: { team: NewTeam }): Promise<Team> {
  const { name, roles } = input.team;
  requireHeldRoles(ctx, roles);
  const { results } = await ctx.db.run([
    sql`with ${unknownRolesCte(ctx, roles)}, saved
      as (insert into teams (tenant_id, id, name, roles, created_by)
        select ${ctx.tenantId}::uuid, ${newId("tea", ctx.now().getTime())}, ${name}, ${textArray(roles)},
          ${ctx.actor.id}
        from unknown_roles where unknown_roles.list is null returning *),
      ${recordTeam(ctx, "team.created")} select unknown_roles.list, (select id::text from event_row),
        ${COLUMNS} from unknown_roles left join saved on true`,
  ]);
  const [unknown, ...row] = results[0]![0]!;
  requireKnownRoles(unknown);
  return told(ctx, row);
}

/**
 * Changes a team's name or roles; what its members hold is refused, and their next tokens have the new
 * roles.
 */
export async function updateTeam(ctx: Context, input: { id: string; change: TeamChange }): Promise<Team> {
  const { change } = input;
  requireHeldRoles(ctx, change.roles ?? []);
  const { results } = await ctx.db.run([
    sql`with ${unknownRolesCte(ctx, change.roles ?? [])}
      select list, (select to_jsonb(saved.roles) from teams saved where ${isIt(ctx, input.id)})
      from unknown_roles`,
    sql`with ${unknownRolesCte(ctx, change.roles ?? [])}, saved as (update teams saved
      set name = coalesce(${change.name ?? null}::text, saved.name),
        roles = ${change.roles ? textArray(change.roles) : sql`saved.roles`}
        where ${isIt(ctx, input.id)} and (select list from unknown_roles) is null
        and ${change.roles ? heldRolesSql(ctx, sql`saved.roles`) : sql`true`} returning saved.*),
      holders as (select person_id from team_members where tenant_id = ${ctx.tenantId}::uuid
        and team_id in (select id from saved)),
      ${refuseTokens(ctx, sql`holders`)}, ${change.roles ? sql`${withdrawInvitations(ctx, sql`holders`)},` : sql``} ${recordTeam(ctx, "team.updated")} select (select id::text from event_row), ${COLUMNS} from saved`,
  ]);
  const [unknown, before] = results[0]![0]!;
  requireKnownRoles(unknown);
  if (before === null) throw noSuchTeam(input.id);
  if (!results[1]![0]) throw refusal(ctx, before);
  return told(ctx, results[1]![0]);
}

/** Takes a team away; its members stay members. */
export async function deleteTeam(ctx: Context, input: { id: string }): Promise<void> {
  const { results } = await ctx.db.run([
    sql`select to_jsonb(saved.roles) from teams saved where ${isIt(ctx, input.id)}`,
    sql`with holders as (select person_id from team_members where tenant_id = ${ctx.tenantId}::uuid
      and team_id = ${input.id}),
      saved as (delete from teams saved where ${isIt(ctx, input.id)}
        and ${heldRolesSql(ctx, sql`saved.roles`)} returning saved.*),
      barred as (select person_id from holders where exists (select 1 from saved)),
      ${refuseTokens(ctx, sql`barred`)}, ${withdrawInvitations(ctx, sql`barred`)},
        ${recordTeam(ctx, "team.deleted")} select (select id::text from event_row) from saved`,
  ]);
  if (!results[0]![0]) throw noSuchTeam(input.id);
  if (!results[1]![0]) throw refusal(ctx, results[0]![0][0]);
  ctx.outbox.poke(ctx.tenantId, [results[1]![0][0] as string]);
}

/** Puts a member into a team; nothing happens when they are in it. */
export async function addToTeam(ctx: Context, input: { id: string; person: string }): Promise<void> {
  await changeMembership(
    ctx,
    input,
    sql`changed as (insert into team_members (tenant_id, team_id, person_id)
      select ${ctx.tenantId}::uuid, saved.id, member.person_id from saved, member
      on conflict do nothing returning person_id)`,
  );
}

/** Takes a member out of a team; nothing happens when they are not in it. */
export async function removeFromTeam(ctx: Context, input: { id: string; person: string }): Promise<void> {
  await changeMembership(
    ctx,
    input,
    sql`changed as (delete from team_members where tenant_id = ${ctx.tenantId}::uuid
      and team_id = ${input.id} and person_id in (select person_id from member) returning person_id),
      ${withdrawInvitations(ctx, sql`changed`)}`,
  );
}

async function changeMembership(
  ctx: Context,
  input: { id: string; person: string },
  changed: ReturnType<typeof sql>,
): Promise<void> {
  const { results } = await ctx.db.run([
    sql`select to_jsonb(saved.roles), exists (select 1 from members where tenant_id = ${ctx.tenantId}::uuid
      and person_id = ${input.person})
      from teams saved where ${isIt(ctx, input.id)}`,
    sql`with saved as (select * from teams saved where ${isIt(ctx, input.id)}
      and ${heldRolesSql(ctx, sql`saved.roles`)}),
      member as (select person_id from members where tenant_id = ${ctx.tenantId}::uuid
        and person_id = ${input.person} and exists (select 1 from saved)),
      ${changed}, ${refuseTokens(ctx, sql`changed`)},
      told as (select saved.* from saved where exists (select 1 from changed)),
      ${record(ctx, {
        event: "team.updated",
        from: sql`told`,
        subject: sql`'team:' || told.id`,
        payload: sql`jsonb_build_object('id', told.id)`,
        meta: sql`jsonb_build_object('person', ${input.person}::text)`,
      })}
      select (select id::text from event_row)`,
  ]);
  const before = results[0]![0];
  if (!before) throw noSuchTeam(input.id);
  requireHeldRoles(ctx, before[0] as string[]);
  if (before[1] !== true) throw noSuchMember(input.person);
  const outboxId = results[1]![0]![0] as string | null;
  if (outboxId !== null) ctx.outbox.poke(ctx.tenantId, [outboxId]);
}

/** What keeps the actor from touching a team with these roles; who changed it meanwhile, if nothing does. */
function refusal(ctx: Context, roles: unknown): AppError {
  requireHeldRoles(ctx, roles as string[]);
  return new AppError(
    "CONFLICT",
    "members/team-changed",
    "The team was changed concurrently: read it again.",
  );
}

function told(ctx: Context, [outboxId, ...row]: Row): Team {
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return present(row);
}

function present(row: Row): Team {
  const [id, name, roles, members, created_at] = row;
  return { id, name, roles, members, created_at } as Team;
}

const noSuchTeam = (id: string) => notFound("members/no-such-team", `There is no team "${id.slice(0, 64)}".`);
