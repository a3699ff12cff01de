import { sql, type SQL } from "drizzle-orm";
import { inEnvironment } from "../../../../db/in-environment.ts";
import type { Context, Row } from "../../../../core/context.ts";
import { encodeCursor } from "../../../../core/cursors.ts";
import { tagsOfEntry, tagsOfTypes } from "../../../../core/events.ts";
import { isId } from "../../../../core/ids.ts";
import { requirePermission } from "../../../../core/permissions.ts";
import { textArray } from "../../../../db/text-array.ts";
import { highlightsOf } from "../../search/index.ts";
import { slugForm, withSchema, type Field } from "../../types/index.ts";
import {
  baseId,
  COUNT_CAP,
  facetsSql,
  fieldRows,
  from,
  inType,
  isCounted,
  isShown,
  readFacets,
  requireReadableField,
  sourceOf,
  type ListQuery,
  type Perspective,
  type Source,
  type ViewQuery,
} from "../query/index.ts";
import { pathSql, slugSql } from "./path-sql.ts";
import { planList, planView, TOTAL_COLUMNS } from "./plan-list.ts";
import { lastOfSlug } from "../model/index.ts";
import type { Can, Facets, Highlights, Moved } from "../schemas.ts";
import { noSuchEntry, noSuchVersion, notSingleton } from "../refusals.ts";

/** A page of entries, each as JSON text, so that published entries pass through unparsed. */
export type EntryPage = {
  items: string[];
  /** Undefined when it was not to be counted. */
  total: number | undefined;
  /** Whether there may be more than `total`: counting filtered lists stops there. */
  isTotalCapped: boolean;
  /** Where the next page starts, or that before; null where there is none. */
  nextCursor: string | null;
  /** The cursor behind one of the items. */
  cursorAt(index: number): string;
  /** The cache tags of what the answer depends on. */
  tags: string[];
  /** By field, the values that occur and how often, over everything that matches. */
  facets?: Facets;
  /** By entry id and field: HTML with the matches marked. */
  highlights?: Highlights;
  /** By entry id: how far each is from the point that the list is sorted by, in kilometres. */
  distances?: Record<string, number | null>;
  /** By entry id: the actor's permissions on each working copy. */
  can?: Record<string, Can>;
};

/** Lists entries of a type in one round trip. The draft perspective needs `content:read-draft`. */
export function listEntries(ctx: Context, input: { type: string; query: ListQuery }): Promise<EntryPage> {
  requireRead(ctx, input.query.perspective);
  const { query } = input;
  return withSchema(ctx, {
    plan(schema) {
      const list = planList(ctx, schema, input.type, query);
      return {
        ...list,
        marked: query.highlight
          ? planView(list.source, schema, { ...query, include: [], richText: "json" })
          : undefined,
        facets: query.facets ? facetsSql(list.source, query, query.facets) : undefined,
      };
    },
    async run({ page, count, facets, options }) {
      const [rows, counted, faceted] = await Promise.all([
        ctx.db.read(page, options),
        count ? ctx.db.read(count, options) : undefined,
        facets ? ctx.db.read(facets.statement, facets.options) : undefined,
      ]);
      return {
        schemaVersion: rows.schemaVersion,
        rows: rows.rows,
        counted: counted?.rows[0]?.[0],
        faceted: faceted?.rows,
      };
    },
    read({ rows, counted, faceted }, _schema, { view, marked, order, source }) {
      const total = Number(counted ?? rows[0]?.[0] ?? 0);
      // The total may come alone: the id is the last key.
      const first = TOTAL_COLUMNS + order.length;
      const found = rows.filter((row) => row[first - 1] !== null);
      const shown = found.slice(0, query.limit);
      if (query.isBackwards) shown.reverse();
      const cursorAt = (index: number) =>
        encodeCursor(order.name, shown[index]!.slice(TOTAL_COLUMNS, first) as string[]);
      const entries = shown.map((row) => row.slice(first));
      const items = entries.map((row) => view.item(row));
      const isExact = query.total === "exact" && query.q === undefined;
      const isBeyond = isCounted(source, query) && total > COUNT_CAP && !isExact;
      const isUncounted = query.total === "false";
      return {
        items,
        total: isUncounted ? undefined : isBeyond ? COUNT_CAP : total,
        isTotalCapped: !isUncounted && !isExact && (isBeyond || rows[0]?.[1] === true),
        nextCursor: found.length > query.limit ? cursorAt(query.isBackwards ? 0 : shown.length - 1) : null,
        cursorAt,
        tags: tagsOfTypes(ctx.environmentId, [input.type, ...source.reads]),
        ...(faceted ? { facets: readFacets(source, query.facets!, faceted) } : {}),
        ...(marked
          ? {
              highlights: highlightsIn(
                source,
                entries.map((row) => marked.item(row)),
                query.q!,
              ),
            }
          : {}),
        ...(order.distanceAt < 0 ? {} : { distances: distancesIn(shown, order.distanceAt, first) }),
        ...(query.perspective === "draft"
          ? { can: Object.fromEntries(entries.map((row) => [row[0] as string, view.can(row)])) }
          : {}),
      };
    },
  });
}

