import { sql, type SQL } from "drizzle-orm";
import { collationOf } from "./collation.ts";
import { fieldAt, filterKind, kindOf, optionsOf, ORDER, type Column } from "../../types/index.ts";
import { badQuery, baseId, sortOf, TIME_COLUMNS, type Source } from "./source.ts";
import { COLUMN_TYPES, type ValueKind } from "./filter-value.ts";
import { distanceSql, readPoint } from "./places.ts";
import { requireReadableField } from "./readable.ts";
import { valueToSortBy } from "./sort-value.ts";

type SortKey = {
  /** The value of a row of the base table, once the order's `joins` stand behind it. */
  column: SQL;
  cast: string;
  isDescending: boolean;
  /** The position of entries without a value; undefined when every entry has one. */
  nulls?: "first" | "last" | undefined;
  /** The collation of strings, part of the column. */
  collation?: string | undefined;
  /** The field with a single value that it is, undefined for what is a column of the base table. */
  field?: Column;
  /** Made from values in a way that no index has; from how many of them. */
  computedOf?: number;
};

type CursorValue = string | number | boolean | null;

/** A total order, with the pieces that a page after a cursor needs. The id is the last of its keys. */
export type Order = {
  /** What the cursor must have been made by. */
  name: string;
  /** What computes the keys of a row of the base table. */
  joins: SQL;
  /** How many keys there are. */
  length: number;
  /** The keys of a row of the base table. */
  columns: SQL[];
  /** Values that have to be looked up of every entry that matches, unless an index has the order. */
  needed: string[];
  /** Whether its keys are the datetime of publishing and the id, which every index has. */
  isOfPublishing: boolean;
  /** Keys that are texts as what they are. */
  typed(columns: SQL[]): SQL[];
  /** How an index has the order: of the base table, or of a field's values. */
  index:
    | { kind: "base"; isNewest: boolean }
    | { kind: "field"; field: Column; isDescending: boolean }
    | undefined;
  /** ` and …` over the base table: what has a place in the index of the order. */
  isPlaced: SQL;
  /** Which of its keys is a distance. */
  distanceAt: number;
  /** `order by` these columns, the keys of the order. */
  by(columns: SQL[]): SQL;
  /** A condition on these columns: what stands behind a cursor. */
  after(columns: SQL[], values: CursorValue[]): SQL;
};

/**
 * The order of a list: its keys (nulls last unless `:nulls_first`), then, among equals, the newest
 * first (the oldest when the last key descends, so that the opposite order is the exact reverse).
 * What is searched for comes best first unless a sort says otherwise. Backwards it is the exact
 * reverse, with the cursors of the order itself.
 */
export function orderOf(source: Source, sort: string[], isSearch: boolean, isBackwards = false): Order {
  const isDraft = source.perspective === "draft";
  const usual = isSearch ? "-_score" : source.type.definition.ordered ? ORDER : newest(source);
  const written = sort.length > 0 ? sort.flatMap((name) => byParts(source, name)) : [usual];
  if (written.length > 1 && written.some((name) => isRandom(source, name)))
    throw badQuery(sortOf(source), "cannot combine random with another order: it is one by itself");
  const names = isBackwards ? written.map(opposite) : written;
  const joins: SQL[] = [];
  const given = names.map((name, i) => sortKey(source, name, i, joins, isSearch));
  const last = given.at(-1)!;
  const isValue = last.field !== undefined || last.computedOf !== undefined;
  const isDescending = isValue ? !last.isDescending : last.isDescending;
  const id: SortKey = { column: baseId(source), cast: "text", isDescending };
  const published: SortKey = {
    column: sql.raw(`${source.alias}.published_at`),
    cast: "timestamptz",
    isDescending,
  };
  const keys = isValue && !isDraft ? [...given, published, id] : [...given, id];
  const isRowComparable = keys.every((key) => !key.nulls && key.isDescending === isDescending);
  return {
    name: [source.perspective, written.join(","), ...keys.flatMap(({ collation }) => collation ?? [])].join(
      " ",
    ),
    joins: sql.join(joins, sql` `),
    length: keys.length,
    columns: keys.map(({ column }) => column),
    needed: names.flatMap((name, i) => neededOf(name, given[i]!)),
    isOfPublishing:
      !isDraft && names.every((name) => ["published_at", "id"].includes(name.replace(/^-|:[^]*/g, ""))),
    typed: (columns) =>
      keys.map(({ cast, collation }, i) => {
        const value = sql`${columns[i]}::${sql.raw(cast)}`;
        return collation ? sql`(${value} collate ${sql.raw(`"${collation}"`)})` : sql`(${value})`;
      }),
    distanceAt: names.findIndex((name) => name.includes(":near(")),
    index: indexOf(source, given, names[0]!),
    isPlaced: isOrder(source, names[0]!) ? sql` and ${sql.raw(source.alias)}.order_key is not null` : sql``,
    by: (columns) =>
      sql.join(
        keys.map((key, i) => sql`${columns[i]} ${directionOf(key)}`),
        sql`, `,
      ),
    after(columns, values) {
      if (!isRowComparable) return afterKeys(keys, columns, values);
      const bounds = keys.map((key, i) => bound(key, values[i]!));
      return sql`(${sql.join(columns, sql`, `)}) ${sql.raw(isDescending ? "<" : ">")} (${sql.join(bounds, sql`, `)})`;
    },
  };
}

