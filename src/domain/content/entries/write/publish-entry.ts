import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../../../core/context.ts";
import { AppError, invalid, notFound, type ErrorDetail } from "../../../../core/errors.ts";
import { seesEverything } from "../../../../core/grants.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { record } from "../../../tenant/events/index.ts";
import {
  publishedDataOf,
  typeOf,
  withSchema,
  type EnvironmentSchema,
  type WorkCount,
} from "../../types/index.ts";
import { notGranted } from "../../grants/index.ts";
import { firstPublishedPart, guardEntry, publishedPart, readVerdict } from "./guard-writes.ts";
import { presentSaved, savedColumns } from "../read/index.ts";
import type { WorkingCopy } from "../schemas.ts";
import {
  followingAfterPublish,
  mustHold,
  publishRefusals,
  publishedTreeCte,
  publishRows,
  renderDocs,
  schemaGuard,
  typeModel,
  type Locales,
  type Must,
  type TreeRefusal,
} from "../model/index.ts";
import { textArray } from "../../../../db/text-array.ts";
import { overBefore, type Found } from "./over-before.ts";
import { notUnique, outOfTree, rulesBroken, unknownLocale, versionConflict } from "../refusals.ts";

export type PublishInput = {
  id: string;
  version?: number | undefined;
  publishedAt?: string | undefined;
  /**
   * All of them when absent. What is not localised is published with the default locale, or with the
   * first ever.
   */
  locales?: Locales;
  /** Republishes entries that were published without all required values. */
  allowIncomplete?: boolean;
  /** What rules say of the entry at a version; of one that is made in the same transaction without it. */
  ruled?: { version: number | undefined; refusals: ErrorDetail[] } | undefined;
};

/**
 * Publishes the working copy, in all or some locales. With `version`, exactly one of several concurrent
 * calls succeeds and the others are a CONFLICT; without it, publishing again changes nothing.
 * `publishedAt` backdates.
 */
export function publishEntry(ctx: Context, input: PublishInput): Promise<WorkingCopy> {
  requirePermission(ctx, "content:publish");
  return overBefore<Found, WorkingCopy>(true, (before) =>
    withSchema(ctx, {
      plan(schema) {
        const asked = before ? { ...input, ruled: ruledBy(ctx, schema, input, before) } : input;
        return { asked, statement: publishStatement(ctx, schema, asked) };
      },
      run: ({ statement }) => ctx.db.run([...lockFor(ctx, input), statement], { write: true }),
      read: ({ results }, schema, { asked }) => readPublished(ctx, schema, asked, results.at(-1)![0]!),
    }),
  );
}

/** What the rules of its type say of publishing an entry. */
export const ruledBy = (
  ctx: Context,
  schema: EnvironmentSchema,
  { id, locales }: PublishInput,
  entry: Omit<Found, "version"> & { version: number | undefined },
  effort?: WorkCount,
): PublishInput["ruled"] => ({
  version: entry.version,
  refusals: publishRefusals(
    ...([schema, typeOf(schema, entry.type), entry, locales] as const),
    { id, actor: ctx.actor, now: ctx.now() },
    effort,
  ),
});

/** Locales are merged with the published ones, so the entry must not be published concurrently. */
export function lockFor(ctx: Context, input: { id: string; locales?: Locales }): SQL[] {
  if (!input.locales) return [];
  return [
    sql`select 1 from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.id = ${input.id} for update`,
  ];
}

/** Throws INVALID for a locale that the environment does not have. */
export function checkLocales(schema: EnvironmentSchema, locales: Locales): void {
  for (const locale of locales ?? [])
    if (!schema.chains.has(locale))
      throw unknownLocale(schema, locale, { path: "locales", takesEvery: false });
}

/** The type of the entry that a statement is about, by its CTE `before`. */
export const TYPE_BEFORE = sql`(select type from before)`;