/** Stands for the only entry of a singleton in place of its id; no slug is like this. */
export const ONLY_ENTRY = "-";

/**
 * Reads one entry by id or slug as JSON text, optionally at a version; NOT_FOUND when there is none.
 * `can`: the actor's permissions on a working copy. `moved`: it was found by a slug that it had.
 */
export function getEntry(
  ctx: Context,
  input: { type: string; idOrSlug: string; query: ViewQuery },
): Promise<{ item: string; id: string; tags: string[]; can: Can | undefined; moved: Moved | undefined }> {
  requireRead(ctx, input.query.perspective);
  return withSchema(ctx, {
    plan(schema) {
      const source = sourceOf(ctx, schema, input.type, input.query);
      const view = planView(source, schema, input.query);
      if (!input.idOrSlug.isWellFormed() || input.idOrSlug.includes("\0"))
        throw noSuchEntry(input.type, input.idOrSlug);
      return { statement: wantedSql(source, view.columns, input), view, reads: source.reads };
    },
    run: ({ statement }) =>
      ctx.db.read(statement, { kind: input.query.perspective === "draft" ? "editing" : "delivery" }),
    read({ rows }, _schema, { view, reads }) {
      const row = rows[0];
      const { version } = input.query;
      if (!row && version !== undefined)
        throw noSuchVersion({ type: input.type, id: input.idOrSlug, version });
      if (!row) throw noSuchEntry(input.type, input.idOrSlug);
      const isWorkingCopy = input.query.perspective === "draft" && version === undefined;
      const can = isWorkingCopy ? view.can(row) : undefined;
      const id = row[0] as string;
      // Another entry may come to have the slug.
      const types = input.idOrSlug === id ? reads : [input.type, ...reads];
      const tags = [
        ...new Set([
          ...tagsOfEntry(ctx.environmentId, { id, type: input.type }),
          ...tagsOfTypes(ctx.environmentId, types),
        ]),
      ];
      const to = row.at(-1) as string | null;
      const moved = to === null ? undefined : { from: slugForm(input.idOrSlug), to };
      return { item: view.item(row), id, tags, can, moved };
    },
  });
}

/** Throws FORBIDDEN unless the actor may read this perspective. */
export function requireRead(ctx: Context, perspective: Perspective): void {
  requirePermission(ctx, perspective === "draft" ? "content:read-draft" : "content:read");
}

type Wanted = { type: string; idOrSlug: string; query: ViewQuery };

/**
 * The statement that reads one entry; its last column is the slug that the entry has now, when it was
 * found by one that it had.
 */
function wantedSql(source: Source, columns: SQL, { idOrSlug, query: { version } }: Wanted): SQL {
  const path: string = idOrSlug;
  const rest = (where: SQL) => sql`from ${from(source)} where ${inType(source)} and ${where}`;
  const one = (where: SQL) => sql`select ${columns}, null ${rest(where)} limit 1`;
  if (isId("cnt", idOrSlug)) return one(sql`${baseId(source)} = ${idOrSlug}`);
  if (idOrSlug === ONLY_ENTRY) {
    if (!source.type.definition.singleton) throw notSingleton(source.type.id);
    // Old versions may be those of an entry that was deleted.
    const only = sql`${baseId(source)} = (select single.id from entries single
      where ${inEnvironment(source.ctx, "single")} and single.type = ${source.type.id} limit 1)`;
    return one(version === undefined ? sql`true` : only);
  }
  const { slugField } = source.type;
  if (!slugField) return one(sql`false`);
  requireReadableField(source, slugField.id, "slug");
  // Slugs that were stored before they had one form are found as they are written.
  const slug = source.type.pathParent ? path.slice(path.lastIndexOf("/") + 1) : path;
  const forms = [...new Set([slugForm(slug), slug])];
  const { where, order } = bySlug(source, slugField, forms);
  const locales = source.everyIn?.(source.type) ?? [source.chain[0]!];
  const last = lastOfSlug(source.ctx, source.type.id, locales, forms);
  const now =
    pathSql({ ...source, isEveryLocale: false }) ??
    slugSql(source, slugField, "base", textArray(source.chain));
  const hit = sql`own as (select (select ${baseId(source)} ${rest(where)}${order} limit 1) as id offset 0),
    hit as materialized (select coalesce(own.id, ${last}) as id, own.id is null as is_moved from own)`;
  const found = sql`${inType(source)} and ${baseId(source)} = hit.id`;
  if (!source.type.pathParent)
    return sql`with ${hit} select ${columns}, case when hit.is_moved then coalesce(${now}, hit.id) end
      from hit, ${from(source)} where ${found} limit 1`;
  const steps = path.split("/").slice(0, -1);
  return sql`with ${hit} select ${columns}, case when place.is_elsewhere then coalesce(place.path, hit.id) end
    from hit, ${from(source)} cross join lateral (
      select shown.path, ${isElsewhere(source, sql`shown.path`, slugForm(path))} as is_elsewhere
      from (select ${now} as path offset 0) shown offset 0) place
    where ${found}${steps.length > 0 ? sql` and (not place.is_elsewhere or ${areKnown(source, slugField, steps)})` : sql``} limit 1`;
}

