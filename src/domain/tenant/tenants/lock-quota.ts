import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";

/**
 * A statement for the head of a batch that counts what there is before it makes one more: one such
 * batch of a tenant at a time. `what` names what is counted.
 */
export const lockQuota = (ctx: Pick<Context, "tenantId">, what: string): SQL =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`quota:${what}:${ctx.tenantId}`}, 0))`;
