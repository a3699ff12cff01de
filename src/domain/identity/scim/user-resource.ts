import { sql, type SQL } from "drizzle-orm";
import type { Row } from "../../../core/context.ts";
import { notFound } from "../../../core/errors.ts";
import type { IdentityContext } from "../../../core/identity-context.ts";
import { plainLine } from "../../../core/plain-name.ts";
import { ENTERPRISE, KEPT_NAMES, USER, USERS } from "./attributes.ts";
import type { Sources } from "./filter-sql.ts";
import type { Kept } from "./read-resource.ts";
import { versioned } from "./versions.ts";

const GROUPS_OF = `(select coalesce(jsonb_agg(jsonb_build_object('value', team.id, 'display', team.name)
      order by team.name, team.id), '[]')
    from team_members of_team join teams team on team.tenant_id = of_team.tenant_id and team.id = of_team.team_id
    where of_team.tenant_id = member.tenant_id and of_team.person_id = member.person_id)`;
const EMAILS_OF = `coalesce(member.scim -> 'emails',
  jsonb_build_array(jsonb_build_object('value', member.email, 'type', 'work', 'primary', true)))`;
/** Members whom no directory described yet have one name, whose last word is the family's. */
const NAME_OF = `case when member.scim = '{}' then jsonb_build_object('formatted', member.name,
    'givenName', case when position(' ' in member.name) = 0 then member.name else regexp_replace(member.name, ' [^ ]*$', '') end,
    'familyName', case when position(' ' in member.name) = 0 then '' else substring(member.name from '[^ ]*$') end)
  else coalesce(member.scim -> 'name', '{}')
    || jsonb_build_object('formatted', coalesce(member.scim #>> '{name,formatted}', member.name)) end`;

/** The columns that `presentUser` reads, over an alias `member`. */
export const USER_COLUMNS =
  sql.raw(`member.person_id, member.email, member.name, member.external_id, member.suspended_at is null, cms_iso(member.created_at),
  cms_iso(coalesce(member.changed_at, member.created_at)), ${GROUPS_OF}, member.scim`);

/** The columns that filters use. */
export const USER_SOURCES: Sources = {
  schema: USERS,
  columns: new Map<string, { value: SQL; isLower?: boolean }>([
    ["id", { value: sql`member.person_id` }],
    ["userName", { value: sql`member.email`, isLower: true }],
    ["externalId", { value: sql`member.external_id` }],
    ["active", { value: sql`(member.suspended_at is null)` }],
    [
      "displayName",
      { value: sql`coalesce(member.scim ->> 'displayName', nullif(member.name, ''), member.email)` },
    ],
    ["meta.created", { value: sql`member.created_at` }],
    ["meta.lastModified", { value: sql`coalesce(member.changed_at, member.created_at)` }],
  ]),
  json(name) {
    if (name === "emails") return sql.raw(`(${EMAILS_OF})`);
    if (name === "groups") return sql.raw(GROUPS_OF);
    if (name === "name") return sql.raw(`(${NAME_OF})`);
    return KEPT_NAMES.has(name) || name === ENTERPRISE ? sql`(member.scim -> ${name}::text)` : undefined;
  },
};

/** What `readUserRow` finds in a row of `USER_COLUMNS`. */
export type UserRow = {
  id: string;
  email: string;
  name: string;
  externalId: string | null;
  active: boolean;
  created: string;
  changed: string;
  groups: unknown[];
  kept: Kept;
};

export function readUserRow(row: Row): UserRow {
  const [id, email, name, externalId, active, created, changed, groups, kept] = row;
  return { id, email, name, externalId, active, created, changed, groups, kept } as UserRow;
}

/** What was given of a user, for operations to change. */
export function givenOf({ email, name, externalId, active, kept }: UserRow): Kept {
  const known = Object.keys(kept).length > 0 ? kept : { name: partsOf(name) };
  return { userName: email, ...(externalId === null ? {} : { externalId }), active, ...known };
}

/** A member as a SCIM user: the provisioned values, and derived ones where there are none. */
export function presentUser(ctx: IdentityContext, row: Row) {
  const { id, email, name, externalId, active, created, changed, groups, kept } = readUserRow(row);
  const isDescribed = Object.keys(kept).length > 0;
  const given = (kept["name"] ?? (isDescribed ? {} : partsOf(name))) as Kept;
  return versioned({
    schemas: [USER, ...(kept[ENTERPRISE] === undefined ? [] : [ENTERPRISE])],
    id,
    userName: email,
    ...(externalId === null ? {} : { externalId }),
    displayName: name || email,
    ...kept,
    name: { ...given, formatted: (given["formatted"] as string | undefined) ?? name },
    emails: kept["emails"] ?? [{ value: email, primary: true, type: "work" }],
    active,
    groups,
    meta: {
      resourceType: "User",
      created,
      lastModified: changed,
      location: `${ctx.site.issuer}/scim/v2/Users/${id}`,
    },
  });
}

export type UserResource = ReturnType<typeof presentUser>;

/**
 * The one name that members have elsewhere: the formatted one, its parts in their order, or the one to
 * be shown.
 */
export function nameOf(kept: Kept): string {
  const name = (kept["name"] ?? {}) as Record<string, string | undefined>;
  const parts = ["honorificPrefix", "givenName", "middleName", "familyName", "honorificSuffix"];
  const joined = parts.flatMap((part) => name[part]?.trim() || []).join(" ");
  return plainLine(name["formatted"]?.trim() || joined || (kept["displayName"] as string | undefined) || "");
}

/** A name's last word, and what comes before it. */
function partsOf(name: string): Kept {
  const at = name.trim().lastIndexOf(" ");
  return at === -1
    ? { givenName: name.trim(), familyName: "" }
    : { givenName: name.slice(0, at).trim(), familyName: name.slice(at + 1) };
}

export const noSuchUser = () => notFound("scim/no-such-user", "There is no such user.");
