import { sql, type SQL } from "drizzle-orm";
import { readExactNumber } from "../../../../core/exact-numbers.ts";
import type { Filter, Operator } from "../../grants/index.ts";
import type { Field } from "../../types/index.ts";
import { readNear } from "./filter-value.ts";
import { badQuery, fieldRows, isShown, type Source } from "./source.ts";

/** The operators of locations. */
export const PLACE_OPERATORS: readonly Operator[] = ["near", "box", "polygon"];

const EARTH_KM = 6371;
const MAX_POINTS = 100;
type Point = { lat: number; lon: number };
/** Where places are: between latitudes, and a condition on the rows `lat` and `lon` of a place. */
type Area = { south: number; north: number; holds: SQL };

const LAT = sql.raw("lat.number_value");
const LON = sql.raw("lon.number_value");
const double = (value: number): SQL => sql`${value}::double precision`;

/** A condition on where a place is; a location's latitude is in row 0 and its longitude in row 1. */
export function placeFilter(source: Source, field: Field, filter: Filter): SQL {
  if (field.type !== "location") throw badQuery(filter.path, "is for location fields");
  const { south, north, holds } = areaOf(filter);
  return sql`exists (${rowsOf(source, field, sql`1`)}${isShown(source, "lat", field)}
    and lat.number_value between ${double(south)} and ${double(north)} and ${holds})`;
}

/** The latitudes between which all that matches lies. */
export function latitudesOf(filter: Filter): SQL {
  const { south, north } = areaOf(filter);
  return sql`between ${double(south)} and ${double(north)}`;
}

/** The distance in kilometres of an entry's place, or the nearest of several, from a point; null without one. */
export function distanceSql(source: Source, field: Field, point: Point): SQL {
  const locales = field.localized ? source.chain : [""];
  const values = locales.map(
    (locale) => sql`(${rowsOf(source, field, sql`min(${distance(point)})`, locale)})`,
  );
  return sql`coalesce(${sql.join([...values, sql`null::double precision`], sql`, `)})`;
}

/** `select … ` over the rows `lat` and `lon` of each place. */
function rowsOf(source: Source, field: Field, what: SQL, locale?: string): SQL {
  const locales = locale ?? (field.localized ? source.chain : "");
  const tried = { ...source, isTried: false };
  return sql`select ${what} from (${fieldRows(tried, "lat", field, locales, sql`lat.*`)} and lat.ordinal % 2 = 0 offset 0) lat
    cross join lateral (${fieldRows(tried, "lon", field, locales, sql`lon.number_value`)}
      and lon.ordinal = lat.ordinal + 1 and lon.locale = lat.locale offset 0) lon where true`;
}

/** Great-circle distance on a sphere. */
const distance = ({ lat, lon }: Point): SQL =>
  sql`${sql.raw(String(2 * EARTH_KM))} * asin(sqrt(least(1, power(sin(radians(${LAT} - ${double(lat)}) / 2), 2)
    + cos(radians(${double(lat)})) * cos(radians(${LAT})) * power(sin(radians(${LON} - ${double(lon)}) / 2), 2))))`;

function areaOf({ operator, path, value }: Filter): Area {
  if (operator === "box") return boxOf(path, value);
  if (operator === "polygon") return polygonOf(path, value);
  const { lat, lon, km } = readNear(value, path);
  const degrees = (km / EARTH_KM) * (180 / Math.PI);
  const holds = sql`${distance({ lat, lon })} <= ${double(km)}`;
  return { south: lat - degrees, north: lat + degrees, holds };
}

/** `south,west,north,east`; a box whose west is greater than its east crosses the date line. */
function boxOf(path: string, value: unknown): Area {
  const given = Object(value) as Record<string, unknown>;
  const [south, west, north, east] =
    typeof value === "string"
      ? value.split(",", 5).map(readNumber)
      : [given["south"], given["west"], given["north"], given["east"]];
  const isFull = typeof value !== "string" || value.split(",").length === 4;
  if (!isFull || !isLatitude(south) || !isLongitude(west) || !isLatitude(north) || !isLongitude(east))
    throw badQuery(path, "must be south, west, north and east in degrees, such as 47.2,5.8,55.1,15.1");
  if (south > north) throw badQuery(path, "has its south north of its north");
  const between = sql`${LON} >= ${double(west)} ${sql.raw(west > east ? "or" : "and")} ${LON} <= ${double(east)}`;
  return { south, north, holds: sql`(${between})` };
}

