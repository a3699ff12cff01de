import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { run } from "../support/graphql.ts";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const DRAFT = "?perspective=draft";
const FRESH = { headers: { "cache-control": "no-cache" } };
const detailsOf = ({ body }: { body: any }) => body.error.details;

const ORDER = {
  id: "order",
  name: "Order",
  rules: [{ expression: "sum <= 100.0", message: "Orders go up to 100." }],
  fields: [
    text("title", { localized: true }),
    text("label", { localized: true, computed: "title + ' (' + locale + ')'" }),
    text("code", { required: true, default: { expression: "'O-' + uuid().substring(0, 4)" } }),
    text("maker", { default: { expression: "actor.kind" } }),
    {
      ...{ id: "lines", type: "component", multiple: true },
      fields: [
        text("sku", { unique: true }),
        { id: "price", type: "decimal" },
        { id: "count", type: "integer", default: { expression: "size(sku)" } },
        { id: "total", type: "decimal", computed: "price * count" },
        text("why", { required_if: "total > 50.0 && entry.maker == 'token'" }),
      ],
    },
    { id: "sum", type: "decimal", scale: 2, computed: "sum(lines.map(l, l.total))" },
    {
      ...{ id: "body", type: "rich_text" },
      components: [{ id: "note", fields: [text("a"), text("b", { required_if: "has(a)" })] }],
    },
  ],
};

