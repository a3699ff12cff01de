import { beforeAll, describe, expect, it } from "vitest";
import { asRole, reasonOf, titles } from "../support/access.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const POST = {
  id: "article",
  name: "Article",
  fields: [
    { id: "title", type: "short_text", required: true },
    { id: "slug", type: "slug" },
    { id: "kind", type: "short_text" },
    { id: "secret", type: "short_text" },
    { id: "amount", type: "integer" },
    { id: "text", type: "short_text", localized: true },
    { id: "author", type: "reference", to: ["author"] },
  ],
};
const AUTHOR = {
  id: "author",
  name: "Author",
  fields: [
    { id: "name", type: "short_text", required: true },
    { id: "salary", type: "integer" },
  ],
};

async function library() {
  const tenant = await newTenant();
  await tenant.patch("/environments/main", {
    default_locale: "en",
    locales: [{ code: "en" }, { code: "fr", fallback: "en" }],
  });
  await tenant.put("/types/author", AUTHOR);
  await tenant.put("/types/article", POST);
  const ada = await tenant.published("author", { name: "Ada", salary: 100 });
  const one = await tenant.published("article", {
    title: "One",
    slug: "one",
    kind: "open",
    secret: "alpha",
    amount: 1,
    author: ada,
    text: "hello",
  });
  await tenant.patch(`/content/article/${one}?locale=fr`, { text: "bonjour" });
  await tenant.post("/content/publish", { id: one });
  const two = await tenant.published("article", {
    title: "Two",
    slug: "two",
    kind: "closed",
    secret: "beta",
    amount: 2,
    author: ada,
    text: "bye",
  });
  return { tenant, ids: { ada, one, two } };
}

