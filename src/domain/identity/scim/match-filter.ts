import type { Filter, Value } from "./filter.ts";

/** Whether a filter holds of one element of a list; its attributes are the element's own, in any case. */
export function matches(element: Record<string, unknown>, filter: Filter): boolean {
  switch (filter.op) {
    case "and":
      return filter.filters.every((one) => matches(element, one));
    case "or":
      return filter.filters.some((one) => matches(element, one));
    case "not":
      return !matches(element, filter.filter);
    case "has":
      return false;
    case "pr":
      return (valueOf(element, filter.path) ?? "") !== "";
    default: {
      const [left, right] = [comparable(valueOf(element, filter.path)), comparable(filter.value)];
      if (filter.op === "eq") return left === right;
      if (filter.op === "ne") return left !== right;
      if (left === null || right === null) return false;
      return ORDERED[filter.op](left, right);
    }
  }
}

/**
 * The parts that an element must have for a filter that is nothing but `eq`s joined by `and`;
 * undefined for any other.
 */
export function partsOf(filter: Filter): [path: string, value: Value][] | undefined {
  if (filter.op === "eq") return [[filter.path, filter.value]];
  if (filter.op !== "and") return undefined;
  const parts = filter.filters.map(partsOf);
  return parts.every((one) => one !== undefined) ? parts.flat() : undefined;
}

const ORDERED: Record<"co" | "sw" | "ew" | "gt" | "ge" | "lt" | "le", (a: string, b: string) => boolean> = {
  co: (a, b) => a.includes(b),
  sw: (a, b) => a.startsWith(b),
  ew: (a, b) => a.endsWith(b),
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
};

const comparable = (value: unknown): string | null =>
  value === null || value === undefined ? null : String(value as Value).toLowerCase();

const valueOf = (element: Record<string, unknown>, path: string): unknown =>
  Object.entries(element).find(([name]) => name.toLowerCase() === path.toLowerCase())?.[1];
