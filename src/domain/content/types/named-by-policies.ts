import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, type ErrorDetail } from "../../../core/errors.ts";
import type { Grant } from "../../../core/grants.ts";
import type { PlannedType } from "./plan-definitions.ts";

/**
 * Throws CONFLICT `types/named-by-policy` when values would move out of what policies speak of, also by a
 * new id inside a component. A field that stays at the top may get another id: policies know its former ones.
 */
export async function refuseNamedByPolicies(ctx: Context, types: readonly PlannedType[]): Promise<void> {
  const asked = types.flatMap((type) => (type.reshape?.renames ?? []).flatMap((one) => askedOf(type, one)));
  if (asked.length === 0) return;
  const { rows } = await ctx.db.read(sql`select policy.name, policy.grants from policies policy
    where policy.tenant_id = ${ctx.tenantId}::uuid order by policy.name`);
  const details: ErrorDetail[] = [];
  for (const { type, from, names, leaves } of asked)
    for (const [policy, grants] of rows as [string, Grant[]][])
      for (const { id, types: only, fields = [], conditions } of grants) {
        if (only && !only.includes(type)) continue;
        if (!fields.some(leaves) && !keysOf(conditions).some((key) => names.has(key.split(".")[0]!)))
          continue;
        details.push({
          path: `renames.${from}`,
          message: `is named by the grant ${id} of the policy "${policy}"`,
        });
      }
  if (details.length === 0) return;
  throw new AppError(
    "CONFLICT",
    "types/named-by-policy",
    `Values would move away from what policies speak of: ${details[0]!.path} ${details[0]!.message}. Change the policy first.`,
    { details: details.slice(0, 50) },
  );
}

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
