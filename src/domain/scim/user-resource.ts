import { sql } from "drizzle-orm";
import type { Row } from "../../core/context.ts";
import { notFound } from "../../core/errors.ts";
import type { IdentityContext } from "../../core/identity-context.ts";
import { USER } from "./schemas.ts";

/** The columns that `presentUser` reads, over an alias `member`. */
export const USER_COLUMNS =
  sql.raw(`member.person_id, member.email, member.name, member.external_id, member.suspended_at is null, cms_iso(member.created_at),
  (select coalesce(jsonb_agg(jsonb_build_object('value', team.id, 'display', team.name) order by team.name), '[]')
    from team_members of_team join teams team on team.tenant_id = of_team.tenant_id and team.id = of_team.team_id
    where of_team.tenant_id = member.tenant_id and of_team.person_id = member.person_id)`);

/** A member as a SCIM user. */
export function presentUser(ctx: IdentityContext, row: Row) {
  const [id, email, name, externalId, active, created, groups] = row as [
    string,
    string,
    string,
    string | null,
    boolean,
    string,
    unknown[],
  ];
  const { given, family } = partsOf(name);
  return {
    schemas: [USER],
    id,
    userName: email,
    ...(externalId === null ? {} : { externalId }),
    displayName: name || email,
    name: { formatted: name, givenName: given, familyName: family },
    emails: [{ value: email, primary: true, type: "work" }],
    active,
    groups,
    meta: { resourceType: "User", created, location: `${ctx.door.issuer}/scim/v2/Users/${id}` },
  };
}

export type UserResource = ReturnType<typeof presentUser>;

/** A name's last word, and what comes before it. */
export function partsOf(name: string): { given: string; family: string } {
  const at = name.trim().lastIndexOf(" ");
  return at === -1
    ? { given: name.trim(), family: "" }
    : { given: name.slice(0, at).trim(), family: name.slice(at + 1) };
}

export const noSuchUser = () => notFound("scim/no-such-user", "There is no such user.");
