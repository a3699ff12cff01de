import { beforeAll, expect, it } from "vitest";
import {
  fieldsOf,
  holds,
  inGraphql,
  PERSON_FIELDS,
  randomness,
  randomValues,
  randomWhere,
  type Values,
} from "../support/inner-queries.ts";
import { ok } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

type Row = Values & { id: string };
type Person = { id: string; name: string; seo: Values };

let tenant: Tenant;
let people: Person[];
let rows: Row[];
beforeAll(async () => {
  tenant = await newTenant();
  for (const [id, fields] of [
    ["person", PERSON_FIELDS],
    ["item", [...fieldsOf(), { id: "author", type: "reference", to: ["person"] }]],
  ] as const) {
    const made = await tenant.post("/types", { id, name: id, fields });
    expect(made.status, made.text).toBe(201);
  }
  people = await Promise.all(
    ["a", "b", "Éa"].map(async (name, i) => {
      const values = { name, seo: { title: ["b", null, "a"][i], rank: [2, 1, null][i] } };
      return { id: await tenant.published("person", values), ...values };
    }),
  );
  const next = randomness(5);
  rows = await Promise.all(
    Array.from({ length: 60 }, async () => {
      const author = next() < 0.3 ? null : people[Math.floor(next() * 3)]!.id;
      const values = { ...randomValues(next, people), author };
      return { id: await tenant.published("item", values), ...values };
    }),
  );
}, 120_000);

it("filters on what is inside components and blocks agree with a naive reading", async () => {
  const wrong: unknown[] = [];
  const check = async (seed: number) => {
    const where = randomWhere(randomness(seed * 7919), people);
    const query = new URLSearchParams({
      filter: JSON.stringify(where),
      limit: "100",
      perspective: seed % 2 === 0 ? "published" : "draft",
    });
    const reply = await tenant.get(`/content/item?${query}`);
    const found = ((reply.body.data ?? []) as Row[]).map(({ id }) => id).sort();
    const expected = rows.filter((row) => holds(row, where, people)).map(({ id }) => id);
    const isRight = found.join() === expected.sort().join();
    if (reply.status !== 200 || !isRight || reply.body.pagination.total_items !== expected.length)
      wrong.push({
        ...{ seed, where: JSON.stringify(where), status: reply.status },
        ...{ found: found.length, expected: expected.length, error: reply.body.error?.message },
      });
  };
  for (let seed = 1; seed <= 600; seed += 8)
    await Promise.all(Array.from({ length: 8 }, (_, i) => check(seed + i)));
  expect(wrong.slice(0, 8)).toEqual([]);
}, 120_000);

it("GraphQL has the same filters, typed", async () => {
  for (let seed = 1; seed <= 48; seed++) {
    const where = randomWhere(randomness(seed * 104_729), people);
    const { itemList } = await ok(
      tenant,
      "query ($filter: ItemFilter) { itemList(filter: $filter, limit: 100) { id } }",
      { filter: inGraphql(where) },
    );
    const found = itemList.map(({ id }: Row) => id).sort();
    const expected = rows.filter((row) => holds(row, where, people)).map(({ id }) => id);
    expect(found, JSON.stringify(where)).toEqual(expected.sort());
  }
  const sorted = await ok(tenant, "{ itemList(sort: [seo_rank_ASC, author_name_DESC], limit: 1) { id } }");
  expect(sorted.itemList).toHaveLength(1);
});

const at = (row: Row, path: string): unknown => {
  const [id, ...rest] = path.split(".") as [string, ...string[]];
  const own = id === "author" ? people.find((one) => one.id === row.author) : row[id];
  return rest.reduce<unknown>((value, step) => (value as Values | null | undefined)?.[step], own) ?? null;
};