/** The newest first, as the base table is indexed. */
const newest = ({ perspective }: Source): string =>
  perspective === "draft" ? "-updated_at" : "-published_at";

/** Whether a sort is by the manual order of the type. */
const isOrder = ({ type }: Source, name: string): boolean =>
  type.definition.ordered === true && (name === ORDER || name === `-${ORDER}`);

/** The order of the index of values is that of the sort, where each value has one row and one locale. */
function indexOf(source: Source, keys: SortKey[], name: string): Order["index"] {
  const [key, ...others] = keys as [SortKey, ...SortKey[]];
  if (others.length > 0 || key.computedOf !== undefined) return undefined;
  if (!key.field)
    return isOrder(source, name) || name === newest(source)
      ? { kind: "base", isNewest: name === newest(source) }
      : undefined;
  const isInOneLocale = !key.field.localized || source.chain.length === 1;
  if (key.nulls !== "last" || !isInOneLocale) return undefined;
  if (key.collation !== undefined && key.collation !== "cms_und") return undefined;
  return { kind: "field", field: key.field, isDescending: key.isDescending };
}

/** An order by a value that has parts goes by those. */
function byParts(source: Source, written: string): string[] {
  const [name, ...suffixes] = written.split(":") as [string, ...string[]];
  const field = fieldAt(source.type, name.replace(/^-/, ""));
  const parts = field && kindOf(field).orderedBy;
  return parts ? parts.map((part) => [`${name}.${part}`, ...suffixes].join(":")) : [written];
}

/** The opposite of one key of an order. */
function opposite(written: string): string {
  const [name, ...suffixes] = written.split(":") as [string, ...string[]];
  const kept = suffixes.filter((one) => !one.startsWith("nulls_"));
  return [
    name.startsWith("-") ? name.slice(1) : `-${name}`,
    ...kept,
    ...(suffixes.includes("nulls_first") ? [] : ["nulls_first"]),
  ].join(":");
}

const directionOf = (key: SortKey): SQL =>
  sql.raw(`${key.isDescending ? "desc" : "asc"}${key.nulls ? ` nulls ${key.nulls}` : ""}`);

