import { beforeAll, describe, expect, it } from "vitest";
import { newTenant, type Tenant } from "../support/tenant.ts";

const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const pathsOf = ({ body }: { body: any }) => body.error.details.map((one: { path: string }) => one.path);

describe("rules of a type", () => {
  let own: Tenant;
  const event = {
    id: "event",
    name: "Event",
    rules: [
      { expression: "ends > starts", message: "An event ends after it starts." },
      { expression: "size(title) < 20", message: "Long titles are cut in lists.", level: "warning" },
    ],
    fields: [
      text("title", { required: true }),
      { id: "kind", type: "enum", options: ["online", "on_site"] },
      text("link", { required_if: "kind == 'online'", visible_if: "kind != 'on_site'" }),
      text("room", { required: true, visible_if: "kind == 'on_site'" }),
      { id: "starts", type: "datetime" },
      { id: "ends", type: "datetime" },
    ],
  };
  const starts = "2026-05-01T10:00:00Z";
  beforeAll(async () => {
    own = await newTenant();
    const put = await own.put("/types/event", event);
    expect([put.status, put.text]).toEqual([201, expect.any(String)]);
  });

  it("are kept by creating, replacing and changing", async () => {
    const refused = await own.post("/content/event", { title: "A", starts, ends: "2026-04-01T10:00:00Z" });
    expect([refused.status, refused.body.error.reason]).toEqual([422, "content/rule-violated"]);
    expect(refused.body.error.details).toEqual([{ path: "ends", message: "An event ends after it starts." }]);
    const { body } = await own.post("/content/event", { title: "A", starts });
    const path = `/content/event/${body.data.id}`;
    for (const send of [own.patch, own.put]) {
      const late = await send(path, {
        title: "A",
        ends: "2026-04-01T10:00:00Z",
        ...(send === own.put ? { starts } : {}),
      });
      expect([late.status, late.body.error.reason]).toEqual([422, "content/rule-violated"]);
    }
    expect((await own.patch(path, { ends: "2026-06-01T10:00:00Z" })).status).toBe(200);
    expect((await own.patch(path, { starts: "2026-07-01T10:00:00Z" })).status).toBe(422);
    expect((await own.get(`${path}?perspective=draft`)).body.data).toMatchObject({
      version: 2,
      starts: expect.stringContaining("2026-05"),
    });
  });

  it("are told as warnings where they forbid nothing", async () => {
    const made = await own.post("/content/event", { title: "A title that is rather long" });
    expect([made.status, made.body.notes]).toEqual([
      201,
      [{ path: "title", message: "Long titles are cut in lists.", count: 1, level: "warning" }],
    ]);
    expect((await own.post("/content/event", { title: "Short" })).body.notes).toBeUndefined();
  });

  it("require values under a condition, unless the field is hidden", async () => {
    const online = await own.post("/content/event", { title: "A", kind: "online" });
    expect([online.status, pathsOf(online)]).toEqual([422, ["link"]]);
    const onSite = await own.post("/content/event", { title: "A", kind: "on_site" });
    expect([onSite.status, pathsOf(onSite)]).toEqual([422, ["room"]]);
    expect((await own.post("/content/event", { title: "A" })).status).toBe(201);
    const kept = await own.post("/content/event?allow_incomplete=true", { title: "A", kind: "online" });
    expect(kept.status).toBe(201);
  });

  it("are kept for callers that may not see an entry: nothing tells them that it is there", async () => {
    const other = await newTenant();
    await other.put("/types/event", event);
    const { body } = await own.post("/content/event", { title: "A", starts });
    const elsewhere = await other.patch(`/content/event/${body.data.id}`, { ends: "2026-04-01T10:00:00Z" });
    expect(elsewhere.status).toBe(404);
  });
});