it.each([
  "seo.rank",
  "seo.title",
  "seo.price.amount",
  "seo.days.from",
  "author.name",
  "author.seo.rank",
  "author.seo.title",
])("a list sorted by %s has every entry once, in order, page by page", async (path) => {
  for (const perspective of ["published", "draft"])
    for (const sign of ["", "-"]) {
      const found: string[] = [];
      let cursor = "";
      do {
        const query = `sort=${sign}${path}&limit=13&perspective=${perspective}${cursor && `&cursor=${cursor}`}`;
        const reply = await tenant.get(`/content/item?${query}`);
        expect(reply.status, reply.text).toBe(200);
        found.push(...reply.body.data.map(({ id }: Row) => id));
        cursor = reply.body.pagination.next_cursor ?? "";
      } while (cursor !== "");
      expect(found.toSorted()).toEqual(rows.map(({ id }) => id).sort());
      const values = found.map((id) =>
        at(
          rows.find((row) => row.id === id)!,
          path,
        ),
      );
      const order = (a: unknown, b: unknown) => {
        if (a === null || b === null) return Number(a === null) - Number(b === null);
        const [x, y] = sign === "" ? [a, b] : [b, a];
        const isNumber = typeof a === "number" || path.endsWith("amount");
        return isNumber ? Number(x) - Number(y) : String(x).localeCompare(String(y), "en");
      };
      expect(values).toEqual(values.toSorted(order));
    }
});

it("refuses what is not there with the nearest name", async () => {
  for (const [query, message] of [
    ["filter[seo][titel]=a", 'filter[seo][titel] names no field of seo. Did you mean "title"?'],
    ["filter[page][heroo][text]=a", 'filter[page][heroo] names no block of page. Did you mean "hero"?'],
    [
      "filter[page][hero][txt]=a",
      'filter[page][hero][txt] names no field of page.hero. Did you mean "text"?',
    ],
    ["sort=parts.name", 'sort cannot use "parts.name".'],
    ["sort=author.nam", 'sort cannot use "author.nam"'],
  ] as const) {
    const reply = await tenant.get(`/content/item?${query}`);
    expect(reply.status, reply.text).toBe(400);
    expect(reply.body.error.message).toContain(message);
  }
});

it("goes with trees, places and lists of several types", async () => {
  const tag = { type: "reference", to: ["tag"] };
  const inner = [
    { id: "kind", type: "short_text" },
    { id: "tag", ...tag },
    { id: "place", type: "location" },
  ];
  const fields = [
    { id: "title", type: "short_text" },
    { id: "seo", type: "component", fields: inner },
    { id: "parts", type: "component", multiple: true, fields: inner },
  ];
  const names = [
    { id: "name", type: "short_text" },
    { id: "up", ...tag },
  ];
  for (const type of [
    { id: "tag", name: "Tag", parent: "up", fields: names },
    { id: "left", name: "Left", ordered: true, fields },
    { id: "right", name: "Right", fields },
  ])
    expect((await tenant.post("/types", type)).status).toBe(201);
  const root = await tenant.published("tag", { name: "root" });
  const leaf = await tenant.published("tag", { name: "leaf", up: root });
  const place = (n: number) => ({ lat: n, lon: n });
  for (const [i, type] of ["left", "right", "left"].entries())
    await tenant.published(type, {
      title: `t${i}`,
      seo: { kind: `k${2 - i}`, tag: i === 0 ? null : leaf, place: place(i) },
      parts: [
        { kind: "a", tag: leaf, place: place(50) },
        { kind: "b", place: place(i) },
      ],
    });
  for (const perspective of ["published", "draft"])
    for (const [query, expected] of [
      ["sort=seo.kind", "t2,t1,t0"],
      ["sort=-seo.kind&fields=title,seo.kind", "t0,t1,t2"],
      ["filter[seo][kind][gte]=k1", "t1,t0"],
      [`filter[seo][tag][within]=${root}`, "t2,t1"],
      [`filter[parts][tag][within]=${root}&filter[parts][kind]=b`, ""],
      [`filter[parts][tag][within]=${root}&filter[parts][kind]=a&sort=title`, "t0,t1,t2"],
      ["filter[parts][place][near]=1,1,10&filter[parts][kind]=b", "t1"],
      ["filter[parts][place][near]=1,1,10&filter[parts][kind]=a", ""],
    ]) {
      const reply = await tenant.get(`/content?types=left,right&perspective=${perspective}&${query}`);
      expect(reply.status, reply.text).toBe(200);
      const titles = reply.body.data.map(({ title }: { title: string }) => title).join();
      expect(titles, `${query} ${perspective}`).toBe(expected);
    }
});
