import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { MAX_INDEXED_LENGTH, type CompiledType, type EnvironmentSchema } from "../../types/index.ts";
import { lockSlugs } from "./made-slugs.ts";
import { schemaGuard } from "./side-rows.ts";
import { slugsToMake, type SlugToMake } from "./slugs-to-make.ts";

type Values = Record<string, unknown>;
type Fill = SlugToMake & { base: string; id: string; version: number };

/**
 * Makes the slugs that entries lack which were never published, such as those that were there before
 * their slugs were made of other values; no version is made for them. Says whether there were any.
 */
export async function fillSlugs(
  ctx: Context,
  schema: EnvironmentSchema,
  type: CompiledType,
  entries: { id: string; draft: Values; version: number; isPublished: boolean }[],
): Promise<boolean> {
  if (type.madeSlugs.length === 0) return false;
  const fills = entries.flatMap(({ id, draft, version, isPublished }) =>
    isPublished ? [] : lackingIn(schema, type, draft).map((one) => ({ ...one, id, version })),
  );
  if (fills.length === 0) return false;
  const locks = lockSlugs(
    ctx,
    fills.map(({ f, l, base }) => ({ t: type.id, f, l, base })),
  );
  // One after the other, so that each sees what the ones before it took.
  const all = fills.map((one) => fillStatement(ctx, schema, type, one));
  await ctx.db.run([...locks, ...all], { write: true, kind: "rebuild" });
  return true;
}

function lackingIn(
  schema: EnvironmentSchema,
  type: CompiledType,
  draft: Values,
): (SlugToMake & { base: string })[] {
  const given = { shared: {} as Values, localized: {} as Record<string, Values> };
  for (const field of type.fields.values()) {
    if (!Object.hasOwn(draft, field.id)) continue;
    if (field.localized) given.localized[field.id] = (draft[field.id] ?? {}) as Values;
    else given.shared[field.id] = draft[field.id];
  }
  const check = { issues: [], allowIncomplete: true };
  const options = { isPartial: false, isCleared: () => false, stored: undefined };
  const slugs = slugsToMake(schema, type, given, check, options);
  // What does not fit the pattern of the field is for people to give.
  if (check.issues.length > 0) return [];
  return slugs.flatMap((one) => (one.base === null ? [] : [{ ...one, base: one.base }]));
}

function fillStatement(ctx: Context, schema: EnvironmentSchema, type: CompiledType, fill: Fill): SQL {
  const { id, version, f, l, base, room } = fill;
  const has = l === "" ? sql`entry.data ->> ${f}::text` : sql`entry.data -> ${f}::text ->> ${l}::text`;
  return sql`with ${schemaGuard(ctx, schema.version)},
    free as materialized (select cms_free_slug(${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${type.id}, ${f}, ${l}, ${id},
        ${base}, ${room}::int) as slug
      from schema_ok, entries entry where ${inEnvironment(ctx, "entry")} and entry.id = ${id}
        and entry.version = ${version}::int and entry.published_version is null and ${has} is null),
    saved as (update entries entry set
        data = cms_put_values(entry.data, jsonb_build_array(jsonb_build_object('f', ${f}::text, 'l', ${l}::text, 'v', free.slug))),
        made_slugs = coalesce(entry.made_slugs, '{}') || jsonb_build_object(${`${f}:${l}`}::text, ${base}::text)
      from free where ${inEnvironment(ctx, "entry")} and entry.id = ${id} and entry.version = ${version}::int
        and entry.published_version is null and ${has} is null
      returning free.slug)
    insert into entry_fields (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal, type,
      text_value, unique_value)
    select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, ${id}, 0, ${f}, ${l}, 0, ${type.id},
      left(slug, ${MAX_INDEXED_LENGTH}::int), slug from saved
    on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
      set text_value = excluded.text_value, unique_value = excluded.unique_value`;
}
