import { sql, type SQL } from "drizzle-orm";
import type { Source } from "./source.ts";

/** How many times a query may try something on an entry: what is beyond would run into its time limit. */
const MAX_TRIALS = 400_000;

/** The most entries on each of which a query may try something so often. */
export const mostEntries = (trials: number): number => Math.floor(MAX_TRIALS / trials);

/** ` and …`: refuses a query that tries something on each entry of a type of which there are too many. */
export function afford(
  { ctx, type, perspective, chain }: Source,
  { trials, worst }: { trials: number; worst: string },
): SQL {
  const isDraft = perspective === "draft";
  return sql` and (select cms_afford(${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${type.id},
    ${chain[0]}, ${isDraft}::boolean, ${mostEntries(trials)}::int, ${worst}))`;
}
