/**
 * Groups of items that refer only to earlier groups; the last group has the cycles and everything that
 * depends on them.
 */
export function inWaves<T>(
  things: readonly T[],
  idOf: (thing: T) => string,
  refersTo: (thing: T) => readonly string[],
): T[][] {
  const ids = new Set(things.map(idOf));
  const referrers = new Map<string, T[]>();
  const waiting = new Map<T, number>();
  for (const thing of things) {
    const targets = new Set(refersTo(thing).filter((id) => ids.has(id)));
    waiting.set(thing, targets.size);
    for (const id of targets) {
      const list = referrers.get(id);
      if (list) list.push(thing);
      else referrers.set(id, [thing]);
    }
  }
  const waves: T[][] = [];
  for (let wave = things.filter((thing) => waiting.get(thing) === 0); wave.length > 0;) {
    waves.push(wave);
    const next: T[] = [];
    for (const thing of wave) {
      waiting.delete(thing);
      for (const referrer of referrers.get(idOf(thing)) ?? []) {
        const left = waiting.get(referrer)! - 1;
        waiting.set(referrer, left);
        if (left === 0) next.push(referrer);
      }
    }
    wave = next;
  }
  return waiting.size > 0 ? [...waves, [...waiting.keys()]] : waves;
}
