import { sql, type SQL } from "drizzle-orm";
import { inEnvironment } from "../../../../db/in-environment.ts";
import type { CompiledType, Field } from "../../types/index.ts";
import {
  badQuery,
  BASE,
  baseRow,
  orderOf,
  whereSql,
  type RelatedQuery,
  type Source,
} from "../query/index.ts";
import type { ListPlan } from "./related.ts";

/** The references of a field that something is said of: which of them, in which order, how many. */
export type ListedPlan = ListPlan & {
  /** A select of `owner`, `id` and `place` of those of `pairs`, rows of `owner`, `id` and `place` in the list. */
  rows(pairs: SQL): SQL;
  /** ` where …` over these: which of them are shown at all, as far as the statement can tell. */
  shown: SQL;
};

/** The list of references that a step with a name of its own leads through; throws INVALID for what is none. */
export function listedField(field: Field, { named }: RelatedQuery): Field {
  if (field.type === "reference" && field.multiple) return field;
  throw badQuery(named?.("limit") ?? "include", `is for lists of references: "${field.id}" is none`);
}

/** How the entries that a list of references leads to are read, for each of its owners. */
export function planListed(
  owners: Source,
  field: Field,
  query: RelatedQuery,
  isReadable: (alias: string) => SQL,
): ListedPlan {
  const { schema, chain } = owners;
  const targets = (field.to ?? [...schema.types.keys()]).flatMap((id) => schema.types.get(id) ?? []);
  const isPlain = query.where === undefined && query.sort.length === 0;
  if (!isPlain && targets.length !== 1)
    throw badQuery(
      query.named?.(query.where ? "filter" : "sort") ?? "include",
      `is for references to entries of one type: "${field.id}" may lead to several`,
    );
  // What falls back to other locales says itself which list is shown.
  const isExact = owners.version === undefined && (!field.localized || chain.length === 1);
  const isCut = query.limit !== undefined && isExact && !owners.isEveryLocale;
  return {
    query,
    ...(isPlain ? ofAnyType(owners, isReadable) : ofOneType(owners, targets[0]!, query)),
    shown: isCut ? sql` where place <= ${sql.raw(String(query.limit))}` : sql``,
    read(found, show, own) {
      const places = new Map((found?.rows ?? []).map(([id], i) => [id, i]));
      const read = (value: unknown): unknown => {
        if (typeof value !== "object" || value === null) return value;
        if (!Array.isArray(value))
          return Object.fromEntries(Object.entries(value).map(([locale, one]) => [locale, read(one)]));
        const there = (value as string[]).filter((id) => places.has(id));
        if (query.sort.length > 0) there.sort((a, b) => places.get(a)! - places.get(b)!);
        return there.slice(0, query.limit).map(show);
      };
      return read(own);
    },
  };
}

const placed = (pairs: SQL, joins: SQL, order: SQL, where: SQL): SQL =>
  sql`select pairs.owner, pairs.id, row_number() over (partition by pairs.owner order by ${order}) as place
    from (${pairs}) pairs ${joins} where true${where}`;

/** Those that can be read, in the order of the list. */
function ofAnyType({ ctx, perspective, chain, everyIn }: Source, isReadable: (alias: string) => SQL) {
  const [table, id] = perspective === "draft" ? ["entries", "id"] : ["published_entries", "entry_id"];
  const inLocale = perspective === "draft" || everyIn ? sql`` : sql` and target.locale = ${chain[0]}`;
  const exists = sql` and exists (select 1 from ${sql.raw(table!)} target where ${inEnvironment(ctx, "target")}
    and ${sql.raw(`target.${id}`)} = pairs.id${inLocale}${isReadable("target")} offset 0)`;
  return { rows: (pairs: SQL) => placed(pairs, sql``, sql`pairs.place, pairs.id`, exists) };
}

/** Those that meet the conditions, in the order that is asked for. */
function ofOneType(owners: Source, type: CompiledType, { where, sort, named }: RelatedQuery) {
  const source: Source = {
    ...owners,
    ...{ type, alias: BASE, version: undefined, isOneOfMany: false, element: undefined, isTried: true },
    sortName: named?.("sort"),
  };
  const order = sort.length > 0 ? orderOf(source, sort, false) : undefined;
  const matches = where ? sql` and ${whereSql(source, where)}` : sql``;
  source.reads.add(type.id);
  return {
    rows: (pairs: SQL) =>
      placed(
        pairs,
        sql`${baseRow(source, "pairs.id")} ${order?.joins ?? sql``}`,
        order ? order.by(order.columns) : sql`pairs.place, pairs.id`,
        matches,
      ),
  };
}

/** What the statement finds of each owner: the ids in their order. */
export const foundRows = (list: SQL, owner: SQL): SQL => sql`jsonb_build_object('rows',
  (select jsonb_agg(jsonb_build_array(one.id) order by one.place) from ${list} one where one.owner = ${owner}))`;
