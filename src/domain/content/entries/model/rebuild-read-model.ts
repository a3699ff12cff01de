import { ownValue } from "../../../../core/own-value.ts";
import { sql } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { record } from "../../../tenant/events/index.ts";
import { PUBLISHED_DATA, uniqueRows, withSchema, type CompiledType } from "../../types/index.ts";
import { addRows, type RefRow } from "./entry-input.ts";
import type { FieldRow } from "./field-row.ts";
import { renderDocs, typeModel } from "./read-model.ts";
import { fillSlugs } from "./fill-slugs.ts";
import { recomputeRows, type Row } from "./recompute.ts";
import { schemaGuard } from "./side-rows.ts";

/** Entries per page of a rebuild. */
export const REBUILD_PAGE = 100;

/**
 * Rebuilds the side rows and the rendered JSON of one page of a type's entries, after the type or the
 * locales changed. Idempotent. Returns the page's ids and the id to continue after, undefined at the
 * end; two round trips per page of `size`.
 */
export function rebuildReadModel(
  ctx: Context,
  input: { type: string; after: string; size?: number },
): Promise<{ ids: string[]; next: string | undefined }> {
  requirePermission(ctx, "types:write");
  const { size = REBUILD_PAGE } = input;
  return withSchema(ctx, {
    plan: (schema) => ({ schema, type: schema.types.get(input.type) }),
    async run({ schema, type }) {
      if (!type) return { schemaVersion: schema.version, ids: [], next: undefined };
      let rows = await readPage(ctx, type, input.after, size);
      const entries = rows.map(([id, draft, , version, published]) => ({
        ...{ id, draft, version, isPublished: published !== null },
      }));
      if (await fillSlugs(ctx, schema, type, entries)) rows = await readPage(ctx, type, input.after, size);
      const now = recomputeRows(ctx, schema, type, rows);
      const { schemaVersion, results } = await ctx.db.run(
        [...now.statements, rebuildPage(ctx, schema, type, now.rows, rows.length < size)],
        { write: true, kind: "rebuild" },
      );
      const outboxId = results.at(-1)![0]![0];
      if (outboxId !== null) ctx.outbox.poke(ctx.tenantId, [outboxId as string]);
      const ids = rows.map(([id]) => id);
      return { schemaVersion, ids, next: rows.length < size ? undefined : ids.at(-1) };
    },
    read: ({ ids, next }) => ({ ids, next }),
  });
}

async function readPage(ctx: Context, type: CompiledType, after: string, size: number): Promise<Row[]> {
  const { rows } = await ctx.db.read(sql`
    select entry.id, entry.data, ${PUBLISHED_DATA}, entry.version,
      entry.published_version from entries entry
      left join entry_versions kept on ${inEnvironment(ctx, "kept")} and kept.entry_id = entry.id
      and kept.version = entry.published_version
    where ${inEnvironment(ctx, "entry")} and entry.type = ${type.id} and entry.id > ${after}
    order by entry.id limit ${size}::int`);
  return rows as Row[];
}

type Schema = Parameters<typeof renderDocs>[0];
type SideRow = (FieldRow | RefRow) & { e: string; p: 0 | 1 };

