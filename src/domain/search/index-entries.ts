import { sql } from "drizzle-orm";
import type { Context } from "../../core/context.ts";
import { requirePermission } from "../../core/permissions.ts";
import { inEnvironment } from "../../db/in-environment.ts";
import { withSchema, type EnvironmentSchema } from "../types/index.ts";
import { entryTexts, type EntryText } from "./entry-texts.ts";

type IndexRow = EntryText & { id: string; perspective: 0 | 1; type: string };

/**
 * Brings the search index up to date with these entries, whatever became of them: one read and one write for up to some
 * hundred ids. Idempotent.
 */
export async function indexEntries(ctx: Context, input: { ids: readonly string[] }): Promise<void> {
  requirePermission(ctx, "types:write");
  const ids = JSON.stringify([...new Set(input.ids)]);
  await withSchema(ctx, {
    plan: (schema) => schema,
    async run(schema) {
      const { rows, schemaVersion } = await ctx.db.read(sql`
        select wanted.id, entry.type, entry.version, entry.published_version, entry.published_locales::text, entry.data, case when entry.published_version is not null then coalesce(entry.published_data, kept.data) end
        from jsonb_array_elements_text(${ids}::jsonb) wanted (id)
          left join entries entry on entry.tenant_id = ${ctx.tenantId}::uuid and entry.environment_id = ${ctx.environmentId}::uuid and entry.id = wanted.id
          left join entry_versions kept on kept.tenant_id = ${ctx.tenantId}::uuid and kept.environment_id = ${ctx.environmentId}::uuid
            and kept.entry_id = entry.id and kept.version = entry.published_version`);
      if (schemaVersion === schema.version)
        await ctx.db.run([writeIndex(ctx, rows, indexRows(schema, rows))]);
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

/** Rows of an entry that was saved or published again since it was read are left to the event of that change. */
function writeIndex(ctx: Context, read: unknown[][], rows: IndexRow[]) {
  const given = JSON.stringify(
    read.map(([id, , version, published, locales]) => ({ id, version, published, locales })),
  );
  const weighed = (text: string, weight: string) =>
    sql`setweight(to_tsvector('simple', cms_fold(${sql.raw(text)})), ${sql.raw(`'${weight}'`)})`;
  return sql`with same as materialized (select given.id from jsonb_to_recordset(${given}::jsonb) as given(id text, version int, published int, locales text)
      left join entries entry on ${inEnvironment(ctx, "entry")} and entry.id = given.id
      where entry.version is not distinct from given.version and entry.published_version is not distinct from given.published
        and entry.published_locales::text is not distinct from given.locales),
    fresh as materialized (
      select id, perspective, locale, type, ${weighed("name", "A")} || ${weighed("short", "B")} || ${weighed("long", "D")} as document
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given(id text, perspective smallint, locale text, type text, name text, short text, long text)
      where id in (select id from same)),
    gone as (delete from search_texts old using same where ${inEnvironment(ctx, "old")} and old.entry_id = same.id
      and not exists (select 1 from fresh where fresh.id = old.entry_id and fresh.perspective = old.perspective and fresh.locale = old.locale)),
    put as (insert into search_texts as old (tenant_id, environment_id, entry_id, perspective, locale, type, document)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, id, perspective, locale, type, document from fresh
      on conflict (tenant_id, environment_id, entry_id, perspective, locale) do update
        set document = excluded.document, type = excluded.type where old.document <> excluded.document),
    words as (select distinct word.lexeme from fresh, unnest(fresh.document) word
      where length(word.lexeme) between 3 and 40 and word.lexeme !~ '^[0-9.]+$')
    insert into search_words (tenant_id, environment_id, word)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, lexeme from words
      where not exists (select 1 from search_words known where ${inEnvironment(ctx, "known")} and known.word = words.lexeme)
      order by lexeme on conflict do nothing`;
}
