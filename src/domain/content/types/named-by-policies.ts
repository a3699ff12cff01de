import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, type ErrorDetail } from "../../../core/errors.ts";
import type { Grant } from "../../../core/grants.ts";
import type { DefinitionChange, PlannedType } from "./plan-definitions.ts";

/**
 * Throws CONFLICT `types/named-by-policy` when values would move out of what policies speak of, also by a
 * new id inside a component, or a type under an id by which they would speak of another one elsewhere. A
 * field that stays at the top may get another id: policies know its former ones. Answers the policies that
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
  for (const { type, from, names, leaves } of asked)
    for (const [policy, grants] of rows as [string, Grant[]][])
      for (const { id, types: only, fields = [], conditions } of grants) {
        if (only && !only.includes(newIds.types.get(type) ?? type)) continue;
        if (!fields.some(leaves) && !keysOf(conditions).some((key) => names.has(key.split(".")[0]!)))
          continue;
        details.push({
          path: `renames.${from}`,
          message: `is named by the grant ${id} of the policy "${policy}"`,
        });
      }
  if (details.length === 0) return read[0]![0] as string;
  throw new AppError(
    "CONFLICT",
    "types/named-by-policy",
    `Values would move away from what policies speak of: ${details[0]!.path} ${details[0]!.message}. Change the policy first.`,
    { details: details.slice(0, 50) },
  );
}

/** A text that differs once any policy of the tenant was changed. */
export const policiesNow = (
  ctx: Context,
): SQL => sql`select count(*) || ' ' || coalesce(sum(hashtextextended(grants::text, 0)), 0)
  from policies where tenant_id = ${ctx.tenantId}::uuid`;

/** `leaves`: whether the values would not be what that name of a field means any more. */
type Asked = { type: string; from: string; names: Set<string>; leaves(name: string): boolean };

function askedOf({ definition, before }: PlannedType, [from, to]: [string, string]): Asked[] {
  const [top, ...rest] = from.split(".") as [string, ...string[]];
  const newRest = to.split(".").slice(1);
  if (rest.length + newRest.length === 0) return [];
  const former = Object.entries(before?.definition.former ?? {}).filter(([, id]) => id === top);
  const names = new Set([top, ...former.map(([id]) => id)]);
  const leaves = (name: string) => {
    const [first, ...inner] = name.split(".") as [string, ...string[]];
    const named = [names.has(first) ? top : first, ...inner].join(".");
    const isIn = (path: string) => path === named || path.startsWith(`${named}.`);
    return (isIn(from) && !isIn(to)) || named.startsWith(`${from}.`);
  };
  return [{ type: definition.id, from, names, leaves }];
}

/** All names in conditions, at every depth. */
function keysOf(given: unknown): string[] {
  if (typeof given !== "object" || given === null) return [];
  const own = Array.isArray(given) ? [] : Object.keys(given);
  return [...own, ...Object.values(given).flatMap(keysOf)];
}