describe("values by expression", () => {
  let own: Tenant;
  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", {
      locales: [{ code: "en" }, { code: "fr", fallback: "en" }],
    });
    expect((await own.put("/types/order", ORDER)).status).toBe(201);
  });

  it("are computed and filled in, inside of lists and in each locale", async () => {
    const lines = [
      { sku: "abc", price: "1.10" },
      { sku: "d", price: "2", count: 4 },
    ];
    const made = await own.post("/content/order?locale=*", { title: { en: "A", fr: "B" }, lines });
    expect([made.status, made.text]).toEqual([201, expect.any(String)]);
    const path = `/content/order/${made.body.data.id}`;
    const all = (await own.get(`${path}${DRAFT}&locale=*`)).body.data;
    expect(all).toMatchObject({
      label: { en: "A (en)", fr: "B (fr)" },
      code: expect.stringMatching(/^O-[0-9a-f]{4}$/),
      maker: "token",
      sum: "11.30",
      lines: [{ count: 3, total: "3.3" }, { total: "8" }],
    });
    await own.patch(`${path}?locale=fr`, { title: "C" });
    const patched = (await own.get(`${path}${DRAFT}&locale=*`)).body.data;
    expect([patched.label, patched.code]).toEqual([{ en: "A (en)", fr: "C (fr)" }, all.code]);
    await own.patch(path, { lines: lines.slice(1) });
    expect((await own.get(`${path}${DRAFT}`)).body.data.sum).toBe("8.00");
    expect((await own.get(`/content/order${DRAFT}&filter[sum][eq]=8`)).body.data).toHaveLength(1);
    expect((await own.get(`/content/order${DRAFT}&sort=-sum`)).status).toBe(200);
  });

  it("cannot be written, by REST, bulk or GraphQL", async () => {
    const computed = "is computed: leave it out";
    const body = { sum: "1", lines: [{ total: "1" }] };
    const one = await own.post("/content/order", body);
    expect(detailsOf(one)).toEqual([
      { path: "lines[0].total", message: computed },
      { path: "sum", message: computed },
    ]);
    const bulk = await own.post("/content/bulk", {
      operations: [{ op: "create", type: "order", fields: { sum: "1" } }],
    });
    expect(detailsOf(bulk)).toEqual([{ path: "operations[0].sum", message: computed }]);
    const { errors } = await run(
      own,
      `mutation { createOrder(fields: { sum: "1" }) { id } }`,
      {},
      own.tokens.write,
    );
    expect(JSON.stringify(errors)).toContain("sum");
  });

  it("require what their conditions say, in lists and in documents", async () => {
    const refused = await own.post("/content/order", {
      lines: [{ sku: "a", price: "60", count: 1 }],
      body: { type: "doc", content: [{ type: "note", attrs: { a: "x" } }] },
    });
    expect([refused.status, detailsOf(refused)]).toEqual([
      422,
      [
        { path: "lines[0].why", message: "is required" },
        { path: "body.content[0].attrs.b", message: "is required" },
      ],
    ]);
  });

  it("are asked again when an entry is published, alone, in bulk and in a locale", async () => {
    const body = { lines: [{ sku: "a", price: "60", count: 1 }] };
    const { body: made } = await own.post("/content/order?allow_incomplete=true", body);
    const { id } = made.data;
    const refused = { status: 422, details: [{ path: "lines[0].why", message: "is required" }] };
    for (const more of [{}, { locales: ["en"] }]) {
      const one = await own.post("/content/publish", { id, ...more });
      expect({ status: one.status, details: detailsOf(one) }).toEqual(refused);
    }
    const bulk = { operations: [{ op: "publish", id }] };
    expect((await own.post("/content/bulk", bulk)).status).toBe(422);
    await own.patch(`/content/order/${id}`, { lines: [{ sku: "a", price: "6", count: 1 }] });
    expect((await own.post("/content/bulk", bulk)).status).toBe(200);
    const together = await own.post("/content/bulk", {
      operations: [
        { op: "update", type: "order", id, fields: { lines: [{ sku: "a", price: "7", count: 2 }] } },
        { op: "publish", id },
      ],
    });
    expect([together.status, together.text]).toEqual([200, expect.stringContaining('"sum":"14.00"')]);
    expect((await own.get(`/content/order/${id}`, FRESH)).body.data.sum).toBe("14.00");
  });

  it("are those of the copy after restoring and duplicating", async () => {
    const { body } = await own.post("/content/order", { lines: [{ sku: "a", price: "1", count: 2 }] });
    const path = `/content/order/${body.data.id}`;
    await own.patch(path, { lines: [] });
    const back = await own.post(`${path}/restore`, { version: 1 });
    expect([back.status, back.body.data.sum]).toEqual([200, "2.00"]);
    const copy = await own.post(`${path}/duplicate`, {
      fields: { lines: [{ sku: "a", price: "200", count: 1 }] },
    });
    expect([copy.body.data.sum, copy.body.notes[0].message]).toEqual(["200.00", "Orders go up to 100."]);
  });

  it("follow a type that computes them in another way, also in what is published", async () => {
    const id = await own.published("order", { lines: [{ sku: "ab", price: "1", count: 2 }] });
    const fields = ORDER.fields.map((one) =>
      one.id === "sum" ? { ...one, computed: "sum(lines.map(l, l.total)) * 10" } : one,
    );
    expect((await own.put("/types/order", { ...ORDER, fields })).status).toBe(200);
    await eventually(async () => {
      const shown = (await own.get(`/content/order/${id}`, FRESH)).body.data;
      const found = (await own.get("/content/order?filter[sum][eq]=20", FRESH)).body.data;
      return shown.sum === "20.00" && found.length === 1 && shown.version === 1;
    });
    await own.put("/types/order", ORDER);
  });

  it("come back from an export, computed again", async () => {
    const [from, to] = [await newTenant(), await newTenant()];
    await from.put("/types/order", ORDER);
    const id = await from.published("order", { title: "A", lines: [{ sku: "ab", price: "1.5" }] });
    await from.patch(`/content/order/${id}`, { lines: [{ sku: "abc", price: "2" }] });
    const folder = join(temporaryFolder(), "backup");
    for (const [tenant, ...args] of [
      [from, "export", folder],
      [to, "import", "ndjson", folder],
    ] as [Tenant, ...string[]][]) {
      const done = await runFlow(args, { token: tenant.tokens.admin });
      expect(done, done.out).toMatchObject({ code: 0 });
    }
    const shown = async (tenant: Tenant, more: string) => {
      const { sum, label, lines, code } = (await tenant.get(`/content/order/${id}${more}`, FRESH)).body.data;
      return { sum, label, lines, code };
    };
    for (const more of ["", DRAFT]) expect(await shown(to, more)).toEqual(await shown(from, more));
    expect((await shown(to, "")).sum).toBe("3.00");
  });

  it("cost no more than they may, and say so", async () => {
    const put = await own.put("/types/bomb", {
      id: "bomb",
      name: "Bomb",
      fields: [
        { id: "all", type: "integer", multiple: true },
        {
          ...{ id: "worst", type: "integer" },
          rules: [{ expression: "all.all(a, all.all(b, all.all(c, a + b + c >= 0)))", message: "no" }],
        },
      ],
    });
    expect(put.status).toBe(201);
    const all = Array.from({ length: 500 }, (_, i) => i);
    const one = await own.post("/content/bomb", { all });
    expect([one.status, detailsOf(one)[0].message]).toEqual([422, "no (the rule takes too many steps)"]);
    const some = all.slice(0, 20);
    const alone = await own.post("/content/bomb", { all: some });
    expect(alone.status).toBe(201);
    // Each takes what one may, and all of them what no request may.
    const { body: made } = await own.post("/content/bulk", {
      atomic: false,
      operations: Array.from({ length: 60 }, () => ({ op: "create", type: "bomb", fields: { all: some } })),
    });
    expect([made.data.succeeded > 20, made.data.failed > 20]).toEqual([true, true]);
    const ids: string[] = made.data.items.flatMap((one: { id: string; outcome: string }) =>
      one.outcome === "created" ? [one.id] : [],
    );
    const publish = (these: string[]) =>
      own.post("/content/bulk", { operations: these.map((id) => ({ op: "publish", id })) });
    const refused = await publish([...ids, alone.body.data.id]);
    expect([refused.status, refused.body.error.reason]).toEqual([422, "content/rule-violated"]);
    expect((await publish(ids.slice(0, 10))).status).toBe(200);
  });

  it.each([
    ["fields[0].computed", { computed: "[".repeat(5000) }],
    ["fields[0].computed", { computed: `${"(".repeat(900)}` }],
    ["fields[0].required_if", { required_if: "a.constructor.constructor('x') == 1" }],
    ["fields[0].required_if", { required_if: "__proto__.x == 1" }],
    ["fields[0].required_if", { required_if: "a.matches('(a{900}){900}')" }],
    ["fields[0].rules[0].expression", { rules: [{ expression: "prise > 1", message: "no" }] }],
  ])("are refused in a definition, at %s", async (path, more) => {
    const put = await own.put("/types/bad", {
      id: "bad",
      name: "Bad",
      fields: [text("a", more), text("price")],
    });
    expect([put.status, detailsOf(put)[0].path]).toEqual([422, path]);
  });

  it("are written for those who may not write the computed field, or see it", async () => {
    const { body } = await own.post("/content/order", {
      title: "A",
      lines: [{ sku: "a", price: "1", count: 2 }],
    });
    const writer = await asRole(own, [
      {
        actions: ["content:read", "content:read-draft", "content:write"],
        types: ["order"],
        fields: ["title"],
      },
    ]);
    const path = `/content/order/${body.data.id}`;
    const patched = await writer.patch(path, { title: "B" });
    expect([patched.status, patched.text]).toEqual([200, expect.not.stringContaining("label")]);
    expect((await own.get(`${path}${DRAFT}`)).body.data).toMatchObject({ label: "B (en)", sum: "2.00" });
    const other = await writer.patch(path, { lines: [] });
    expect([other.status, other.body.error.reason]).toEqual([403, "access/field-not-writable"]);
  });

  it("tell nobody a value that they may not read", async () => {
    await own.put("/types/secret", {
      id: "secret",
      name: "Secret",
      rules: [{ expression: "timestamp(hidden) > now && double(hidden) > 1.0", message: "No." }],
      fields: [text("title"), text("hidden")],
    });
    const { body } = await own.post("/content/secret?allow_incomplete=true", { title: "a" });
    const admin = await own.patch(`/content/secret/${body.data.id}`, { hidden: "marmalade" });
    expect([admin.status, admin.text]).toEqual([422, expect.not.stringContaining("marmalade")]);
    const writer = await asRole(own, [
      { actions: ["content:read", "content:read-draft", "content:write"], types: ["order"] },
    ]);
    const other = await writer.patch(`/content/secret/${body.data.id}`, { title: "b" });
    expect([other.status, other.text]).toEqual([expect.any(Number), expect.not.stringContaining("No.")]);
    expect([403, 404]).toContain(other.status);
  });
});