/** Whether each step is, or was, the slug of an entry that can be read: any other path leads nowhere. */
function areKnown(source: Source, slug: Field, steps: string[]): SQL {
  const { ctx, type, perspective } = source;
  const above: Source = {
    ...source,
    alias: "above",
    version: undefined,
    everyIn: undefined,
    isEveryLocale: false,
  };
  const named = (table: string) => sql`select named.entry_id from ${sql.raw(table)} named
    where ${inEnvironment(ctx, "named")} and named.type = ${type.id} and named.slug = step.slug`;
  const drafts = sql` union all select hit.entry_id from entry_fields hit where ${inEnvironment(ctx, "hit")}
    and hit.type = ${type.id} and hit.perspective = 0 and hit.field = ${slug.id} and hit.unique_value = step.slug`;
  return sql`not exists (select 1 from unnest(${textArray(steps.map(slugForm))}) step (slug)
    where not exists (select 1 from (${named("published_entries")} union all ${named("slug_history")}${
      perspective === "draft" ? drafts : sql``
    }) named (id) where exists (select 1 from ${from(above)}
      where ${inType(above)} and ${baseId(above)} = named.id)))`;
}

/** The last step of a path decides: where the entry is now, in whichever locale, it says itself. */
const isElsewhere = (source: Source, now: SQL, path: string): SQL =>
  source.isEveryLocale && source.type.slugField!.localized
    ? sql`not exists (select 1 from jsonb_each_text(${pathSql(source)!}) shown where shown.value = ${path})`
    : sql`${now} is distinct from ${path}`;

/** Rows with a slug, and `order by` for one that several may have: an own slug comes before a fallback. */
function bySlug(source: Source, slug: Field, forms: string[]): { where: SQL; order: SQL } {
  const locales = slug.localized ? source.chain : "";
  const having = (what?: SQL) =>
    sql`(${fieldRows(source, "hit", slug, locales, what)} and hit.unique_value in ${forms}`;
  const position = sql`min(array_position(${textArray(source.chain)}, hit.locale))`;
  const isFallback = slug.localized && source.chain.length > 1;
  return {
    where: source.everyIn
      ? sql`base.entry_id in (select named.entry_id from published_entries named
          where ${inEnvironment(source.ctx, "named")} and named.type = ${source.type.id}
          and named.locale in ${source.everyIn(source.type)} and named.slug in ${forms})`
      : source.perspective === "published"
        ? sql`base.slug in ${forms}`
        : sql`exists ${having()}${isShown(source, "hit", slug)})`,
    order: isFallback && !source.everyIn ? sql` order by ${having(position)})` : sql``,
  };
}

/** The distances among the keys of some rows, to the metre. */
const distancesIn = (rows: readonly Row[], at: number, idAt: number): Record<string, number | null> =>
  Object.fromEntries(
    rows.map((row) => {
      const km = row[TOTAL_COLUMNS + at];
      return [row[idAt] as string, km === null ? null : Math.round(Number(km) * 1000) / 1000];
    }),
  );

function highlightsIn(source: Source, items: string[], q: string): Highlights {
  return Object.fromEntries(
    items.map((item) => {
      const entry = JSON.parse(item) as Record<string, unknown>;
      return [entry["id"] as string, highlightsOf(source.type, entry, q, source.isEveryLocale)];
    }),
  );
}
