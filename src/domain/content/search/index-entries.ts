import { sql } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { isPassing } from "../../../db/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { PUBLISHED_DATA, withSchema, type EnvironmentSchema } from "../types/index.ts";
import { entryTexts, type EntryText } from "./entry-texts.ts";

type IndexRow = EntryText & { id: string; perspective: 0 | 1; type: string };

/** Entries that travel together: one read and one write. */
const AT_ONCE = 50;

/** An entry that cannot be indexed, and why. */
export type Unindexed = { id: string; error: AppError };

/**
 * Brings the search index up to date with these entries, whatever became of them. Idempotent. Where
 * some cannot be indexed together each is tried by itself, and those that cannot at all are answered.
 * Throws when the database is not to be had.
 */
export async function indexEntries(
  ctx: Context,
  input: { ids: readonly string[]; isOneByOne?: boolean },
): Promise<Unindexed[]> {
  requirePermission(ctx, "types:write");
  const ids = [...new Set(input.ids)];
  const size = input.isOneByOne ? 1 : AT_ONCE;
  const unindexed: Unindexed[] = [];
  for (let i = 0; i < ids.length; i += size)
    unindexed.push(...(await indexOrSplit(ctx, ids.slice(i, i + size))));
  return unindexed;
}

async function indexOrSplit(ctx: Context, ids: string[]): Promise<Unindexed[]> {
  try {
    await indexTogether(ctx, ids);
    return [];
  } catch (thrown) {
    const error = toAppError(thrown);
    if (isPassing(error) || error.code === "NOT_FOUND") throw error;
    if (ids.length === 1) return [{ id: ids[0]!, error }];
    const half = ids.length >> 1;
    return [...(await indexOrSplit(ctx, ids.slice(0, half))), ...(await indexOrSplit(ctx, ids.slice(half)))];
  }
}

async function indexTogether(ctx: Context, entryIds: string[]): Promise<void> {
  const ids = JSON.stringify(entryIds);
  await withSchema(ctx, {
    plan: (schema) => schema,
    async run(schema) {
      const { rows, schemaVersion } = await ctx.db.read(sql`
        select wanted.id, entry.type, entry.version, entry.published_version, entry.published_locales::text,
          entry.data, case when entry.published_version is not null then ${PUBLISHED_DATA} end
        from jsonb_array_elements_text(${ids}::jsonb) wanted (id)
          left join lateral (select * from entries one where ${inEnvironment(ctx, "one")}
            and one.id = wanted.id offset 0) entry on true
          left join lateral (select data from entry_versions one where ${inEnvironment(ctx, "one")}
            and one.entry_id = entry.id and one.version = entry.published_version offset 0) kept on true`);
      if (schemaVersion === schema.version)
        await ctx.db.run([writeIndex(ctx, rows, indexRows(schema, rows))], { kind: "rebuild" });
      return { schemaVersion };
    },
    read: () => undefined,
  });
}

function indexRows(schema: EnvironmentSchema, rows: unknown[][]): IndexRow[] {
  return rows.flatMap(([id, typeId, , , , draft, published]) => {
    const type = typeId === null ? undefined : schema.types.get(typeId as string);
    if (!type) return [];
    const texts = (perspective: 0 | 1, data: unknown) =>
      entryTexts(schema, type, data as Record<string, unknown>).map((text) => ({
        ...text,
        id: id as string,
        perspective,
        type: type.id,
      }));
    return [...texts(0, draft), ...(published === null ? [] : texts(1, published))];
  });
}

/** What nobody foresaw is about the rows as well. */
const toAppError = (error: unknown): AppError =>
  error instanceof AppError
    ? error
    : new AppError("INTERNAL", "search/failed", "The texts could not be read.", { cause: error });

/**
 * Rows of an entry that was saved or published again since it was read are left to the event of that
 * change.
 */
function writeIndex(ctx: Context, read: unknown[][], rows: IndexRow[]) {
  const given = JSON.stringify(
    read.map(([id, , version, published, locales]) => ({ id, version, published, locales })),
  );
  return sql`with same as materialized (select given.id
    from jsonb_to_recordset(${given}::jsonb) as given(id text, version int, published int, locales text)
      left join entries entry on ${inEnvironment(ctx, "entry")} and entry.id = given.id
      where entry.version is not distinct from given.version and entry.published_version is not distinct
      from given.published
        and entry.published_locales::text is not distinct from given.locales),
    fresh as materialized (
      select id, perspective, locale, type, cms_document(name, short, long, exact) as document
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given(id text, perspective smallint,
        locale text, type text, name text, short text, long text, exact text)
      where id in (select id from same)),
    gone as (delete from search_texts old using same where ${inEnvironment(ctx, "old")}
      and old.entry_id = same.id
      and not exists (select 1 from fresh where fresh.id = old.entry_id
      and fresh.perspective = old.perspective and fresh.locale = old.locale))
    insert into search_texts as old (tenant_id, environment_id, entry_id, perspective, locale, type,
      document)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, id, perspective, locale, type, document
      from fresh
      on conflict (tenant_id, environment_id, entry_id, perspective, locale) do update
        set document = excluded.document, type = excluded.type where old.document <> excluded.document`;
}
