import { sql } from "drizzle-orm";
import type { Context } from "../../src/core/context.ts";
import { createEntry } from "../../src/domain/content/entries/index.ts";
import { addItems, createRelease } from "../../src/domain/content/releases/index.ts";
import type { NewItem } from "../../src/domain/content/releases/schemas.ts";

export const read = async (ctx: Context, statement: ReturnType<typeof sql>) =>
  (await ctx.db.run([statement])).results[0]!;

/** Notes that nobody published. */
export const notes = (ctx: Context, count: number) =>
  Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const made = await createEntry(ctx, { type: "note", body: { title: `n${i}`, slug: `n-${i}` } });
      return made.entry.id;
    }),
  );

/** A release with these entries. */
export async function releaseOf(
  ctx: Context,
  items: (Partial<NewItem> & { entry: string })[],
): Promise<string> {
  const { id } = await createRelease(ctx, { name: "Spring" });
  await addItems(ctx, { id, items: items.map((item) => ({ action: "publish", ...item })) });
  return id;
}

/** All that readers, filters and writers know of what is published. */
export const state = async (ctx: Context) => ({
  docs: await read(
    ctx,
    sql`select entry_id, locale, slug, doc, version from published_entries order by 1, 2`,
  ),
  fields: await read(
    ctx,
    sql`select entry_id, field, locale, ordinal, text_value, number_value, unique_value, published_at, element
      from entry_fields where perspective = 1 order by 1, 2, 3, 4`,
  ),
  refs: await read(
    ctx,
    sql`select entry_id, field, target_id, published_at from entry_refs where perspective = 1 order by 1, 2`,
  ),
  entries: await read(
    ctx,
    sql`select id, published_version, published_locales, published_data, published_at from entries order by 1`,
  ),
  counts: await read(
    ctx,
    sql`select type, locale, sum(total)::int from published_counts group by 1, 2 having sum(total) <> 0 order by 1, 2`,
  ),
});
