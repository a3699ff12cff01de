import { sql, type SQL } from "drizzle-orm";
import type { EdgeContext } from "../core/context.ts";

/** `tenant_id = … and environment_id = …` for a table alias: the rows that a request is about. */
export function inEnvironment(ctx: Pick<EdgeContext, "tenantId" | "environmentId">, alias: string): SQL {
  const row = sql.raw(alias);
  return sql`${row}.tenant_id = ${ctx.tenantId}::uuid and ${row}.environment_id = ${ctx.environmentId}::uuid`;
}
