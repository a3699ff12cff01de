import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../../core/context.ts";
import { invalid, type AppError } from "../../../../core/errors.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { textArray } from "../../../../db/text-array.ts";
import {
  filterKind,
  levelsIn,
  PLACE_DIGITS,
  type Column,
  type CompiledType,
  type EnvironmentSchema,
  keptDataOf,
} from "../../types/index.ts";
import type { Perspective } from "./list-query.ts";

/** The rows a query reads: `alias` is published_entries, or entries in the draft perspective. */
export type Source = {
  ctx: Context;
  schema: EnvironmentSchema;
  type: CompiledType;
  perspective: Perspective;
  chain: string[];
  alias: string;
  /** The other types, and `ASSETS`, that the statement reads: the response depends on them. */
  reads: Set<string>;
  /** Whether it shows localised fields by locale, all of them. */
  isEveryLocale?: boolean;
  /**
   * With every locale of what is published: those that an entry of a type may be published in to be
   * shown; its row is that of the first.
   */
  everyIn?: ((type: CompiledType) => string[]) | undefined;
  /** Shows entries as they were at this version. */
  version?: number | undefined;
  /** How many conditions the statement has by now; shared by the sources of one query. */
  terms: { count: number };
  /** One of several types that a reference may lead to: what it lacks is passed over. */
  isOneOfMany?: boolean;
  /**
   * Its rows are few, or are looked at in an order: what is asked of them is looked up by the id of
   * each, whatever the planner expects.
   */
  isTried?: boolean;
  /** What `sort` is called in errors, where it is not that of the query. */
  sortName?: string | undefined;
  /** The element of lists and blocks, a row of `entry_fields`, that conditions are about. */
  element?: { alias: string; levels: number; depth: number } | undefined;
};

/** Whether none of the type is published in part: then all that is published is in every locale. */
export const isWhole = ({ ctx, type }: Source): SQL => sql`(select not exists (select 1 from entries entry
  where ${inEnvironment(ctx, "entry")} and entry.type = ${type.id} and entry.published_locales is not null))`;

/** Times every entry has; they are columns of the base table. */
export const TIME_COLUMNS = ["created_at", "updated_at", "published_at"] as const;
const PERSPECTIVES = { draft: sql.raw("0"), published: sql.raw("1") } as const;

/** The perspective as the side tables hold it. */
export const perspectiveOf = (source: Pick<Source, "perspective">): SQL => PERSPECTIVES[source.perspective];

/** The table of the perspective under the source's alias. */
export function from(source: Source): SQL {
  const { ctx, perspective, alias, version } = source;
  if (source.everyIn) return rowOfEach(source, source.everyIn(source.type));
  if (version === undefined)
    return sql.raw(`${perspective === "draft" ? "entries" : "published_entries"} ${alias}`);
  return sql`(select entry.tenant_id, entry.environment_id, entry.id, entry.type, kept.version,
    entry.published_version, entry.published_at,
      entry.created_at, entry.created_by, kept.created_at as updated_at, kept.created_by as updated_by,
        ${keptDataOf("kept", "created_at")} as data,
      entry.published_locales, entry.published_data, entry.stage, entry.assignee
    from entries entry join entry_versions kept on ${inEnvironment(ctx, "kept")}
    and kept.entry_id = entry.id and kept.version = ${version}::int
    where ${inEnvironment(ctx, "entry")}) ${sql.raw(alias)}`;
}

/**
 * The published rows of a type in the first of some locales, and of each entry that is not published in
 * that, which is one that is published in part, its row in the next.
 */
