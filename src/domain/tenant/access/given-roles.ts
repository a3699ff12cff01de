import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid } from "../../../core/errors.ts";
import { BUILT_IN_ROLES } from "../../../core/grants.ts";
import { didYouMean } from "../../../core/nearest.ts";
import { textArray } from "../../../db/text-array.ts";

/** Whether nothing narrows the actor, and their scopes hold everything. */
export const holdsEverything = ({ actor }: Context): boolean =>
  actor.scopes.includes("admin") && actor.grants === undefined;

/** Whether the actor may make or unmake owners: an owner, or a token of scope `admin` that has no role. */
export const mayChangeOwners = (ctx: Context): boolean =>
  holdsEverything(ctx) && (ctx.actor.roles === undefined || ctx.actor.roles.includes("owner"));

/** Throws FORBIDDEN unless the actor may make or unmake owners. */
export function requireOwner(ctx: Context): void {
  if (mayChangeOwners(ctx)) return;
  throw new AppError("FORBIDDEN", "members/owners-only", "Only an owner can add or change owners.");
}

/** The roles that the actor may give and take away, where it is not all but `owner`. */
const ownRoles = ({ actor }: Context): readonly string[] =>
  actor.scopes.includes("admin") ? (actor.roles ?? []) : [];

/**
 * Throws FORBIDDEN `access/more-than-yours` when somebody gives, or takes away, a role that is more
 * than they have: one that is not their own when roles narrow them, and any when their scopes do not
 * hold everything; `members/owners-only` for `owner`.
 */
export function requireHeldRoles(ctx: Context, roles: readonly string[]): void {
  if (roles.includes("owner")) requireOwner(ctx);
  if (holdsEverything(ctx)) return;
  const missing = roles.find((role) => !ownRoles(ctx).includes(role));
  if (missing !== undefined) throw moreThanYours(missing);
}

/** The same as a condition on an array of roles. */
export function heldRolesSql(ctx: Context, roles: SQL): SQL {
  if (!holdsEverything(ctx))
    return sql`(${roles} <@ ${textArray(ownRoles(ctx))} and not 'owner' = any (${roles}))`;
  return mayChangeOwners(ctx) ? sql`true` : sql`not 'owner' = any (${roles})`;
}

/**
 * The role of a token or client for which none was named: who holds everything and is no owner gives
 * `admin`, since without a role it could make owners. Null for no role.
 */
export const roleUnlessNamed = (ctx: Context): string | null =>
  holdsEverything(ctx) && !mayChangeOwners(ctx) ? "admin" : null;

export const moreThanYours = (role: string): AppError =>
  new AppError(
    "FORBIDDEN",
    "access/more-than-yours",
    `The role "${role.slice(0, 63)}" has permissions that you do not have: you cannot assign it or change members who have it.`,
  );

/** The CTE `unknown_roles`, whose `list` names the roles that are none; null when all are. */
export const unknownRolesCte = (ctx: Context, roles: readonly string[]): SQL =>
  sql`unknown_roles as (select jsonb_agg(wanted.name) as list
    from jsonb_array_elements_text(${JSON.stringify(
      roles.filter((role) => !Object.hasOwn(BUILT_IN_ROLES, role)),
    )}::jsonb) wanted (name) where not exists (select 1 from roles where tenant_id = ${ctx.tenantId}::uuid
    and roles.name = wanted.name))`;

/** Throws INVALID `access/unknown-role` unless the CTE's `list` is null. */
export function requireKnownRoles(list: unknown): void {
  if (list === null) return;
  const unknown = list as string[];
  throw invalid(
    "access/unknown-role",
    `There is no role "${unknown[0]!.slice(0, 63)}".`,
    unknown.map((role) => ({
      path: "roles",
      message: `"${role.slice(0, 63)}" is not a role.${didYouMean(role, Object.keys(BUILT_IN_ROLES))}`,
    })),
  );
}