/** One statement that publishes an entry: see `readPublished` for its columns. */
export function publishStatement(
  ctx: Context,
  schema: EnvironmentSchema,
  input: PublishInput,
  must?: Must,
): SQL {
  const guard = guardEntry(ctx, schema, "content:publish", input.id, publishedPart(schema, input.locales), {
    first: firstPublishedPart(input.locales),
  });
  const tree = publishedTreeCte(ctx, schema, input.id, {
    type: sql`before.type`,
    data: sql`coalesce(merged.data, before.data)`,
    from: sql`from before, merged`,
  });
  const why = [
    tree ? sql`(select refusal from tree)` : sql`null::jsonb`,
    sql`(select list from incomplete)`,
    sql`(select list from taken)`,
    sql`(select publish_from from gate)`,
    sql`(select id::text from event_row)`,
    sql`(select version from before)`,
    sql`(select published_version from before)`,
    sql`saved.type`,
    sql`(select found from unruled)`,
    ...guard.why,
  ];
  checkLocales(schema, input.locales);
  if (input.publishedAt !== undefined && Date.parse(input.publishedAt) > ctx.now().getTime() + 60_000) {
    throw invalid("content/published-at-in-future", "published_at cannot be in the future.", [
      { path: "published_at", message: "must be now or earlier" },
    ]);
  }
  const locales = [...schema.chains].map(([locale, chain]) => ({
    locale,
    chain,
    is_default: locale === schema.defaultLocale,
  }));
  const incomplete = input.allowIncomplete
    ? sql`select null::jsonb as list`
    : sql`select cms_incomplete(coalesce(merged.data, before.data), model.needs, model.localized,
      ${JSON.stringify(locales)}::jsonb,
        ${input.locales ? textArray(input.locales) : null}::text[], merged.with_shared) as list
          from before, merged, model`;
  const withShared = sql`(select with_shared from merged)`;
  return sql`with ${schemaGuard(ctx, schema.version)},
    before as materialized (select entry.* from entries entry where ${inEnvironment(ctx, "entry")}
      and entry.id = ${input.id}${guard.seen}),
    ${guard.verdict}
    ${typeModel(ctx, TYPE_BEFORE)},
    gate as (select model.publish_from from before, model where model.publish_from is not null
      and not model.publish_from ? coalesce(before.stage, model.first_stage)),
    ${mergedLocales(ctx, schema, input.locales)},
    ${unruled(ctx, schema, input)},${tree ? sql` ${tree},` : sql``}
    incomplete as (${incomplete}),
    taken as (select jsonb_agg(jsonb_build_object('field', mine.field, 'locale', mine.locale, 'value',
      mine.unique_value, 'entry', other.entry_id)) as list
      from entry_fields mine join entry_fields other on ${inEnvironment(ctx, "other")}
      and other.type = mine.type and other.perspective = 1
        and other.field = mine.field and other.locale = mine.locale
        and other.unique_value = mine.unique_value
      where ${inEnvironment(ctx, "mine")} and mine.entry_id = ${input.id} and mine.perspective = 0
      and mine.unique_value is not null
        and other.entry_id <> ${input.id}${
          input.locales
            ? sql` and case when mine.locale = '' then ${withShared}
              else mine.locale = any (${textArray(input.locales)}) end`
            : sql``
        }),
    saved as (update entries entry set published_version = entry.version,
        published_at = coalesce(${input.publishedAt ?? null}::timestamptz, entry.published_at, now()),
        published_locales = case when merged.is_whole then null else merged.locales end,
        published_data = case when merged.is_whole then null else merged.data end,
        made_slugs = ${followingAfterPublish(input.locales, sql`merged.with_shared`)}
      from schema_ok, taken, incomplete, merged
      where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id} and taken.list is null
      and incomplete.list is null
        and not exists (select 1 from gate) and not exists (select 1 from unruled)
        ${tree ? sql`and (select refusal from tree) is null` : sql``}
        ${input.ruled?.refusals.length ? sql`and false` : sql``}
        and entry.version = coalesce(${input.version ?? null}::int, entry.version)
        and (entry.published_version is distinct from entry.version or entry.published_at is distinct
        from coalesce(${input.publishedAt ?? null}::timestamptz, entry.published_at)
          or entry.published_locales is distinct from case when merged.is_whole then null
            else merged.locales end)${guard.granted}
      returning entry.*),
    ${renderDocs(schema, sql`coalesce(saved.published_data, saved.data)`, input.locales, withShared)},
    ${publishRows(ctx, input.locales, withShared)},
    ${record(ctx, {
      event: "entry.published",
      from: sql`saved`,
      subject: sql`'entry:' || saved.id`,
      payload: sql`jsonb_build_object('id', saved.id, 'type', saved.type, 'version', saved.version,
        'was', (select published_version from before),
        'locales', ${input.locales ? JSON.stringify(input.locales) : null}::jsonb)`,
      meta: sql`jsonb_build_object('version', saved.version, 'locales',
        ${input.locales ? JSON.stringify(input.locales) : null}::jsonb)`,
    })}
    select ${sql.join(why, sql`, `)}, ${savedColumns(ctx, schema)}
      ${mustHold(
        must,
        sql`((select id from event_row) is not null or (${input.version ?? null}::int is null
        and saved.published_version = saved.version))${guard.upheld}`,
        why,
      )}
    from (select 1) one left join (select * from saved union all select * from before
    where not exists (select 1 from saved)) saved on true`;
}

