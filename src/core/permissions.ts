import type { Context } from "./context.ts";
import { AppError } from "./errors.ts";
import { grantsPermit } from "./grants.ts";
import { OF_TENANT, SCOPES, type Permission, type Scope } from "./permission-names.ts";

export { SCOPES, type Permission, type Scope };

const READ: Permission[] = ["content:read", "types:read", "assets:read", "environments:read"];
const WRITE: Permission[] = [
  ...READ,
  "content:read-draft",
  "content:write",
  "content:publish",
  "content:delete",
  "releases:read",
  "releases:write",
  "releases:publish",
  "assets:write",
];
/** Manages sign-in: members, connections, the audit log and access rules; no content. */
const SSO_ADMIN: Permission[] = [
  "tenant:read",
  "audit:read",
  "access:read",
  "members:read",
  "members:write",
  "sso:read",
  "sso:write",
];
const ADMIN: Permission[] = [...WRITE, "types:write", ...OF_TENANT];

const GRANTED: Record<Scope, ReadonlySet<Permission>> = {
  read: new Set(READ),
  write: new Set(WRITE),
  admin: new Set(ADMIN),
  sso_admin: new Set(SSO_ADMIN),
};

/** Every permission, in the order in which a person would list them. */
export const PERMISSIONS: readonly Permission[] = ADMIN;

/** Whether any of the scopes grants the permission. */
export function scopesGrant(scopes: readonly Scope[], permission: Permission): boolean {
  return scopes.some((scope) => GRANTED[scope].has(permission));
}

/** Throws FORBIDDEN unless the actor of `ctx` holds the permission: the first line of every verb. */
export function requirePermission(ctx: Pick<Context, "actor">, permission: Permission): void {
  if (ctx.actor.boundTo !== undefined && OF_TENANT.includes(permission))
    throw new AppError(
      "FORBIDDEN",
      "access/environment-bound",
      "This token is limited to one environment and cannot access what belongs to the whole tenant.",
    );
  const isInScope = scopesGrant(ctx.actor.scopes, permission);
  if (isInScope && (ctx.actor.grants === undefined || grantsPermit(ctx.actor.grants, permission))) return;
  if (isInScope)
    throw new AppError("FORBIDDEN", "access/not-granted", `None of your roles grants ${permission}.`, {
      headers: insufficientScope(),
    });
  const needed = SCOPES.find((scope) => GRANTED[scope].has(permission)) ?? "admin";
  throw new AppError(
    "FORBIDDEN",
    "access/scope-missing",
    `This needs the permission ${permission}: use a token with the scope "${needed}".`,
    { headers: insufficientScope(needed) },
  );
}

/** The challenge (RFC 6750) for a valid token without the permission; `scope` is the one that is needed. */
export const insufficientScope = (scope?: Scope): Record<string, string> => ({
  "www-authenticate": `Bearer realm="flowcms", error="insufficient_scope"${scope === undefined ? "" : `, scope="${scope}"`}`,
});
