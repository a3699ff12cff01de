import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, invalid, notFound } from "../../../core/errors.ts";
import { record } from "../events/index.ts";
import { checkLocales, ENVIRONMENT_COLUMNS, presentEnvironment } from "./environments.ts";
import type { Environment, NewEnvironment } from "./schemas.ts";

/**
 * Tables that hold an environment's content, with the columns that are copied besides tenant and
 * environment.
 */
const CONTENT = {
  components: "id, version, definition, created_at, updated_at, made_at, former_ids",
  component_versions: "component, version, definition, created_at, created_by",
  content_types:
    "id, version, definition, authored, components, created_at, updated_at, is_inner_indexed, former_ids",
  content_type_versions: "type, version, definition, authored, created_at, created_by",
  type_reshapes: "type, version, at, steps",
  entries:
    "id, type, version, published_version, published_at, data, created_at, created_by, updated_at, updated_by, published_locales, published_data, stage, assignee, is_single, made_slugs, order_key",
  entry_versions: "entry_id, version, type, data, created_at, created_by, name",
  entry_fields:
    "entry_id, perspective, field, locale, ordinal, type, text_value, number_value, decimal_value, time_value, unique_value, published_at, element",
  entry_refs: "entry_id, perspective, field, locale, ordinal, type, target_id, published_at",
  published_entries:
    "entry_id, locale, type, slug, published_at, created_at, updated_at, version, doc, order_key",
  slug_history: "type, locale, slug, entry_id, replaced_at",
  assets:
    "id, version, source_url, filename, mime, title, alt, caption, description, created_at, created_by, updated_at, updated_by, storage_key, size_bytes, sha256, width, height",
  search_texts: "entry_id, perspective, locale, type, document, digest",
  search_words: "perspective, type, word, texts",
  graphql_operations: "name, document, updated_at, updated_by",
} as const;
/** Releases are of the environment that they were made in, and are not copied. */
const RELEASES = ["targets", "docs", "fields", "refs", "texts", "items"].map((part) => `release_${part}`);
const DELETED = [...Object.keys(CONTENT), "trash", "schedules", "comments", ...RELEASES, "releases"];
/** The words of a search and old slugs are copied and deleted as they are, not counted one by one. */
const WORDS_COME_ALONG = sql`select set_config('app.words_come_along', 'on', true)`;
const MAX_ENVIRONMENTS = 50;

/**
 * Creates an environment: empty, or a clone of another one's types and content with the same ids, as a
 * consistent snapshot. CONFLICT when the name is taken.
 */
export async function createEnvironment(ctx: Context, wanted: NewEnvironment): Promise<Environment> {
  if (wanted.from !== undefined && (wanted.locales || wanted.default_locale))
    throw invalid("environments/invalid", "A clone has the locales of its source.", [
      { path: "locales", message: "cannot be given with from" },
    ]);
  const locales = wanted.locales ?? [{ code: wanted.default_locale ?? "en" }];
  const defaultLocale = wanted.default_locale ?? locales[0]!.code;
  checkLocales(locales, defaultLocale);
  const id = crypto.randomUUID();
  const copies =
    wanted.from === undefined
      ? []
      : Object.entries(CONTENT).map(([table, columns]) => copyOf(ctx, id, table, columns));
  const { results } = await ctx.db.run(
    [
      WORDS_COME_ALONG,
      sql`with given as (select ${JSON.stringify(locales)}::jsonb as locales,
        ${defaultLocale}::text as default_locale, '{}'::jsonb as graphql, null::uuid as source
          where ${wanted.from ?? null}::text is null
        union all select locales, default_locale, graphql, id from environments
        where tenant_id = ${ctx.tenantId}::uuid and name = ${wanted.from ?? null}),
      taken as (select name from environments where tenant_id = ${ctx.tenantId}::uuid
        and name = ${wanted.name}
        union all select name from environment_aliases where tenant_id = ${ctx.tenantId}::uuid
        and name = ${wanted.name}),
      counted as (select count(*) as total from environments where tenant_id = ${ctx.tenantId}::uuid),
      saved as (insert into environments (tenant_id, id, name, default_locale, locales, graphql)
        select ${ctx.tenantId}::uuid, ${id}::uuid, ${wanted.name}, default_locale, locales, graphql
        from given, counted
        where not exists (select 1 from taken) and counted.total < ${MAX_ENVIRONMENTS} returning *),
      ${copies.length > 0 ? sql`${sql.join(copies, sql`, `)},` : sql``}
      ${recordOf(ctx, "environment.created")}
      select (select count(*)::int from given), (select count(*)::int from taken),
        (select id::text from event_row), ${ENVIRONMENT_COLUMNS} from (select 1) one left
          join saved environment on true`,
    ],
    { kind: "rebuild" },
  );
  const [found, taken, outboxId, ...columns] = results[1]![0]!;
  if (found === 0) throw noSuchEnvironment(wanted.from!);
  if (taken !== 0)
    throw new AppError(
      "CONFLICT",
      "environments/name-taken",
      `An environment or alias "${wanted.name}" exists already.`,
      { details: [{ path: "name", message: "is taken" }] },
    );
  if (outboxId === null)
    throw new AppError(
      "QUOTA_EXCEEDED",
      "environments/too-many",
      `A tenant has at most ${MAX_ENVIRONMENTS} environments.`,
    );
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
  return presentEnvironment(columns);
}

