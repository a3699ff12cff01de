import { sql, type SQL } from "drizzle-orm";
import { AppError } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";

/** SCIM reaches members whose address lies in a domain that the tenant has verified, and nobody else. */
export const withinReach = (
  ctx: IdentityContext,
  member: SQL,
): SQL => sql`exists (select 1 from domains verified
  where verified.tenant_id = ${ctx.tenantId}::uuid and verified.verified_at is not null
  and verified.domain = split_part(${member}.email, '@', 2))`;

/** Whether somebody is an owner, by themselves or by a team. */
export const isOwner = (
  member: SQL,
): SQL => sql`('owner' = any (${member}.roles) or exists (select 1 from team_members of_team
  join teams team on team.tenant_id = of_team.tenant_id and team.id = of_team.team_id
  and 'owner' = any (team.roles)
  where of_team.tenant_id = ${member}.tenant_id and of_team.person_id = ${member}.person_id))`;

/** The refusal to touch what makes somebody an owner. */
export const ownersOnly = () =>
  new AppError("FORBIDDEN", "scim/owner", "Only owners can suspend, remove or add owners, not provisioning.");
