import { sql, type SQL } from "drizzle-orm";
import type { Context, Row } from "../../core/context.ts";
import { decodeCursor, encodeCursor } from "../../core/cursors.ts";
import { isId } from "../../core/ids.ts";
import { requirePermission } from "../../core/permissions.ts";
import { typeOf, withSchema, type CompiledType, type EnvironmentSchema } from "../types/index.ts";
import { unknownLocale } from "./entry-input.ts";
import { baseId, fieldRows, filterSql, type Source } from "./filter-sql.ts";
import { includeSql, readInclude, type Included } from "./include.ts";
import type { ListQuery, Perspective, ViewQuery } from "./list-query.ts";
import { ENTRY_COLUMN_COUNT, presentEntry } from "./present-entry.ts";
import { noSuchEntry } from "./save-entry.ts";
import { orderOf, type Order } from "./sort-sql.ts";
import { checkFieldNames, viewEntry } from "./view-entry.ts";

/** A page of entries, each as JSON text, so that what is published passes through without being parsed. */
export type EntryPage = {
  items: string[];
  total: number;
  /** Whether there are more than `total`: counting filtered lists stops there. */
  isTotalCapped: boolean;
  nextCursor: string | null;
  /** Types whose entries are shown inside others: what the answer depends on. */
  includedTypes: string[];
};

const COUNT_CAP = 10_000;

/** Lists entries of a type in one round trip. The draft perspective needs `content:read-draft`. */
export function listEntries(ctx: Context, input: { type: string; query: ListQuery }): Promise<EntryPage> {
  requireRead(ctx, input.query.perspective);
  return withSchema(ctx, {
    plan: (schema) => planList(ctx, schema, input.type, input.query),
    async run({ page, count }) {
      const [rows, counted] = await Promise.all([ctx.db.read(page), count ? ctx.db.read(count) : undefined]);
      return { schemaVersion: rows.schemaVersion, rows: rows.rows, counted: counted?.rows[0]?.[0] };
    },
    read({ rows, counted }, schema, { view, order }) {
      const { query } = input;
      const shown = rows.slice(0, query.limit);
      const total = Number(counted ?? rows[0]?.[0] ?? 0);
      const last = rows.length > query.limit ? shown.at(-1) : undefined;
      return {
        items: shown.map((row) => view.item(row.slice(1 + order.length))),
        total: Math.min(total, COUNT_CAP_IF(query, total)),
        isTotalCapped: isCounted(query) && total > COUNT_CAP,
        nextCursor: last ? encodeCursor(order.name, last.slice(1, 1 + order.length) as string[]) : null,
        includedTypes: view.includedTypes,
      } satisfies EntryPage & { schema?: EnvironmentSchema };
    },
  });
}

/** Reads one entry by id or slug as JSON text; NOT_FOUND when the perspective has no such entry. */
export function getEntry(
  ctx: Context,
  input: { type: string; idOrSlug: string; query: ViewQuery },
): Promise<{ item: string; id: string; includedTypes: string[] }> {
  requireRead(ctx, input.query.perspective);
  return withSchema(ctx, {
    plan(schema) {
      const source = sourceOf(ctx, schema, input.type, input.query);
      const view = planView(source, schema, input.query);
      if (!input.idOrSlug.isWellFormed() || input.idOrSlug.includes("\0"))
        throw noSuchEntry(input.type, input.idOrSlug);
      const statement = sql`select ${view.columns} from ${from(source)} where ${inType(source)} and ${isWanted(source, input.idOrSlug)} limit 1`;
      return { statement, view };
    },
    run: ({ statement }) => ctx.db.read(statement),
    read({ rows }, _schema, { view }) {
      const row = rows[0];
      if (!row) throw noSuchEntry(input.type, input.idOrSlug);
      return { item: view.item(row), id: row[0] as string, includedTypes: view.includedTypes };
    },
  });
}

function requireRead(ctx: Context, perspective: Perspective): void {
  requirePermission(ctx, perspective === "draft" ? "content:read-draft" : "content:read");
}

function sourceOf(ctx: Context, schema: EnvironmentSchema, typeId: string, query: ViewQuery): Source {
  const type = typeOf(schema, typeId);
  const locale = query.locale ?? schema.defaultLocale;
  const isEveryLocale = locale === "*" && query.perspective === "draft";
  const chain = isEveryLocale ? schema.chains.get(schema.defaultLocale) : schema.chains.get(locale);
  if (!chain) throw unknownLocale(schema, locale);
  return { ctx, type, perspective: query.perspective, chain };
}

