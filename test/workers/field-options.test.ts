import { beforeAll, describe, expect, it } from "vitest";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "de" }] });
});

async function makeType(id: string, fields: object[]) {
  const { status, text } = await own.put(`/types/${id}`, { id, name: id, fields });
  expect([200, 201], text).toContain(status);
}
const problemOf = async (field: object) => {
  const { status, body } = await own.put("/types/bad", {
    id: "bad",
    name: "Bad",
    fields: [{ id: "f", ...field }],
  });
  expect(status).toBe(422);
  return body.error.details[0];
};
const found = async (query: string) => {
  const { status, body, text } = await own.get(query);
  expect(status, text).toBe(200);
  return body.data.map(({ name }: any) => name) as string[];
};
const refused = async (path: string, body: object) => {
  const reply = await own.post(path, body);
  expect(reply.status, reply.text).toBe(422);
  return reply.body.error.details as { path: string; message: string }[];
};

describe("lists of values", () => {
  const LISTS = [
    { id: "name", type: "short_text" },
    { id: "sizes", type: "integer", multiple: true, min: 1, max: 3 },
    { id: "rates", type: "decimal", multiple: true, scale: 2 },
    { id: "days", type: "date", multiple: true, localized: true },
    { id: "at", type: "datetime", multiple: true },
    { id: "opens", type: "time", multiple: true },
    { id: "places", type: "location", multiple: true },
    { id: "colors", type: "color", multiple: true },
  ];
  beforeAll(async () => {
    await makeType("lists", [
      ...LISTS,
      { id: "part", type: "component", fields: LISTS.map((one) => ({ ...one, localized: false })) },
    ]);
    const entries: object[] = [
      { name: "a", sizes: [7, 300], rates: ["1.5", 2], opens: ["09:30", "14:00"], colors: ["#AABBCC"] },
      { name: "b", sizes: [8], rates: ["9007199254740993.01"], at: ["2026-01-31T09:30:00+01:00"] },
      {
        name: "c",
        days: ["2026-01-31", "2026-02-28"],
        places: [
          { lat: 52.5, lon: 13.4 },
          { lat: 48.1, lon: 11.6 },
        ],
      },
      { name: "d" },
    ];
    for (const entry of entries) await own.published("lists", entry);
  });

  it.each([
    ["filter[sizes]=300", ["a"]],
    ["filter[sizes][gt]=7&filter[sizes][lt]=300", ["a", "b"]],
    ["filter[rates][gte]=9007199254740993.01", ["b"]],
    ["filter[rates][in]=1.50,3", ["a"]],
    ["filter[days]=2026-02-28", ["c"]],
    ["filter[days]=2026-02-28&locale=de", []],
    ["filter[at]=2026-01-31T08:30:00Z", ["b"]],
    ["filter[opens][gte]=14:00", ["a"]],
    ["filter[colors]=%23aabbcc", ["a"]],
    ["filter[places][near]=48.1,11.6,5", ["c"]],
    ["filter[places][near]=52.5,13.4,5", ["c"]],
    // The latitude of one place and the longitude of the other are no place.
    ["filter[places][near]=48.1,13.4,5", []],
    ["filter[sizes][exists]=false", ["c", "d"]],
  ])("%s finds %j", async (query, names) => {
    expect(await found(`/content/lists?fields=name&sort=name&${query}`)).toEqual(names);
  });

  it("have bounds of how many there are, and each element is checked", async () => {
    expect(await refused("/content/lists", { sizes: [1, 2, 3, 4] })).toMatchObject([
      { path: "sizes", message: "must have 1 to 3 elements, not 4" },
    ]);
    expect(await refused("/content/lists", { sizes: [] })).toMatchObject([{ path: "sizes" }]);
    expect(
      await refused("/content/lists", { rates: ["1", "1e5"], opens: ["25:00"], part: { sizes: [1.5] } }),
    ).toMatchObject([{ path: "rates[1]" }, { path: "opens[0]" }, { path: "part.sizes[0]" }]);
    expect((await own.post("/content/lists", { rates: Array(500).fill("0.01") })).status).toBe(201);
    expect(await refused("/content/lists", { rates: Array(501).fill("0.01") })).toMatchObject([
      { path: "rates" },
    ]);
  });

  it("are lists in GraphQL and in facets", async () => {
    const query = `{ listsList(filter: { rates: { gt: "2" }, sizes: { eq: 8 } }) { name sizes rates at } }`;
    const { body, text } = await own.post("/graphql", { query });
    expect(body.data?.listsList, text).toEqual([
      { name: "b", sizes: [8], rates: ["9007199254740993.01"], at: ["2026-01-31T08:30:00.000Z"] },
    ]);
    const facets = await own.get("/content/lists?facets=opens,sizes&limit=1");
    expect(facets.body.facets.opens).toEqual([
      { value: "09:30:00", count: 1 },
      { value: "14:00:00", count: 1 },
    ]);
  });
});