describe("fields that may not be read", () => {
  let tenant: Tenant;
  let ids: { ada: string; one: string; two: string };
  beforeAll(async () => ({ tenant, ids } = await library()));
  const HIDDEN = [
    { actions: ["content:read", "content:read-draft"] },
    {
      effect: "deny",
      actions: ["content:read", "content:read-draft"],
      types: ["article"],
      fields: ["secret", "amount", "author"],
    },
    { effect: "deny", actions: ["content:*"], types: ["author"], fields: ["salary"] },
  ];

  it("are in no answer", async () => {
    const reader = await asRole(tenant, HIDDEN);
    for (const path of [
      "/content/article",
      "/content/article?perspective=draft",
      `/content/article/${ids.one}`,
      "/content/article/one?perspective=draft",
      `/content/article/${ids.one}?version=1`,
      `/content/article/${ids.one}?perspective=draft&locale=*`,
      `/content/article/${ids.one}/versions`,
      `/content/article/${ids.one}/versions/1`,
      `/content/article/${ids.one}/diff?from=1&to=2`,
      "/content/article?include=author",
      "/content/article?q=one&highlight=true",
    ]) {
      const reply = await reader.get(path);
      const said = reply.text.replace(/"request_id":"\w+"/, "");
      expect(said, path).not.toMatch(/alpha|beta|secret"|"amount|salary|100/);
      if (reply.status === 200) expect(reply.text, path).toMatch(/One|text|bonjour/);
    }
    const draft = (await reader.get(`/content/article/${ids.one}?perspective=draft`)).body;
    expect(Object.keys(draft.data)).not.toContain("secret");
    expect((await tenant.get(`/content/article/${ids.one}`)).body.data.secret).toBe("alpha");
    const authors = await reader.get("/content/author");
    expect(authors.body.data[0]).not.toHaveProperty("salary");
  });

  it("cannot be asked about: not by filter, sort, facet, aggregate, search, slug or fields=", async () => {
    const reader = await asRole(tenant, HIDDEN);
    for (const path of [
      "/content/article?filter[secret]=alpha",
      "/content/article?filter[secret][exists]=true",
      "/content/article?filter[not][amount]=1",
      "/content/article?filter[or][0][kind]=open&filter[or][1][amount]=1",
      "/content/article?sort=secret",
      "/content/article?sort=-amount",
      "/content/article?facets=secret",
      "/content/article?fields=title,secret",
      "/content/article?q=alpha",
      "/content/article?filter[author][name]=Ada",
      "/content/author?filter[salary][gt]=1",
      "/aggregate/article?max=amount",
      "/aggregate/article?group_by=secret",
      `/content/article/${ids.one}?fields=secret`,
    ])
      for (const perspective of ["", "&perspective=draft"]) {
        const reply = await reader.get(
          path + (path.includes("?") ? perspective : perspective.replace("&", "?")),
        );
        expect([reply.status, reasonOf(reply)], path).toEqual([403, "access/field-not-readable"]);
      }
    const noSlug = await asRole(tenant, [{ actions: ["content:read"], fields: ["title"] }]);
    expect(reasonOf(await noSlug.get("/content/article/one"))).toBe("access/field-not-readable");
    expect((await noSlug.get(`/content/article/${ids.one}`)).body.data).toEqual(
      expect.objectContaining({ title: "One" }),
    );
    expect((await noSlug.get(`/content/article/${ids.one}`)).body.data).not.toHaveProperty("slug");
    expect((await noSlug.get("/content/article?filter[title]=One")).status).toBe(200);
  });

  it("of some entries only are shown where they may be, and asked about nowhere", async () => {
    const reader = await asRole(tenant, [
      { actions: ["content:read", "content:read-draft"], fields: ["title", "kind"] },
      {
        actions: ["content:read", "content:read-draft"],
        types: ["article"],
        fields: ["secret"],
        conditions: { kind: "open" },
      },
    ]);
    for (const perspective of ["", "&perspective=draft"]) {
      const { data } = (await reader.get(`/content/article?filter[kind][exists]=true${perspective}`)).body;
      expect(data.map((one: any) => [one.title, one.secret]).sort()).toEqual([
        ["One", "alpha"],
        ["Two", undefined],
      ]);
      expect(reasonOf(await reader.get(`/content/article?filter[secret]=beta${perspective}`))).toBe(
        "access/field-not-readable",
      );
    }
    const { data } = (await reader.get("/content/article?include=author")).body;
    expect(data[0]).not.toHaveProperty("author");
  });

  it("are null in GraphQL, and cannot be filtered by", async () => {
    const reader = await asRole(tenant, HIDDEN);
    const query = `{ articleList(sort: [title_ASC]) { title secret author { name salary } } content(type: "article") { fields } }`;
    const shown = (await reader.graphql(query)).body;
    expect(shown.errors).toBeUndefined();
    expect(shown.data.articleList[0]).toEqual({ title: "One", secret: null, author: null });
    expect(JSON.stringify(shown.data.content)).not.toMatch(/alpha|beta/);
    const asked = await reader.graphql(`{ articleList(filter: { secret: { eq: "alpha" } }) { title } }`);
    expect(reasonOf(asked)).toBe("access/field-not-readable");
    const connection = await reader.graphql(`{ articleConnection(q: "alpha") { totalCount } }`);
    expect(reasonOf(connection)).toBe("access/field-not-readable");
    const sums = await reader.graphql(`{ articleAggregate { max { amount } } }`);
    expect(reasonOf(sums)).toBe("access/field-not-readable");
    const versions = await reader.graphql(
      `{ versions(type: "article", id: "${ids.one}") { data } trash { data } }`,
    );
    expect(versions.text).not.toMatch(/alpha/);
  });
});

