import { fail, type FieldKind } from "./field-kind.ts";

const A_LOCATION = '{ "lat": -90…90, "lon": -180…180 }';

/** The latitude is in its first row, the longitude in its second; of a list two rows each. */
export const LOCATION: FieldKind = {
  filter: "location",
  canBeMultiple: true,
  expects: () => A_LOCATION,
  check: (_field, value, path, check) => readLocation(value) ?? fail(check, path, `must be ${A_LOCATION}`),
  cells(value) {
    const { lat, lon } = Object(value) as Record<string, unknown>;
    return typeof lat === "number" && typeof lon === "number" ? [{ n: lat }, { n: lon }] : [];
  },
};

function readLocation(value: unknown): { lat: number; lon: number } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { lat, lon, ...rest } = value as Record<string, unknown>;
  const isWithin = (n: unknown, limit: number): n is number => typeof n === "number" && Math.abs(n) <= limit;
  return isWithin(lat, 90) && isWithin(lon, 180) && Object.keys(rest).length === 0 ? { lat, lon } : undefined;
}
