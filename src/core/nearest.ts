/** Damerau-free edit distance, bounded: answers `limit + 1` as soon as it is exceeded. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + cost));
    }
    row = next;
  }
  return row[b.length]!;
}

/** The valid name closest to what was written, or undefined when nothing is near (source: edit distance ≤ 3). */
export function nearest(written: string, valid: Iterable<string>): string | undefined {
  const word = written.slice(0, 64).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.ceil(word.length / 2)) + 1;
  for (const name of valid) {
    const distance = editDistance(word, name.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** `Did you mean "slug"?`, or the list of what is valid when it is short, or nothing. */
export function didYouMean(written: string, valid: Iterable<string>): string {
  const names = [...valid];
  const near = nearest(written, names);
  if (near !== undefined) return ` Did you mean "${near}"?`;
  return names.length > 0 && names.length <= 20 ? ` Valid: ${names.join(", ")}.` : "";
}