function rowOfEach({ ctx, type, alias }: Source, [first, ...others]: string[]): SQL {
  const inFirst = sql`select one.* from published_entries one where ${inEnvironment(ctx, "one")}
    and one.type = ${type.id} and one.locale = ${first}`;
  if (others.length === 0) return sql`(${inFirst}) ${sql.raw(alias)}`;
  return sql`(${inFirst} union all
    select part.tenant_id, part.environment_id, part.id as entry_id, other.locale, part.type, other.slug,
      other.published_at, other.created_at, other.updated_at, other.version, other.doc, other.order_key
    from entries part cross join lateral (select other.* from published_entries other
      where ${inEnvironment(ctx, "other")} and other.entry_id = part.id and other.locale in ${others}
      order by array_position(${textArray(others)}, other.locale) limit 1) other
    where ${inEnvironment(ctx, "part")} and part.type = ${type.id} and part.published_locales is not null
      and not exists (select 1 from published_entries one where ${inEnvironment(ctx, "one")}
        and one.entry_id = part.id and one.locale = ${first})) ${sql.raw(alias)}`;
}

/** The id column of the base table. */
export const baseId = ({ perspective, alias }: Pick<Source, "perspective" | "alias">): SQL =>
  sql.raw(`${alias}.${perspective === "draft" ? "id" : "entry_id"}`);

/** The alias that a statement starts with. */
export const BASE = "base";

/** Where a statement starts: entries of one type, under the alias `base`. */
export const baseSource = (source: Omit<Source, "alias" | "reads">): Source => ({
  ...source,
  alias: BASE,
  reads: new Set(),
});

/** `select … from entry_fields` for the base row's values of a field in one or several locales. */
export function fieldRows(
  source: Source,
  alias: string,
  field: Column,
  locales: string | string[],
  what = sql`1`,
): SQL {
  const row = sql.raw(alias);
  const list = Array.isArray(locales) ? locales : [locales];
  const ofBase = sql`entry_fields ${row} where ${inEnvironment(source.ctx, alias)}
    and ${row}.perspective = ${perspectiveOf(source)} and ${row}.field = ${field.id}
    and ${row}.locale in ${list} and ${row}.entry_id = ${baseId(source)}${inPlace(row, field)}${inElement(source, alias, field)}`;
  return source.isTried
    ? sql`select ${what} from (select ${row}.* from ${ofBase} offset 0) ${row} where true`
    : sql`select ${what} from ${ofBase} and ${row}.type = ${source.type.id}`;
}

/** ` and …` for the rows of a part; of a range two rows belong together. */
export const inPlace = (row: SQL, { place, inner, type }: Column): SQL => {
  if (place === undefined) return sql``;
  if (!inner) return sql` and ${row}.ordinal = ${sql.raw(String(place))}`;
  const isEnd = type !== "decimal" && type !== "short_text";
  return isEnd ? sql` and ${row}.ordinal % 2 = ${sql.raw(String(place))}` : sql``;
};

/** ` and …` for the rows that are inside the source's element. */
function inElement({ element }: Source, alias: string, field: Column): SQL {
  if (!element) return sql``;
  const levels = field.type === "component" ? levelsIn(field) : field.inner?.levels;
  const [row, owner] = [sql.raw(alias), sql.raw(element.alias)];
  const place =
    levels === element.levels
      ? sql`${row}.element`
      : sql`left(${row}.element, ${sql.raw(String(PLACE_DIGITS * element.levels))})`;
  return sql` and ${row}.locale = ${owner}.locale and ${place} = ${owner}.element`;
}

/** The elements of a column of components or blocks that the base row has, as rows before more conditions. */
export function elementRows(source: Source, alias: string, column: Column): SQL {
  const locales = column.localized ? source.chain : "";
  return sql`${fieldRows(source, alias, column, locales)} and length(${sql.raw(alias)}.element) = ${sql.raw(String(PLACE_DIGITS * levelsIn(column)))}${isShown(source, alias, column)}`;
}

/** Where the values of a field are: references inside components are texts. */
export function storeOf(field: Column): { table: "entry_fields" | "entry_refs"; column: string } {
  const kind = filterKind(field);
  if (kind !== "reference") return { table: "entry_fields", column: `${kind}_value` };
  return field.inner
    ? { table: "entry_fields", column: "text_value" }
    : { table: "entry_refs", column: "target_id" };
}

