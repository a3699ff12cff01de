type Key = string | undefined;

/** Elements of two lists that are one another, found step by step; -1 for a new one. */
export function pairing<T>(before: readonly T[], after: readonly T[]) {
  const found = after.map(() => -1);
  const taken = new Set<number>();
  const take = (i: number, j: number | undefined) => {
    if (j === undefined) return;
    found[i] = j;
    taken.add(j);
  };
  const freeBefore = () => [...before.keys()].filter((j) => !taken.has(j));
  const freeAfter = () => [...after.keys()].filter((i) => found[i] === -1);
  /** Pairs those with the same key, in their order. */
  const byKey = (keyOf: (one: T) => Key) => {
    const places = Map.groupBy(freeBefore().toReversed(), (j) => keyOf(before[j]!));
    for (const i of freeAfter()) {
      const key = keyOf(after[i]!);
      if (key !== undefined) take(i, places.get(key)?.pop());
    }
  };
  return { found, taken, take, freeBefore, freeAfter, byKey };
}