function rebuildPage(ctx: Context, schema: Schema, type: CompiledType, rows: unknown[][], isLast: boolean) {
  const side: { fieldRows: SideRow[]; refRows: SideRow[] } = { fieldRows: [], refRows: [] };
  for (const [id, draft, published] of rows as [string, object, object | null][]) {
    collect(side, type, id, 0, draft);
    if (published) collect(side, type, id, 1, published);
  }
  const pages = JSON.stringify(rows.map(([id, , , version, published]) => ({ id, version, published })));
  const isStale = (alias: string) =>
    sql`${inEnvironment(ctx, alias)} and ${sql.raw(`${alias}.entry_id = same.id`)}`;
  const key = sql`fresh.e = old.entry_id and fresh.p = old.perspective and fresh.f = old.field
    and fresh.l = old.locale and fresh.o = old.ordinal`;
  return sql`with ${schemaGuard(ctx, schema.version)},
    same as materialized (select entry.id, entry.published_at from entries entry, schema_ok,
      jsonb_to_recordset(${pages}::jsonb) as given(id text, version int, published int)
      where ${inEnvironment(ctx, "entry")} and entry.id = given.id and entry.version = given.version
      and entry.published_version is not distinct from given.published for update of entry),
    new_field as materialized (select * from jsonb_to_recordset(${JSON.stringify(side.fieldRows)}::jsonb)
      as given(e text, p smallint, f text, l text, o int, t text, n double precision, d numeric, m timestamptz, u text, x text)
        where e in (select id from same)),
    new_ref as materialized (select * from jsonb_to_recordset(${JSON.stringify(side.refRows)}::jsonb)
      as given(e text, p smallint, f text, l text, o int, id text) where e in (select id from same)),
    old_fields as (delete from entry_fields old using same where ${isStale("old")}
      and not exists (select 1 from new_field fresh where ${key})),
    old_refs as (delete from entry_refs old using same where ${isStale("old")}
      and not exists (select 1 from new_ref fresh where ${key})),
    put_fields as (insert into entry_fields (tenant_id, environment_id, entry_id, perspective, field,
      locale, ordinal, type, text_value, number_value, decimal_value, time_value, unique_value, published_at, element)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, e, p, f, l, o, ${type.id}, t, n, d, m, u,
        case when p = 1 then same.published_at end, x
      from new_field join same on same.id = e
      on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
        set text_value = excluded.text_value, number_value = excluded.number_value, decimal_value = excluded.decimal_value,
          time_value = excluded.time_value, unique_value = excluded.unique_value,
          published_at = excluded.published_at, element = excluded.element),
    put_refs as (insert into entry_refs (tenant_id, environment_id, entry_id, perspective, field, locale,
      ordinal, type, target_id, published_at)
      select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, e, p, f, l, o, ${type.id}, new_ref.id,
        case when p = 1 then same.published_at end
      from new_ref join same on same.id = e
      on conflict (tenant_id, environment_id, entry_id, perspective, field, locale, ordinal) do update
      set target_id = excluded.target_id, published_at = excluded.published_at),
    ${typeModel(ctx, sql`${type.id}::text`)},
    saved as (select entry.id, entry.tenant_id, entry.environment_id, entry.type, entry.published_at,
      entry.created_at,
        kept.created_at as updated_at, kept.version, entry.published_locales,
          entry.order_key, ${PUBLISHED_DATA} as data
      from same join entries entry on ${inEnvironment(ctx, "entry")} and entry.id = same.id
        join entry_versions kept on ${inEnvironment(ctx, "kept")} and kept.entry_id = entry.id
        and kept.version = entry.published_version),
    ${renderDocs(schema, sql`saved.data`)},
    old_docs as (delete from published_entries old using same where ${isStale("old")}
      and not exists (select 1 from docs where docs.id = old.entry_id and docs.locale = old.locale)),
    put_docs as (insert into published_entries (tenant_id, environment_id, entry_id, locale, type, slug,
      published_at, created_at, updated_at, version, doc, order_key)
      select ${ctx.tenantId}::uuid, environment_id, id, locale, type, slug, published_at, created_at,
        updated_at, version, doc, order_key from docs
      on conflict (tenant_id, environment_id, entry_id, locale) do update
      set slug = excluded.slug, published_at = excluded.published_at, updated_at = excluded.updated_at,
        doc = excluded.doc, order_key = excluded.order_key),
    finished as (select 1 from schema_ok where ${isLast ? sql`true` : sql`false`}),
    ${isLast ? nowIndexed(ctx, type) : sql``}
    ${record(ctx, {
      event: "read_model.rebuilt",
      from: sql`finished`,
      subject: sql`'type:' || ${type.id}::text`,
      payload: sql`jsonb_build_object('type', ${type.id}::text)`,
    })}
    select (select id::text from event_row)`;
}

/** CTEs that note that what is inside components has side rows now, where that was not so. */
const nowIndexed = (ctx: Context, type: CompiledType) => sql`
    indexed as (update content_types done set is_inner_indexed = true from finished
      where ${inEnvironment(ctx, "done")} and done.id = ${type.id} and not done.is_inner_indexed
      and exists (select 1 from rebuilds rebuild where ${inEnvironment(ctx, "rebuild")}
        and rebuild.type = done.id and rebuild.writes_inner) returning 1),
    told as (update environments set schema_version = schema_version + 1 from indexed
      where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid),`;

function collect(
  side: { fieldRows: SideRow[]; refRows: SideRow[] },
  type: CompiledType,
  id: string,
  perspective: 0 | 1,
  data: object,
): void {
  const rows = sideRowsOf(type, data as Record<string, unknown>);
  side.fieldRows.push(...rows.fieldRows.map((row) => ({ ...row, e: id, p: perspective })));
  side.refRows.push(...rows.refRows.map((row) => ({ ...row, e: id, p: perspective })));
}

/** The rows by which stored values are found. */
export function sideRowsOf(
  type: CompiledType,
  values: Record<string, unknown>,
): { fieldRows: FieldRow[]; refRows: RefRow[] } {
  const rows: { fieldRows: FieldRow[]; refRows: RefRow[] } = { fieldRows: [], refRows: [] };
  for (const field of type.fields.values()) {
    const value = ownValue(values, field.id);
    if (!field.localized) addRows(rows, field, "", value);
    else for (const [locale, one] of Object.entries(value ?? {})) addRows(rows, field, locale, one);
  }
  rows.fieldRows.push(...uniqueRows(type.definition, values));
  return rows;
}
