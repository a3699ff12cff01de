import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { AppError, notFound } from "../../../core/errors.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { textArray } from "../../../db/text-array.ts";
import { renderDocs, sideRowsOf, typeModel } from "../entries/index.ts";
import { entryTexts } from "../search/index.ts";
import { withSchema, type EnvironmentSchema } from "../types/index.ts";
import type { Release } from "./schemas.ts";
import { basisSql, entryOf, isOld, isThere, itemOf, listedOf, ofRelease, targetsSql } from "./target-sql.ts";

/** Entries that travel together. */
const AT_ONCE = 500;
/** As stored, compressed; one at least. */
const BYTES_AT_ONCE = 4_000_000;
/** The tables that hold what the items of a release come to. */
export const MADE_TABLES = [
  "release_targets",
  "release_docs",
  "release_fields",
  "release_refs",
  "release_texts",
] as const;

type Values = Record<string, unknown>;
type Stale = { id: string; basis: string | null; type: string; data: Values | null };

export const noSuchRelease = (id: string): AppError =>
  notFound("releases/not-found", `There is no release "${id.slice(0, 64)}".`);

/**
 * Makes what the items of a release come to, where an item, its entry or the types changed since: as
 * many pages as it takes, two round trips for each, one when nothing did. Answers its state. Throws NOT_FOUND.
 */
export async function makeTargets(ctx: Context, id: string): Promise<Release["state"]> {
  for (;;) {
    const { isMore, state } = await makePage(ctx, id);
    if (!isMore) return state;
  }
}

/** Whether there may be more to make; nothing is of a release that is published. */
function makePage(ctx: Context, id: string): Promise<{ isMore: boolean; state: Release["state"] }> {
  return withSchema(ctx, {
    plan: (schema) => schema,
    async run(schema) {
      const [found, stale] = await Promise.all([
        ctx.db.read(
          sql`select release.state from releases release where ${inEnvironment(ctx, "release")} and release.id = ${id}`,
        ),
        ctx.db.read(staleSql(ctx, schema, id), { kind: "rebuild" }),
      ]);
      if (found.rows.length === 0) throw noSuchRelease(id);
      const { schemaVersion } = stale;
      const state = found.rows[0]![0] as Release["state"];
      const rows = stale.rows.map(([one, basis, type, data]) => ({ id: one, basis, type, data }) as Stale);
      const isDone = rows.length === 0 || state === "published";
      if (isDone || schemaVersion !== schema.version) return { schemaVersion, state, isMore: false };
      const done = await ctx.db.run(pageStatements(ctx, schema, id, rows), { kind: "rebuild", isRead: true });
      return { schemaVersion: done.schemaVersion, state, isMore: true };
    },
    read: ({ isMore, state }) => ({ isMore, state }),
  });
}

/** Targets that are old, with the data that they come to; without a basis those that nothing stands for. */
function staleSql(ctx: Context, schema: EnvironmentSchema, id: string): SQL {
  const which = sql`select next.id, next.basis from (select item.entry_id as id, ${basisSql(schema)} as basis,
      sum(pg_column_size(entry.data)) over (order by item.entry_id) as bytes, row_number() over (order by item.entry_id) as place
    from ${listedOf(ctx, id)} ${itemOf(ctx, id)} ${entryOf(ctx)} where ${isOld(ctx, schema, id)}) next
    where next.place = 1 or (next.place <= ${sql.raw(String(AT_ONCE))} and next.bytes <= ${sql.raw(String(BYTES_AT_ONCE))})`;
  return sql`select made.entry_id, made.basis, made.type, made.data from (${targetsSql(ctx, schema, id, which)}) made
    union all select target.entry_id, null, null, null from release_targets target
    where ${ofRelease(ctx, id, "target")} and ${isOrphan(ctx, id)}`;
}

/** Whether nothing stands for the row `target` any more. */
export const isOrphan = (ctx: Context, id: string): SQL =>
  sql`not (${isThere("release_items", "item", sql`${ofRelease(ctx, id, "item")} and item.entry_id = target.entry_id`)}
    and ${isThere("entries", "entry", sql`${inEnvironment(ctx, "entry")} and entry.id = target.entry_id`)})`;

function pageStatements(ctx: Context, schema: EnvironmentSchema, id: string, rows: Stale[]): SQL[] {
  const ids = rows.map((row) => row.id);
  const fresh = rows.flatMap((row) => (row.basis === null ? [] : [{ id: row.id, basis: row.basis }]));
  return [
    // Rows of two that make them at once would mix.
    sql`select pg_advisory_xact_lock(hashtextextended(${id}, 2))`,
    ...clearStatements(ctx, id, ids),
    ...(fresh.length > 0 ? [putStatement(ctx, schema, id, rows, JSON.stringify(fresh))] : []),
  ];
}

