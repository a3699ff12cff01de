import { sql } from "drizzle-orm";
import { fingerprint } from "../../../core/answers.ts";
import type { Context, Row } from "../../../core/context.ts";
import { AppError } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { isPassing } from "../../../db/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { PUBLISHED_DATA, withSchema, type EnvironmentSchema } from "../types/index.ts";
import { entryTexts, type EntryText } from "./entry-texts.ts";

/** A row of the index as it should be; without texts where it is so already. */
type IndexRow = Partial<EntryText> & {
  id: string;
  perspective: 0 | 1;
  locale: string;
  type: string;
  digest: string;
};
/** The digest of each row that an entry has in the index, by perspective and locale. */
type Stored = Record<string, string | null>;

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
          entry.data, case when entry.published_version is not null then ${PUBLISHED_DATA} end,
          (select coalesce(jsonb_object_agg(stored.perspective || ' ' || stored.locale, stored.digest), '{}')
            from search_texts stored where ${inEnvironment(ctx, "stored")} and stored.entry_id = wanted.id)
        from jsonb_array_elements_text(${ids}::jsonb) wanted (id)
          left join lateral (select * from entries one where ${inEnvironment(ctx, "one")}
            and one.id = wanted.id offset 0) entry on true
          left join lateral (select data from entry_versions one where ${inEnvironment(ctx, "one")}
            and one.entry_id = entry.id and one.version = entry.published_version offset 0) kept on true`);
      const changed = rows.flatMap((row) => {
        const wanted = indexRows(schema, row);
        return isIndexed(wanted, storedOf(row)) ? [] : [{ row, wanted }];
      });
      if (schemaVersion === schema.version && changed.length > 0)
        await ctx.db.run([writeIndex(ctx, changed)], { kind: "rebuild" });
      return { schemaVersion };
    },
    read: () => undefined,
  });
}

const storedOf = (row: Row) => row[7] as Stored;

/** The rows that the index should have of an entry. */
function indexRows(schema: EnvironmentSchema, row: Row): IndexRow[] {
  const [id, typeId, , , , draft, published] = row;
  const type = typeId === null ? undefined : schema.types.get(typeId as string);
  if (!type) return [];
  const stored = storedOf(row);
  const rowsOf = (perspective: 0 | 1, data: unknown): IndexRow[] =>
    entryTexts(schema, type, data as Record<string, unknown>).map(({ locale, ...texts }) => {
      const digest = fingerprint(JSON.stringify([type.id, texts]));
      const isAsBefore = stored[`${perspective} ${locale}`] === digest;
      return { id: id as string, perspective, locale, type: type.id, digest, ...(isAsBefore ? {} : texts) };
    });
  return [...rowsOf(0, draft), ...(published === null ? [] : rowsOf(1, published))];
}

const isIndexed = (wanted: IndexRow[], stored: Stored): boolean =>
  wanted.length === Object.keys(stored).length && wanted.every(({ name }) => name === undefined);

/** What nobody foresaw is about the rows as well. */
const toAppError = (error: unknown): AppError =>
  error instanceof AppError
    ? error
    : new AppError("INTERNAL", "search/failed", "The texts could not be read.", { cause: error });

/**
 * Rows of an entry that was saved or published again since it was read are left to the event of that
 * change.
 */
function writeIndex(ctx: Context, changed: { row: Row; wanted: IndexRow[] }[]) {
  const read = JSON.stringify(
    changed.map(({ row: [id, , version, published, locales] }) => ({ id, version, published, locales })),
  );
  const rows = JSON.stringify(changed.flatMap(({ wanted }) => wanted));
  return sql`with same as materialized (select given.id
    from jsonb_to_recordset(${read}::jsonb) as given(id text, version int, published int, locales text)
      left join entries entry on ${inEnvironment(ctx, "entry")} and entry.id = given.id
      where entry.version is not distinct from given.version and entry.published_version is not distinct
      from given.published
        and entry.published_locales::text is not distinct from given.locales),
    wanted as materialized (
      select * from jsonb_to_recordset(${rows}::jsonb) as given(id text, perspective smallint,
        locale text, type text, digest text, name text, short text, long text, exact text)
      where id in (select id from same)),
    gone as (delete from search_texts old using same where ${inEnvironment(ctx, "old")}
      and old.entry_id = same.id
      and not exists (select 1 from wanted where wanted.id = old.entry_id
      and wanted.perspective = old.perspective and wanted.locale = old.locale))
    insert into search_texts as old (tenant_id, environment_id, entry_id, perspective, locale, type,
      digest, document)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, id, perspective, locale, type, digest,
        cms_document(name, short, long, exact)
      from wanted where name is not null
      on conflict (tenant_id, environment_id, entry_id, perspective, locale) do update
        set document = excluded.document, type = excluded.type, digest = excluded.digest
        where old.digest is distinct from excluded.digest`;
}