function planList(ctx: Context, schema: EnvironmentSchema, typeId: string, query: ListQuery) {
  const source = sourceOf(ctx, schema, typeId, query);
  const view = planView(source, schema, query);
  const order = orderOf(source, query.sort);
  const conditions = [inType(source), ...query.filters.map((filter) => filterSql(source, filter))];
  const where = sql.join(conditions, sql` and `);
  const total = totalSql(source, query, where);
  const isFirst = query.page === 1 && query.cursor === undefined;
  const after =
    query.cursor === undefined
      ? sql``
      : sql` and ${order.after(decodeCursor(query.cursor, order.name, order.length))}`;
  const offset = query.cursor === undefined ? (query.page - 1) * query.limit : 0;
  const page = sql`select ${isFirst ? sql`(${total})` : sql`null`}, ${order.values}, ${view.columns}
    from ${from(source)} ${order.joins} where ${where}${after}
    order by ${order.orderBy} limit ${query.limit + 1}::int offset ${offset}::int`;
  return { page, count: isFirst ? undefined : total, view, order };
}

const from = (source: Source) =>
  sql.raw(source.perspective === "draft" ? "entries base" : "published_entries base");

function inType({ ctx, type, perspective, chain }: Source): SQL {
  const mine = sql`base.tenant_id = ${ctx.tenantId}::uuid and base.environment_id = ${ctx.environmentId}::uuid and base.type = ${type.id}`;
  return perspective === "draft" ? mine : sql`${mine} and base.locale = ${chain[0]}`;
}

const isCounted = (query: ListQuery) => query.filters.length > 0 || query.perspective === "draft";
const COUNT_CAP_IF = (query: ListQuery, total: number) => (isCounted(query) ? COUNT_CAP : total);

/** Exact for what is published and unfiltered (kept by a trigger); otherwise counted up to a cap. */
function totalSql(source: Source, query: ListQuery, where: SQL): SQL {
  if (isCounted(query))
    return sql`select count(*) from (select 1 from ${from(source)} where ${where} limit ${sql.raw(String(COUNT_CAP + 1))}) counted`;
  const { ctx, type, chain } = source;
  return sql`select coalesce(sum(total), 0)::bigint from published_counts where tenant_id = ${ctx.tenantId}::uuid
    and environment_id = ${ctx.environmentId}::uuid and type = ${type.id} and locale = ${chain[0]}`;
}

function isWanted(source: Source, idOrSlug: string): SQL {
  if (isId("cnt", idOrSlug)) return sql`${baseId(source)} = ${idOrSlug}`;
  const slug = source.type.slugField;
  if (!slug) return sql`false`;
  if (source.perspective === "published") return sql`base.slug = ${idOrSlug}`;
  const locales = slug.localized ? source.chain : "";
  return sql`exists (${fieldRows(source, "hit", slug, locales)} and hit.unique_value = ${idOrSlug})`;
}

type View = { columns: SQL; includedTypes: string[]; item(row: Row): string };

/** What is selected of an entry and how its row becomes JSON. The first selected column is the id. */
function planView(source: Source, schema: EnvironmentSchema, query: ViewQuery): View {
  checkFieldNames(source.type, query.fields);
  const include = readInclude(source.type, query.include);
  const included = include.length > 0 ? includeSql(source, include) : sql`null`;
  const locale = query.locale ?? schema.defaultLocale;
  const isPlain = include.length === 0 && query.fields === undefined && query.richText === "json";
  if (source.perspective === "published") {
    return {
      columns: sql`base.entry_id, base.doc, ${included}`,
      includedTypes: include.flatMap(
        (field) => field.to ?? (field.type === "reference" ? [...schema.types.keys()] : []),
      ),
      item: ([, doc, found]) =>
        isPlain
          ? (doc as string)
          : JSON.stringify(
              viewEntry(schema, source.type, JSON.parse(doc as string), found as Included, query, include),
            ),
    };
  }
  return {
    columns: sql`base.id, base.version, base.published_version, cms_iso(base.published_at), cms_iso(base.created_at), base.created_by,
      cms_iso(base.updated_at), base.updated_by, base.data, ${included}`,
    includedTypes: [],
    item(row) {
      const entry = presentEntry(schema, source.type as CompiledType, row, locale);
      if (isPlain) return JSON.stringify(entry);
      return JSON.stringify(
        viewEntry(schema, source.type, entry, row[ENTRY_COLUMN_COUNT] as Included, query, include),
      );
    },
  };
}

export type { Order };
