import { beforeAll, describe, expect, it } from "vitest";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const price = (more: object = {}) => ({ id: "price", type: "decimal", scale: 2, ...more });
const PRODUCT = {
  id: "product",
  name: "Product",
  fields: [
    { id: "name", type: "short_text" },
    { id: "exact", type: "decimal", unique: true },
    price({ min: "0", max: "99999999999999999999999999.99" }),
    { id: "local", type: "decimal", scale: 1, localized: true },
    { id: "part", type: "component", fields: [price()] },
    { id: "parts", type: "blocks", components: [{ id: "row", fields: [price({ required: true })] }] },
  ],
};
const BIG = "9007199254740993.01";
const LESS = "9007199254740993.00";

let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "de" }] });
  const made = await own.put("/types/product", PRODUCT);
  expect(made.status, made.text).toBe(201);
});

const names = async (query: string) => {
  const { status, body, text } = await own.get(`/content/product?perspective=draft&fields=name&${query}`);
  expect(status, text).toBe(200);
  return body.data.map(({ name }: any) => name) as string[];
};
const graphql = (query: string) => own.post("/graphql", { query });

describe("a decimal", () => {
  it("is stored exactly, with the digits of its scale, at every depth", async () => {
    const { body, status, text } = await own.post("/content/product?locale=*", {
      exact: "-0.000000000000000001",
      price: "12.5",
      local: { en: 3, de: "-0" },
      part: { price: 7 },
      parts: [{ type: "row", price: "12.500" }],
    });
    expect(status, text).toBe(201);
    expect(body.data).toMatchObject({
      exact: "-0.000000000000000001",
      price: "12.50",
      local: { en: "3.0", de: "0.0" },
      part: { price: "7.00" },
      parts: [{ type: "row", price: "12.50" }],
    });
  });

  it.each([
    ["1e5", "must be a decimal"],
    ["+1", "must be a decimal"],
    ["1,5", "must be a decimal"],
    [" 1", "must be a decimal"],
    ["NaN", "must be a decimal"],
    ["Infinity", "must be a decimal"],
    ["9".repeat(1000), "must be a decimal"],
    [`0.${"1".repeat(1000)}`, "must be a decimal"],
    ["9".repeat(39), "must be a decimal"],
    [true, "must be a decimal"],
    [{}, "must be a decimal"],
    ["1.001", "must have at most 2 digits behind the point, not 3"],
    ["-0.01", "must be 0 to 99999999999999999999999999.99, not -0.01"],
    ["100000000000000000000000000", "must be 0 to 99999999999999999999999999.99"],
  ])("is refused as %j, and only that field is named", async (value, message) => {
    const { status, body } = await own.post("/content/product", { name: "x", price: value });
    expect([status, body.error.reason]).toEqual([422, "content/invalid-entry"]);
    expect(body.error.details).toHaveLength(1);
    expect(body.error.details[0].path).toBe("price");
    expect(body.error.details[0].message).toContain(message);
  });

  it("is read from numbers of any size, which are the same when a number becomes one", async () => {
    const type = (of: string) => ({
      id: "measure",
      name: "Measure",
      fields: [
        { id: "value", type: of },
        { id: "parts", type: "blocks", components: [{ id: "row", fields: [{ id: "value", type: of }] }] },
      ],
    });
    expect((await own.put("/types/measure", type("number"))).status).toBe(201);
    const sizes = { 1.5e-7: "0.00000015", 1e21: "1000000000000000000000" };
    for (const size of Object.keys(sizes)) {
      const value = Number(size);
      expect((await own.post("/content/measure", { value, parts: [{ type: "row", value }] })).status).toBe(
        201,
      );
    }
    const changed = await own.put("/types/measure", type("decimal"));
    expect([changed.status, changed.text]).toEqual([200, expect.any(String)]);
    for (const [size, value] of Object.entries(sizes)) {
      const one = await own.post("/content/measure", { value: Number(size) });
      expect([one.status, one.body.data.value]).toEqual([201, value]);
      for (const filter of [{ value: Number(size) }, { value: { in: [Number(size)] } }]) {
        const query = encodeURIComponent(JSON.stringify(filter));
        await eventually(async () => {
          const found = await own.get(`/content/measure?perspective=draft&sort=created_at&filter=${query}`);
          const both = [
            [value, [{ type: "row", value }]],
            [value, null],
          ];
          return (
            JSON.stringify(found.body.data?.map((one: any) => [one.value, one.parts])) ===
            JSON.stringify(both)
          );
        });
      }
    }
  });

  it("is unique by what it is worth", async () => {
    expect((await own.post("/content/product", { exact: "5.0" })).status).toBe(201);
    const { status, body } = await own.post("/content/product", { exact: "5" });
    expect([status, body.error.reason]).toEqual([409, "content/not-unique"]);
  });

  it("is compared, sorted, counted and added up beyond what a double can hold", async () => {
    for (const [name, value] of [
      ["big", BIG],
      ["less", LESS],
      ["small", "0.10"],
      ["none", null],
    ])
      await own.published("product", { name, price: value, part: { price: value } });
    const all = "filter[name][in]=big,less,small,none";
    expect(await names(`${all}&sort=price`)).toEqual(["small", "less", "big", "none"]);
    expect(await names(`${all}&sort=-price:nulls_first`)).toEqual(["none", "big", "less", "small"]);
    expect(await names(`${all}&filter[price][gt]=${LESS}`)).toEqual(["big"]);
    expect(await names(`filter[price]=9007199254740993`)).toEqual(["less"]);
    expect(await names(`${all}&filter[price][nin]=${BIG},${LESS}&sort=name`)).toEqual(["none", "small"]);
    expect(await names(`filter[price][in]=0.1,0.2`)).toEqual(["small"]);
    const pages: string[] = [];
    let cursor = "";
    do {
      const { body } = await own.get(
        `/content/product?sort=price&limit=1&fields=name${cursor && `&cursor=${cursor}`}`,
      );
      pages.push(body.data[0].name);
      cursor = body.pagination.next_cursor ?? "";
    } while (cursor !== "");
    expect(pages).toEqual(["small", "less", "big", "none"]);
    const sums = await own.get(`/aggregate/product?sum=price&min=price&max=price&avg=price`);
    expect(sums.body.data).toEqual([
      {
        count: 4,
        sum: { price: "18014398509481986.11" },
        min: { price: "0.1" },
        max: { price: BIG },
        avg: { price: "6004799503160662.0367" },
      },
    ]);
    const grouped = await own.get(`/aggregate/product?group_by=price`);
    expect(grouped.body.data.map(({ group }: any) => group.price)).toContain(BIG);
    const facets = await own.get(`/content/product?facets=price&limit=1`);
    expect(facets.body.facets.price).toContainEqual({ value: BIG, count: 1 });
  });

  it.each(["1e5", "x", "9".repeat(1000), ""])("a filter with %j is refused", async (value) => {
    const { status, body } = await own.get(`/content/product?filter[price][gt]=${value}`);
    expect([status, body.error.reason, body.error.details[0].path]).toEqual([
      400,
      "content/bad-query",
      "filter[price][gt]",
    ]);
  });

  it("is a scalar of its own in GraphQL", async () => {
    const list = await graphql(
      `{ productList(filter: { price: { gte: "${LESS}" } }, sort: [price_DESC]) { name price part { price } } }`,
    );
    expect(list.body.data.productList).toEqual([
      { name: "big", price: BIG, part: { price: BIG } },
      { name: "less", price: LESS, part: { price: LESS } },
    ]);
    const sum = await graphql(`
      {
        productAggregate {
          sum {
            price
          }
          max {
            price
          }
        }
      }
    `);
    expect(sum.body.data.productAggregate[0]).toEqual({
      sum: { price: "18014398509481986.11" },
      max: { price: BIG },
    });
    const made = await graphql(`
      mutation {
        createProduct(fields: { price: 12.5, exact: "77" }) {
          price
          exact
        }
      }
    `);
    expect(made.body.data.createProduct, made.text).toEqual({ price: "12.50", exact: "77" });
    const refused = await graphql(`
      mutation {
        createProduct(fields: { price: "1e5" }) {
          price
        }
      }
    `);
    expect(refused.text).toContain('A decimal must look like \\"12.50\\".');
  });

  it("follows its field through versions, a copy, and changes of the type", async () => {
    const type = (field: object) => ({ id: "change", name: "Change", fields: [{ id: "n", ...field }] });
    await own.put("/types/change", type({ type: "integer" }));
    const id = await own.published("change", { n: 12 });
    const decimal = await own.put("/types/change", type({ type: "decimal", scale: 2 }));
    expect(decimal.status, decimal.text).toBe(200);
    await eventually(async () => (await own.get(`/content/change/${id}`)).body.data.n === "12.00");
    await own.put(`/content/change/${id}`, { n: "12.50" });
    const diff = await own.get(`/content/change/${id}/diff?from=1&to=2`);
    expect(diff.body.data, diff.text).toMatchObject([{ path: "n", from: 12, to: "12.50" }]);
    const lossy = await own.put("/types/change", type({ type: "integer" }));
    expect([lossy.status, lossy.body.error.reason]).toEqual([409, "types/violated"]);
    const narrower = await own.put("/types/change", type({ type: "decimal", scale: 0 }));
    expect(narrower.body.error.details[0].message).toContain("at most 0 digits behind the point");
    expect((await own.put("/types/change", type({ type: "number" }))).status).toBe(200);
    await eventually(async () => {
      const { body } = await own.get(`/content/change/${id}?perspective=draft`);
      return body.data.n === 12.5;
    });
    expect((await own.put("/types/change", type({ type: "decimal" }))).status).toBe(200);
    const restored = await own.post(`/content/change/${id}/restore`, { version: 1 });
    expect(restored.body.data, restored.text).toMatchObject({ n: "12" });
    const copy = await own.post(`/content/change/${id}/duplicate`, {});
    expect(copy.body.data, copy.text).toMatchObject({ n: "12" });
  });

  it("has bounds that are decimals, and a scale that is its own", async () => {
    const refused = async (field: object) => {
      const { status, body } = await own.put("/types/bad", {
        id: "bad",
        name: "Bad",
        fields: [{ id: "n", ...field }],
      });
      expect(status).toBe(422);
      return body.error.details[0];
    };
    expect(await refused({ type: "decimal", min: "1e5" })).toMatchObject({ path: "fields[0].min" });
    expect(await refused({ type: "decimal", min: "0.2", max: "0.10" })).toMatchObject({
      message: "is larger than max",
    });
    expect(await refused({ type: "number", min: "1" })).toMatchObject({ message: "must be a number" });
    expect(await refused({ type: "number", scale: 2 })).toMatchObject({ path: "fields[0].scale" });
    expect(await refused({ type: "decimal", scale: 19 })).toMatchObject({ path: "fields[0].scale" });
  });
});
