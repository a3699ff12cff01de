import { sql } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { textArray } from "../../../../db/text-array.ts";
import { schemaOf } from "../../types/index.ts";
import { needsSources } from "../model/index.ts";

type Values = Record<string, unknown>;
type Change = { type: string; id: string; fields: Values; locale?: string | undefined };

/**
 * By entry id the stored values that slugs are made of, for changes that give a part of them only: no
 * round trip where there is none.
 */
export async function readSources(ctx: Context, changes: readonly Change[]): Promise<Map<string, Values>> {
  const schema = await schemaOf(ctx);
  const partial = changes.flatMap(({ type, id, fields, locale }) => {
    const known = schema.types.get(type);
    return known && needsSources(known, fields, locale) ? [{ id, type: known }] : [];
  });
  if (partial.length === 0) return new Map();
  const names = partial.flatMap(({ type }) => type.madeSlugs.flatMap(({ field }) => field.from!));
  const { rows } = await ctx.db.read(
    sql`select entry.id, (select coalesce(jsonb_object_agg(key, value), '{}') from jsonb_each(entry.data)
        where key = any (${textArray([...new Set(names)])})) from entries entry
      where ${inEnvironment(ctx, "entry")} and entry.id = any (${textArray(partial.map(({ id }) => id))})`,
    { kind: "editing" },
  );
  return new Map(rows as [string, Values][]);
}