/** Takes away what was made of a release, or of some entries in it. */
export const clearStatements = (ctx: Context, id: string, ids?: string[]): SQL[] =>
  MADE_TABLES.map(
    (table) => sql`delete from ${sql.raw(table)} old where ${ofRelease(ctx, id, "old")}
      ${ids ? sql`and old.entry_id = any (${textArray(ids)})` : sql``}`,
  );

function putStatement(
  ctx: Context,
  schema: EnvironmentSchema,
  id: string,
  rows: Stale[],
  fresh: string,
): SQL {
  const side = sideOf(schema, rows);
  const which = sql`select given.id, given.basis from jsonb_to_recordset(${fresh}::jsonb) as given(id text, basis text)
    ${itemOf(ctx, id, sql`given.id`)} ${entryOf(ctx)} where ${basisSql(schema)} = given.basis`;
  const types = textArray([...new Set(rows.flatMap(({ type }) => type ?? []))]);
  const scope = sql`${ctx.environmentId}::uuid, ${id}::text`;
  return sql`with made as materialized (${targetsSql(ctx, schema, id, which)}),
    ${typeModel(ctx, sql`any (${types})`)},
    targets as (insert into release_targets (tenant_id, environment_id, release_id, entry_id, type, basis, version,
        published_at, is_first, with_shared, published_locales, is_whole, data)
      select ${ctx.tenantId}::uuid, ${scope}, entry_id, type, basis, version, published_at, is_first, with_shared, published_locales, is_whole, data
      from made),
    saved as (select made.environment_id, made.entry_id as id, made.type, made.version, made.published_locales,
        made.published_at, made.created_at, made.order_key, made.data,
        coalesce(wrote.created_at, made.updated_at) as updated_at
      from made left join lateral (select wrote.created_at from entry_versions wrote where ${inEnvironment(ctx, "wrote")}
        and wrote.entry_id = made.entry_id and wrote.version = made.version offset 0) wrote on true
      where made.version is not null and made.data is not null),
    ${renderDocs(schema, sql`saved.data`)},
    put_docs as (insert into release_docs (tenant_id, environment_id, release_id, entry_id, locale, type, slug,
        published_at, created_at, updated_at, version, doc, order_key)
      select ${ctx.tenantId}::uuid, ${scope}, id, locale, type, slug, published_at, created_at, updated_at,
        coalesce((published_locales ->> locale)::int, version), doc, order_key from docs),
    put_fields as (insert into release_fields (tenant_id, environment_id, release_id, entry_id, field, locale, ordinal,
        type, text_value, number_value, decimal_value, time_value, unique_value, published_at, element)
      select ${ctx.tenantId}::uuid, ${scope}, e, f, l, o, made.type, t, n, d, m, u, made.published_at, x
      from jsonb_to_recordset(${JSON.stringify(side.fields)}::jsonb) as given(e text, f text, l text, o int, t text,
        n double precision, d numeric, m timestamptz, u text, x text) join made on made.entry_id = e),
    put_refs as (insert into release_refs (tenant_id, environment_id, release_id, entry_id, field, locale, ordinal,
        type, target_id, published_at)
      select ${ctx.tenantId}::uuid, ${scope}, e, f, l, o, made.type, given.id, made.published_at
      from jsonb_to_recordset(${JSON.stringify(side.refs)}::jsonb) as given(e text, f text, l text, o int, id text)
        join made on made.entry_id = e),
    put_texts as (insert into release_texts (tenant_id, environment_id, release_id, entry_id, locale, type, document)
      select ${ctx.tenantId}::uuid, ${scope}, e, locale, made.type, cms_document(name, short, long, exact)
      from jsonb_to_recordset(${JSON.stringify(side.texts)}::jsonb) as given(e text, locale text, name text, short text,
        long text, exact text) join made on made.entry_id = e)
    select count(*) from made`;
}

/** What is found of the data of some entries, each with its id as `e`. */
function sideOf(schema: EnvironmentSchema, rows: Stale[]) {
  const side: { fields: object[]; refs: object[]; texts: object[] } = { fields: [], refs: [], texts: [] };
  for (const { id: e, type: typeId, data } of rows) {
    const type = data && schema.types.get(typeId);
    if (!type) continue;
    const { fieldRows, refRows } = sideRowsOf(type, data);
    side.fields.push(...fieldRows.map((row) => ({ ...row, e })));
    side.refs.push(...refRows.map(({ f, l, o, id }) => ({ f, l, o, id, e })));
    side.texts.push(...entryTexts(schema, type, data).map((text) => ({ ...text, e })));
  }
  return side;
}