/** All tables are read by one statement, and so from the same snapshot. */
function copyOf(ctx: Context, id: string, table: string, columns: string): SQL {
  const from = columns
    .split(", ")
    .map((column) => `source.${column}`)
    .join(", ");
  return sql`${sql.raw(`copied_${table}`)} as (insert into ${sql.raw(table)} (tenant_id, environment_id,
    ${sql.raw(columns)})
    select ${ctx.tenantId}::uuid, ${id}::uuid, ${sql.raw(from)} from saved, given
    join ${sql.raw(table)} source
      on source.tenant_id = ${ctx.tenantId}::uuid and source.environment_id = given.source)`;
}

/**
 * Deletes delete an environment with everything in it; CONFLICT for the default one and for one that an
 * alias names.
 */
export async function deleteEnvironment(ctx: Context, input: { name: string }): Promise<void> {
  const isDeletable = sql`environment.tenant_id = ${ctx.tenantId}::uuid and environment.name = ${input.name}
    and not environment.is_default
    and not exists (select 1 from environment_aliases alias where alias.tenant_id = ${ctx.tenantId}::uuid
    and alias.environment_id = environment.id)`;
  const isIt = sql`tenant_id = ${ctx.tenantId}::uuid and environment_id = (select id from gone)`;
  const { results } = await ctx.db.run(
    [
      WORDS_COME_ALONG,
      sql`with before as (select id, is_default, (select string_agg(name, ', ')
        from environment_aliases alias
          where alias.tenant_id = ${ctx.tenantId}::uuid
          and alias.environment_id = environments.id) as aliases
        from environments where tenant_id = ${ctx.tenantId}::uuid and name = ${input.name}),
      gone as (select id, ${input.name}::text as name from before where not is_default and aliases is null),
      saved as (select * from gone),
      ${sql.join(
        DELETED.map(
          (table) => sql`${sql.raw(`gone_${table}`)} as (delete from ${sql.raw(table)} where ${isIt})`,
        ),
        sql`, `,
      )},
      ${recordOf(ctx, "environment.deleted")}
      select (select id::text from before), (select is_default from before), (select aliases from before),
        (select id::text from event_row)`,
      // A trigger already updated the counts for the rows that were just deleted.
      sql`delete from published_counts counts where counts.tenant_id = ${ctx.tenantId}::uuid
        and counts.environment_id in (select environment.id from environments environment
        where ${isDeletable})`,
      sql`delete from environments environment where ${isDeletable}`,
    ],
    { kind: "rebuild" },
  );
  const [id, isDefault, aliases, outboxId] = results[1]![0]!;
  if (id === null) throw noSuchEnvironment(input.name);
  if (isDefault)
    throw new AppError(
      "CONFLICT",
      "environments/is-default",
      "The default environment cannot be deleted: make another environment the default first.",
    );
  if (aliases !== null)
    throw new AppError(
      "CONFLICT",
      "environments/has-alias",
      `The alias ${aliases as string} points to it: change the alias first.`,
    );
  ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
}

export function noSuchEnvironment(name: string): AppError {
  return notFound("environments/not-found", `There is no environment "${name.slice(0, 64)}".`);
}

function recordOf(ctx: Context, event: "environment.created" | "environment.deleted") {
  return record(ctx, {
    event,
    from: sql`saved`,
    subject: sql`'environment:' || saved.name`,
    payload: sql`jsonb_build_object('name', saved.name)`,
    environment: sql`saved.id`,
  });
}
