import { sql, type SQL } from "drizzle-orm";
import type { Filter } from "../../grants/index.ts";
import type { BackLink } from "../../types/index.ts";
import { afford } from "./afford.ts";
import { fromReferring, referringSource } from "./back-references.ts";
import { readText } from "./filter-value.ts";
import { inType } from "./readable.ts";
import { idsOf } from "./reference-ids.ts";
import { badQuery, baseId, from, type Source } from "./source.ts";

/** What trying a condition on the entries of lists costs for each of them. */
const TRIALS_OF_LIST = 2;

/** Whether one of the entries of a back reference meets a condition, which is one over `target`. */
export function listedSql(
  source: Source,
  { link, target, path }: { link: BackLink; target: Source; path: string },
  condition: SQL,
): SQL {
  const allowed = afford(target, { trials: TRIALS_OF_LIST, worst: path });
  return inList(source, link, target, sql`${condition}${allowed}`);
}

/** Whether the list of the base row has an entry that is shown and meets a condition. */
function inList(source: Source, link: BackLink, target: Source, condition: SQL): SQL {
  const alias = `by_${target.alias}`;
  return sql`exists (select 1 from (select ${sql.raw(alias)}.entry_id
      ${fromReferring(target, link, alias, baseId(source))} offset 0) ${sql.raw(alias)}
    cross join lateral (select ${sql.raw(target.alias)}.* from ${from(target)} where ${inType(target)}
      and ${baseId(target)} = ${sql.raw(alias)}.entry_id offset 0) ${sql.raw(target.alias)} where ${condition})`;
}

/** Whether a back reference has entries, or some of these. */
export function listFilter(source: Source, link: BackLink, filter: Filter): SQL {
  const { operator, path, value } = filter;
  const target = referringSource(source, link, "listed");
  if (operator === "exists" || operator === "null") {
    const text = readText(value, path);
    if (text !== "true" && text !== "false") throw badQuery(path, "must be true or false");
    const found = inList(source, link, target, sql`true`);
    return (operator === "exists") === (text === "true") ? found : sql`not ${found}`;
  }
  if (operator === "contains") throw badQuery(path, "has no operator contains: use eq");
  const ids = idsOf({ ...link.field, type: "reference" }, filter);
  const found = inList(source, link, target, sql`by_listed.entry_id in ${ids}`);
  return operator === "ne" || operator === "nin" ? sql`not ${found}` : found;
}
