import { beforeAll, describe, expect, it } from "vitest";
import { ok, run } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

type Point = { lat: number; lon: number };
const FRESH = { headers: { "cache-control": "no-cache" } };
const SHOP = {
  id: "shop",
  name: "Shop",
  fields: [
    { id: "name", type: "short_text" },
    { id: "place", type: "location" },
    { id: "branches", type: "location", multiple: true },
    { id: "own", type: "location", localized: true },
  ],
};
let seed = 7;
const below = (n: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % n;
/** Points of a coarse net, and rings between its lines, so that no place is on an edge. */
const onNet = (): Point => ({ lat: below(35) * 5 - 85, lon: below(72) * 5 - 175 });
const offNet = (at: Point, reach: number): Point => ({
  lat: Math.max(-89.5, Math.min(89.5, at.lat + below(reach) - reach / 2 + 0.37)),
  lon: ((at.lon + below(reach) - reach / 2 + 0.41 + 540) % 360) - 180,
});

/** How often a ring winds round a point, each edge the short way. */
function winds(ring: Point[], { lat, lon }: Point): number {
  const turn = (from: Point, to: Point) => ((to.lon - from.lon + 540) % 360) - 180;
  let at = ((ring[0]!.lon - lon + 540) % 360) - 180;
  let turns = 0;
  ring.forEach((from, i) => {
    const to = ring[(i + 1) % ring.length]!;
    const next = at + turn(from, to);
    for (const k of [-720, -360, 0, 360, 720]) {
      const side = (next - at) * (lat - from.lat) - (to.lat - from.lat) * (k - at);
      if (from.lat <= lat && to.lat > lat && side > 0) turns++;
      if (from.lat > lat && to.lat <= lat && side < 0) turns--;
    }
    at = next;
  });
  return turns;
}

function kilometres(a: Point, b: Point): number {
  const rad = (degrees: number) => (degrees * Math.PI) / 180;
  const h =
    Math.sin(rad(b.lat - a.lat) / 2) ** 2 +
    Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(rad(b.lon - a.lon) / 2) ** 2;
  return 12742 * Math.asin(Math.sqrt(Math.min(1, h)));
}

describe("places", () => {
  let own: Tenant;
  const places: (Point | null)[] = [];
  const ids: string[] = [];
  const found = async (query: string) => {
    const { status, body, text } = await own.get(`/content/shop?limit=100&${query}`, FRESH);
    expect(status, text).toBe(200);
    return body.data.map((one: any) => ids.indexOf(one.id)) as number[];
  };
  const inside = (holds: (place: Point) => boolean) =>
    places.flatMap((place, i) => (place && holds(place) ? [i] : []));
  const sorted = (list: number[]) => list.toSorted((a, b) => a - b);

  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr", fallback: "en" }] });
    expect((await own.put("/types/shop", SHOP)).status).toBe(201);
    for (let i = 0; i < 40; i++) {
      const place = i % 13 === 12 ? null : onNet();
      places.push(place);
      const branches = place && i % 2 ? [onNet(), place] : null;
      ids.push(await own.published("shop", { name: `S${i}`, place, branches, own: place }));
    }
  });

  it("are found in boxes, also across the date line", async () => {
    for (let i = 0; i < 15; i++) {
      const [south, north] = [below(90) - 90, below(90)];
      const [west, east] = [below(360) - 180, below(360) - 180];
      const expected = inside(
        ({ lat, lon }) =>
          lat >= south &&
          lat <= north &&
          (west <= east ? lon >= west && lon <= east : lon >= west || lon <= east),
      );
      const text = `${south},${west},${north},${east}`;
      expect([text, sorted(await found(`filter[place][box]=${text}`))]).toEqual([text, expected]);
      expect(sorted(await found(`filter[own][box]=${text}&locale=fr`))).toEqual(expected);
    }
  });

  it("are found in polygons, also across the date line, and in what a ring that crosses itself winds round", async () => {
    for (let i = 0; i < 25; i++) {
      const around = onNet();
      const ring = Array.from({ length: 3 + below(6) }, () => offNet(around, [40, 90, 160][i % 3]!));
      const text = ring.map(({ lat, lon }) => `${lat},${lon}`).join(";");
      const expected = inside((place) => winds(ring, place) !== 0);
      expect([text, sorted(await found(`filter[place][polygon]=${text}`))]).toEqual([text, expected]);
      const filter = JSON.stringify({ not: { place: { polygon: ring } } });
      expect(sorted(await found(`filter=${encodeURIComponent(filter)}`))).toEqual(
        ids.map((_, k) => k).filter((k) => !expected.includes(k)),
      );
    }
    const crossing = "10.2,170.2;-10.2,170.2;10.2,-170.2;-10.2,-170.2";
    const expected = inside(
      (place) =>
        winds(
          [
            { lat: 10.2, lon: 170.2 },
            { lat: -10.2, lon: 170.2 },
            { lat: 10.2, lon: -170.2 },
            { lat: -10.2, lon: -170.2 },
          ],
          place,
        ) !== 0,
    );
    expect(sorted(await found(`filter[place][polygon]=${crossing}`))).toEqual(expected);
  });

  it("are sorted by distance, which is shown, page by page", async () => {
    const from = { lat: 52.5, lon: 13.4 };
    const expected = inside(() => true).toSorted(
      (a, b) => kilometres(from, places[a]!) - kilometres(from, places[b]!),
    );
    const far = (list: number[]) =>
      list.map((i) => (places[i] ? Math.round(kilometres(from, places[i])) : null));
    const all = await found("sort=place:near(52.5,13.4)");
    expect(far(all)).toEqual([...far(expected), null, null, null]);
    expect(far(await found("sort=-place:near(52.5,13.4),name"))).toEqual([
      ...far(expected).toReversed(),
      null,
      null,
      null,
    ]);
    expect(far(await found("sort=place:near(52.5,13.4):nulls_first")).slice(0, 4)).toEqual([
      null,
      null,
      null,
      far(expected)[0],
    ]);
    expect(far(await found("filter[place][near]=52.5,13.4,4000&sort=place:near(52.5,13.4)"))).toEqual(
      far(expected).filter((km) => km! <= 4000),
    );
    expect(far(await found("sort=own:near(52.5,13.4)&locale=fr"))).toEqual(far(all));
    const first = (await own.get("/content/shop?sort=place:near(52.5,13.4)&limit=5&fields=name", FRESH)).body;
    expect(Object.values(first.distances).map((km) => Math.round(km as number))).toEqual(
      far(expected).slice(0, 5),
    );
    const next = first.pagination.next_cursor;
    expect(far(await found(`sort=place:near(52.5,13.4)&cursor=${next}`))).toEqual(far(all).slice(5));
    const elsewhere = await own.get(`/content/shop?sort=place:near(52.5,13.5)&cursor=${next}`);
    expect(elsewhere.body.error.reason).toBe("http/bad-cursor");
    const nearest = (i: number) => Math.min(...[places[i]!].map((place) => kilometres(from, place)));
    const several = await own.get("/content/shop?sort=branches:near(52.5,13.4)&limit=100", FRESH);
    for (const [id, km] of Object.entries(several.body.distances))
      if (km !== null) expect(km as number).toBeLessThanOrEqual(nearest(ids.indexOf(id)) + 0.001);
  });

  it("have all of that in GraphQL", async () => {
    const { shopConnection } = await ok(
      own,
      `{ shopConnection(first: 3, nearest: { field: "place", lat: 52.5, lon: 13.4 }, filter: { place: { box: { south: -90, west: 0, north: 90, east: 180 } } }) {
        edges { distance node { place { lat lon } } }
      } }`,
    );
    for (const { distance, node } of shopConnection.edges)
      expect(distance).toBeCloseTo(kilometres({ lat: 52.5, lon: 13.4 }, node.place), 2);
    const refused = await run(own, '{ shopList(nearest: { field: "name", lat: 1, lon: 1 }) { id } }');
    expect(refused.errors?.[0]?.message).toContain("it is no location");
  });

  it("are refused where they make no sense", async () => {
    const around = Array.from({ length: 101 }, (_, i) => `${i / 10},${i / 10}`).join(";");
    for (const [query, words] of [
      ["filter[place][box]=1,2,3", "south, west, north and east"],
      ["filter[place][box]=1,2,3,4,5", "south, west, north and east"],
      ["filter[place][box]=3,2,1,4", "south north of its north"],
      ["filter[place][box]=1,2,91,4", "south, west, north and east"],
      ["filter[name][box]=1,2,3,4", "is for location fields"],
      ["filter[place][polygon]=1,1;2,2", "3 to 100 points"],
      ["filter[place][polygon]=1,1;2,2;1,1", "3 to 100 points"],
      ["filter[place][polygon]=1,1;2,x;3,3", "3 to 100 points"],
      [`filter[place][polygon]=${around}`, "3 to 100 points"],
      ["filter[place][polygon]=80,0;80,100;80,-100", "goes round a pole"],
      ["filter[place][polygon]=0,0;0,180;10,10", "180 degrees"],
      ["sort=place", "cannot use"],
      ["sort=name:near(1,1)", "it is no location"],
      ["sort=id:near(1,1)", "it is no location"],
      ["sort=place:near(91,1)", "cannot place"],
      ["sort=place:near(1)", "cannot place"],
      ["sort=place:near(1,2", "cannot"],
    ]) {
      const { status, body } = await own.get(`/content/shop?${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect(JSON.stringify(body.error)).toContain(words);
    }
  });
});
