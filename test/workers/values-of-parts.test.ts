import { beforeAll, describe, expect, it } from "vitest";
import { newTenant, type Tenant } from "../support/tenant.ts";

const FIELDS = [
  { id: "price", type: "money", currencies: ["EUR", "JPY", "KWD"], min: 0 },
  { id: "opens", type: "time", min: "06:00", max: "22:00" },
  { id: "days", type: "date_range" },
  { id: "times", type: "datetime_range", open_ends: ["to"] },
  { id: "ages", type: "number_range", open_ends: [], min: 0, max: 99 },
];
const EVENT = {
  id: "event",
  name: "Event",
  fields: [
    { id: "name", type: "short_text" },
    ...FIELDS,
    { id: "local", type: "date_range", localized: true },
    { id: "fee", type: "money", localized: true },
    { id: "part", type: "component", fields: FIELDS },
    { id: "parts", type: "blocks", components: [{ id: "row", fields: FIELDS }] },
  ],
};
const GIVEN = {
  price: { amount: "12.5", currency: "EUR" },
  opens: "09:30",
  days: { from: "2026-05-01", to: "2026-05-03" },
  times: { from: "2026-05-01T10:00:00+02:00" },
  ages: { from: 6, to: 12 },
};
const STORED = {
  price: { amount: "12.50", currency: "EUR" },
  opens: "09:30:00",
  days: { from: "2026-05-01", to: "2026-05-03" },
  times: { from: "2026-05-01T08:00:00.000Z", to: null },
  ages: { from: 6, to: 12 },
};

let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "de" }] });
  const made = await own.put("/types/event", EVENT);
  expect(made.status, made.text).toBe(201);
  const entries: [string, object][] = [
    ["spring", { ...GIVEN, fee: { amount: 3, currency: "JPY" } }],
    ["summer", { days: { from: "2026-06-01" }, price: { amount: "7", currency: "EUR" }, opens: "10:00" }],
    ["before", { days: { to: "2026-01-31" }, price: { amount: "900", currency: "JPY" }, opens: "08:00:30" }],
    ["never", {}],
  ];
  for (const [name, values] of entries) await own.published("event", { name, ...values });
});

const names = async (query: string) => {
  const { status, body, text } = await own.get(`/content/event?fields=name&sort=name&${query}`);
  expect(status, text).toBe(200);
  return body.data.map(({ name }: any) => name) as string[];
};
const sorted = async (query: string) => {
  const { status, body, text } = await own.get(`/content/event?fields=name&${query}`);
  expect(status, text).toBe(200);
  return body.data.map(({ name }: any) => name) as string[];
};

