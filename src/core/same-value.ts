/** Whether two JSON values are the same, whatever the order of keys; a key that is absent is not null. */
export const sameValue = (one: unknown, other: unknown): boolean =>
  one === other || sortedText(one) === sortedText(other);

/** A text that the same values share, whatever the order of keys. */
export const sortedText = (value: unknown): string => JSON.stringify(sorted(value));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  // Pairs in a list of their own, which no list of values looks like.
  return { pairs: entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]) };
}