function sortKey(source: Source, written: string, i: number, joins: SQL[], isSearch: boolean): SortKey {
  const [name, ...suffixes] = written.split(":") as [string, ...string[]];
  const isDescending = name.startsWith("-");
  const id = isDescending ? name.slice(1) : name;
  if (isRandom(source, name)) return randomKey(source, suffixes, isDescending);
  const placed = suffixes.filter((one) => one !== "options" && readPoint(one) === undefined);
  const wrong = placed.find((one, i) => i > 0 || (one !== "nulls_first" && one !== "nulls_last"));
  if (wrong !== undefined || suffixes.length > placed.length + 1)
    throw badQuery(
      sortOf(source),
      `cannot place "${(wrong ?? "options").slice(0, 64)}": use :nulls_first or :nulls_last, :options for the order of an enum's options, and :near(52.5,13.4) for the distance of a location`,
    );
  const byOptions = suffixes.includes("options");
  const nulls: SortKey["nulls"] = placed[0] === "nulls_first" ? "first" : "last";
  const point = suffixes.map(readPoint).find((one) => one !== undefined);
  if (point) return distanceKey(source, id, { point, alias: `sort${i}`, isDescending, nulls }, joins);
  if (id === "id") return { column: baseId(source), cast: "text", isDescending };
  if (id === "_score") {
    if (!isSearch) throw badQuery(sortOf(source), "can use _score only with q");
    return { column: sql.raw("hit.rank"), cast: "real", isDescending };
  }
  if ((TIME_COLUMNS as readonly string[]).includes(id)) {
    const isNullable = source.perspective === "draft" && id === "published_at";
    const column = sql.raw(`${source.alias}.${id}`);
    return { column, cast: "timestamptz", isDescending, nulls: isNullable ? nulls : undefined };
  }
  if (isOrder(source, id))
    return { column: sql.raw(`${source.alias}.order_key`), cast: "bigint", isDescending };
  const found = valueToSortBy(source, id, i);
  const { field, value, computedOf } = found;
  if (byOptions && field.type !== "enum")
    throw badQuery(sortOf(source), `cannot use ":options" for "${id.slice(0, 64)}": it is no enum`);
  const alias = `sort${i}`;
  joins.push(sql`cross join lateral (select ${value} as value) ${sql.raw(alias)}`);
  const kind = filterKind(field) as ValueKind;
  if (byOptions) {
    const values = [...optionsOf(field).keys()];
    const column = sql`array_position(array(select jsonb_array_elements_text(${JSON.stringify(values)}::jsonb))::${sql.raw(COLUMN_TYPES[kind])}[],
      ${sql.raw(`${alias}.value`)})`;
    return { column, cast: "integer", isDescending, nulls, computedOf: computedOf ?? 1 };
  }
  const cast = COLUMN_TYPES[kind];
  const collation = kind === "text" ? collationOf(source.chain[0]!) : undefined;
  const column = sql.raw(collation ? `(${alias}.value collate "${collation}")` : `${alias}.value`);
  const key = { column, cast, isDescending, nulls, collation };
  return computedOf === undefined ? { ...key, field } : { ...key, computedOf };
}

const isRandom = ({ type }: Source, written: string): boolean =>
  written.replace(/^-|:[^]*/g, "") === "random" && !type.fields.has("random");

/** An order that looks random, and is the same for the same seed. */
function randomKey(source: Source, [seed = "", ...rest]: string[], isDescending: boolean): SortKey {
  if (!/^[\w-]{1,64}$/.test(seed) || rest.length > 0)
    throw badQuery(
      sortOf(source),
      "needs a seed of 1 to 64 letters, digits, - and _ for random, such as random:7",
    );
  const column = sql`hashtextextended(${baseId(source)}, hashtextextended(${seed}::text, 0))`;
  return { column, cast: "bigint", isDescending, computedOf: 1 };
}

function neededOf(name: string, { field, computedOf = 0 }: SortKey): string[] {
  const id = name.replace(/^-|:[^]*/g, "");
  return Array.from({ length: field ? 1 : computedOf }, () => id);
}

/** The distance of a place from a point, for which there is no index. */
function distanceKey(
  source: Source,
  id: string,
  given: { point: { lat: number; lon: number }; alias: string } & Pick<SortKey, "isDescending" | "nulls">,
  joins: SQL[],
): SortKey {
  const field = source.type.fields.get(id);
  if (field?.type !== "location")
    throw badQuery(sortOf(source), `cannot use ":near" for "${id.slice(0, 64)}": it is no location`);
  requireReadableField(source, field.id, sortOf(source));
  const { point, alias, isDescending, nulls } = given;
  joins.push(
    sql`cross join lateral (select ${distanceSql(source, field, point)} as value) ${sql.raw(alias)}`,
  );
  const column = sql.raw(`${alias}.value`);
  return { column, cast: "double precision", isDescending, nulls, computedOf: 2 };
}

function bound(key: SortKey, value: CursorValue): SQL {
  return sql`${value === null ? null : String(value)}::${sql.raw(key.cast)}`;
}

function afterKeys(keys: SortKey[], columns: SQL[], values: CursorValue[]): SQL {
  const [key, ...rest] = keys as [SortKey, ...SortKey[]];
  const column = columns[0]!;
  const value = values[0]!;
  const next = rest.length > 0 ? afterKeys(rest, columns.slice(1), values.slice(1)) : sql`false`;
  if (value === null) {
    const others = key.nulls === "first" ? sql`${column} is not null or ` : sql``;
    return sql`(${others}(${column} is null and ${next}))`;
  }
  const beyond = sql`${column} ${sql.raw(key.isDescending ? "<" : ">")} ${bound(key, value)}`;
  const orNull = key.nulls === "last" ? sql` or ${column} is null` : sql``;
  return sql`(${beyond}${orNull} or (${column} = ${bound(key, value)} and ${next}))`;
}