describe("fields that may not be written", () => {
  it("are refused by their path, also in what writes the whole entry", async () => {
    const { tenant, ids } = await library();
    const editor = await asRole(tenant, [
      { actions: ["content:*"] },
      { effect: "deny", actions: ["content:write"], types: ["article"], fields: ["amount"] },
    ]);
    const refused = await editor.patch(`/content/article/${ids.one}`, { title: "x", amount: 9 });
    expect([refused.status, reasonOf(refused), refused.body.error.details[0].path]).toEqual([
      403,
      "access/field-not-writable",
      "amount",
    ]);
    expect((await editor.patch(`/content/article/${ids.one}`, { title: "x" })).status).toBe(200);
    expect(reasonOf(await editor.post("/content/article", { title: "n", amount: 1 }))).toBe(
      "access/field-not-writable",
    );
    expect((await editor.post("/content/article", { title: "n" })).status).toBe(201);
    expect(reasonOf(await editor.put(`/content/article/${ids.one}`, { title: "n" }))).toBe(
      "access/field-not-writable",
    );
    expect(reasonOf(await editor.post(`/content/article/${ids.one}/restore`, { version: 1 }))).toBe(
      "access/field-not-writable",
    );
    const draft = (await editor.get(`/content/article/${ids.one}?perspective=draft`)).body;
    expect(draft.can).toEqual({
      update: true,
      publish: true,
      unpublish: true,
      delete: true,
      fields: ["title", "slug", "kind", "secret", "text", "author"],
    });
    expect(draft.data.amount).toBe(1);
    const blind = await asRole(tenant, [
      { actions: ["content:*"] },
      { effect: "deny", actions: ["content:read", "content:read-draft"], fields: ["secret"] },
    ]);
    expect(reasonOf(await blind.post(`/content/article/${ids.one}/restore`, { version: 1 }))).toBe(
      "access/field-not-readable",
    );
    expect(reasonOf(await blind.post(`/content/article/${ids.one}/duplicate`, {}))).toBe(
      "access/field-not-readable",
    );
    const saved = await blind.patch(`/content/article/${ids.one}`, { title: "y" });
    expect([saved.status, saved.text.includes("alpha")]).toEqual([200, false]);
    expect((await tenant.get(`/content/article/${ids.one}?perspective=draft`)).body.data.secret).toBe(
      "alpha",
    );
  });
});

describe("locales", () => {
  it("limit what is read, written and published", async () => {
    const { tenant, ids } = await library();
    const french = await asRole(tenant, [{ actions: ["content:*"], locales: ["fr"] }]);
    expect(titles(await french.get("/content/article?locale=fr"))).toEqual(["One", "Two"]);
    expect(reasonOf(await french.get("/content/article"))).toBe("access/not-granted");
    expect(reasonOf(await french.get("/content/article?perspective=draft"))).toBe("access/not-granted");
    const all = await french.get(`/content/article/${ids.one}?perspective=draft&locale=*`);
    expect(all.body.data.text, all.text).toEqual({ fr: "bonjour" });
    expect((await french.get(`/content/article/${ids.one}/versions`)).text).not.toMatch(/hello/);
    expect((await french.patch(`/content/article/${ids.one}?locale=fr`, { text: "salut" })).status).toBe(200);
    expect(reasonOf(await french.patch(`/content/article/${ids.one}?locale=en`, { text: "x" }))).toBe(
      "access/field-not-writable",
    );
    expect(reasonOf(await french.patch(`/content/article/${ids.one}?locale=fr`, { title: "x" }))).toBe(
      "access/field-not-writable",
    );
    expect(
      reasonOf(await french.patch(`/content/article/${ids.one}?locale=*`, { text: { en: "x", fr: "y" } })),
    ).toBe("access/field-not-writable");
    await tenant.patch(`/content/article/${ids.one}?locale=en`, { text: "hi" });
    expect(reasonOf(await french.post("/content/publish", { id: ids.one }))).toBe("access/not-granted");
    expect((await french.post("/content/publish", { id: ids.one, locales: ["fr"] })).status).toBe(200);
    const shown = await french.get(`/content/article/${ids.one}?perspective=draft&locale=fr`);
    expect(Object.keys(shown.body.data.published_locales)).toEqual(["fr"]);
    expect(reasonOf(await french.delete(`/content/article/${ids.one}`))).toBe("access/not-granted");
    await eventually(
      async () => (await tenant.get(`/content/article/${ids.one}?locale=fr`)).body.data.text === "salut",
      10_000,
    );
    expect((await tenant.get(`/content/article/${ids.one}?locale=en`)).body.data.text).toBe("hello");
  });
});
