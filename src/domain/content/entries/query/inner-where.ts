import { didYouMean } from "../../../../core/nearest.ts";
import { mapConditions, type Operator, type Where } from "../../grants/index.ts";
import {
  columnIn,
  fieldAt,
  hasElements,
  hasInside,
  kindOf,
  namesIn,
  type Column,
  type CompiledType,
} from "../../types/index.ts";
import { badQuery } from "./source.ts";

const PRESENCE: readonly string[] = ["exists", "null"] satisfies Operator[];

/** A condition on parts of a value, or inside a component, as one on columns; undefined for any other. */
type OnParts = (type: CompiledType, where: Where) => Where | undefined;

/**
 * A condition inside a component or blocks as one on inner fields by their paths. Of a list of
 * components, and of one kind of blocks, some element has to meet all of it.
 */
export function onInner(
  type: CompiledType,
  column: Column,
  where: Where & { kind: "reference" },
  onParts: OnParts,
): Where {
  const inside = renamed(column, where.of);
  if (!hasElements(column)) return inside;
  return inElement(column, where.path, inside, (of) => isMetByOne(type, of, onParts));
}

/** Names of what is inside a column in the place of what a condition calls fields. */
const renamed = (column: Column, where: Where): Where =>
  mapConditions(where, (one) => {
    if (one.kind === "element") return one;
    const { field, path } = one;
    if (columnIn(column, field)) return { ...one, field: `${column.id}.${field}` };
    if (one.kind === "filter" && one.operator === "eq" && PRESENCE.includes(field))
      return { ...one, field: column.id, operator: field as Operator };
    const what = column.components ? "block" : "field";
    throw badQuery(
      path,
      `names no ${what} of ${column.id}.${didYouMean(field, [...namesIn(column), ...PRESENCE])}`,
    );
  });

/** Conditions that each may be met by another element need none of their own. */
function inElement(column: Column, path: string, of: Where, isMet: (of: Where) => boolean): Where {
  if (of.kind === "or") return { kind: "or", of: of.of.map((one) => inElement(column, path, one, isMet)) };
  return isMet(of) ? of : { kind: "element", path, field: column.id, of };
}

/** Whether a condition is met by an element as soon as one value in it says so. */
function isMetByOne(type: CompiledType, where: Where, onParts: OnParts): boolean {
  switch (where.kind) {
    case "and":
      return where.of.length === 1 && isMetByOne(type, where.of[0]!, onParts);
    case "or":
      return where.of.every((one) => isMetByOne(type, one, onParts));
    case "not":
      return false;
    case "element":
      return true;
    case "reference": {
      const inner = onParts(type, where);
      return inner === undefined || isMetByOne(type, inner, onParts);
    }
    case "filter": {
      const { operator, value } = where;
      if (operator === "ne" || operator === "nin") return false;
      if (operator === "exists" || operator === "null")
        return (operator === "exists") === (String(value) === "true");
      const column = fieldAt(type, where.field);
      return column === undefined || hasInside(column) || !kindOf(column).parts;
    }
  }
}