describe("fields that are unique together", () => {
  let own: Tenant;
  beforeAll(async () => {
    own = await newTenant();
    await own.put("/types/product", {
      id: "product",
      name: "Product",
      unique: [["sku", "shop"]],
      fields: [text("sku"), text("shop"), text("name")],
    });
  });

  it("refuse a second entry with the same values, and only that", async () => {
    const first = await own.post("/content/product", { sku: "1", shop: "a" });
    expect(first.status).toBe(201);
    expect((await own.post("/content/product", { sku: "1", shop: "b" })).status).toBe(201);
    for (let i = 0; i < 2; i++) expect((await own.post("/content/product", { sku: "1" })).status).toBe(201);
    const second = await own.post("/content/product", { sku: "1", shop: "a" });
    expect([second.status, second.body.error.reason]).toEqual([409, "content/not-unique"]);
    expect(second.body.error.details[0]).toMatchObject({ path: "sku", entry: first.body.data.id });
    const other = await own.post("/content/product", { sku: "2", shop: "a" });
    const patched = await own.patch(`/content/product/${other.body.data.id}`, { sku: "1" });
    expect(patched.status).toBe(409);
    expect((await own.patch(`/content/product/${first.body.data.id}`, { shop: null })).status).toBe(200);
    expect((await own.patch(`/content/product/${other.body.data.id}`, { sku: "1" })).status).toBe(200);
  });
});

describe("unique fields in lists of components", () => {
  it("differ among the elements of an entry", async () => {
    const own = await newTenant();
    const anchor = text("anchor", { unique: true });
    const put = await own.put("/types/page", {
      id: "page",
      name: "Page",
      fields: [
        {
          id: "parts",
          type: "blocks",
          components: [
            { id: "hero", fields: [anchor] },
            { id: "text", fields: [anchor] },
          ],
        },
        { id: "links", type: "component", multiple: true, fields: [anchor] },
      ],
    });
    expect(put.status).toBe(201);
    const fine = {
      parts: [
        { type: "hero", anchor: "a" },
        { type: "text", anchor: "a" },
      ],
      links: [{ anchor: "a" }, {}, {}],
    };
    expect((await own.post("/content/page", fine)).status).toBe(201);
    const twice = await own.post("/content/page", {
      parts: [
        { type: "hero", anchor: "a" },
        { type: "hero", anchor: "a" },
      ],
      links: [{ anchor: "x" }, { anchor: "x" }],
    });
    expect([twice.status, pathsOf(twice)]).toEqual([422, ["parts[1].anchor", "links[1].anchor"]]);
    const single = await own.put("/types/other", {
      id: "other",
      name: "Other",
      fields: [{ id: "seo", type: "component", fields: [anchor] }],
    });
    expect([single.status, pathsOf(single)]).toEqual([422, ["fields[0].fields[0].unique"]]);
  });
});

describe("decimals in expressions", () => {
  it("are exact in rules, computed fields and defaults, of whatever length", async () => {
    const own = await newTenant();
    const decimal = (id: string, more: object = {}) => ({ id, type: "decimal", ...more });
    const order = {
      id: "order",
      name: "Order",
      rules: [
        { expression: "paid <= total", message: "More was paid than is due." },
        { expression: "fee.amount * 3 == due.amount", message: "Three fees are due." },
      ],
      fields: [
        decimal("net", { scale: 2 }),
        decimal("tax", { scale: 2, computed: "net * 0.19" }),
        decimal("total", { computed: "net + tax" }),
        decimal("paid"),
        decimal("big"),
        decimal("next", { computed: "big + 1" }),
        { id: "fee", type: "money" },
        { id: "due", type: "money" },
        { id: "rate", type: "number", computed: "net / 2" },
        { id: "facts", type: "json", computed: "[net, net * 2]" },
      ],
    };
    const put = await own.put("/types/order", order);
    expect(put.status, put.text).toBe(201);
    const money = (amount: string) => ({ amount, currency: "EUR" });
    const big = "99999999999999999999999999999999999999";
    const values = {
      net: "1.05",
      paid: "1.25",
      fee: money("0.10"),
      due: money("0.30"),
      big: "9007199254740993",
    };
    const made = await own.post("/content/order", values);
    expect([made.status, made.body.data], made.text).toMatchObject([
      201,
      { tax: "0.20", total: "1.25", next: "9007199254740994", rate: 0.525, facts: ["1.05", "2.1"] },
    ]);
    const { id } = made.body.data;
    const over = await own.patch(`/content/order/${id}`, { paid: "1.250000000000000001" });
    expect([over.status, pathsOf(over)], over.text).toEqual([422, ["paid"]]);
    expect(pathsOf(await own.patch(`/content/order/${id}`, { fee: money("0.11") }))).toEqual(["fee"]);
    const long = await own.patch(`/content/order/${id}`, { big });
    expect([long.status, long.body.data.next, long.text.includes("next")], long.text).toEqual([
      200,
      null,
      true,
    ]);
  });
});
