import { sql, type SQL } from "drizzle-orm";
import { textArray } from "../../../../db/text-array.ts";
import {
  conditionSql,
  grantedIf,
  type Access,
  type Condition,
  type ContentAction,
  type Part,
  type RowSql,
} from "../../grants/index.ts";
import type { CompiledType } from "../../types/index.ts";
import { entryRow, inAnyLocale, trashRow } from "../query/index.ts";

/** A part of an entry, or `whole`: every value of it, in every locale. */
type AnyPart = Part | "whole";
/** Types of which the same is asked; `type` is one of them. */
type Alike = { condition: Condition; type: CompiledType; ids: string[] };

const known = new WeakMap<Access, Map<string, Alike[]>>();

/**
 * Under which condition an action on the row `entry`, of whatever type, is granted. Only for
 * statements that do nothing when the schema is not the one they were planned by: what most types have
 * in common is asked without their names, and so of no other type.
 */
export const anyEntrySql = (access: Access, action: ContentAction, part: AnyPart): SQL =>
  anyRowSql(access, action, part, { alias: "entry", row: entryRow });

/** The same for the row `trash`, an entry that was deleted, of a type that there is. */
export const anyTrashedSql = (access: Access, action: ContentAction, part: AnyPart): SQL =>
  anyRowSql(access, action, part, { alias: "trash", row: trashRow });

function anyRowSql(
  access: Access,
  action: ContentAction,
  part: AnyPart,
  { alias, row }: { alias: string; row(type: CompiledType, alias: string): RowSql },
): SQL {
  const [most, ...others] = alikeTypes(access, action, part);
  if (!most) return sql`false`;
  const asked = ({ condition, type }: Alike) => conditionSql(condition, row(type, alias));
  if (others.length === 0) return asked(most);
  const typeOf = sql.raw(`${alias}.type`);
  const cases = others.map((one) => sql`when ${typeOf} = any (${textArray(one.ids)}) then ${asked(one)}`);
  return sql`(case ${sql.join(cases, sql` `)} else ${asked(most)} end)`;
}

/** Whether the row `entry` can be read at all, as a working copy or because it is published. */
export function anySeenSql(access: Access): SQL {
  const part = inAnyLocale(access.schema);
  return sql`(${anyEntrySql(access, "content:read-draft", part)} or (entry.published_version is not null
    and ${anyEntrySql(access, "content:read", part)}))`;
}

const wholeOf = ({ schema }: Access, { fields }: CompiledType): Part => ({
  fields: [...fields.keys()],
  locales: [...schema.chains.keys()],
});

/** The types by what is asked of them, the largest group first; worked out once for each actor. */
function alikeTypes(access: Access, action: ContentAction, part: AnyPart): Alike[] {
  const kept = known.get(access) ?? new Map<string, Alike[]>();
  known.set(access, kept);
  const key = JSON.stringify([action, part]);
  let groups = kept.get(key);
  if (!groups) {
    const byCondition = new Map<string, Alike>();
    for (const type of access.schema.types.values()) {
      const condition = grantedIf(access, type, action, part === "whole" ? wholeOf(access, type) : part);
      const like = JSON.stringify([condition, type.definition.review?.stages[0]!.id]);
      const group = byCondition.get(like) ?? { condition, type, ids: [] };
      group.ids.push(type.id);
      byCondition.set(like, group);
    }
    groups = [...byCondition.values()].sort((a, b) => b.ids.length - a.ids.length);
    kept.set(key, groups);
  }
  return groups;
}
