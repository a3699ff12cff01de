import { sql } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { notFound } from "../../../core/errors.ts";
import type { Member } from "./schemas.ts";

/** The columns that `presentMember` reads, over an alias `member`. */
export const MEMBER_COLUMNS = sql.raw(`member.person_id, member.email, member.name, to_jsonb(member.roles),
  (select coalesce(jsonb_agg(jsonb_build_object('id', team.id, 'name', team.name, 'roles', team.roles)
      order by team.name), '[]')
    from team_members of_team join teams team on team.tenant_id = of_team.tenant_id and team.id = of_team.team_id
    where of_team.tenant_id = member.tenant_id and of_team.person_id = member.person_id),
  member.source, member.suspended_at is not null, cms_iso(member.created_at)`);

/** The people of the tenant, sorted by name. */
export async function listMembers(ctx: Context): Promise<Member[]> {
  const { rows } = await ctx.db.read(sql`select ${MEMBER_COLUMNS} from members member
    where member.tenant_id = ${ctx.tenantId}::uuid order by member.name, member.email, member.person_id`);
  return rows.map(presentMember);
}

/** One member; NOT_FOUND for who is none. */
export async function getMember(ctx: Context, input: { id: string }): Promise<Member> {
  const { rows } = await ctx.db.read(sql`select ${MEMBER_COLUMNS} from members member
    where member.tenant_id = ${ctx.tenantId}::uuid and member.person_id = ${input.id}`);
  if (!rows[0]) throw noSuchMember(input.id);
  return presentMember(rows[0]);
}

export function presentMember(row: Row): Member {
  const [id, email, name, roles, teams, source, suspended, created_at] = row;
  return { id, email, name, roles, teams, source, suspended, created_at } as Member;
}

export const noSuchMember = (id: string) =>
  notFound("members/no-such-member", `There is no member "${id.slice(0, 64)}".`);
