import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { asRole, asToken, reasonOf, titles } from "../support/access.ts";
import { ARTICLE, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const AUTHOR = {
  id: "author",
  name: "Author",
  fields: [
    { id: "name", type: "short_text", required: true },
    { id: "salary", type: "integer" },
    { id: "is_public", type: "boolean" },
  ],
};
const POST = {
  ...ARTICLE,
  fields: [
    ...ARTICLE.fields,
    { id: "secret", type: "short_text" },
    { id: "author", type: "reference", to: ["author"] },
  ],
};

async function library(): Promise<{ tenant: Tenant; ids: Record<string, string> }> {
  const tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
  await tenant.put("/types/author", AUTHOR);
  await tenant.put("/types/article", POST);
  const ada = await tenant.published("author", { name: "Ada", salary: 100, is_public: true });
  const eve = await tenant.published("author", { name: "Eve", salary: 900, is_public: false });
  const one = await tenant.published("article", {
    title: "One",
    slug: "one",
    kind: "news",
    price: 1,
    secret: "alpha",
    author: ada,
  });
  const two = await tenant.published("article", {
    title: "Two",
    slug: "two",
    kind: "essay",
    price: 2,
    secret: "beta",
    author: eve,
    related: [one],
  });
  const bare = await tenant.published("article", { title: "Bare", slug: "bare", related: [two] });
  return { tenant, ids: { ada, eve, one, two, bare } };
}

describe("rows", () => {
  let tenant: Tenant;
  let ids: Record<string, string>;
  beforeAll(async () => ({ tenant, ids } = await library()));

  it("that a condition leaves out are in no list, count, search, facet or aggregate, in either perspective", async () => {
    const news = await asRole(tenant, [
      { actions: ["content:read", "content:read-draft"], types: ["article"], conditions: { kind: "news" } },
    ]);
    for (const perspective of ["", "&perspective=draft"]) {
      const list = await news.get(`/content/article?limit=10${perspective}`);
      expect(titles(list), list.text).toEqual(["One"]);
      expect(list.body.pagination).toMatchObject({ total_items: 1, next_cursor: null });
      expect(titles(await news.get(`/content/article?filter[price][lt]=10${perspective}`))).toEqual(["One"]);
      const facets = await news.get(`/content/article?facets=kind${perspective}`);
      expect(facets.body.facets.kind).toEqual([{ value: "news", count: 1 }]);
      const sums = await news.get(`/aggregate/article?sum=price${perspective}`);
      expect(sums.body.data).toEqual([{ count: 1, sum: { price: 1 } }]);
      for (const path of [`/content/article/${ids["two"]}`, "/content/article/two"])
        expect((await news.get(`${path}?x=1`.replace("?x=1", perspective.replace("&", "?")))).status).toBe(
          404,
        );
      expect((await news.get(`/content/article/one${perspective.replace("&", "?")}`)).status).toBe(200);
    }
    await eventually(
      async () => titles(await tenant.get("/content/article?q=two&perspective=draft")).length > 0,
      20_000,
    );
    expect(titles(await news.get("/content/article?q=two"))).toEqual([]);
    expect(titles(await news.get("/content/article?q=one&perspective=draft"))).toEqual(["One"]);
  });

  it("lend no words to a search: typos are tolerated to who may read everything only", async () => {
    await tenant.published("article", { title: "Lanterne", slug: "l1", kind: "news" });
    await tenant.published("article", { title: "Xylophonist", slug: "x1", kind: "essay" });
    await tenant.published("article", { title: "Xylophonism", slug: "x2", kind: "news" });
    const news = await asRole(tenant, [{ actions: ["content:read"], conditions: { kind: "news" } }]);
    const author = await asToken(tenant, { role: "author" });
    await eventually(
      async () => titles(await tenant.get("/content/article?q=xylophonist")).length > 0,
      20_000,
    );
    await eventually(async () => titles(await tenant.get("/content/article?q=lantrne")).length > 0, 20_000);
    // Whether a hidden entry holds the word makes no difference to what is found.
    for (const word of ["xylophonist", "xylophonisz", "lantrne"])
      expect([word, titles(await news.get(`/content/article?q=${word}`))]).toEqual([word, []]);
    expect(titles(await news.get("/content/article?q=xylophoni"))).toEqual(["Xylophonism"]);
    expect(titles(await author.get("/content/article?q=lantrne"))).toEqual(["Lanterne"]);
  });

  it("without the value that a condition compares are not let through by lt", async () => {
    const cheap = await asRole(tenant, [
      { actions: ["content:read"], types: ["article"], conditions: { price: { lt: 10 } } },
    ]);
    expect(titles(await cheap.get("/content/article"))).toEqual(["One", "Two"]);
    const dear = await asRole(tenant, [
      { actions: ["content:read"], types: ["article"] },
      {
        effect: "deny",
        actions: ["content:*"],
        conditions: { not: { price: { exists: true } } },
        types: ["article"],
      },
    ]);
    expect(titles(await dear.get("/content/article"))).toEqual(["One", "Two"]);
  });

  it("that an include leads to are as if they were not there, and filters through references tell nothing of them", async () => {
    const open = await asRole(tenant, [
      { actions: ["content:read", "content:read-draft"], types: ["article"] },
      { actions: ["content:read", "content:read-draft"], types: ["author"], conditions: { is_public: true } },
    ]);
    for (const more of ["", "&perspective=draft"]) {
      const two = await open.get(`/content/article/two?include=author${more}`);
      expect(two.body.data.author, two.text).toEqual({ id: ids["eve"], status: "unavailable" });
      expect((await open.get(`/content/article/one?include=author${more}`)).body.data.author.name).toBe(
        "Ada",
      );
      expect(titles(await open.get(`/content/article?filter[author][name]=Eve${more}`))).toEqual([]);
      expect(titles(await open.get(`/content/article?filter[author][salary][gt]=1${more}`))).toEqual(["One"]);
    }
  });

  it("of another type are refused, also below an entry and in the trash", async () => {
    const authors = await asRole(tenant, [{ actions: ["content:*"], types: ["author"] }]);
    expect(reasonOf(await authors.get("/content/article"))).toBe("access/not-granted");
    expect(reasonOf(await authors.get("/aggregate/article"))).toBe("access/not-granted");
    expect((await authors.get(`/content/article/${ids["one"]}/versions`)).status).toBe(403);
    expect((await authors.get(`/content/article/${ids["one"]}/references`)).status).toBe(404);
    expect((await authors.get(`/content/article/${ids["one"]}/comments`)).status).toBe(404);
    expect((await authors.post("/content/publish", { id: ids["one"] })).status).toBe(404);
    expect((await authors.delete(`/content/article/${ids["one"]}`)).status).toBe(404);
    expect((await authors.patch(`/content/article/${ids["one"]}`, { title: "x" })).status).toBe(403);
    expect(
      (await authors.post("/content/schedule", { id: ids["one"], at: "2099-01-01T00:00Z" })).status,
    ).toBe(404);
    const used = await authors.get(`/content/author/${ids["ada"]}/references`);
    expect(used.body.data, used.text).toEqual([]);
    const refused = await authors.delete(`/content/author/${ids["ada"]}`);
    expect([refused.status, reasonOf(refused), refused.text.includes(ids["one"]!)]).toEqual([
      409,
      "content/referenced",
      false,
    ]);
    expect((await authors.delete(`/content/author/${ids["ada"]}?on_reference=cascade`)).status).toBe(403);
    expect((await authors.delete(`/content/author/${ids["ada"]}?on_reference=null`)).status).toBe(403);
    expect((await tenant.get(`/content/article/${ids["one"]}`)).body.data.author).toBe(ids["ada"]);
  });
});

describe("a condition", () => {
  it("leaves what the same filter leaves, on 40 random ones, in either perspective", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/article", ARTICLE);
    const [titlesOf, kinds] = [
      ["ab", "Abc", "b", "c1"],
      ["news", "essay", null],
    ];
    const operations = Array.from({ length: 40 }, (_, i) => ({
      op: "create",
      type: "article",
      fields: {
        title: `${titlesOf[i % 4]!}-${i}`,
        kind: kinds[i % 3],
        price: i % 5 === 0 ? null : i % 7,
        live: i % 4 === 0 ? null : i % 2 === 0,
        day: i % 6 === 0 ? null : `2026-01-0${1 + (i % 6)}`,
      },
    }));
    const made = (await tenant.post("/content/bulk", { operations })).body.data.items as { id: string }[];
    const publish = made.slice(0, 30).map(({ id }) => ({ op: "publish", id }));
    expect((await tenant.post("/content/bulk", { operations: publish })).status).toBe(200);
    const drafts = made.slice(0, 12).map(({ id }, i) => ({
      op: "update",
      type: "article",
      id,
      fields: { price: 6, kind: "note", live: i % 2 === 0 },
    }));
    expect((await tenant.post("/content/bulk", { operations: drafts })).status).toBe(200);
    const test = fc.oneof(
      fc.record({
        title: fc.constantFrom({ contains: "B" }, { starts_with: "a" }, { gt: "b" }, { ends_with: "-1" }),
      }),
      fc.record({
        kind: fc.constantFrom(
          "news",
          { ne: "news" },
          { in: ["essay", "note"] },
          { nin: ["essay"] },
          { exists: false },
        ),
      }),
      fc.record({ price: fc.constantFrom({ lt: 3 }, { gte: 2 }, { ne: 4 }, { null: true }, { in: [1, 5] }) }),
      fc.record({ live: fc.constantFrom(true, { ne: true }) }),
      fc.record({
        day: fc.constantFrom({ lte: "2026-01-03" }, { gt: "2026-01-02T12:00:00Z" }, { ne: "2026-01-05" }),
      }),
    );
    const list = fc.array(test, { minLength: 1, maxLength: 3 });
    const condition = fc.oneof(
      test,
      list.map((and) => ({ and })),
      list.map((or) => ({ or })),
      fc
        .oneof(
          test,
          list.map((or) => ({ or })),
        )
        .map((not) => ({ not })),
    );
    const role = await asRole(tenant, [{ actions: ["content:read", "content:read-draft"] }]);
    let some = 0;
    for (const conditions of fc.sample(condition, 40)) {
      const change = { grants: [{ actions: ["content:read", "content:read-draft"], conditions }] };
      expect((await tenant.patch(`/policies/${role.policy.id}`, change)).status).toBe(200);
      const filter = encodeURIComponent(JSON.stringify(conditions));
      for (const perspective of ["published", "draft"]) {
        const all = `perspective=${perspective}&limit=100&fields=title`;
        const wanted = await tenant.get(`/content/article?${all}&filter=${filter}`);
        const got = await role.get(`/content/article?${all}`);
        expect([perspective, titles(got)], JSON.stringify(conditions)).toEqual([perspective, titles(wanted)]);
        expect(got.body.pagination.total_items).toBe(wanted.body.pagination.total_items);
        if (titles(got).length > 0 && titles(got).length < 30) some++;
      }
    }
    expect(some).toBeGreaterThan(20);
  });
});

