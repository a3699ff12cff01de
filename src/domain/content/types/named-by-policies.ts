import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, type ErrorDetail } from "../../../core/errors.ts";
import type { Grant } from "../../../core/grants.ts";
import type { DefinitionChange, PlannedType } from "./plan-definitions.ts";

/**
 * Throws CONFLICT `types/named-by-policy` when values would move out of what policies speak of, or into
 * what they allow, also by a new id inside a component, or a type under an id by which they would speak of another one elsewhere. A
 * field that stays at the top may get another id, unless it was that of another: policies know its former ones. Answers the policies that
 * were looked at, as a text.
 */
export async function refuseNamedByPolicies(
  ctx: Context,
  { types, newIds }: Pick<DefinitionChange, "types" | "newIds">,
): Promise<string | undefined> {
  const asked = types.flatMap((type) => (type.reshape?.renames ?? []).flatMap((one) => askedOf(type, one)));
  if (asked.length + newIds.types.size === 0) return undefined;
  const [{ rows: read }, { rows }, { rows: elsewhere }] = await Promise.all([
    ctx.db.read(policiesNow(ctx)),
    ctx.db.read(sql`select policy.name, policy.grants from policies policy
      where policy.tenant_id = ${ctx.tenantId}::uuid order by policy.name`),
    ctx.db
      .read(sql`select id from jsonb_array_elements_text(${JSON.stringify([...newIds.types.keys()])}::jsonb)
      as wanted (id) where exists (select 1 from content_types other where other.tenant_id = ${ctx.tenantId}::uuid
        and other.environment_id <> ${ctx.environmentId}::uuid and other.id = wanted.id)`),
  ]);
  const details: ErrorDetail[] = [];
  for (const [to] of elsewhere as [string][])
    for (const [policy, grants] of rows as [string, Grant[]][])
      for (const { id, types: only = [], except_types: except = [] } of grants) {
        const lists = [only, except];
        if (!lists.some((list) => list.includes(newIds.types.get(to)!) && !list.includes(to))) continue;
        details.push({
          path: "rename_from",
          message: `is named by the grant ${id} of the policy "${policy}", and "${to}" is a type of another environment: name both there`,
        });
      }
  for (const { type, from, isBroken } of asked)
    for (const [policy, grants] of rows as [string, Grant[]][])
      for (const grant of grants) {
        const { id, types: only } = grant;
        if (only && !only.includes(newIds.types.get(type) ?? type)) continue;
        if (!isBroken(grant)) continue;
        details.push({
          path: `renames.${from}`,
          message: `is named by the grant ${id} of the policy "${policy}"`,
        });
      }
  if (details.length === 0) return read[0]![0] as string;
  throw new AppError(
    "CONFLICT",
    "types/named-by-policy",
    `Values would move out of what policies speak of, or into it: ${details[0]!.path} ${details[0]!.message}. Change the policy first.`,
    { details: details.slice(0, 50) },
  );
}

/** A text that differs once any policy of the tenant was changed. */
export const policiesNow = (
  ctx: Context,
): SQL => sql`select count(*) || ' ' || coalesce(sum(hashtextextended(grants::text, 0)), 0)
  from policies where tenant_id = ${ctx.tenantId}::uuid`;

/** `isBroken`: whether a grant would speak of other values than it does, or allow more of them. */
type Asked = { type: string; from: string; isBroken(grant: Grant): boolean };

function askedOf({ definition, before, reshape }: PlannedType, [from, to]: [string, string]): Asked[] {
  const top = from.split(".")[0]!;
  const newTop = to.split(".")[0]!;
  const isAtTop = from === top && to === newTop;
  const former = before?.definition.former ?? {};
  const names = new Set([top, ...Object.keys(former).filter((id) => former[id] === top)]);
  // A name that stood for another field until now.
  const isTaken =
    isAtTop &&
    !names.has(to) &&
    (Object.hasOwn(former, to) || (reshape?.renames ?? []).some(([other]) => other.split(".")[0] === to));
  const asNow = (name: string) => {
    const [first, ...inner] = name.split(".") as [string, ...string[]];
    return [names.has(first) ? top : first, ...inner].join(".");
  };
  const has = (name: string) => isWithin(from, asNow(name));
  const leaves = (name: string) =>
    !isAtTop && ((has(name) && !isWithin(to, asNow(name))) || asNow(name).startsWith(`${from}.`));
  const enters = (name: string) =>
    (isWithin(to, asNow(name)) || isWithin(asNow(name), to)) && !isWithin(asNow(name), from);
  const isBroken = ({ effect, fields = [], conditions }: Grant) => {
    const asked = keysOf(conditions).map((key) => key.split(".")[0]!);
    return (
      fields.some(leaves) ||
      (effect === "allow" && fields.some(enters) && !fields.some(has)) ||
      (isTaken && [...fields.map((name) => name.split(".")[0]!), ...asked].includes(to)) ||
      (!isAtTop && asked.some((key) => names.has(key) || key === newTop))
    );
  };
  return [{ type: definition.id, from, isBroken }];
}

/** Whether a path is that of a name, or inside it. */
const isWithin = (path: string, name: string): boolean => path === name || path.startsWith(`${name}.`);

/** All names in conditions, at every depth. */
function keysOf(given: unknown): string[] {
  if (typeof given !== "object" || given === null) return [];
  const own = Array.isArray(given) ? [] : Object.keys(given);
  return [...own, ...Object.values(given).flatMap(keysOf)];
}
