import { sql } from "drizzle-orm";
import type { Context, Row } from "../../../core/context.ts";
import { decodeCursor, encodeCursor } from "../../../core/cursors.ts";
import { AppError, invalid, notFound, type ErrorDetail } from "../../../core/errors.ts";
import { requirePermission } from "../../../core/permissions.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { textArray } from "../../../db/text-array.ts";
import { seenEntry } from "../entries/index.ts";
import { noSuchRelease } from "./make-targets.ts";
import { CHANGEABLE, readChanged, recordRelease, releaseColumns } from "./releases.ts";
import { MAX_ITEMS, type ItemsQuery, type NewItems, type Release, type ReleaseItem } from "./schemas.ts";
import { ofRelease } from "./target-sql.ts";

type Wrong = { place: number; entry: string; is_there: boolean; locale: string | null; has_version: boolean };

/** Adds entries to a release, or says anew what happens to those that are in it: all of them or none. */
export async function addItems(ctx: Context, { id, items }: NewItems & { id: string }): Promise<Release> {
  requirePermission(ctx, "releases:write");
  const twice = items.findIndex(({ entry }, i) => items.findIndex((one) => one.entry === entry) !== i);
  if (twice >= 0)
    throw invalid("releases/invalid", "An entry is in a release once.", [
      { path: `items[${twice}].entry`, message: "is there already" },
    ]);
  const given = JSON.stringify(items.map((item, place) => ({ ...item, place })));
  const { results } = await ctx.db.run(
    [
      sql`with before as (select * from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id} for update),
      given as materialized (select given.*, known.type, known.version as entry_version,
          known.version is null as is_missing, (select code from jsonb_array_elements_text(given.locales) code
            where not here.locales @> jsonb_build_array(jsonb_build_object('code', code)) limit 1) as locale,
          given.version is null or given.version = known.version or exists (select 1 from entry_versions kept
            where ${inEnvironment(ctx, "kept")} and kept.entry_id = given.entry and kept.version = given.version) as has_version
        from jsonb_to_recordset(${given}::jsonb) as given(place int, entry text, action text, locales jsonb, version int)
        join environments here on here.tenant_id = ${ctx.tenantId}::uuid and here.id = ${ctx.environmentId}::uuid
        left join (select entry.id, entry.type, entry.version from entries entry
          where ${inEnvironment(ctx, "entry")} and entry.id = any (${textArray(items.map(({ entry }) => entry))})
          ${await seenEntry(ctx, "entry")}) known on known.id = given.entry),
      wrong as (select jsonb_agg(jsonb_build_object('place', place, 'entry', entry, 'is_there', not is_missing,
        'locale', locale, 'has_version', has_version) order by place) as list
        from given where is_missing or locale is not null or not has_version),
      total as (select count(*) as items from (select entry_id from release_items item where ${ofRelease(ctx, id, "item")}
        union select entry from given) one),
      put as (insert into release_items as item (tenant_id, environment_id, release_id, entry_id, type, action, locales,
          version, added_version, added_by)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, before.id, given.entry, given.type, given.action,
          given.locales, given.version, given.entry_version, ${ctx.actor.id}
        from given, before, wrong, total where wrong.list is null and total.items <= ${MAX_ITEMS}
          and before.state in ${CHANGEABLE}
        on conflict (tenant_id, environment_id, release_id, entry_id) do update set action = excluded.action,
          locales = excluded.locales, version = excluded.version, restores = null, added_version = excluded.added_version,
          added_at = now(), added_by = excluded.added_by returning 1),
      saved as (update releases release set version = release.version + 1, updated_at = now(), updated_by = ${ctx.actor.id}
        where ${inEnvironment(ctx, "release")} and release.id = ${id} and exists (select 1 from put) returning *),
      ${recordRelease(ctx, "release.updated", sql`jsonb_build_object('added', ${items.length}::int)`)}
      select (select list from wrong), (select items from total), (select id::text from event_row), ${releaseColumns(ctx)}
      from (select * from saved union all select * from before where not exists (select 1 from saved)) release`,
    ],
    { write: true },
  );
  const row = results[0]![0];
  if (!row) throw noSuchRelease(id);
  const [wrong, total, ...changed] = row;
  if (wrong !== null) throw wrongItems(wrong as Wrong[], items);
  if (Number(total) > MAX_ITEMS)
    throw new AppError(
      "QUOTA_EXCEEDED",
      "releases/too-many-items",
      `A release has at most ${MAX_ITEMS} entries.`,
    );
  return { ...readChanged(ctx, id, changed), items: Number(total) };
}

