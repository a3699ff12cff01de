import { sql, type SQL } from "drizzle-orm";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { filterKind } from "../../types/index.ts";
import { baseRow, type Matched } from "./gather.ts";
import {
  asKeys,
  behindCursor,
  keysOf,
  list,
  neededRows,
  number,
  pageOf,
  type PageQuery,
} from "./page-keys.ts";
import { inType } from "./readable.ts";
import { COLUMN_TYPES, type ValueKind } from "./filter-value.ts";
import type { Order } from "./sort-sql.ts";
import { baseId, from, inPlace, perspectiveOf, type Source } from "./source.ts";
import { valuesInOrder } from "./walk-sql.ts";

/** As many texts are ranked at most; there may be more that match. */
const MOST_RANKED = 10_000;

/** The CTEs `page` and `total` of what a search finds; it is asked once for both. */
export function searchedPageSql({ ctes, tables, where }: Matched, query: PageQuery): SQL {
  const { order } = query;
  return list([
    ...ctes,
    sql`matched as materialized (select ${asKeys(order.columns)} from ${tables} ${order.joins} where ${where})`,
    pageOf(query, sql`select * from matched where true${behindCursor(query, keysOf(order))}`),
    sql`total as (select count(*) as total, (select count(*) >= ${number(MOST_RANKED)} from hits) as is_least
      from matched)`,
  ]);
}

/** The CTE `page` of a list without filters in the order of the base table; what comes before it is not opened. */
export function basePageSql(source: Source, query: PageQuery): SQL {
  const { columns, by, isPlaced } = query.order;
  const behind = behindCursor(query, columns);
  return pageOf(
    query,
    sql`(select ${asKeys(columns)} from ${from(source)} where ${inType(source)}${isPlaced}${behind}
      order by ${by(columns)} limit ${number(neededRows(query))})`,
  );
}

/**
 * The CTE `page` of a list without filters in the order of a field's values: those, and behind them
 * the entries that have none.
 */
export function sortedPageSql(source: Source, query: PageQuery): SQL {
  const { order, after } = query;
  const index = order.index as Extract<Order["index"], { kind: "field" }>;
  const values = valuesInOrder(source, index, after, sql``);
  const need = number(neededRows(query));
  const walked = values
    ? sql`select ${asKeys(values.keys)} from ${values.rows} ${baseRow(source, "walk.entry_id")}
        order by ${values.orderBy} limit ${need}`
    : sql`select ${asKeys(order.columns)} from ${from(source)} ${order.joins} where false`;
  const kind = filterKind(index.field);
  const without = sql`not exists (select 1 from entry_fields hit where ${inEnvironment(source.ctx, "hit")}
    and hit.type = ${source.type.id} and hit.perspective = ${perspectiveOf(source)}
    and hit.field = ${index.field.id} and hit.locale = ${index.field.localized ? source.chain[0]! : ""}
    and hit.${sql.raw(`${kind}_value`)} is not null${inPlace(sql.raw("hit"), index.field)} and hit.entry_id = ${baseId(source)})`;
  const none = `${COLUMN_TYPES[kind as ValueKind]}${kind === "text" ? ' collate "cms_und"' : ""}`;
  const columns = [sql.raw(`null::${none}`), ...order.columns.slice(1)];
  const behind = after?.[0] === null ? behindCursor(query, columns) : sql``;
  return sql`walked as materialized (${walked}),
    unvalued as materialized (select ${asKeys(columns)} from ${from(source)} where ${inType(source)}
      and (select count(*) from walked) < ${need} and ${without}${behind}
      order by ${order.by(columns)} limit ${need}),
    ${pageOf(query, sql`select * from walked union all select * from unvalued`)}`;
}
