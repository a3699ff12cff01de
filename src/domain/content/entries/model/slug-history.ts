import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";

/** CTE that forgets by which slugs each entry in `gone` could be read: it is erased. */
export const forgetSlugs = (ctx: Context): SQL =>
  sql`gone_slugs as (delete from slug_history old using gone where ${inEnvironment(ctx, "old")}
    and old.entry_id = gone.id)`;

/** The id of the entry that gave up one of these slugs last, in one of the locales of the reader. */
export const lastOfSlug = (ctx: Context, type: string, locales: string[], slugs: string[]): SQL =>
  sql`(select old.entry_id from slug_history old where ${inEnvironment(ctx, "old")} and old.type = ${type}
    and old.locale in ${locales} and old.slug in ${slugs} order by old.replaced_at desc limit 1)`;