/**
 * A ring of points with straight edges in degrees, each the short way round. It covers all that it
 * winds round, also where it crosses itself, and what lies on its edges.
 */
function polygonOf(path: string, value: unknown): Area {
  const ring = readRing(path, value);
  // Longitudes that go on across the date line.
  const points: Point[] = [];
  for (const { lat, lon } of ring) {
    const before = points.at(-1)?.lon ?? lon;
    const step = ((lon - before + 540) % 360) - 180;
    if (Math.abs(step) === 180)
      throw badQuery(path, "has an edge of 180 degrees, which may go either way round: add a point between");
    points.push({ lat, lon: before + (step < -180 ? step + 360 : step) });
  }
  const last = points.at(-1)!;
  const closing = ((points[0]!.lon - last.lon + 540) % 360) - 180;
  const back = last.lon + (closing < -180 ? closing + 360 : closing);
  if (Math.abs(closing) === 180 || Math.abs(back - points[0]!.lon) > 1)
    throw badQuery(path, "goes round a pole: use a box or near there");
  const lons = points.map(({ lon }) => lon);
  const [west, east] = [Math.min(...lons), Math.max(...lons)];
  if (east - west >= 360) throw badQuery(path, "goes round the whole earth: use a box");
  const lats = points.map(({ lat }) => lat);
  const text = `(${points.map(({ lat, lon }) => `(${lon},${lat})`).join(",")})`;
  // The longitude of a place as the ring counts it: the first at or behind its west.
  const lon = sql`${LON} + 360 * ceil((${double(west)} - ${LON}) / 360)`;
  return {
    south: Math.min(...lats),
    north: Math.max(...lats),
    holds: sql`${text}::polygon @> point(${lon}, ${LAT})`,
  };
}

/** `lat,lon;lat,lon;…`, or a list of `{ lat, lon }` or `[lat, lon]`; the first point may be the last, too. */
function readRing(path: string, value: unknown): Point[] {
  const given: unknown[] =
    typeof value === "string"
      ? value.split(";", MAX_POINTS + 2).map((one) => one.split(",").map(readNumber))
      : Array.isArray(value)
        ? value
        : [];
  const ring = given.map((one) => {
    const { lat, lon } = Object(one) as Record<string, unknown>;
    const [a, b, ...more] = Array.isArray(one) ? (one as unknown[]) : [lat, lon];
    return isLatitude(a) && isLongitude(b) && more.length === 0 ? { lat: a, lon: b } : undefined;
  });
  const [first, last] = [ring[0], ring.at(-1)];
  if (ring.length > 1 && first && first.lat === last?.lat && first.lon === last.lon) ring.pop();
  if (ring.length < 3 || ring.length > MAX_POINTS || ring.includes(undefined))
    throw badQuery(
      path,
      `must be 3 to ${MAX_POINTS} points, latitude before longitude, such as 52.6,13.2;52.6,13.6;52.4,13.4`,
    );
  return ring as Point[];
}

const readNumber = (text: string): number | undefined => readExactNumber(text.trim());
const isLatitude = (value: unknown): value is number => typeof value === "number" && Math.abs(value) <= 90;
const isLongitude = (value: unknown): value is number => typeof value === "number" && Math.abs(value) <= 180;

/** The point of `near(52.5,13.4)`; undefined for a text that is none. */
export function readPoint(text: string): Point | undefined {
  const [, lat, lon] = /^near\(([^,()]*),([^,()]*)\)$/.exec(text) ?? [];
  const point = { lat: readNumber(lat ?? ""), lon: readNumber(lon ?? "") };
  return isLatitude(point.lat) && isLongitude(point.lon) ? (point as Point) : undefined;
}
