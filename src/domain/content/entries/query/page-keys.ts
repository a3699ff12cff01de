import { sql, type SQL } from "drizzle-orm";
import type { Where } from "../../grants/index.ts";
import type { Order } from "./sort-sql.ts";

/** What of a list says which rows it shows. */
export type PageQuery = {
  where: Where | undefined;
  order: Order;
  limit: number;
  offset: number;
  /** The keys of the cursor. */
  after: (string | number | boolean | null)[] | undefined;
};

export const number = (value: number): SQL => sql.raw(String(value));
export const list = (parts: SQL[], between = ", "): SQL => sql.join(parts, sql.raw(between));
export const unionAll = (parts: SQL[]): SQL => list(parts, " union all ");

/** The keys k0, k1, … of the order under which the CTEs of a page hold them; the last of them is the id. */
export const keysOf = (order: Order): SQL[] => order.columns.map((_, i) => sql.raw(`k${i}`));

/** Columns of the order, selected as its keys. */
export const asKeys = (columns: SQL[]): SQL =>
  list(columns.map((column, i) => sql`${column} as ${sql.raw(`k${i}`)}`));

/** What stands behind the cursor, after `where …`; nothing without one. */
export const behindCursor = ({ order, after }: Pick<PageQuery, "order" | "after">, columns: SQL[]): SQL =>
  after ? sql` and ${order.after(columns, after)}` : sql``;

/** How many rows in the order a page is made of: those before it, its own, and one that says whether there are more. */
export const neededRows = ({ offset, limit }: PageQuery): number => offset + limit + 1;

/** The CTE `page` of rows that have the keys. */
export const pageOf = ({ order, limit, offset }: PageQuery, rows: SQL): SQL =>
  sql`page as materialized (select * from (${rows}) shown order by ${order.by(keysOf(order))}
    limit ${number(limit + 1)} offset ${number(offset)})`;
