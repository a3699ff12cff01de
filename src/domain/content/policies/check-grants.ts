import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid, type ErrorDetail } from "../../../core/errors.ts";
import { coversAction, type Grant } from "../../../core/grants.ts";
import { addDetail } from "../../../core/nearest.ts";
import { PERMISSIONS, scopesGrant } from "../../../core/permissions.ts";
import { sameValue } from "../../../core/same-value.ts";
import { conditionOf, covers, fieldsNow } from "../grants/index.ts";
import { findPlace, placesOf, type CompiledType, type EnvironmentSchema } from "../types/index.ts";
import { ACTIONS, type NewGrant } from "./schemas.ts";

const MAX_BYTES = 16_384;

/**
 * Grants with ids, checked by the content types of the environment; throws INVALID that names every
 * path.
 */
export function checkGrants(
  schema: EnvironmentSchema,
  given: readonly NewGrant[],
): (NewGrant & { id: string })[] {
  const issues: ErrorDetail[] = [];
  const grants = given.map((grant, i) => ({ ...grant, id: grant.id ?? `grant-${i + 1}` }));
  if (new TextEncoder().encode(JSON.stringify(grants)).length > MAX_BYTES)
    throw invalid("access/invalid-policy", "The policy is not valid: its grants are too large.", [
      { path: "grants", message: `must be at most ${MAX_BYTES} bytes of JSON` },
    ]);
  grants.forEach((grant, i) => {
    const at = `grants[${i}]`;
    if (grants.findIndex(({ id }) => id === grant.id) !== i)
      issues.push({ path: `${at}.id`, message: `"${grant.id}" is used twice` });
    known(grant.actions, ACTIONS, `${at}.actions`, "is not an action.", issues);
    known(
      grant.types,
      [...schema.types.keys()],
      `${at}.types`,
      "is not a content type of this environment.",
      issues,
    );
    known(
      grant.locales,
      [...schema.chains.keys()],
      `${at}.locales`,
      "is not a locale of this environment.",
      issues,
    );
    checkContent(schema, grant, at, issues);
  });
  if (issues.length > 0)
    throw invalid(
      "access/invalid-policy",
      `The policy is not valid: ${issues[0]!.path} ${issues[0]!.message}`.replace(
        /[.?]?$/,
        (end) => end || ".",
      ),
      issues,
    );
  return grants;
}

function known(
  given: readonly string[] | undefined,
  valid: readonly string[],
  path: string,
  message: string,
  issues: ErrorDetail[],
): void {
  given?.forEach((one, i) => {
    if (!valid.includes(one))
      addDetail(issues, `${path}[${i}]`, message, { written: one, valid: () => valid });
  });
}

function checkContent(schema: EnvironmentSchema, grant: NewGrant, at: string, issues: ErrorDetail[]): void {
  const isNarrowed = grant.types ?? grant.locales ?? grant.fields ?? grant.conditions;
  const isAboutContent = grant.actions.some((one) => one === "*" || one.startsWith("content:"));
  if (isNarrowed && !isAboutContent)
    issues.push({
      path: at,
      message: "has types, locales, fields or conditions, which only content actions allow",
    });
  const types = grant.types
    ? grant.types.flatMap((id) => schema.types.get(id) ?? [])
    : [...schema.types.values()];
  grant.fields?.forEach((field, i) => {
    const isIn = (type: CompiledType) =>
      fieldsNow(type, [field]).some((name) => findPlace(type.definition.fields, name));
    if (types.some(isIn)) return;
    const valid = () => new Set(types.flatMap((type) => placesOf(type.definition.fields)));
    const message = `names no field of ${describe(types, grant)}.`;
    addDetail(issues, `${at}.fields[${i}]`, message, { written: field, valid });
  });
  if (grant.conditions) checkConditions(types, grant, at, issues);
}

/**
 * Each type that is named must have what conditions ask for; of all types, one is enough: in the
 * others they hold never.
 */
