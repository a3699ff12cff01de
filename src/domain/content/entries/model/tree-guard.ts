import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { MAX_TREE_LEVELS, type CompiledType, type EnvironmentSchema } from "../../types/index.ts";

/** Why an entry cannot stand where a write would put it in the tree of its type. */
export type TreeRefusal = { tree: "cycle" | "depth" };

type Wanted = { type: SQL; field: SQL; id: string; parent: SQL; perspective: 0 | 1 };

const refusalSql = (ctx: Context, { type, field, id, parent, perspective }: Wanted): SQL =>
  sql`cms_tree_refusal(${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${type}, ${field}, ${id}::text,
    ${parent}, ${sql.raw(String(perspective))}::smallint, ${sql.raw(String(MAX_TREE_LEVELS))})`;

/** CTE `tree` (`refusal`, null where nothing forbids it): a working copy gets a parent. Nothing for another write. */
export function treeCte(
  ctx: Context,
  { id: type, definition }: CompiledType,
  id: string,
  values: Record<string, unknown>,
): SQL | undefined {
  const parent = definition.parent === undefined ? undefined : values[definition.parent];
  if (typeof parent !== "string") return undefined;
  const of = { type: sql`${type}`, field: sql`${definition.parent}`, id, parent: sql`${parent}::text` };
  return sql`tree as materialized (select ${refusalSql(ctx, { ...of, perspective: 0 })} as refusal)`;
}

/** The same for what comes to be published: `type` and `data` are what is known of it in the statement. */
export function publishedTreeCte(
  ctx: Context,
  { trees }: EnvironmentSchema,
  id: string,
  { type, data, from }: { type: SQL; data: SQL; from: SQL },
): SQL | undefined {
  if (!trees) return undefined;
  const field = sql`(${JSON.stringify(Object.fromEntries(trees))}::jsonb ->> ${type})`;
  const refusal = refusalSql(ctx, { type, field, id, parent: sql`${data} ->> ${field}`, perspective: 1 });
  return sql`tree as materialized (select case when ${field} is not null then ${refusal} end as refusal ${from})`;
}
