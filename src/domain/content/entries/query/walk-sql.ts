import { sql, type SQL } from "drizzle-orm";
import { inEnvironment } from "../../../../db/in-environment.ts";
import { filterKind } from "../../types/index.ts";
import { asBase, baseRow, remaining, rowsOf, triesOf, type Matching } from "./gather.ts";
import { behindCursor, number, type PageQuery } from "./page-keys.ts";
import { inType } from "./readable.ts";
import { COLUMN_TYPES, type ValueKind } from "./filter-value.ts";
import type { Order } from "./sort-sql.ts";
import { from, inPlace, perspectiveOf, type Source } from "./source.ts";

/** Entries in the order of an index: the keys of the order, the conditions tried on each. */
export type Walk = { keys: SQL[]; tables: SQL; where: SQL; orderBy: SQL };

/** Whether a driver that has the newest first has them in the order of the list. */
export const isInIndex = (source: Source, order: Order): boolean =>
  order.index?.kind === "base" && order.index.isNewest && source.perspective === "published";

/** The rows of a driver that is in the order of the list, behind the cursor, no more than `rows`. */
export function walkDriver(
  source: Source,
  found: Matching,
  driver: Matching["drivers"][number],
  { order, after, rows }: Pick<PageQuery, "order" | "after"> & { rows: number },
): Walk {
  const columns = [sql.raw("hit.published_at"), sql.raw("hit.entry_id")];
  const behind = after ? sql`where ${order.after(columns, after)}` : sql``;
  const inOrder = sql`select published_at, entry_id from (${rowsOf(driver.driver)}) hit ${behind}
    order by ${order.by(columns)} limit ${number(rows)}`;
  const base = asBase(source, inOrder, found.isByIndex);
  return {
    keys: order.columns,
    tables: base.tables,
    where: sql`${base.where}${remaining(found, [driver])}`,
    orderBy: order.by(order.columns),
  };
}

/** Entries in the order of the list, whatever they hold; undefined when no index has it. */
export function walkOrder(
  source: Source,
  found: Matching,
  { order, after, rows }: Pick<PageQuery, "order" | "after"> & { rows: number },
): Walk | undefined {
  const most = sql`limit ${number(rows)}`;
  const where = sql`true${triesOf(found)}`;
  if (order.index?.kind === "base") {
    const behind = behindCursor({ order, after }, order.columns);
    const columns = found.isByIndex && isInIndex(source, order) ? sql`published_at, entry_id` : sql`base.*`;
    const tables = sql`(select ${columns} from ${from(source)} where ${inType(source)}${order.isPlaced}${behind}
      order by ${order.by(order.columns)} ${most}) base`;
    return { keys: order.columns, tables, where, orderBy: order.by(order.columns) };
  }
  if (order.index?.kind !== "field") return undefined;
  const values = valuesInOrder(source, order.index, after, most);
  if (!values) return undefined;
  return {
    keys: values.keys,
    tables: sql`${values.rows} ${baseRow(source, "walk.entry_id")}`,
    where,
    orderBy: values.orderBy,
  };
}

/** The values of a field in their order, as `walk`; undefined behind the last of them. */
export function valuesInOrder(
  source: Source,
  { field, isDescending }: Extract<Order["index"], { kind: "field" }>,
  after: PageQuery["after"],
  limit: SQL,
): { rows: SQL; keys: SQL[]; orderBy: SQL } | undefined {
  const { raw } = sql;
  const isDraft = source.perspective === "draft";
  const kind = filterKind(field);
  const value = raw(`hit.${kind}_value${kind === "text" ? ' collate "cms_und"' : ""}`);
  const orderOf = (value: SQL, alias: string) =>
    sql`${value} ${raw(isDescending ? "desc" : "asc")},
      ${raw(`${alias}.published_at ${isDescending ? "asc" : "desc"}, ${alias}.entry_id ${isDescending ? "asc" : "desc"}`)}`;
  const rows = (condition: SQL) => sql`select ${value} as value, hit.published_at, hit.entry_id
    from entry_fields hit where ${inEnvironment(source.ctx, "hit")} and hit.type = ${source.type.id}
    and hit.perspective = ${perspectiveOf(source)} and hit.field = ${field.id}
    and hit.locale = ${field.localized ? source.chain[0]! : ""}${inPlace(raw("hit"), field)}
    and hit.${raw(`${kind}_value`)} is not null${condition} order by ${orderOf(value, "hit")} ${limit}`;
  const keys = isDraft
    ? [raw("walk.value"), raw("walk.entry_id")]
    : [raw("walk.value"), raw("walk.published_at"), raw("walk.entry_id")];
  const orderBy = orderOf(raw("walk.value"), "walk");
  if (!after) return { rows: sql`(${rows(sql``)}) walk`, keys, orderBy };
  const [given, ...rest] = after;
  if (given === null) return undefined;
  const at = sql`${String(given)}::${raw(COLUMN_TYPES[kind as ValueKind])}`;
  const further = isDraft
    ? sql`hit.entry_id ${raw(isDescending ? ">" : "<")} ${String(rest[0])}`
    : sql`(hit.published_at, hit.entry_id) ${raw(isDescending ? ">" : "<")} (${String(rest[0])}::timestamptz, ${String(rest[1])})`;
  return {
    rows: sql`(select * from ((${rows(sql` and ${value} = ${at} and ${further}`)}) union all
      (${rows(sql` and ${value} ${raw(isDescending ? "<" : ">")} ${at}`)})) walk
      order by ${orderBy} ${limit}) walk`,
    keys,
    orderBy,
  };
}
