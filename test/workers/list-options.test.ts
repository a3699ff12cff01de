import { beforeAll, describe, expect, it } from "vitest";
import { ok, run } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const text = (id: string) => ({ id, type: "short_text" });
const person = { type: "reference", to: ["person"] };
const POST = [
  text("title"),
  { id: "topics", type: "short_text", multiple: true },
  { id: "score", type: "number" },
  { id: "day", type: "date" },
  { id: "at", type: "datetime" },
  { id: "author", ...person },
  { id: "seo", type: "component", fields: [text("title"), text("words"), { id: "by", ...person }] },
  {
    id: "page",
    type: "blocks",
    components: [
      { id: "hero", fields: [text("text"), text("note"), { id: "by", ...person }] },
      { id: "quote", fields: [text("who")] },
    ],
  },
];

let tenant: Tenant;
let [boss, ada]: string[] = [];
const ids: string[] = [];
beforeAll(async () => {
  tenant = await newTenant();
  for (const [id, fields] of [
    ["person", [text("name"), text("city"), { id: "boss", ...person }]],
    ["post", POST],
  ] as const)
    expect((await tenant.post("/types", { id, name: id, fields })).status).toBe(201);
  boss = await tenant.published("person", { name: "Bo", city: "Bern" });
  ada = await tenant.published("person", { name: "Ada", city: "Bonn", boss });
  const times = ["2026-01-31T23:30:00Z", "2026-02-01T10:00:00Z", "2026-02-28T23:30:00Z", null];
  const topics = [["a", "b", "a"], ["b"], [], null];
  for (const [i, at] of times.entries())
    ids.push(
      await tenant.published("post", {
        ...{
          title: `Post ${i}`,
          at,
          day: at?.slice(0, 10) ?? null,
          topics: topics[i],
          score: i,
          author: ada,
        },
        seo: { title: `Seo ${i}`, words: "x", by: boss },
        page: [
          { type: "hero", text: "Hi", note: "n", by: ada },
          { type: "quote", who: "me" },
        ],
      }),
    );
});

const listed = async (query: string) => {
  const reply = await tenant.get(`/content/post?${query}`);
  expect(reply.status, reply.text).toBe(200);
  return reply.body;
};
const groups = async (query: string) => {
  const reply = await tenant.get(`/aggregate/post?${query}`);
  expect(reply.status, reply.text).toBe(200);
  return reply.body.data;
};

describe("fields inside of values", () => {
  it("are chosen by their paths, and references are included for them", async () => {
    const fields = "title,seo.title,page.hero.text,page.hero.by.name,author.name,author.boss.city";
    for (const perspective of ["published", "draft"]) {
      const { data } = await listed(`fields=${fields}&filter[title]=Post 1&perspective=${perspective}`);
      expect(data).toEqual([
        {
          id: ids[1],
          title: "Post 1",
          seo: { title: "Seo 1" },
          page: [
            { type: "hero", text: "Hi", by: { id: ada, type: "person", name: "Ada" } },
            { type: "quote" },
          ],
          author: {
            ...{ id: ada, type: "person", name: "Ada" },
            boss: { id: boss, type: "person", city: "Bern" },
          },
        },
      ]);
    }
  });

  it("are references by id where nothing of their targets is named", async () => {
    const one = await tenant.get(`/content/post/${ids[0]}?fields=seo.by,page.hero.by.name,author`);
    expect(one.body.data.seo).toEqual({ by: boss });
    expect(one.body.data.author).toBe(ada);
    const included = await tenant.get(`/content/post/${ids[0]}?fields=seo.by&include=seo`);
    expect(included.body.data.seo.by).toMatchObject({ id: boss, name: "Bo" });
  });

  it("change with the entries that they are of", async () => {
    const read = async () => (await listed("fields=author.boss.name&limit=1")).data[0].author.boss.name;
    expect(await read()).toBe("Bo");
    await tenant.patch(`/content/person/${boss}`, { name: "Bob" });
    await tenant.post("/content/publish", { id: boss });
    await expect.poll(read, { timeout: 10_000 }).toBe("Bob");
    // So does an order, whatever it comes to.
    const cached = async () =>
      (await tenant.get("/content/post?sort=author.name&limit=2")).headers.get("x-flow-cache");
    await cached();
    await expect.poll(cached).toBe("HIT");
    await tenant.patch(`/content/person/${ada}`, { city: "Basel" });
    await tenant.post("/content/publish", { id: ada });
    await expect.poll(cached, { timeout: 10_000, interval: 20 }).toBe("MISS");
  });

  it("are refused where there are none", async () => {
    for (const [name, message] of [
      ["author.nam", 'fields names no field of post: "author.nam". Did you mean "name"?'],
      ["page.heroes.text", 'fields names no field of post: "page.heroes.text". Did you mean "hero"?'],
      ["title.x", 'fields names no field of post: "title.x".'],
      ["author.id.x", 'fields names no field of post: "author.id.x".'],
      ["author.boss.boss.boss.boss.name", "fields follows references more than 3 deep"],
    ] as const) {
      const reply = await tenant.get(`/content/post?fields=${name}`);
      expect(reply.status, name).toBe(400);
      expect(reply.body.error.message).toContain(message);
    }
  });
});

