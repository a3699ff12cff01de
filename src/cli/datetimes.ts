/**
 * A datetime with its zone as ISO 8601 in UTC; undefined for what no calendar or clock shows, which
 * `Date` would carry over.
 */
export function realDatetime(text: string): string | undefined {
  const [, day, clock] = /^(\d{4}-\d{2}-\d{2})T([\d:.]+)(?:Z|[+-]\d{2}:\d{2})$/.exec(text) ?? [];
  if (!day || !isRealDay(day) || clock!.startsWith("24")) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Whether a text is a day of the calendar, such as 2026-01-31. */
export function isRealDay(text: string): boolean {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
