import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";

/** CTEs that forget by which slugs each entry in `gone` could be read, and what releases keep of it: it is erased. */
export const forgetEntry = (ctx: Context): SQL =>
  sql`gone_slugs as (delete from slug_history old using gone where ${inEnvironment(ctx, "old")}
    and old.entry_id = gone.id), ${forgetInReleases}`;

const TARGETS = ["release_targets", "release_docs", "release_fields", "release_refs", "release_texts"];

/** CTEs that take the values of each entry in `gone` out of releases, where it stays by its id. */
export const forgetInReleases: SQL = sql.raw(
  [
    `gone_states as (update release_items old set before = null, after = null, restores = null from gone
      where old.tenant_id = gone.tenant_id and old.environment_id = gone.environment_id and old.entry_id = gone.id)`,
    ...TARGETS.map(
      (table) => `gone_${table} as (delete from ${table} old using gone where old.tenant_id = gone.tenant_id
        and old.environment_id = gone.environment_id and old.entry_id = gone.id)`,
    ),
  ].join(", "),
);

/** The id of the entry that gave up one of these slugs last, in one of the locales of the reader. */
export const lastOfSlug = (ctx: Context, type: string, locales: string[], slugs: string[]): SQL =>
  sql`(select old.entry_id from slug_history old where ${inEnvironment(ctx, "old")} and old.type = ${type}
    and old.locale in ${locales} and old.slug in ${slugs} order by old.replaced_at desc limit 1)`;
