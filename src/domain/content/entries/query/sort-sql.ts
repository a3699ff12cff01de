import { sql, type SQL } from "drizzle-orm";
import { collationOf } from "./collation.ts";
import { didYouMean } from "../../../../core/nearest.ts";
import { filterKind } from "../../types/index.ts";
import { badQuery, baseId, fieldRows, TIME_COLUMNS, type Source } from "./source.ts";
import { requireReadableField } from "./readable.ts";

type SortKey = {
  column: SQL;
  cast: string;
  isDescending: boolean;
  /** The position of entries without a value; undefined when every entry has one. */
  nulls?: "first" | "last" | undefined;
  /** The collation of strings, part of the column. */
  collation?: string | undefined;
};

/** An order with the pieces that a keyset page needs. */
export type Order = {
  /** What the cursor must have been made by. */
  name: string;
  joins: SQL;
  orderBy: SQL;
  /** Select list of the sort values as text, one per key, then the id. */
  values: SQL;
  length: number;
  after(values: (string | number | boolean | null)[]): SQL;
};

/**
 * The order of a list: its keys (nulls last unless `:nulls_first`), then the id, so that it is total.
 * What is searched for comes best first unless a sort says otherwise.
 */
export function orderOf(source: Source, sort: string[], isSearch: boolean): Order {
  const usual = isSearch ? "-_score" : source.perspective === "draft" ? "-updated_at" : "-published_at";
  const names = sort.length > 0 ? sort : [usual];
  const joins: SQL[] = [];
  const keys = names.map((name, i) => sortKey(source, name, i, joins, isSearch));
  const isDescending = keys.at(-1)!.isDescending;
  const id: SortKey = { column: baseId(source), cast: "text", isDescending };
  const all = [...keys, id];
  const isRowComparable = all.every((key) => !key.nulls && key.isDescending === isDescending);
  return {
    name: [source.perspective, names.join(","), ...keys.flatMap(({ collation }) => collation ?? [])].join(
      " ",
    ),
    joins: sql.join(joins, sql` `),
    orderBy: sql.join(
      all.map(
        (key) =>
          sql`${key.column} ${sql.raw(`${key.isDescending ? "desc" : "asc"}${key.nulls ? ` nulls ${key.nulls}` : ""}`)}`,
      ),
      sql`, `,
    ),
    values: sql.join(
      all.map((key) => sql`${key.column}::text`),
      sql`, `,
    ),
    length: all.length,
    after(values) {
      if (!isRowComparable) return afterKeys(all, values);
      const columns = sql.join(
        all.map((key) => key.column),
        sql`, `,
      );
      const bounds = sql.join(
        all.map((key, i) => bound(key, values[i]!)),
        sql`, `,
      );
      return sql`(${columns}) ${sql.raw(isDescending ? "<" : ">")} (${bounds})`;
    },
  };
}

function sortKey(source: Source, written: string, i: number, joins: SQL[], isSearch: boolean): SortKey {
  const [name, placed] = written.split(":") as [string, string | undefined];
  if (placed !== undefined && placed !== "nulls_first" && placed !== "nulls_last")
    throw badQuery("sort", `cannot place "${placed.slice(0, 64)}": use :nulls_first or :nulls_last`);
  const nulls = placed === "nulls_first" ? "first" : "last";
  const isDescending = name.startsWith("-");
  const id = isDescending ? name.slice(1) : name;
  if (id === "id") return { column: baseId(source), cast: "text", isDescending };
  if (id === "_score") {
    if (!isSearch) throw badQuery("sort", "can use _score only with q");
    return { column: sql.raw("hit.rank"), cast: "real", isDescending };
  }
  if ((TIME_COLUMNS as readonly string[]).includes(id)) {
    const isNullable = source.perspective === "draft" && id === "published_at";
    const column = sql.raw(`${source.alias}.${id}`);
    return { column, cast: "timestamptz", isDescending, nulls: isNullable ? nulls : undefined };
  }
  const field = source.type.fields.get(id);
  const kind = field && !field.multiple ? filterKind(field) : "none";
  if (!field || kind === "none" || kind === "reference" || kind === "location") {
    const sortable = [...source.type.fields.values()].filter(
      (one) => !one.multiple && ["text", "number", "time"].includes(filterKind(one)),
    );
    const valid = [...sortable.map((one) => one.id), "id", ...TIME_COLUMNS];
    throw badQuery("sort", `cannot use "${id.slice(0, 64)}".${didYouMean(id, valid)}`);
  }
  requireReadableField(source, id, "sort");
  const locales = field.localized ? source.chain : [""];
  const alias = `sort${i}`;
  const values = locales.map(
    (locale) =>
      sql`(${fieldRows(source, "hit", field, locale, sql.raw(`hit.${kind}_value`))} and hit.ordinal = 0)`,
  );
  joins.push(
    sql`cross join lateral (select coalesce(${sql.join(values, sql`, `)}) as value) ${sql.raw(alias)}`,
  );
  const cast = { text: "text", number: "double precision", time: "timestamptz" }[kind];
  const collation = kind === "text" ? collationOf(source.chain[0]!) : undefined;
  const column = sql.raw(collation ? `(${alias}.value collate "${collation}")` : `${alias}.value`);
  return { column, cast, isDescending, nulls, collation };
}

function bound(key: SortKey, value: string | number | boolean | null): SQL {
  return sql`${value === null ? null : String(value)}::${sql.raw(key.cast)}`;
}

function afterKeys(keys: SortKey[], values: (string | number | boolean | null)[]): SQL {
  const [key, ...rest] = keys as [SortKey, ...SortKey[]];
  const value = values[0]!;
  const next = rest.length > 0 ? afterKeys(rest, values.slice(1)) : sql`false`;
  if (value === null) {
    const others = key.nulls === "first" ? sql`${key.column} is not null or ` : sql``;
    return sql`(${others}(${key.column} is null and ${next}))`;
  }
  const beyond = sql`${key.column} ${sql.raw(key.isDescending ? "<" : ">")} ${bound(key, value)}`;
  const orNull = key.nulls === "last" ? sql` or ${key.column} is null` : sql``;
  return sql`(${beyond}${orNull} or (${key.column} = ${bound(key, value)} and ${next}))`;
}