describe("groups", () => {
  it("are made by spans of time, in their order and in a time zone", async () => {
    const months = [
      { count: 1, group: { "at:month": "2026-01" } },
      { count: 2, group: { "at:month": "2026-02" } },
      { count: 1, group: { "at:month": null } },
    ];
    expect(await groups("group_by=at:month")).toEqual(months);
    expect(await groups("group_by=at:month&filter[score][gte]=0")).toEqual(months);
    expect(await groups("group_by=at:month&time_zone=Europe/Berlin&sum=score")).toEqual([
      { count: 2, group: { "at:month": "2026-02" }, sum: { score: 1 } },
      { count: 1, group: { "at:month": "2026-03" }, sum: { score: 2 } },
      { count: 1, group: { "at:month": null }, sum: { score: 3 } },
    ]);
    const names = async (unit: string) =>
      (await groups(`group_by=at:${unit}&filter[score]=1`)).map((one: any) => one.group[`at:${unit}`]);
    expect(await names("year")).toEqual(["2026"]);
    expect(await names("quarter")).toEqual(["2026-Q1"]);
    expect(await names("week")).toEqual(["2026-W05"]);
    expect(await names("day")).toEqual(["2026-02-01"]);
    expect(await names("hour")).toEqual(["2026-02-01T10:00"]);
    // A day is no moment: it is the same everywhere.
    expect((await groups("group_by=day:day&time_zone=America/Lima&filter[score]=1"))[0].group).toEqual({
      "day:day": "2026-02-01",
    });
    expect((await groups("group_by=published_at:year"))[0].count).toBe(4);
  });

  it("are made by each value of a list", async () => {
    for (const filter of ["", "&filter[score][gte]=0"])
      expect(await groups(`group_by=topics&sum=score${filter}`)).toEqual([
        { count: 2, group: { topics: "b" }, sum: { score: 1 } },
        { count: 2, group: { topics: null }, sum: { score: 5 } },
        { count: 1, group: { topics: "a" }, sum: { score: 0 } },
      ]);
    expect(await groups("group_by=seo.title&filter[seo][title]=Seo 2")).toEqual([
      { count: 1, group: { "seo.title": "Seo 2" } },
    ]);
    expect(await groups("group_by=page.hero.by")).toEqual([{ count: 4, group: { "page.hero.by": ada } }]);
  });

  it("say how many different values there are", async () => {
    for (const filter of ["", "&filter[score][gte]=0"])
      expect(await groups(`distinct=author,seo.title,at${filter}`)).toEqual([
        { count: 4, distinct: { author: 1, "seo.title": 4, at: 3 } },
      ]);
    const { postAggregate } = await ok(tenant, "{ postAggregate { distinct { author seo_title } } }");
    expect(postAggregate[0].distinct).toEqual({ author: 1, seo_title: 4 });
    expect((await tenant.get("/aggregate/post?distinct=topics")).status).toBe(400);
  });

  it("have names in GraphQL", async () => {
    const { postAggregate } = await ok(
      tenant,
      `{ postAggregate(groupBy: [at_MONTH], timeZone: "Europe/Berlin") { count group { at_MONTH } } }`,
    );
    expect(postAggregate[0]).toEqual({ count: 2, group: { at_MONTH: "2026-02" } });
  });

  it("are refused where there are none", async () => {
    for (const [query, message] of [
      ["group_by=at:mouth", 'group_by has no span of time "mouth"'],
      ["group_by=title:month", 'group_by cannot use "title:month"'],
      ["group_by=at:day&time_zone=Mars/Base", "time_zone must be the name of a time zone"],
      ["sum=topics", 'aggregate cannot use "topics"'],
      [
        "group_by=seo.titel",
        'aggregate cannot use "seo.titel": it must be a field with one value. Did you mean "seo.title"?',
      ],
    ] as const) {
      const reply = await tenant.get(`/aggregate/post?${query}`);
      expect(reply.status, query).toBe(400);
      expect(reply.body.error.message).toContain(message);
    }
  });
});

