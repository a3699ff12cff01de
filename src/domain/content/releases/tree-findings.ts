import { sql, type SQL } from "drizzle-orm";
import type { Context } from "../../../core/context.ts";
import { inEnvironment } from "../../../db/in-environment.ts";
import { MAX_TREE_LEVELS, type EnvironmentSchema } from "../types/index.ts";
import { listedOf, lookUp, ofRelease } from "./target-sql.ts";

const MOST = sql.raw(String(MAX_TREE_LEVELS));

/**
 * `select …`: findings, as JSON or null, about entries that the release would put below themselves or too
 * deep in the tree of their type. To be asked of the database as after the release; undefined where no
 * type is a tree.
 */
export function treeFindings(ctx: Context, { trees }: EnvironmentSchema, id: string): SQL | undefined {
  if (!trees) return undefined;
  const fields = JSON.stringify(Object.fromEntries(trees));
  const isParent = (alias: string) => {
    const ref = sql.raw(alias);
    return sql`${inEnvironment(ctx, alias)} and ${ref}.perspective = 1 and ${ref}.field = walk.field
      and ${ref}.type = walk.type and ${ref}.locale = '' and ${ref}.ordinal = 0`;
  };
  const above = lookUp("entry_refs", "ref", sql`${isParent("ref")} and ref.entry_id = walk.node`);
  const below = lookUp("entry_refs", "ref", sql`${isParent("ref")} and ref.target_id = walk.node`);
  return sql`with recursive moved as materialized (select target.entry_id, target.type,
        ${fields}::jsonb ->> target.type as field, target.data ->> (${fields}::jsonb ->> target.type) as parent
      from ${listedOf(ctx, id)} ${lookUp("release_targets", "target", sql`${ofRelease(ctx, id, "target")} and target.entry_id = listed.id`)}
      where target.data ->> (${fields}::jsonb ->> target.type) is not null),
    up (entry_id, type, field, node, level) as (select entry_id, type, field, parent collate "C", 1 from moved
      union all select walk.entry_id, walk.type, walk.field, ref.target_id, walk.level + 1 from up walk ${above}
      where walk.level <= ${MOST} and walk.node <> walk.entry_id),
    down (entry_id, type, field, node, level) as (select entry_id, type, field, entry_id, 0 from moved
      union all select walk.entry_id, walk.type, walk.field, ref.entry_id, walk.level + 1 from down walk ${below}
      where walk.level < ${MOST}),
    found as (select moved.entry_id as entry, moved.type, moved.field as path,
      case when exists (select 1 from up where up.entry_id = moved.entry_id and up.node = moved.entry_id) then 'cycle'
        when (select max(level) from up where up.entry_id = moved.entry_id)
          + (select max(level) from down where down.entry_id = moved.entry_id) >= ${MOST} then 'depth' end as detail
      from moved)
    select jsonb_agg(jsonb_build_object('is_error', true, 'kind', 'tree', 'entry', entry, 'type', type, 'path', path,
      'locale', null, 'detail', detail)) from (select * from found where detail is not null limit 50) found`;
}
