import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../core/context.ts";
import { AppError, invalid } from "../../core/errors.ts";
import { BUILT_IN_ROLES } from "../../core/grants.ts";
import { didYouMean } from "../../core/nearest.ts";

/**
 * Throws FORBIDDEN `access/more-than-yours` when somebody gives, or takes away, a role that is more than they have: one that
 * is not their own when roles narrow them, and any when their scopes do not hold everything.
 */
export function requireHeldRoles(ctx: Context, roles: readonly string[]): void {
  const { grants, scopes, roles: own = [] } = ctx.actor;
  const mayGive = (role: string) => scopes.includes("admin") && (grants === undefined || own.includes(role));
  const missing = roles.find((role) => !mayGive(role));
  if (missing === undefined) return;
  throw new AppError(
    "FORBIDDEN",
    "access/more-than-yours",
    `The role "${missing.slice(0, 63)}" is more than you have: you cannot give it, or change who has it.`,
  );
}

/** The CTE `unknown_roles`, whose `list` names the roles that are none; null when all are. */
export const unknownRolesCte = (ctx: Context, roles: readonly string[]): SQL =>
  sql`unknown_roles as (select jsonb_agg(wanted.name) as list from jsonb_array_elements_text(${JSON.stringify(
    roles.filter((role) => !Object.hasOwn(BUILT_IN_ROLES, role)),
  )}::jsonb) wanted (name) where not exists (select 1 from roles where tenant_id = ${ctx.tenantId}::uuid and roles.name = wanted.name))`;

/** Throws INVALID `access/unknown-role` unless the CTE's `list` is null. */
export function requireKnownRoles(list: unknown): void {
  if (list === null) return;
  const unknown = list as string[];
  throw invalid(
    "access/unknown-role",
    `There is no role "${unknown[0]!.slice(0, 63)}".`,
    unknown.map((role) => ({
      path: "roles",
      message: `"${role.slice(0, 63)}" is no role.${didYouMean(role, Object.keys(BUILT_IN_ROLES))}`,
    })),
  );
}