describe("what is written", () => {
  let tenant: Tenant;
  let ids: Record<string, string>;
  beforeAll(async () => ({ tenant, ids } = await library()));

  it("must be granted of the entry as it is and as it will be", async () => {
    const news = await asRole(tenant, [
      { actions: ["content:read", "content:read-draft"] },
      {
        actions: ["content:write", "content:publish", "content:delete"],
        types: ["article"],
        conditions: { kind: "news" },
      },
    ]);
    expect((await news.patch(`/content/article/${ids["one"]}`, { title: "One!" })).status).toBe(200);
    expect(reasonOf(await news.patch(`/content/article/${ids["two"]}`, { title: "x" }))).toBe(
      "access/not-granted",
    );
    expect(reasonOf(await news.patch(`/content/article/${ids["two"]}`, { kind: "news" }))).toBe(
      "access/not-granted",
    );
    expect(reasonOf(await news.patch(`/content/article/${ids["one"]}`, { kind: "essay" }))).toBe(
      "access/not-granted",
    );
    expect(reasonOf(await news.post("/content/article", { title: "N", kind: "essay" }))).toBe(
      "access/not-granted",
    );
    expect(reasonOf(await news.post("/content/article", { title: "N" }))).toBe("access/not-granted");
    expect((await news.post("/content/article", { title: "N", kind: "news" })).status).toBe(201);
    expect((await news.post("/content/publish", { id: ids["one"] })).status).toBe(200);
    for (const call of [
      news.post("/content/publish", { id: ids["two"] }),
      news.post("/content/unpublish", { id: ids["two"] }),
      news.delete(`/content/article/${ids["bare"]}`),
      news.put(`/content/article/${ids["two"]}`, { title: "P", kind: "news" }),
      news.post("/content/schedule", { id: ids["two"], at: "2099-01-01T00:00Z" }),
    ]) {
      const reply = await call;
      expect([reply.status, reasonOf(reply)], reply.text).toEqual([403, "access/not-granted"]);
    }
    expect((await tenant.get(`/content/article/${ids["two"]}?perspective=draft`)).body.data).toMatchObject({
      title: "Two",
      kind: "essay",
      version: 1,
    });
  });

  it("of a bulk: one refusal undoes all, or fails alone", async () => {
    const news = await asRole(tenant, [
      { actions: ["content:read-draft"] },
      { actions: ["content:write", "content:publish"], types: ["article"], conditions: { kind: "news" } },
    ]);
    const operations = [
      { op: "update", type: "article", id: ids["one"], fields: { rank: 7 } },
      { op: "update", type: "article", id: ids["two"], fields: { rank: 7 } },
      { op: "publish", id: ids["two"] },
    ];
    const whole = await news.post("/content/bulk", { operations });
    expect([whole.status, reasonOf(whole), whole.body.error.message]).toEqual([
      403,
      "access/not-granted",
      expect.stringContaining("operations[1]"),
    ]);
    expect((await tenant.get(`/content/article/${ids["one"]}?perspective=draft`)).body.data.rank).toBeNull();
    const each = await news.post("/content/bulk", { atomic: false, operations });
    expect(each.body.data.items.map((one: any) => one.error?.reason ?? one.outcome)).toEqual([
      "updated",
      "access/not-granted",
      "access/not-granted",
    ]);
    const published = await news.post("/content/bulk", {
      operations: [operations[0], { op: "unpublish", id: ids["two"] }],
    });
    expect([published.status, reasonOf(published)]).toEqual([403, "access/not-granted"]);
    expect((await tenant.get(`/content/article/${ids["two"]}`)).status).toBe(200);
  });

  it("is one's own for authors, and for contributors what nobody published yet", async () => {
    const author = await asToken(tenant, { role: "author" });
    const contributor = await asToken(tenant, { role: "contributor" });
    const viewer = await asToken(tenant, { role: "viewer" });
    const mine = (await author.post("/content/article", { title: "Mine" })).body.data.id as string;
    const draft = (await contributor.post("/content/article", { title: "Draft" })).body.data.id as string;
    expect((await author.patch(`/content/article/${mine}`, { title: "Mine!" })).status).toBe(200);
    expect((await author.post("/content/publish", { id: mine })).status).toBe(200);
    expect((await author.patch(`/content/article/${draft}`, { title: "x" })).status).toBe(403);
    expect((await contributor.patch(`/content/article/${draft}`, { title: "Draft!" })).status).toBe(200);
    expect((await contributor.post("/content/publish", { id: draft })).status).toBe(403);
    expect((await tenant.post("/content/publish", { id: draft })).status).toBe(200);
    expect((await contributor.patch(`/content/article/${draft}`, { title: "x" })).status).toBe(403);
    expect((await viewer.get("/content/article?perspective=draft")).status).toBe(200);
    expect((await viewer.post("/content/article", { title: "x" })).status).toBe(403);
    expect((await author.delete(`/content/article/${mine}`)).status).toBe(204);
    expect(
      (await (await asToken(tenant, { role: "editor" })).delete(`/content/article/${draft}`)).status,
    ).toBe(204);
    expect((await author.get("/tokens")).status).toBe(403);
    const can = async (who: { get(path: string): Promise<any> }, id: string) => {
      const one = (await who.get(`/content/article/${id}?perspective=draft`)).body.can;
      expect((await who.get("/content/article?perspective=draft&limit=100")).body.can[id]).toEqual(one);
      return one;
    };
    expect((await viewer.get("/content/article")).body.can).toBeUndefined();
    expect(await can(author, ids["one"]!)).toEqual({
      update: false,
      publish: false,
      unpublish: false,
      delete: false,
    });
    expect(await can(tenant, ids["one"]!)).toEqual({
      update: true,
      publish: true,
      unpublish: true,
      delete: true,
    });
  });
});