describe("fields that are unique together", () => {
  it("are compared in each locale, among drafts and among what is published", async () => {
    const own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
    const type = (more: object) => ({
      ...{ id: "page", name: "Page", ...more },
      fields: [text("path", { localized: true }), { id: "site", type: "enum", options: ["a", "b"] }],
    });
    await own.put("/types/page", type({}));
    const one = await own.published("page", { path: "x", site: "a" });
    const two = await own.published("page", { path: "x", site: "a" });
    await own.patch(`/content/page/${two}`, { path: "y" });
    const refused = await own.put("/types/page", type({ unique: [["path", "site"]] }));
    expect([refused.status, detailsOf(refused)]).toEqual([
      409,
      [
        expect.objectContaining({
          path: "path",
          locale: "en",
          perspective: "published",
          entry: expect.anything(),
        }),
      ],
    ]);
    await own.post("/content/publish", { id: two });
    expect((await own.put("/types/page", type({ unique: [["path", "site"]] }))).status).toBe(200);
    expect((await own.patch(`/content/page/${two}`, { path: "x" })).status).toBe(409);
    expect((await own.patch(`/content/page/${two}?locale=fr`, { path: "x" })).status).toBe(200);
    expect((await own.patch(`/content/page/${two}`, { path: "x", site: "b" })).status).toBe(200);
    const back = await own.post(`/content/page/${two}/restore`, { version: 1 });
    expect([back.status, back.body.left_out]).toEqual([
      200,
      [expect.objectContaining({ path: "path.en", reason: "value-taken" })],
    ]);
    const copy = await own.post(`/content/page/${one}/duplicate`, {});
    expect([copy.status, copy.body.data.path]).toEqual([201, null]);
  });
});
