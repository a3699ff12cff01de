import { sql, type SQL } from "drizzle-orm";
import { inEnvironment } from "../../../../db/in-environment.ts";
import type { CompiledType, Field, ResolvedType } from "../../types/index.ts";
import {
  baseId,
  from,
  inType,
  isPassable,
  parentRows,
  perspectiveOf,
  refsOfBase,
  type Source,
  type Tree,
} from "../query/index.ts";

/** How many of the entries below one an answer has, and how many right below each. */
export const MAX_DESCENDANTS = 500;
const MAX_SIBLINGS = 100;

/** The entries above and below one in a tree, as lists of the type itself; its children are a back reference. */
const RELATIVES = [
  { id: "ancestors", description: "what it stands below, from the root to its parent." },
  {
    id: "descendants",
    description: `what stands below it, each before what is below that: at most ${MAX_DESCENDANTS}, and ${MAX_SIBLINGS} right below each.`,
  },
] as const;
export type Relative = (typeof RELATIVES)[number]["id"];

/** The relatives that entries of a type have. */
export const relativesOf = ({
  parent,
}: Pick<ResolvedType, "parent">): readonly (typeof RELATIVES)[number][] =>
  parent === undefined ? [] : RELATIVES;

/** As if a field referred to them; undefined for a type that is no tree. */
export function relativeField({ id, definition }: CompiledType, name: string): Field | undefined {
  if (!relativesOf(definition).some((one) => one.id === name)) return undefined;
  const rules = { required: false, unique: false, localized: false, multiple: true };
  return { id: name, type: "reference", to: [id], ...rules } as Field;
}

/** A select of `target_id`: the relatives of an entry, the base row of the source with `isBase`. */
export const relativesSql = (tree: Tree, name: Relative, owner: SQL, isBase: boolean): SQL =>
  name === "ancestors" ? ancestorsSql(tree, owner, isBase) : descendantsSql(tree, owner);

/** An old version has the ancestors of the parent that it had. */
function ancestorsSql(tree: Tree, owner: SQL, isBase: boolean): SQL {
  const { source, field } = tree;
  const table = isBase ? refsOfBase(source, "ref") : sql`entry_refs ref`;
  return sql`with recursive up (id) as (
      select ref.target_id collate "C" from ${table} where ${inEnvironment(source.ctx, "ref")} and ref.entry_id = ${owner}
        and ref.perspective = ${perspectiveOf(source)} and ref.field = ${field} and ref.locale = ''
      union select ref.target_id from up cross join lateral (select ref.target_id from entry_refs ref
        where ${parentRows(tree, "ref")} and ref.entry_id = up.id${isPassable(tree, sql`up.id`)} offset 0) ref)
    select up.id as target_id from up`;
}

const descendantsSql = (tree: Tree, owner: SQL): SQL => sql`with recursive below (id) as (
    select child.id from (${childrenSql(tree, owner)}) child
    union select child.id from below cross join lateral (${childrenSql(tree, sql`below.id`)}) child)
  select below.id as target_id from below limit ${sql.raw(String(MAX_DESCENDANTS))}`;

/** The first children of an entry that the caller may see. */
function childrenSql(tree: Tree, owner: SQL): SQL {
  const shown: Source = { ...tree.source, version: undefined, alias: "child", reads: new Set() };
  return sql`select ${baseId(shown)} as id from entry_refs ref cross join lateral (select child.* from ${from(shown)}
      where ${inType(shown)} and ${baseId(shown)} = ref.entry_id offset 0) child
    where ${parentRows(tree, "ref")} and ref.target_id = ${owner}
    order by ${siblingOrder(tree.source, "child")} limit ${sql.raw(String(MAX_SIBLINGS))}`;
}

/** The order of siblings under an alias of the base table: that which editors made, or the newest first. */
function siblingOrder({ perspective, type }: Source, alias: string): SQL {
  const [id, newest] = perspective === "draft" ? ["id", "updated_at"] : ["entry_id", "published_at"];
  return sql.raw(
    type.definition.ordered
      ? `${alias}.order_key, ${alias}.${id}`
      : `${alias}.${newest} desc, ${alias}.${id} desc`,
  );
}

/** Under this name the entries of a tree that came along stand in the order of siblings. */
export const placesKey = (type: CompiledType): string => `@places ${type.id}`;

/** A row of what came along: the ids of a tree's entries in `reached`. */
export function placesSql({ source }: Tree): SQL {
  const shown: Source = { ...source, version: undefined, alias: "placed", reads: new Set() };
  return sql`select ${placesKey(source.type)}::text, (select jsonb_agg(reached.id order by ${siblingOrder(source, "placed")})
    from reached cross join lateral (select placed.* from ${from(shown)}
      where ${inType(shown)} and ${baseId(shown)} = reached.id offset 0) placed)`;
}
