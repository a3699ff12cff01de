/**
 * ` Did you mean "import"? There are: …`: the nearest of the valid names, when one is near, and all of
 * them.
 */
export function suggest(written: string, valid: readonly string[]): string {
  const near = nearest(written, valid);
  const all = valid.length > 0 ? ` There are: ${valid.join(", ")}.` : "";
  return `${near === undefined ? "" : ` Did you mean "${near}"?`}${all}`;
}

/** The valid name with the smallest edit distance; undefined when none is close. */
export function nearest(written: string, valid: readonly string[]): string | undefined {
  const word = written.slice(0, 64).toLowerCase();
  const most = Math.min(3, Math.ceil(word.length / 2));
  const ranked = valid
    .map((name) => ({
      name,
      typos: name.startsWith(word) && word.length > 1 ? 1 : typosBetween(word, name.toLowerCase()),
    }))
    .sort((a, b) => a.typos - b.typos);
  return ranked[0] !== undefined && ranked[0].typos <= most ? ranked[0].name : undefined;
}

function typosBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