describe("options of an enum", () => {
  const FIELDS = [
    { id: "name", type: "short_text" },
    {
      id: "state",
      type: "enum",
      options: [{ value: "todo", label: "To do" }, "doing", { value: "done", label: "All done" }],
    },
    { id: "stars", type: "enum", options: [5, { value: 4, label: "Four" }, 3], multiple: true },
  ];
  beforeAll(async () => {
    await makeType("task", FIELDS);
    for (const [name, state, stars] of [
      ["a", "done", [5, 3]],
      ["b", "doing", [4]],
      ["c", "todo", [3]],
      ["d", null, null],
    ])
      await own.published("task", { name, state, stars });
  });

  it("are sorted by their values, or in their own order", async () => {
    const sorted = (sort: string) => found(`/content/task?fields=name&sort=${sort}`);
    expect(await sorted("state")).toEqual(["b", "a", "c", "d"]);
    expect(await sorted("state:options")).toEqual(["c", "b", "a", "d"]);
    expect(await sorted("-state:options:nulls_first")).toEqual(["d", "a", "b", "c"]);
    expect((await own.get("/content/task?sort=name:options")).body.error.reason).toBe("content/bad-query");
    const first = await own.get("/content/task?fields=name&sort=state:options&limit=2");
    const next = await own.get(
      `/content/task?fields=name&sort=state:options&limit=2&cursor=${first.body.pagination.next_cursor}`,
    );
    expect(next.body.data.map(({ name }: any) => name)).toEqual(["a", "d"]);
  });

  it("may be numbers, and carry their labels", async () => {
    expect(await found("/content/task?fields=name&sort=name&filter[stars][gte]=4")).toEqual(["a", "b"]);
    expect(await refused("/content/task", { stars: ["5"], state: "To do" })).toMatchObject([
      { path: "state", message: "must be one of todo, doing, done" },
      { path: "stars[0]", message: "must be one of 5, 4, 3" },
    ]);
    const { body } = await own.get("/content/task?facets=state,stars&limit=1");
    expect(body.facets.state).toContainEqual({ value: "todo", label: "To do", count: 1 });
    expect(body.facets.stars).toContainEqual({ value: 4, label: "Four", count: 1 });
    const query = `{ taskList(filter: { stars: { eq: 4 } }, sort: [state_OPTIONS_DESC]) { state state_label stars stars_label } }`;
    const graphql = await own.post("/graphql", { query });
    expect(graphql.body.data?.taskList, graphql.text).toEqual([
      { state: "doing", state_label: "doing", stars: [4], stars_label: ["Four"] },
    ]);
    await eventually(async () => (await found("/content/task?fields=name&q=all+done")).includes("a"));
  });

  it("change their labels freely, and their values only when no entry has them", async () => {
    const state = { ...FIELDS[1]!, options: ["todo", { value: "doing", label: "In work" }, "done"] };
    await makeType("task", [FIELDS[0]!, state, FIELDS[2]!]);
    const fewer = { ...state, options: ["todo", "done"] };
    const { status, body } = await own.put("/types/task", {
      id: "task",
      name: "task",
      fields: [FIELDS[0]!, fewer, FIELDS[2]!],
    });
    expect([status, body.error.reason]).toEqual([409, "types/violated"]);
    expect(await problemOf({ type: "enum", options: [1, "a"] })).toMatchObject({
      message: "must all be texts, or all be numbers",
    });
  });

  it("take the texts of a field that becomes an enum, where all are options", async () => {
    await makeType("word", [{ id: "w", type: "short_text" }]);
    const id = await own.published("word", { w: "yes" });
    const asEnum = (options: unknown[]) =>
      own.put("/types/word", { id: "word", name: "word", fields: [{ id: "w", type: "enum", options }] });
    expect((await asEnum(["no"])).body.error.reason).toBe("types/violated");
    expect((await asEnum(["no", "yes"])).status).toBe(200);
    expect((await own.get(`/content/word/${id}`)).body.data.w).toBe("yes");
  });
});

