import { MAX_DETAILS, type ErrorDetail } from "./errors.ts";

const MAX_WORD = 64;
const MAX_NAMES = 500;
const MAX_SUGGESTIONS = 5;

/** Damerau-free edit distance, bounded: answers `limit + 1` as soon as it is exceeded. */
function editDistance(a: string, b: string, limit: number): number {
  const over = limit + 1;
  if (Math.abs(a.length - b.length) > limit) return over;
  let row = Array.from({ length: b.length + 1 }, (_, i) => Math.min(i, over));
  for (let i = 1; i <= a.length; i++) {
    const [first, last] = [Math.max(1, i - limit), Math.min(b.length, i + limit)];
    const next = Array.from({ length: b.length + 1 }, () => over);
    if (first === 1) next[0] = Math.min(i, over);
    let least = next[0]!;
    for (let j = first; j <= last; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next[j] = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + cost);
      least = Math.min(least, next[j]!);
    }
    if (least > limit) return over;
    row = next;
  }
  return Math.min(row[b.length]!, over);
}

/**
 * The closest valid name (edit distance ≤ 3), or undefined. Only the first 64 characters are compared,
 * with the first 500 names.
 */
export function nearest(written: string, valid: Iterable<string>): string | undefined {
  const word = written.slice(0, MAX_WORD).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.ceil(word.length / 2)) + 1;
  let compared = 0;
  for (const name of valid) {
    if (++compared > MAX_NAMES) break;
    if (name.length > MAX_WORD + bestDistance) continue;
    const distance = editDistance(word, name.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/**
 * `Did you mean "slug"?`, or the list of what is valid when it is short, or nothing. Inside a loop,
 * use `addDetail`.
 */
export function didYouMean(written: string, valid: Iterable<string>): string {
  const names = [...valid];
  const near = nearest(written, names);
  if (near !== undefined) return ` Did you mean "${near}"?`;
  return names.length > 0 && names.length <= 20 ? ` Valid: ${names.join(", ")}.` : "";
}

/**
 * Adds a problem to a list, of which an error shows 50. With `written` and `valid`, the first few
 * problems suggest the closest name; the cost does not grow with the number of problems.
 */
export function addDetail(
  details: ErrorDetail[],
  path: string,
  message: string,
  names?: { written: string; valid: () => Iterable<string> },
): void {
  if (details.length >= MAX_DETAILS) return;
  const suggestion =
    names && details.length < MAX_SUGGESTIONS ? didYouMean(names.written, names.valid()) : "";
  details.push({ path, message: message + suggestion });
}