describe("values that consist of parts, and times of a clock", () => {
  it("have one stored form, at every depth", async () => {
    const { body, status, text } = await own.post("/content/event?locale=*", {
      ...GIVEN,
      local: { en: { from: "2026-01-01" }, de: { to: "2026-01-01" } },
      fee: { de: { amount: "1.000", currency: "KWD" } },
      part: GIVEN,
      parts: [{ type: "row", ...GIVEN }],
    });
    expect(status, text).toBe(201);
    expect(body.data).toMatchObject({
      ...STORED,
      local: { en: { from: "2026-01-01", to: null }, de: { from: null, to: "2026-01-01" } },
      fee: { de: { amount: "1.000", currency: "KWD" } },
      part: STORED,
      parts: [{ type: "row", ...STORED }],
    });
  });

  it.each([
    ["price", { amount: "1", currency: "eur" }, "price.currency"],
    ["price", { amount: "1", currency: "USD" }, "price.currency"],
    ["price", { amount: "1", currency: "XXQ" }, "price.currency"],
    ["price", { amount: "1.5", currency: "JPY" }, "price.amount"],
    ["price", { amount: "1.005", currency: "EUR" }, "price.amount"],
    ["price", { amount: "-1", currency: "EUR" }, "price.amount"],
    ["price", { amount: "1e5", currency: "EUR" }, "price"],
    ["price", { amount: "1" }, "price.currency"],
    ["price", { amount: "1", currency: "EUR", more: 1 }, "price"],
    ["price", "1 EUR", "price"],
    ["price", ["1", "EUR"], "price"],
    ["opens", "24:00", "opens"],
    ["opens", "9:30", "opens"],
    ["opens", "09:30:60", "opens"],
    ["opens", "05:59:59", "opens"],
    ["opens", 930, "opens"],
    ["days", { from: "2026-05-02", to: "2026-05-01" }, "days"],
    ["days", { from: "2026-02-30" }, "days.from"],
    ["days", {}, "days"],
    ["days", { from: null, to: null }, "days"],
    ["days", { from: "2026-05-01", until: "2026-05-02" }, "days"],
    ["days", ["2026-05-01", "2026-05-02"], "days"],
    ["times", { to: "2026-05-01T10:00:00Z" }, "times.from"],
    ["times", { from: "2026-05-01T10:00:00Z", to: "2026-05-01T11:00:00+02:00" }, "times"],
    ["ages", { from: 3 }, "ages.to"],
    ["ages", { from: 3, to: 100 }, "ages.to"],
    ["ages", { from: 10, to: 9 }, "ages"],
    ["ages", { from: "3", to: 9 }, "ages.from"],
  ])("%s is refused as %j, by its path", async (field, value, path) => {
    for (const [at, body] of [
      ["", { [field]: value }],
      ["part.", { part: { [field]: value } }],
      ["parts[0].", { parts: [{ type: "row", [field]: value }] }],
    ] as const) {
      const { status, body: answer, text } = await own.post("/content/event", body);
      expect([status, answer.error.reason], text).toEqual([422, "content/invalid-entry"]);
      expect(answer.error.details.map((one: any) => one.path)).toEqual([`${at}${path}`]);
    }
  });

  it.each([
    ["filter[price][currency]=EUR", ["spring", "summer"]],
    ["filter[price][amount][gte]=10&filter[price][currency]=EUR", ["spring"]],
    ["filter[price][amount][lt]=12.50", ["summer"]],
    ["filter[price][currency][in]=JPY,KWD", ["before"]],
    ["filter[price][exists]=false", ["never"]],
    ['filter={"price":{"or":[{"amount":"7"},{"currency":"JPY"}]}}', ["before", "summer"]],
    ['filter={"not":{"price":{"currency":"EUR"}}}', ["before", "never"]],
    ["filter[opens]=09:30", ["spring"]],
    ["filter[opens][lt]=09:30", ["before"]],
    ["filter[opens][in]=10:00,08:00:30", ["before", "summer"]],
    ["filter[days][contains]=2026-05-03", ["spring"]],
    ["filter[days][contains]=2026-05-03T23:00:00Z", ["spring"]],
    ["filter[days][contains]=2030-01-01", ["summer"]],
    ["filter[days][contains]=1990-01-01", ["before"]],
    ["filter[days][overlaps]=2026-01-31,2026-05-01", ["before", "spring"]],
    ["filter[days][overlaps]=2026-05-02,", ["spring", "summer"]],
    ["filter[days][overlaps][from]=2026-05-04&filter[days][overlaps][to]=2026-05-31", []],
    ["filter[days][from][gte]=2026-05-01", ["spring", "summer"]],
    ["filter[days][to][exists]=false", ["never", "summer"]],
    ["filter[days][to][exists]=true", ["before", "spring"]],
    ["filter[days][exists]=true", ["before", "spring", "summer"]],
    ["filter[times][contains]=2026-05-01T08:00:00Z", ["spring"]],
    ["filter[ages][contains]=12", ["spring"]],
    ["filter[ages][contains]=12.5", []],
    ["filter[ages][overlaps]=0,6", ["spring"]],
    ["filter[fee][amount]=3&locale=de", []],
    ["filter[fee][currency]=JPY", ["spring"]],
  ])("%s finds %j", async (query, found) => {
    expect(await names(query)).toEqual(found);
    expect(await names(`${query}&perspective=draft&filter[name][exists]=true`)).toEqual(found);
  });

  it.each([
    ["filter[price]=12", "filter[price]"],
    ["filter[price][gte]=12", "filter[price][gte]"],
    ["filter[price][amont]=12", "filter[price][amont]"],
    ["filter[price][amount]=1e5", "filter[price][amount]"],
    ["filter[price][amount][contains]=1", "filter[price][amount][contains]"],
    ["filter[opens]=9", "filter[opens]"],
    ["filter[opens][contains]=09", "filter[opens][contains]"],
    ["filter[days]=2026-05-01", "filter[days]"],
    ["filter[days][overlaps]=2026-05-01", "filter[days][overlaps]"],
    ["filter[days][overlaps]=,", "filter[days][overlaps]"],
    ["filter[days][overlaps]=2026-05-02,2026-05-01", "filter[days][overlaps]"],
    [
      "filter[days][overlaps][from]=2026-05-02T10:00:00Z&filter[days][overlaps][to]=2026-05-01",
      "filter[days][overlaps]",
    ],
    ["filter[ages][overlaps]=10,9", "filter[ages][overlaps]"],
    ["filter[days][contains]=x", "filter[days][contains]"],
    ["filter[name][overlaps]=a,b", "filter[name][overlaps]"],
    ["sort=price.amont", "sort"],
    ["facets=price", "facets"],
  ])("%s is refused", async (query, path) => {
    const { status, body, text } = await own.get(`/content/event?${query}`);
    expect([status, body.error.reason], text).toEqual([400, "content/bad-query"]);
    expect(body.error.details.map((one: any) => one.path)).toEqual([path]);
  });

  it("are sorted by their parts, page by page", async () => {
    expect(await sorted("sort=price")).toEqual(["summer", "spring", "before", "never"]);
    expect(await sorted("sort=-price.amount")).toEqual(["before", "spring", "summer", "never"]);
    expect(await sorted("sort=days")).toEqual(["before", "spring", "summer", "never"]);
    expect(await sorted("sort=-days.to")).toEqual(["summer", "spring", "before", "never"]);
    expect(await sorted("sort=opens:nulls_first")).toEqual(["never", "before", "spring", "summer"]);
    for (const sort of ["price", "days", "-days.to", "opens", "price.currency,-price.amount"]) {
      const whole = await sorted(`sort=${sort}`);
      const paged: string[] = [];
      for (let cursor = ""; paged.length < whole.length;) {
        const { body, text } = await own.get(
          `/content/event?fields=name&limit=1&sort=${sort}${cursor && `&cursor=${cursor}`}`,
        );
        expect(body.data, text).toHaveLength(1);
        paged.push(body.data[0].name);
        cursor = body.pagination.next_cursor ?? "";
      }
      expect(paged).toEqual(whole);
    }
  });

  it("are counted and added up by their parts", async () => {
    const sums = await own.get("/aggregate/event?group_by=price.currency&sum=price.amount&max=opens");
    expect(sums.body.data, sums.text).toEqual([
      {
        count: 2,
        group: { "price.currency": "EUR" },
        sum: { "price.amount": "19.5" },
        max: { opens: "10:00:00" },
      },
      {
        count: 1,
        group: { "price.currency": "JPY" },
        sum: { "price.amount": "900" },
        max: { opens: "08:00:30" },
      },
      { count: 1, group: { "price.currency": null }, sum: { "price.amount": null }, max: { opens: null } },
    ]);
    const ends = await own.get("/aggregate/event?min=days.from&max=days.to");
    expect(ends.body.data[0], ends.text).toMatchObject({
      min: { "days.from": "2026-05-01" },
      max: { "days.to": "2026-05-03" },
    });
    const { body } = await own.get("/content/event?facets=price.currency,opens&limit=1");
    expect(body.facets["price.currency"]).toEqual([
      { value: "EUR", count: 2 },
      { value: "JPY", count: 1 },
    ]);
    expect(body.facets.opens).toContainEqual({ value: "09:30:00", count: 1 });
  });

  it("are typed in GraphQL", async () => {
    const ask = async (query: string) => (await own.post("/graphql", { query })).body;
    const found = await ask(`{ eventList(
      filter: { price: { amount: { gte: "7" }, currency: { startsWith: "e" } }, days: { contains: "2026-06-02", to: { exists: false } } },
      sort: [price_amount_DESC]
    ) { name opens price { amount currency } days { from to } part { ages { from } } } }`);
    expect(found.data?.eventList, JSON.stringify(found)).toEqual([
      {
        name: "summer",
        opens: "10:00:00",
        price: { amount: "7.00", currency: "EUR" },
        days: { from: "2026-06-01", to: null },
        part: null,
      },
    ]);
    const overlap = await ask(`{ eventList(filter: { days: { overlaps: { to: "2026-02-01" } } }) { name } }`);
    expect(overlap.data?.eventList, JSON.stringify(overlap)).toEqual([{ name: "before" }]);
    const made = await ask(`mutation { createEvent(fields: {
      price: { amount: "1", currency: "KWD" }, days: { from: "2026-01-01" }, ages: { from: 1, to: 2 }
    }) { price { amount } days { to } ages { to } } }`);
    expect(made.data?.createEvent, JSON.stringify(made)).toEqual({
      price: { amount: "1.000" },
      days: { to: null },
      ages: { to: 2 },
    });
    const sums = await ask(
      `{ eventAggregate(groupBy: [price_currency]) { group { price_currency } sum { price_amount } } }`,
    );
    expect(sums.data?.eventAggregate[0], JSON.stringify(sums)).toEqual({
      group: { price_currency: "EUR" },
      sum: { price_amount: "19.5" },
    });
  });

  it("have options that belong to them", async () => {
    const problem = async (field: object) => {
      const fields = [{ id: "f", ...field }];
      const { status, body } = await own.put("/types/bad", { id: "bad", name: "Bad", fields });
      expect(status).toBe(422);
      return body.error.details[0];
    };
    expect(await problem({ type: "money", currencies: ["EURO"] })).toMatchObject({
      path: "fields[0].currencies[0]",
    });
    expect(await problem({ type: "money", currencies: ["EUT"] })).toMatchObject({
      path: "fields[0].currencies",
      message: expect.stringContaining("no code of ISO 4217"),
    });
    expect(await problem({ type: "short_text", currencies: ["EUR"] })).toMatchObject({
      message: "belongs to fields of type money",
    });
    expect(await problem({ type: "time", min: "9" })).toMatchObject({ path: "fields[0].min" });
    expect(await problem({ type: "time", min: "10:00", max: "09:00" })).toMatchObject({
      message: "is larger than max",
    });
    expect(await problem({ type: "date", open_ends: [] })).toMatchObject({ path: "fields[0].open_ends" });
    expect(await problem({ type: "money", multiple: true })).toMatchObject({ path: "fields[0].multiple" });
    expect(await problem({ type: "money", unique: true })).toMatchObject({ path: "fields[0].unique" });
    expect(
      await problem({ type: "date_range", default: { from: "2026-02-02", to: "2026-01-01" } }),
    ).toMatchObject({ path: "fields[0].default" });
  });
});
