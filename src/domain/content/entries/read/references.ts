import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { AppError } from "../../../../core/errors.ts";
import { grantsPermit, seesEverything } from "../../../../core/grants.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { accessOf, isWhollyGranted, type Access } from "../../grants/index.ts";
import { schemaOf, type CompiledType } from "../../types/index.ts";
import { anyTypeSql, entryRow, inAnyLocale, publishedRow, readingOf, seenSql } from "../query/index.ts";
import type { EntryRelease, Reference } from "../schemas.ts";
import { noSuchEntry } from "../refusals.ts";

const MAX_LISTED = 50;

/** What refers to an entry, and the releases that are to publish or unpublish it. */
export type Uses = { references: Reference[]; releases: EntryRelease[] };

/** Where an entry is used; NOT_FOUND when it does not exist. */
export async function listReferences(
  ctx: Context,
  input: { type: string; id: string; limit: number },
): Promise<Uses> {
  const access = ctx.actor.grants && accessOf(ctx, await schemaOf(ctx));
  const maySeeReleases = access === undefined || grantsPermit(ctx.actor.grants!, "releases:read");
  const seen = access ? sql` and ${seenSql(access, "entry")}` : sql``;
  const { rows } = await ctx.db.read(sql`
    select exists (select 1 from entries entry where ${inEnvironment(ctx, "entry")}
    and entry.id = ${input.id} and entry.type = ${input.type}${seen}),
      ${referencesTo(ctx, sql`ref.target_id = ${input.id}`, access ? readableReferrers(ctx, access) : sql``, input.limit)},
      ${access ? sql`null` : trashReferencesTo(ctx, input.id)},
      ${maySeeReleases ? releasesOf(ctx, input.id) : sql`null`}`);
  const [exists, list, trashed, releases] = rows[0]!;
  if (!exists) throw noSuchEntry(input.type, input.id);
  return {
    references: [...((list ?? []) as Reference[]), ...((trashed ?? []) as Reference[])].slice(0, input.limit),
    releases: (releases ?? []) as EntryRelease[],
  };
}

/** A scalar subquery: the releases of an entry that are not published, as a JSON list, null when there are none. */
const releasesOf = (ctx: Context, id: string): SQL =>
  sql`(select jsonb_agg(jsonb_build_object('id', release.id, 'name', release.name, 'state', release.state,
      'action', item.action, 'due_at', cms_iso(release.due_at)) order by release.id)
    from release_items item join releases release on ${inEnvironment(ctx, "release")} and release.id = item.release_id
    where ${inEnvironment(ctx, "item")} and item.entry_id = ${id}
      and release.state in ('open', 'scheduled', 'failed'))`;

/**
 * ` and …` for references that the actor may read: the entry as its perspective has it, and the field
 * in all of those, with all that is inside it, in the reference's locale.
 */
function readableReferrers(ctx: Context, access: Access): SQL {
  const of = (perspective: "draft" | "published") => {
    const action = readingOf(perspective);
    const everywhere = [...access.schema.chains.keys()];
    const alias = perspective === "draft" ? "owner" : "shown";
    const row = (type: CompiledType) =>
      perspective === "draft" ? entryRow(type, alias) : publishedRow(ctx, type, alias);
    const hidden = [...access.schema.types.values()].flatMap((type) =>
      [...type.fields.values()].flatMap(({ id, localized }) => {
        const isReadable = (origins?: string[]) =>
          isWhollyGranted(access, type, action, id, everywhere, origins);
        if (isReadable(localized ? everywhere : undefined)) return [];
        const within = localized ? everywhere.filter((locale) => !isReadable([locale])) : [""];
        return within.map((locale) => `${type.id}.${id}.${locale}`);
      }),
    );
    const table = sql.raw(perspective === "draft" ? "entries owner" : "published_entries shown");
    const id = sql.raw(perspective === "draft" ? "owner.id" : "shown.entry_id");
    return sql`(ref.perspective = ${sql.raw(perspective === "draft" ? "0" : "1")}
      and not (${JSON.stringify(hidden)}::jsonb ? (ref.type || '.' || ref.field || '.' || ref.locale))
      and exists (select 1 from ${table} where ${inEnvironment(ctx, alias)} and ${id} = ref.entry_id
        and ${anyTypeSql(access, action, sql.raw(`${alias}.type`), row, inAnyLocale(access.schema))}))`;
  };
  return sql` and (${of("draft")} or ${of("published")})`;
}

/**
 * A scalar subquery: references that fulfil a condition over `ref`, as a JSON list, null when there
 * are none.
 */
export function referencesTo(ctx: Context, condition: SQL, more = sql``, limit = MAX_LISTED): SQL {
  return sql`(select jsonb_agg(jsonb_build_object('id', found.entry_id, 'type', found.type, 'field',
    found.field,
      'locale', nullif(found.locale, ''), 'perspective', case found.perspective when 0 then 'draft'
        else 'published' end))
    from (select distinct ref.entry_id, ref.type, ref.field, ref.locale, ref.perspective from entry_refs ref
      where ${inEnvironment(ctx, "ref")} and ${condition} ${more}
      order by ref.entry_id, ref.perspective, ref.field, ref.locale limit ${limit}::int) found)`;
}

/** A scalar subquery: entries in the trash that refer to an entry or asset, as `referencesTo` lists them. */
export function trashReferencesTo(ctx: Context, id: string): SQL {
  const named = JSON.stringify({ id, link: `entry:${id}` });
  return sql`(select jsonb_agg(jsonb_build_object('id', found.id, 'type', found.type, 'field', found.field,
    'locale', null, 'perspective', 'trash'))
    from (select trash.id, trash.type, field.key as field from trash, jsonb_each(trash.data) field
      where ${inEnvironment(ctx, "trash")} and trash.id <> ${id} and strpos(trash.data::text, ${id}) > 0
        and jsonb_path_exists(field.value, '$.** ? (@ == $id || @ == $link)', ${named}::jsonb)
      order by trash.id, field.key limit ${MAX_LISTED}::int) found)`;
}

/** Two lists of references as one, null when there are none. */
export const joinedReferences = (one: SQL, other: SQL): SQL =>
  sql`nullif(coalesce(${one}, '[]') || coalesce(${other}, '[]'), '[]')`;

/** The refusal to take away what others refer to. */
export function referenced(ctx: Context, id: string, references: Reference[], verb: string): AppError {
  // Only callers who may read all entries see which ones.
  if (!seesEverything(ctx.actor.grants))
    return new AppError(
      "CONFLICT",
      "content/referenced",
      `Other entries refer to ${id}: ${verb} it with on_reference=keep, null, cascade or repoint:{id}, or change them first.`,
    );
  const count = new Set(references.map((one) => one.id)).size;
  return new AppError(
    "CONFLICT",
    "content/referenced",
    `${count === 1 ? "1 entry refers" : `${count}${references.length === MAX_LISTED ? " or more" : ""} entries refer`} to ${id}: ${verb} it with on_reference=keep, null, cascade or repoint:{id}, or change them first.`,
    {
      details: references.map(({ id: entry, type, field, locale, perspective }) => ({
        path: field,
        message: `of the ${type} ${entry} (${perspective}${locale ? `, ${locale}` : ""})`,
        entry,
        type,
        perspective,
      })),
    },
  );
}