function checkConditions(types: CompiledType[], grant: NewGrant, at: string, issues: ErrorDetail[]): void {
  let wrong: ErrorDetail[] | undefined;
  for (const type of types) {
    const found: ErrorDetail[] = [];
    conditionOf(type, grant.conditions!, undefined, found, wrong === undefined);
    if (found.length === 0 && !grant.types) return;
    if (found.length > 0) wrong ??= found;
    if (wrong && grant.types) break;
  }
  if (!wrong) return;
  issues.push(
    ...wrong.map(({ path, message }) => ({
      path: `${at}.conditions${path.replace(/^filter/, "")}`,
      message,
    })),
  );
}

const describe = (types: CompiledType[], grant: NewGrant) =>
  grant.types ? types.map(({ id }) => id).join(" or ") || "these types" : "any content type";

/**
 * Throws FORBIDDEN unless the actor holds what the grants allow: nobody gives what they do not have.
 * Who nothing narrows holds what their scopes hold.
 */
export function requireHolding(ctx: Context, grants: readonly Grant[]): void {
  for (const grant of grants) {
    if (grant.effect === "deny" || holdsGrant(ctx, grant)) continue;
    throw new AppError(
      "FORBIDDEN",
      "access/more-than-yours",
      `The grant ${grant.id} allows what you may not do yourself: you can only grant permissions that you have.`,
    );
  }
}

/** The grants of these policies. */
export async function grantsOfPolicies(ctx: Context, ids: readonly string[]): Promise<Grant[]> {
  const { rows } = await ctx.db.read(sql`select policy.grants from policies policy
    where policy.tenant_id = ${ctx.tenantId}::uuid and ${JSON.stringify(ids)}::jsonb ? policy.id`);
  return rows.flatMap(([grants]) => grants as Grant[]);
}

/**
 * Throws FORBIDDEN when who is narrowed would take away what some grants refuse: that gives what they
 * may not have themselves. `now` are the grants that take their place.
 */
export function requireKeptRefusals(
  ctx: Context,
  before: readonly Grant[],
  now: readonly Grant[] = [],
): void {
  if (ctx.actor.grants === undefined) return;
  const kept = new Set(now.map((grant) => JSON.stringify(essence(grant))));
  const lifted = before.find((one) => one.effect === "deny" && !kept.has(JSON.stringify(essence(one))));
  if (!lifted) return;
  throw new AppError(
    "FORBIDDEN",
    "access/more-than-yours",
    `The grant ${lifted.id} denies something: since your roles restrict you, you cannot remove it.`,
  );
}

const essence = ({ effect, actions, types, locales, environments, fields, conditions }: Grant) => [
  effect,
  [...actions].sort(),
  ...[types, locales, environments, fields].map((list) => list && [...list].sort()),
  conditions,
];

function holdsGrant({ actor }: Context, grant: Grant): boolean {
  return PERMISSIONS.filter((one) => coversAction(grant.actions, one)).every((permission) => {
    if (!scopesGrant(actor.scopes, permission)) return false;
    if (actor.grants === undefined) return true;
    const own = actor.grants.filter(({ actions }) => coversAction(actions, permission));
    if (own.some(({ effect }) => effect === "deny")) return false;
    if (actor.grants.some((one) => coversAction(one.refused_elsewhere ?? [], permission))) return false;
    return own.some(
      (one) =>
        isWithin(grant.types, one.types) &&
        one.except_types === undefined &&
        isWithin(grant.locales, one.locales) &&
        isWithin(grant.fields, one.fields, covers) &&
        isWithin(grant.environments, one.only_in) &&
        (one.conditions === undefined || sameValue(one.conditions, grant.conditions)),
    );
  });
}

/** Whether a list narrows at least as much as another; without one nothing is narrowed. */
const isWithin = (
  given: readonly string[] | undefined,
  own: readonly string[] | undefined,
  holds = (mine: string, one: string) => mine === one,
): boolean => own === undefined || (given?.every((one) => own.some((mine) => holds(mine, one))) ?? false);
