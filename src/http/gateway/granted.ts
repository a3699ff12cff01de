import { asciiJson } from "../../core/ascii-json.ts";
import type { Actor, EdgeContext } from "../../core/context.ts";
import { AppError } from "../../core/errors.ts";
import { customGrants, grantsIn, grantsWholly, type Grant } from "../../core/grants.ts";
import type { TenantSnapshot } from "../../core/snapshot.ts";
import { scopesGrant, type Permission, type Scope } from "../../core/permissions.ts";
import type { CachedSnapshot } from "../../platform/edge/snapshots.ts";

const MAX_HEADER_BYTES = 56_000;
const MAX_ROLES = 50;
const MAX_ATTRIBUTES = 50;
/** What the shared answers of the edge show. */
const SHOWN: Permission[] = ["content:read", "types:read", "assets:read"];

/**
 * Whether the caller may read exactly all published content, and so shares responses; others get their
 * own.
 */
export function sharesAnswers(scopes: readonly Scope[], grants: readonly Grant[] | undefined): boolean {
  return SHOWN.every(
    (one) => scopesGrant(scopes, one) && (grants === undefined || grantsWholly(grants, one)),
  );
}

/** The actor of a credential as an environment's grants have it. */
export function actorIn(
  { actor, cached }: { actor: Actor; cached: CachedSnapshot },
  environmentId: string,
): Actor {
  if (actor.grants === undefined) return actor;
  const { environments } = cached.snapshot;
  const isNamed = (name: string) => environments.some((one) => one.name === name && one.id === environmentId);
  const grants = grantsIn(actor.grants, isNamed);
  const { grants: _, ...rest } = actor;
  return grants === undefined ? rest : { ...rest, grants };
}

/** Looks up what a role of the tenant's own grants. */
export const customIn =
  ({ roles = [], policies = {} }: TenantSnapshot) =>
  (name: string) =>
    customGrants(roles, policies, name);

/**
 * The claim `roles` of a JWT: absent for no limit beyond the scopes; whatever is no list of names
 * grants nothing.
 */
export function rolesOf(claim: unknown): string[] | undefined {
  if (claim === undefined) return undefined;
  if (!Array.isArray(claim)) return [];
  return [
    ...new Set(claim.filter((one): one is string => typeof one === "string" && one.length <= 63)),
  ].slice(0, MAX_ROLES);
}

/** The claim `attributes` of a JWT, without what no condition could compare with. */
export function attributesOf(claim: unknown): Actor["attributes"] {
  if (typeof claim !== "object" || claim === null || Array.isArray(claim)) return undefined;
  const isPlain = (value: unknown) =>
    ["string", "number", "boolean"].includes(typeof value) ||
    (Array.isArray(value) && value.every((one) => typeof one === "string"));
  const kept = Object.entries(claim).filter(([name, value]) => /^[\w-]{1,63}$/.test(name) && isPlain(value));
  return Object.fromEntries(kept.slice(0, MAX_ATTRIBUTES)) as NonNullable<Actor["attributes"]>;
}

/** The context as a header: ASCII, and no longer than a Worker takes. */
export function contextHeader(context: EdgeContext): string {
  const header = asciiJson(context);
  if (header.length <= MAX_HEADER_BYTES) return header;
  throw new AppError(
    "FORBIDDEN",
    "access/too-many-grants",
    "Your roles have too many grants for a request: use fewer roles, or shorter policies.",
  );
}