/** ` and …`: an end of a range that is missing, which is infinite, is no value to compare with. */
export function isGiven(column: SQL, { type, place, isOpen }: Column): SQL {
  const isEnd = place !== undefined && !isOpen && type !== "decimal" && type !== "short_text";
  return isEnd ? sql` and ${column} > '-infinity' and ${column} < 'infinity'` : sql``;
}

/** The target of a reference under the alias `hit`, in the collation of its index. */
export const targetColumn = (field: Column): SQL =>
  sql.raw(`hit.${storeOf(field).column}${field.inner ? ' collate "cms_und"' : ""}`);

/** What the base row refers to: rows of `entry_refs`, or for an old version what its own data says. */
export function refsOfBase(source: Source, alias: string): SQL {
  const row = sql.raw(alias);
  if (source.version === undefined) return sql`entry_refs ${row}`;
  const base = sql.raw(source.alias);
  return sql`(select ${base}.tenant_id, ${base}.environment_id, ${base}.id as entry_id,
    ${perspectiveOf(source)} as perspective,
      given.key as field, '' as locale, target #>> '{}' as target_id
    from jsonb_each(${base}.data) given, jsonb_path_query(given.value,
      '$.** ? (@.type() == "string" && @ like_regex "^(cnt|ast)_")') target) ${row}`;
}

/**
 * ` and …` over a row of `entry_fields` or `entry_refs`: its locale is the one whose value is shown,
 * none before it in the chain has one.
 */
export function isShown(source: Source, alias: string, field: Column): SQL {
  if (!field.localized || source.chain.length === 1 || source.element) return sql``;
  const chain = textArray(source.chain);
  const row = sql.raw(alias);
  const isReference = filterKind(field) === "reference" && !field.inner;
  const tables = isReference ? ["entry_fields", "entry_refs"] : ["entry_fields"];
  const earlier = tables.map(
    (table) => sql` and not exists (select 1 from ${sql.raw(table)} earlier
      where ${inEnvironment(source.ctx, "earlier")}
      and earlier.entry_id = ${row}.entry_id and earlier.perspective = ${perspectiveOf(source)}
      and earlier.field = ${field.inner?.root ?? field.id}
      and array_position(${chain}, earlier.locale) < array_position(${chain}, ${row}.locale))`,
  );
  return sql.join(earlier, sql``);
}

/** `select … from entry_refs` for what the base row refers to by a field; `join` may narrow the targets. */
export function refRows(source: Source, alias: string, field: Column, join = sql``, what = sql`1`): SQL {
  const row = sql.raw(alias);
  const locales = field.localized ? source.chain : [""];
  const ofBase = sql`${inEnvironment(source.ctx, alias)} and ${row}.perspective = ${perspectiveOf(source)}
    and ${row}.field = ${field.id} and ${row}.locale in ${locales} and ${row}.entry_id = ${baseId(source)}${inElement(source, alias, field)}`;
  const shown = isShown(source, alias, field);
  const { table, column } = storeOf(field);
  const target = field.inner
    ? sql`${row}.entry_id, ${row}.locale, ${row}.${sql.raw(column)} as target_id`
    : sql`${row}.*`;
  return source.isTried || field.inner
    ? sql`select ${what} from (select ${target} from ${sql.raw(table)} ${row} where ${ofBase} offset 0) ${row} ${join}
        where true${shown}`
    : sql`select ${what} from entry_refs ${row} ${join} where ${ofBase}${shown}`;
}

/** What the order of a source's entries is called in errors. */
export const sortOf = ({ sortName }: Source): string => sortName ?? "sort";

/** INVALID `content/bad-query` (400) about one parameter. */
export function badQuery(path: string, message: string): AppError {
  return invalid(
    "content/bad-query",
    `${path} ${message}`.replace(/[.?]?$/, (end) => end || "."),
    [{ path, message }],
    400,
  );
}