function wrongItems(wrong: Wrong[], items: NewItems["items"]): AppError {
  const details = wrong.map(
    ({ place, entry, is_there: isThere, locale, has_version: hasVersion }): ErrorDetail => {
      const at = `items[${place}]`;
      if (!isThere) return { path: `${at}.entry`, message: `there is no entry "${entry}"` };
      if (locale !== null) return { path: `${at}.locales`, message: `there is no locale "${locale}"` };
      return hasVersion
        ? { path: at, message: "is not valid" }
        : { path: `${at}.version`, message: `the entry has no version ${items[place]!.version}` };
    },
  );
  const first = `${details[0]!.path}: ${details[0]!.message}.`;
  if (wrong.some((one) => !one.is_there)) {
    const error = notFound("content/not-found", first);
    error.details.push(...details.slice(0, 50));
    return error;
  }
  return invalid("releases/invalid", first, details);
}

/** Takes entries out of a release; those that are not in it change nothing. */
export async function removeItems(
  ctx: Context,
  { id, entries }: { id: string; entries: readonly string[] },
): Promise<Release> {
  requirePermission(ctx, "releases:write");
  const { results } = await ctx.db.run(
    [
      sql`with before as (select * from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id} for update),
      gone as (delete from release_items item using before where ${ofRelease(ctx, id, "item")}
        and item.entry_id = any (${textArray([...entries])}) and before.state in ${CHANGEABLE} returning 1),
      saved as (update releases release set version = release.version + 1, updated_at = now(), updated_by = ${ctx.actor.id}
        from before where ${inEnvironment(ctx, "release")} and release.id = before.id and before.state in ${CHANGEABLE}
        returning release.*),
      ${recordRelease(ctx, "release.updated", sql`jsonb_build_object('removed', (select count(*) from gone))`)}
      select (select id::text from event_row), (select count(*)::int from gone), ${releaseColumns(ctx)}
      from (select * from saved union all select * from before where not exists (select 1 from saved)) release`,
    ],
    { write: true },
  );
  const row = results[0]![0];
  if (!row) throw noSuchRelease(id);
  const [outboxId, gone, ...columns] = row;
  const release = readChanged(ctx, id, [outboxId, ...columns]);
  return { ...release, items: release.items - (gone as number) };
}

/** The entries of a release that the actor may read, by their ids. */
export async function listItems(
  ctx: Context,
  input: ItemsQuery & { id: string },
): Promise<{ data: ReleaseItem[]; nextCursor: string | null }> {
  requirePermission(ctx, "releases:read");
  const [after] = input.cursor === undefined ? [null] : decodeCursor(input.cursor, "release-items", 1);
  const seen =
    ctx.actor.grants === undefined
      ? sql``
      : sql` and exists (select 1 from entries entry where ${inEnvironment(ctx, "entry")}
          and entry.id = item.entry_id${await seenEntry(ctx, "entry")})`;
  const [release, { rows }] = await Promise.all([
    ctx.db.read(
      sql`select 1 from releases release where ${inEnvironment(ctx, "release")} and release.id = ${input.id}`,
    ),
    ctx.db
      .read(sql`select item.entry_id, item.type, item.action, item.locales, item.version, item.added_version,
        cms_iso(item.added_at), item.added_by, case when item.before is not null then
          jsonb_build_object('version', item.before -> 'version', 'locales', item.before -> 'locales') end
      from release_items item where ${ofRelease(ctx, input.id, "item")}${seen}
        and (${after}::text is null or item.entry_id > ${after}::text)
      order by item.entry_id limit ${input.limit + 1}::int`),
  ]);
  if (release.rows.length === 0) throw noSuchRelease(input.id);
  const data = rows.slice(0, input.limit).map(presentItem);
  const isMore = rows.length > input.limit;
  return { data, nextCursor: isMore ? encodeCursor("release-items", [data.at(-1)!.entry]) : null };
}

function presentItem(row: Row): ReleaseItem {
  const names = "entry type action locales version added_version added_at added_by replaced".split(" ");
  return Object.fromEntries(names.map((name, i) => [name, row[i]])) as ReleaseItem;
}
