import { sql, type SQL } from "drizzle-orm";
import { isId } from "../../../../core/ids.ts";
import { inEnvironment } from "../../../../db/in-environment.ts";
import type { Filter } from "../../grants/index.ts";
import type { CompiledType, Field } from "../../types/index.ts";
import { readList } from "./filter-value.ts";
import { inType, isNarrowed, requireReadableField } from "./readable.ts";
import { badQuery, baseId, from, perspectiveOf, refRows, targetColumn, type Source } from "./source.ts";

/** The entries of a type as a tree, in the perspective of a source. */
export type Tree = { source: Source; field: string };

/** The tree that the entries of a type are; undefined for a type that is none. */
export function treeOf(source: Source, type: CompiledType | undefined): Tree | undefined {
  const field = type?.definition.parent;
  return field === undefined ? undefined : { source: { ...source, type: type! }, field };
}

/** The trees that a reference leads into, with their ids; INVALID for one that leads into none. */
function treesOf(source: Source, field: Field, { path, value }: Filter): { trees: Tree[]; ids: string[] } {
  const types = field.type === "reference" ? (field.to ?? [...source.schema.types.keys()]) : [];
  const trees = types.flatMap((id) => treeOf(source, source.schema.types.get(id)) ?? []);
  if (trees.length === 0)
    throw badQuery(path, "is for references to types whose entries are a tree, such as its parent");
  for (const tree of trees) {
    requireReadableField(tree.source, tree.field, path);
    source.reads.add(tree.source.type.id);
  }
  const ids = readList(value, path);
  if (!ids.every((id) => isId("cnt", id))) throw badQuery(path, "must be ids such as cnt_01jd…");
  return { trees, ids };
}

/** Rows of `entry_refs` under an alias that lead from an entry of a tree to its parent. */
export const parentRows = ({ source, field }: Tree, alias: string): SQL => {
  const row = sql.raw(alias);
  return sql`${inEnvironment(source.ctx, alias)} and ${row}.type = ${source.type.id}
    and ${row}.perspective = ${perspectiveOf(source)} and ${row}.field = ${field} and ${row}.locale = ''`;
};

/** ` and …`: whoever may not see an entry sees neither what is below nor what is above it by way of it. */
export function isPassable({ source }: Tree, id: SQL): SQL {
  const passed: Source = { ...source, version: undefined, alias: "passed", reads: new Set() };
  if (!isNarrowed(passed)) return sql``;
  return sql` and exists (select 1 from ${from(passed)} where ${inType(passed)} and ${baseId(passed)} = ${id} offset 0)`;
}

/**
 * A select of `published_at` and `entry_id`, a row for each entry that stands below others in a tree.
 * Each level is found by the index of references; what reads only some of the rows takes no more.
 */
const belowSql = (
  tree: Tree,
  ids: readonly string[],
): SQL => sql`with recursive below (published_at, entry_id) as (
    select ref.published_at, ref.entry_id from entry_refs ref
      where ${parentRows(tree, "ref")} and ref.target_id in ${ids}
    union select ref.published_at, ref.entry_id from below cross join lateral (
      select ref.published_at, ref.entry_id from entry_refs ref
      where ${parentRows(tree, "ref")} and ref.target_id = below.entry_id${isPassable(tree, sql`below.entry_id`)}
      offset 0) ref)
  select published_at, entry_id from below`;

/** The rows of an index for what refers into a tree at or below some of its entries. */
export function withinRows(source: Source, field: Field, filter: Filter, hits: SQL): SQL {
  const { trees, ids } = treesOf(source, field, filter);
  const [only] = trees as [Tree];
  if (only.source.type.id === source.type.id && only.field === field.id && trees.length === 1)
    return belowSql(only, ids);
  const all = trees.map(
    (tree) =>
      sql`select entry_id from (${belowSql(tree, ids)}) below where true${isPassable(tree, sql`below.entry_id`)}`,
  );
  const start = sql`select jsonb_array_elements_text(${JSON.stringify(ids)}::jsonb) as entry_id`;
  return sql`select hit.published_at, hit.entry_id from (${sql.join([start, ...all], sql` union `)}) target
    cross join lateral (${hits} and ${targetColumn(field)} = target.entry_id offset 0) hit`;
}

/** Whether what the base row refers to by a field stands at or below some entries of a tree: from there upwards. */
export function withinFilter(source: Source, field: Field, filter: Filter): SQL {
  const { trees, ids } = treesOf(source, field, filter);
  // A recursion may name itself once: all trees are looked into from the same row.
  const ups = trees.map(
    (tree) => sql`(select ref.target_id from entry_refs ref
      where ${parentRows(tree, "ref")} and ref.entry_id = up.id${isPassable(tree, sql`up.id`)} offset 0)`,
  );
  const above = sql`select ref.target_id from up cross join lateral (${sql.join(ups, sql` union all `)}) ref`;
  const start = refRows(source, "hit", field, sql``, sql`hit.target_id collate "C"`);
  return sql`exists (with recursive up (id) as (${start} union ${above}) select 1 from up where up.id in ${ids})`;
}
