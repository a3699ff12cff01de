import { sql } from "drizzle-orm";
import type { Context, Row } from "../../core/context.ts";
import { AppError, invalid, notFound } from "../../core/errors.ts";
import { requirePermission } from "../../core/permissions.ts";
import { record } from "../events/index.ts";
import { typeOf, withSchema, type EnvironmentSchema } from "../types/index.ts";
import { ENTRY_COLUMNS, presentEntry, type Entry } from "./present-entry.ts";
import { publishRows, readModelRows, renderDocs } from "./read-model.ts";
import { notUnique, versionConflict } from "./save-entry.ts";
import { inEnvironment, schemaGuard } from "./side-rows.ts";

type PublishInput = { id: string; version?: number | undefined; publishedAt?: string | undefined };

/**
 * Publishes the working copy in every locale. With `version`, of any number of racing calls exactly one wins and the
 * others are a CONFLICT; without it, publishing what is published already changes nothing. `publishedAt` backdates.
 */
export function publishEntry(ctx: Context, input: PublishInput): Promise<Entry> {
  requirePermission(ctx, "content:publish");
  if (input.publishedAt !== undefined && Date.parse(input.publishedAt) > ctx.now().getTime() + 60_000) {
    throw invalid("content/published-at-in-future", "published_at cannot lie in the future.", [
      { path: "published_at", message: "must be now or earlier" },
    ]);
  }
  return withSchema(ctx, {
    plan: (schema) => publishStatement(ctx, schema, input),
    run: (statement) => ctx.db.run([statement], { write: true }),
    read: ({ results }, schema) => readPublished(ctx, schema, input, results[0]![0]!),
  });
}

function publishStatement(ctx: Context, schema: EnvironmentSchema, input: PublishInput) {
  const types = [...schema.types.values()].map((type) => ({
    type: type.id,
    fields: JSON.parse(type.renderFields),
    slug: type.slugField?.id ?? null,
    slug_localized: type.slugField?.localized ?? false,
    required: [...type.fields.values()]
      .filter((field) => field.required)
      .map(({ id, localized }) => ({ id, localized })),
  }));
  const value = sql`case when (needed.item -> 'localized')::boolean
      then before.data -> (needed.item ->> 'id') -> ${schema.defaultLocale} else before.data -> (needed.item ->> 'id') end`;
  return sql`with ${schemaGuard(ctx, schema.version)},
    before as materialized (select entry.* from entries entry where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id}),
    model as (${readModelRows(types)} where type = (select type from before)),
    incomplete as (select jsonb_agg(needed.item ->> 'id') as list from before, model, jsonb_array_elements(model.required) needed (item)
      where coalesce(${value}, 'null') in ('null', '""', '[]')),
    taken as (select jsonb_agg(jsonb_build_object('field', mine.field, 'locale', mine.locale, 'value', mine.unique_value, 'entry', other.entry_id)) as list
      from entry_fields mine join entry_fields other on ${inEnvironment(ctx, "other")} and other.type = mine.type and other.perspective = 1
        and other.field = mine.field and other.locale = mine.locale and other.unique_value = mine.unique_value
      where ${inEnvironment(ctx, "mine")} and mine.entry_id = ${input.id} and mine.perspective = 0 and mine.unique_value is not null
        and other.entry_id <> ${input.id}),
    saved as (update entries entry set published_version = entry.version,
        published_at = coalesce(${input.publishedAt ?? null}::timestamptz, entry.published_at, now())
      from schema_ok, taken, incomplete
      where ${inEnvironment(ctx, "entry")} and entry.id = ${input.id} and taken.list is null and incomplete.list is null
        and entry.version = coalesce(${input.version ?? null}::int, (select version from before))
        and entry.published_version is distinct from entry.version returning entry.*),
    ${renderDocs(schema)}, ${publishRows(ctx)},
    ${record(ctx, {
      event: "entry.published",
      from: sql`saved`,
      subject: sql`'entry:' || saved.id`,
      payload: sql`jsonb_build_object('id', saved.id, 'type', saved.type, 'version', saved.version)`,
      meta: sql`jsonb_build_object('version', saved.version)`,
    })}
    select (select list from incomplete), (select list from taken), (select id::text from event_row),
      (select version from before), (select published_version from before), saved.type, ${ENTRY_COLUMNS}
    from (select 1) one left join (select * from saved union all select * from before where not exists (select 1 from saved)) saved on true`;
}

function readPublished(ctx: Context, schema: EnvironmentSchema, input: PublishInput, row: Row): Entry {
  const [incomplete, taken, outboxId, version, publishedVersion, typeId, ...columns] = row;
  if (version === null) throw notFound("content/not-found", `There is no entry "${input.id.slice(0, 100)}".`);
  const type = typeOf(schema, typeId as string);
  if (outboxId !== null) {
    ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
    return presentEntry(schema, type, columns, schema.defaultLocale);
  }
  if (input.version !== undefined && input.version !== version)
    throw versionConflict(version as number, input.version);
  if (incomplete !== null) {
    const details = (incomplete as string[]).map((path) => ({
      path,
      message: "is required before publishing",
    }));
    throw invalid("content/incomplete", `The entry lacks ${(incomplete as string[]).join(", ")}.`, details);
  }
  if (taken !== null) throw notUnique(taken as Parameters<typeof notUnique>[0], type);
  if (publishedVersion !== version || input.version !== undefined) throw alreadyPublished(version as number);
  return presentEntry(schema, type, columns, schema.defaultLocale);
}

function alreadyPublished(version: number): AppError {
  return new AppError(
    "CONFLICT",
    "content/already-published",
    `Version ${version} is published already, or another call has just published it.`,
    {
      details: [{ path: "version", message: `${version} is published already`, current_version: version }],
    },
  );
}
