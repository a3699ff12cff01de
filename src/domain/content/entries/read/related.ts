import { sql, type SQL } from "drizzle-orm";
import { decodeCursor, encodeCursor } from "../../../../core/cursors.ts";
import type { BackLink } from "../../types/index.ts";
import {
  afford,
  badQuery,
  BASE,
  baseId,
  baseRow,
  fromReferring,
  isAllShown,
  isInIndex,
  mayRepeat,
  orderOf,
  referringSource,
  whereSql,
  type RelatedQuery,
  type Source,
} from "../query/index.ts";

/** Entries of a back reference as they are shown: the first of them, and how to read on. */
export type Related = {
  data: unknown[];
  total?: number;
  total_capped?: true;
  next_cursor: string | null;
  cursors?: string[];
};

/** What the statement finds of one entry: the id and the keys of the order for each, and the total. */
export type FoundRelated = {
  rows: [id: string, ...keys: string[]][] | null;
  total: [number, boolean] | null;
};

/** A list of a statement that is shown with its owners. */
export type ListPlan = {
  query: RelatedQuery;
  /** What was found, with each entry as `show` has it; `own` is the value of the field that the list is made of. */
  read(found: FoundRelated | undefined, show: (id: string) => unknown, own: unknown): unknown;
};

/** One back reference of a statement. */
export type RelatedPlan = ListPlan & {
  query: RelatedQuery & { limit: number };
  /** `id`, `place` and `keys` of the first entries that refer to an owner, and of one more. */
  page(owner: SQL): SQL;
  /** A scalar subquery: how many there are, and whether there may be more; null where that is not asked for. */
  total(owner: SQL): SQL;
};

/** How many references are counted: to one entry, to each of a page, to those further below. */
const MOST_COUNTED = { one: 10_000, each: 1000, below: 100 };
export type Place = keyof typeof MOST_COUNTED;
/** As many entries are shown along one path of `include`. */
const MAX_SHOWN = 2000;
/** What sorting the references to an entry costs for each, and trying a condition on what refers to it. */
const TRIALS = { sort: 1, where: 2 };

/** Throws INVALID when back references below each other could show too many entries. */
export function requireFew(path: string, shown: number): void {
  if (shown > MAX_SHOWN)
    throw badQuery(
      "include",
      `could show ${shown} entries by "${path}", at most ${MAX_SHOWN}: use a smaller limit or related_limit`,
    );
}

/** How the entries of a back reference are read, for each of its owners. */
export function planRelated(
  owners: Source,
  link: BackLink,
  query: RelatedPlan["query"],
  place: Place,
): RelatedPlan {
  const sortName = query.named?.("sort");
  const source: Source = { ...referringSource(owners, link, BASE), isTried: true, sortName };
  const order = orderOf(source, query.sort, false);
  const counted = MOST_COUNTED[place];
  const matches = query.where ? sql` and ${whereSql(source, query.where)}` : sql``;
  const after = query.after === undefined ? undefined : decodeCursor(query.after, order.name, order.length);
  const isInOrder = isInIndex(source, order);
  // The newest first, as the index has them; each entry once.
  const hits = (owner: SQL, more: SQL, limit = sql``) => sql`select
    ${mayRepeat(source, link) ? sql`distinct ` : sql``}hit.published_at, hit.entry_id
    ${fromReferring(source, link, "hit", owner)}${more} order by hit.published_at desc, hit.entry_id desc${limit}`;
  const trials = (isInOrder ? 0 : TRIALS.sort) + (query.where ? TRIALS.where : 0);
  const allowed = trials > 0 ? afford(source, { trials, worst: link.id }) : sql``;

  return {
    query,
    page(owner) {
      const columns = isInOrder ? [sql.raw("hit.published_at"), sql.raw("hit.entry_id")] : order.columns;
      const behind = after ? sql` and ${order.after(columns, after)}` : sql``;
      const keys = columns.map((column) => sql`${column}::text`);
      return sql`select found.id, found.keys, row_number() over () as place from (
        select ${baseId(source)} as id, jsonb_build_array(${sql.join(keys, sql`, `)}) as keys
        from (${hits(owner, isInOrder ? behind : sql``)}) hit ${baseRow(source, "hit.entry_id")} ${order.joins}
        where true${matches}${isInOrder ? sql`` : behind}${allowed}
        order by ${order.by(columns)} limit ${sql.raw(String(query.limit + 1))}) found`;
    },
    total(owner) {
      if (!query.isCounted) return sql`null::jsonb`;
      const row = sql`select 1 from (select 1) one ${baseRow(source, "hit.entry_id")} where true${matches}`;
      const isShown = query.where ? sql`false` : isAllShown(source);
      return sql`(select jsonb_build_array(count(*) filter (where is_shown), count(*) > ${sql.raw(String(counted))})
        from (select (${isShown} or exists (${row})) as is_shown
          from (${hits(owner, sql``, sql.raw(` limit ${counted + 1}`))}) hit) counted)`;
    },
    read(found, show): Related {
      const rows = found?.rows ?? [];
      const shown = rows.slice(0, query.limit);
      const [total, isMore] = found?.total ?? [0, false];
      const cursorOf = ([, ...keys]: [string, ...string[]]) => encodeCursor(order.name, keys);
      return {
        data: shown.map(([id]) => show(id)),
        ...(query.isCounted ? { total: isMore ? Math.min(total, counted) : total } : {}),
        ...(query.isCounted && isMore ? { total_capped: true } : {}),
        next_cursor: rows.length > query.limit ? cursorOf(shown.at(-1)!) : null,
        ...(query.hasCursors ? { cursors: shown.map(cursorOf) } : {}),
      };
    },
  };
}
