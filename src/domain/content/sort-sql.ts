import { sql, type SQL } from "drizzle-orm";
import { didYouMean } from "../../core/nearest.ts";
import { filterKind } from "../types/index.ts";
import { badFilter, baseId, fieldRows, TIME_COLUMNS, type Source } from "./filter-sql.ts";

type SortKey = { column: SQL; cast: string; isDescending: boolean; isNullable: boolean };

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

/** The order of a list: its keys with nulls last, then the id, so that it is total. */
export function orderOf(source: Source, sort: string[]): Order {
  const names = sort.length > 0 ? sort : [source.perspective === "draft" ? "-updated_at" : "-published_at"];
  const joins: SQL[] = [];
  const keys = names.map((name, i) => sortKey(source, name, i, joins));
  const isDescending = keys.at(-1)!.isDescending;
  const id: SortKey = { column: baseId(source), cast: "text", isDescending, isNullable: false };
  const all = [...keys, id];
  const isRowComparable = all.every((key) => !key.isNullable && key.isDescending === isDescending);
  return {
    name: `${source.perspective} ${names.join(",")}`,
    joins: sql.join(joins, sql` `),
    orderBy: sql.join(
      all.map(
        (key) =>
          sql`${key.column} ${sql.raw(`${key.isDescending ? "desc" : "asc"}${key.isNullable ? " nulls last" : ""}`)}`,
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

function sortKey(source: Source, name: string, i: number, joins: SQL[]): SortKey {
  const isDescending = name.startsWith("-");
  const id = isDescending ? name.slice(1) : name;
  if (id === "id") return { column: baseId(source), cast: "text", isDescending, isNullable: false };
  if ((TIME_COLUMNS as readonly string[]).includes(id)) {
    const isNullable = source.perspective === "draft" && id === "published_at";
    return { column: sql.raw(`base.${id}`), cast: "timestamptz", isDescending, isNullable };
  }
  const field = source.type.fields.get(id);
  const kind = field && !field.multiple ? filterKind(field) : "none";
  if (!field || kind === "none" || kind === "reference") {
    const sortable = [...source.type.fields.values()].filter(
      (one) => !one.multiple && !["none", "reference"].includes(filterKind(one)),
    );
    const valid = [...sortable.map((one) => one.id), "id", ...TIME_COLUMNS];
    throw badFilter("sort", `cannot use "${id.slice(0, 64)}".${didYouMean(id, valid)}`);
  }
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
  return { column: sql.raw(`${alias}.value`), cast, isDescending, isNullable: true };
}

function bound(key: SortKey, value: string | number | boolean | null): SQL {
  return sql`${value === null ? null : String(value)}::${sql.raw(key.cast)}`;
}

function afterKeys(keys: SortKey[], values: (string | number | boolean | null)[]): SQL {
  const [key, ...rest] = keys as [SortKey, ...SortKey[]];
  const value = values[0]!;
  const next = rest.length > 0 ? afterKeys(rest, values.slice(1)) : sql`false`;
  if (value === null) return sql`(${key.column} is null and ${next})`;
  const beyond = sql`${key.column} ${sql.raw(key.isDescending ? "<" : ">")} ${bound(key, value)}`;
  const orNull = key.isNullable ? sql` or ${key.column} is null` : sql``;
  return sql`(${beyond}${orNull} or (${key.column} = ${bound(key, value)} and ${next}))`;
}