describe("JSON with a schema", () => {
  const schema = {
    type: "object",
    required: ["kind"],
    properties: {
      kind: { enum: ["a", "b"] },
      code: { type: "string", pattern: "^(a+)+$" },
      tree: { $ref: "#/$defs/node" },
    },
    additionalProperties: false,
    $defs: {
      node: { type: "object", properties: { children: { type: "array", items: { $ref: "#/$defs/node" } } } },
    },
  };
  it("is checked at every depth, each problem by its path", async () => {
    const data = { id: "data", type: "json", schema };
    await makeType("typed", [
      data,
      { ...data, id: "local", localized: true },
      { id: "parts", type: "blocks", components: [{ id: "row", fields: [data] }] },
    ]);
    const good = { kind: "a", tree: { children: [{ children: [] }] } };
    const made = await own.post("/content/typed", {
      data: good,
      local: good,
      parts: [{ type: "row", data: good }],
    });
    expect(made.status, made.text).toBe(201);
    const details = await refused("/content/typed", {
      data: { kind: "c", more: 1, tree: { children: [{ children: 1 }] } },
      parts: [{ type: "row", data: {} }],
    });
    expect(details.map(({ path }) => path)).toEqual([
      "data.kind",
      "data.more",
      "data.tree.children[0].children",
      "parts[0].data.kind",
    ]);
    expect(
      await refused("/content/typed", { data: { kind: "a", code: `${"a".repeat(100_000)}!` } }),
    ).toMatchObject([{ path: "data.code" }]);
  });

  it("is refused where it leads out of itself or never ends", async () => {
    expect(await problemOf({ type: "json", schema: { $ref: "#" } })).toMatchObject({
      path: "fields[0].schema",
      message: expect.stringContaining("never ends"),
    });
    expect(await problemOf({ type: "json", schema: { $ref: "https://example.com/a.json" } })).toMatchObject({
      path: "fields[0].schema.$ref",
    });
    expect(await problemOf({ type: "short_text", schema: {} })).toMatchObject({ path: "fields[0].schema" });
  });

  it("cannot become narrower than what is there", async () => {
    await makeType("loose", [{ id: "data", type: "json" }]);
    await own.published("loose", { data: { n: "x" } });
    const narrower = (schema: object) =>
      own.put("/types/loose", { id: "loose", name: "loose", fields: [{ id: "data", type: "json", schema }] });
    const { body } = await narrower({ properties: { n: { type: "number" } } });
    expect(body.error).toMatchObject({ reason: "types/violated", details: [{ path: "data.n" }] });
    expect((await narrower({ properties: { n: { type: "string" } } })).status).toBe(200);
  });
});

describe("bounds of dates", () => {
  const DAY_MS = 86_400_000;
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();
  it("are dates, or as far from now as they say", async () => {
    await makeType("dated", [
      { id: "day", type: "date", min: "2020-01-01", max: "+30d" },
      { id: "at", type: "datetime", min: "now", max: "+1y" },
      { id: "span", type: "date_range", max: "+30d" },
    ]);
    const good = { day: inDays(29).slice(0, 10), at: inDays(1), span: { from: inDays(2).slice(0, 10) } };
    expect((await own.post("/content/dated", good)).status).toBe(201);
    for (const [value, path] of [
      [{ day: "2019-12-31" }, "day"],
      [{ day: inDays(32).slice(0, 10) }, "day"],
      [{ at: inDays(-1) }, "at"],
      [{ at: inDays(400) }, "at"],
      [{ span: { to: inDays(40).slice(0, 10) } }, "span.to"],
    ] as const)
      expect(await refused("/content/dated", value)).toMatchObject([{ path }]);
  });

  it("that move with time are not asked of values that are there", async () => {
    await makeType("past", [{ id: "at", type: "datetime" }]);
    const id = await own.published("past", { at: "2001-01-01T00:00:00Z" });
    const bounded = (min: string) =>
      own.put("/types/past", { id: "past", name: "past", fields: [{ id: "at", type: "datetime", min }] });
    expect((await bounded("2002-01-01")).body.error.reason).toBe("types/violated");
    expect((await bounded("now")).status).toBe(200);
    const copy = await own.post(`/content/past/${id}/duplicate`, {});
    expect(copy.body.data.at, copy.text).toBe("2001-01-01T00:00:00.000Z");
    expect(await problemOf({ type: "date", min: "tomorrow" })).toMatchObject({ path: "fields[0].min" });
    expect(await problemOf({ type: "date", min: "2026-02-01", max: "2026-01-01" })).toMatchObject({
      message: "is larger than max",
    });
  });

  it("of a day become those of its first moment, and back", async () => {
    const type = (id: string) => ({ id: "turn", name: "turn", fields: [{ id: "d", type: id }] });
    await own.put("/types/turn", type("date"));
    const id = await own.published("turn", { d: "2026-01-31" });
    const shows = (value: string) =>
      eventually(async () => (await own.get(`/content/turn/${id}?perspective=draft`)).body.data.d === value);
    expect((await own.put("/types/turn", type("datetime"))).status).toBe(200);
    await shows("2026-01-31T00:00:00.000Z");
    expect((await own.put("/types/turn", type("date"))).status).toBe(200);
    await shows("2026-01-31");
  });
});