/** CTE `unruled`: the entry while its rules were not asked, which they are of a version. */
function unruled(ctx: Context, schema: EnvironmentSchema, { ruled, allowIncomplete }: PublishInput): SQL {
  const isAsked = allowIncomplete || (ruled && ruled.version === undefined);
  if (isAsked || (schema.ruled ?? []).length === 0)
    return sql`unruled as (select null::jsonb as found where false)`;
  return sql`unruled as (select jsonb_build_object('type', before.type, 'version', before.version, 'data', before.data,
      'published', case when before.published_version is not null then ${publishedDataOf("before")} end) as found
    from before left join entry_versions kept on ${inEnvironment(ctx, "kept")}
      and kept.entry_id = before.id and kept.version = before.published_version
    where before.type = any (${textArray(schema.ruled!)})
      and before.version is distinct from ${ruled?.version ?? null}::int)`;
}

/**
 * CTE `merged`: the published state after the call: the data, the version per locale, and whether all
 * locales are published.
 */
function mergedLocales(ctx: Context, schema: EnvironmentSchema, wanted: Locales): SQL {
  if (!wanted)
    return sql`merged as (select true as is_whole, true as with_shared, null::jsonb as locales,
      null::jsonb as data)`;
  const all = JSON.stringify([...schema.chains.keys()]);
  return sql`published as (select before.version, before.data as draft,
        case when before.published_version is not null then ${publishedDataOf("before")} end as data,
        case when before.published_version is null then '{}' else coalesce(before.published_locales,
          (select jsonb_object_agg(locale, before.published_version)
            from jsonb_array_elements_text(${all}::jsonb) locale)) end as locales
      from before left join entry_versions kept on ${inEnvironment(ctx, "kept")}
      and kept.entry_id = before.id and kept.version = before.published_version),
    shared as (select published.*, ${wanted.includes(schema.defaultLocale)}::boolean
      or published.data is null as with_shared from published),
    put as (select with_shared, draft, locales || (select jsonb_object_agg(locale, version)
      from jsonb_array_elements_text(${JSON.stringify(wanted)}::jsonb) locale) as locales,
        cms_publish_locales(shared.data, draft, array(select jsonb_array_elements_text(model.localized)),
          ${textArray(wanted)}, with_shared) as data
      from shared, model),
    merged as (select with_shared, locales, data,
        data = draft and locales ?& array(select jsonb_array_elements_text(${all}::jsonb)) as is_whole
          from put)`;
}

type Missing = { path: string; locale: string | null };
const MAX_DETAILS = 50;

/**
 * The entry after the call, or as it is `before` when its rules have to be asked first; throws the
 * reason why it was not published.
 */
export function readPublished(
  ctx: Context,
  schema: EnvironmentSchema,
  input: PublishInput,
  row: Row,
): WorkingCopy | { before: Found } {
  const [
    tree,
    incomplete,
    taken,
    publishFrom,
    outboxId,
    version,
    publishedVersion,
    typeId,
    unasked,
    ...rest
  ] = row;
  if (version === null) throw notFound("content/not-found", `There is no entry "${input.id.slice(0, 100)}".`);
  const { isRefused, columns } = readVerdict(ctx, rest);
  const type = typeOf(schema, typeId as string);
  if (isRefused) throw notGranted("content:publish", `the ${type.id} ${input.id}`);
  if (outboxId !== null) {
    ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
    return presentSaved(ctx, schema, type, columns);
  }
  if (input.version !== undefined && input.version !== version)
    throw versionConflict(version as number, input.version);
  if (unasked !== null) return { before: unasked as Found };
  if (input.ruled?.refusals.length) throw rulesBroken(type.id, input.ruled.refusals);
  if (incomplete !== null) {
    const details = (incomplete as Missing[]).slice(0, MAX_DETAILS).map(({ path, locale }) => ({
      path,
      message: "is required before publishing",
      ...(locale === null ? {} : { locale }),
    }));
    const named = details.slice(0, 10).map(({ path }) => path);
    throw invalid("content/incomplete", `The entry lacks ${named.join(", ")}.`, details);
  }
  if (taken !== null)
    throw notUnique(taken as Parameters<typeof notUnique>[0], type, !seesEverything(ctx.actor.grants));
  if (tree !== null) throw outOfTree(type.definition.parent!, tree as TreeRefusal);
  if (publishFrom !== null) throw notReviewed(publishFrom as string[]);
  const isSame = publishedVersion === version && input.version === undefined;
  if (!isSame) throw alreadyPublished(version as number);
  return presentSaved(ctx, schema, type, columns);
}

function notReviewed(stages: string[]): AppError {
  const message = `The review is not complete: publishing is possible from the stage ${stages.join(" or ")}.`;
  return new AppError("CONFLICT", "content/not-reviewed", message, {
    details: [{ path: "stage", message: `must be ${stages.join(" or ")}` }],
  });
}

function alreadyPublished(version: number): AppError {
  return new AppError(
    "CONFLICT",
    "content/already-published",
    `Version ${version} is already published, perhaps by a concurrent request.`,
    {
      details: [{ path: "version", message: `${version} is already published`, current_version: version }],
    },
  );
}