describe("a random order", () => {
  const pages = async (seed: string) => {
    const found: string[] = [];
    for (let cursor = ""; ;) {
      const body = await listed(`sort=random:${seed}&limit=3&fields=id${cursor && `&cursor=${cursor}`}`);
      found.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.pagination.next_cursor ?? "";
      if (cursor === "") return found;
    }
  };

  it("is the same for the same seed, page by page", async () => {
    const orders = await Promise.all(Array.from({ length: 8 }, (_, i) => pages(`s${i}`)));
    for (const order of orders) expect(order.toSorted()).toEqual(ids.toSorted());
    expect(new Set(orders.map(String)).size).toBeGreaterThan(1);
    expect(await pages("s1")).toEqual(orders[1]);
    const { postList } = await ok(tenant, `{ postList(random: "s1") { id } }`);
    expect(postList.map(({ id }: { id: string }) => id)).toEqual(orders[1]);
    expect((await tenant.get("/content/post?sort=random")).status).toBe(400);
    expect((await tenant.get("/content/post?sort=random:a b")).status).toBe(400);
  });

  it("is refused together with another order, in every door", async () => {
    for (const path of [
      "/content/post?sort=random:7,title",
      "/content/post?sort=-score,-random:7&perspective=draft",
      "/content?types=post,person&sort=random:7,-published_at",
    ]) {
      const { status, body } = await tenant.get(path);
      expect([status, body.error?.details[0].path, body.error?.message], path).toEqual([
        400,
        "sort",
        expect.stringContaining("random"),
      ]);
    }
    for (const field of [
      'postList(random: "7", sort: [title_ASC]) { id }',
      'postConnection(last: 2, random: "7", sort: [title_ASC]) { totalCount }',
      'content(type: "post", sort: ["random:7", "title"]) { id }',
    ]) {
      const { errors } = await run(tenant, `{ ${field} }`);
      expect(errors?.[0]?.extensions.reason, field).toBe("content/bad-query");
    }
  });
});

describe("a total", () => {
  it("is counted on request", async () => {
    for (const query of ["", "&filter[score][gte]=1", "&perspective=draft", "&q=post", "&sort=title"]) {
      const counted = await listed(`limit=2${query}`);
      const expected = query.includes("score") ? 3 : 4;
      if (query !== "&q=post") expect(counted.pagination.total_items, query).toBe(expected);
      const uncounted = await listed(`limit=2&total=false${query}`);
      expect(uncounted.pagination).not.toHaveProperty("total_items");
      expect(uncounted.data).toEqual(counted.data);
      const exact = await listed(`limit=2&total=exact${query}`);
      expect(exact.pagination.total_items).toBe(counted.pagination.total_items);
      expect(exact.pagination).not.toHaveProperty("total_capped");
    }
    const { postConnection } = await ok(
      tenant,
      "{ postConnection(first: 1, exactTotal: true, filter: { score: { gte: 1 } }) { totalCount totalCapped } }",
    );
    expect(postConnection).toEqual({ totalCount: 3, totalCapped: false });
    expect((await tenant.get("/content/post?total=maybe")).status).toBe(400);
  });
});
