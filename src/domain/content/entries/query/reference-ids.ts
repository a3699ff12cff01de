import { isId } from "../../../../core/ids.ts";
import type { Filter } from "../../grants/index.ts";
import type { Field } from "../../types/index.ts";
import { readList, readText } from "./filter-value.ts";
import { badQuery } from "./source.ts";

/** The ids that a filter on references looks for, undefined for one that looks for others. */
export function referenceIds(field: Field, filter: Filter): string[] | undefined {
  return ["eq", "in", "contains"].includes(filter.operator) ? idsOf(field, filter) : undefined;
}

/** The ids of a filter on references; INVALID for an operator that compares none. */
export function idsOf(field: Field, { operator, path, value }: Filter): string[] {
  const isList = operator === "in" || operator === "nin";
  if (!isList && operator !== "eq" && operator !== "ne" && operator !== "contains")
    throw badQuery(
      path,
      `has no operator ${operator} for a ${field.type} field: use eq, ne, in, nin or exists`,
    );
  const ids = isList ? readList(value, path) : [readText(value, path)];
  const prefix = field.type === "media" ? "ast" : "cnt";
  if (!ids.every((id) => isId(prefix, id))) throw badQuery(path, `must be ids such as ${prefix}_01jd…`);
  return ids;
}
