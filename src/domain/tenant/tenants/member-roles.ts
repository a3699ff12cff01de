import { sql, type SQL } from "drizzle-orm";

/** The same as an array. */
export const rolesArrayOf = (member: SQL): SQL =>
  sql`array(select jsonb_array_elements_text(${rolesOf(member)}))`;

/** The roles of a member row: their own and those of their teams, each once. */
export const rolesOf = (
  member: SQL,
): SQL => sql`(select coalesce(jsonb_agg(distinct role order by role), '[]') from (
  select unnest(${member}.roles) as role
  union select unnest(team.roles) from team_members of_team
    join teams team on team.tenant_id = of_team.tenant_id and team.id = of_team.team_id
    where of_team.tenant_id = ${member}.tenant_id and of_team.person_id = ${member}.person_id) held)`;
