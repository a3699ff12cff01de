import type { Difference } from "../schemas.ts";

const MAX_ALIGNED = 1000;

/**
 * What turns one value into another: objects are compared key by key, lists by their longest common
 * run of elements, so that a paragraph put in front does not make all that follow it differ.
 */
export function diffValues(from: unknown, to: unknown, path = ""): Difference[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  if (isObject(from) && isObject(to)) {
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) => {
      const at = path === "" ? key : `${path}.${key}`;
      if (!Object.hasOwn(to, key)) return [{ path: at, change: "removed" as const, from: from[key] }];
      if (!Object.hasOwn(from, key)) return [{ path: at, change: "added" as const, to: to[key] }];
      return diffValues(from[key], to[key], at);
    });
  }
  if (Array.isArray(from) && Array.isArray(to) && from.length * to.length <= MAX_ALIGNED * MAX_ALIGNED)
    return diffLists(from, to, path);
  return [{ path, change: "changed", from, to }];
}

function diffLists(from: unknown[], to: unknown[], path: string): Difference[] {
  const differences: Difference[] = [];
  let [i, j] = [0, 0];
  for (const [a, b] of [...commonRun(from.map(text), to.map(text)), [from.length, to.length] as const]) {
    // Between two unchanged elements, elements at the same position count as changed; others were added
    // or removed.
    for (; i < a && j < b; i++, j++) differences.push(...diffValues(from[i], to[j], `${path}[${j}]`));
    for (; i < a; i++) differences.push({ path: `${path}[${i}]`, change: "removed", from: from[i] });
    for (; j < b; j++) differences.push({ path: `${path}[${j}]`, change: "added", to: to[j] });
    i = a + 1;
    j = b + 1;
  }
  return differences;
}

/** Index pairs of a longest common subsequence. */
function commonRun(a: string[], b: string[]): (readonly [number, number])[] {
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        a[i] === b[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  const pairs: (readonly [number, number])[] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length;) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}

const text = (value: unknown) => JSON.stringify(value);
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
