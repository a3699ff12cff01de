import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { ok, run } from "../support/graphql.ts";
import { databaseCalls, delivered, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const AUTHOR = {
  id: "author",
  name: "Author",
  back_references: [
    { id: "articles", type: "article", field: "author" },
    { id: "noted", type: "page", field: "by" },
  ],
  fields: [
    { id: "name", type: "short_text" },
    { id: "best", type: "reference", to: ["article"], multiple: true },
    { id: "local", type: "reference", to: ["article"], multiple: true, localized: true },
    { id: "anything", type: "reference", multiple: true },
    { id: "first", type: "reference", to: ["article"] },
  ],
};
const ARTICLE = {
  id: "article",
  name: "Article",
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "price", type: "number" },
    { id: "kind", type: "enum", options: ["news", "note"] },
    { id: "author", type: "reference", to: ["author"] },
    { id: "related", type: "reference", to: ["article"], multiple: true },
  ],
};
const PAGE = {
  id: "page",
  name: "Page",
  parent: "up",
  ordered: true,
  fields: [
    { id: "title", type: "short_text" },
    { id: "slug", type: "slug", from: ["title"], path: true },
    { id: "up", type: "reference", to: ["page"] },
    { id: "by", type: "reference", to: ["author"] },
  ],
};

let own: Tenant;
let ada: string;
const a: string[] = [];
const pages: Record<string, string> = {};
const read = async (path: string, options: object = FRESH) => {
  const reply = await own.get(`/content${path.startsWith("?") ? "" : "/"}${path}`, options);
  expect(reply.status, reply.text).toBe(200);
  return reply.body.data;
};
const titles = (list: any) => [list?.data ?? list].flat().map((one: any) => one.title);

beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr", fallback: "en" }] });
  const made = await own.post("/types/bulk", { types: [AUTHOR, ARTICLE, PAGE] });
  expect(made.status, made.text).toBe(201);
  ada = await own.published("author", { name: "Ada" });
  for (let i = 0; i < 5; i++)
    a.push(
      await own.published("article", {
        ...{ title: `T${i}`, price: 10 - i, kind: i % 2 ? "note" : "news", author: ada },
        related: a.slice(0, i),
      }),
    );
  const draft = (await own.post("/content/article", { title: "Draft", kind: "news" })).body.data.id;
  pages["docs"] = await own.published("page", { title: "Docs" });
  pages["guide"] = await own.published("page", { title: "Guide", up: pages["docs"], by: ada });
  pages["intro"] = await own.published("page", { title: "Intro", up: pages["guide"], by: ada });
  const best = [a[2], draft, a[0], a[4], a[1], a[2]];
  const lists = { best, anything: [pages["intro"], a[3], draft, ada], first: a[1] };
  await own.patch(`/content/author/${ada}`, { ...lists, local: [a[1], a[0]] });
  await own.patch(`/content/author/${ada}?locale=fr`, { local: [a[3], a[4]] });
  await own.post("/content/publish", { id: ada });
});

describe("a list that is included", () => {
  it.each([
    ["include[articles][limit]=2", "articles", ["T4", "T3"]],
    ["include[articles][filter][kind]=news&include[articles][sort]=-price", "articles", ["T0", "T2", "T4"]],
    [
      'include[articles][filter]={"price":{"gte":8}}&include=articles.related',
      "articles",
      ["T2", "T1", "T0"],
    ],
    ["include[best][filter][kind]=news", "best", ["T2", "T0", "T4", "T2"]],
    ["include[best][sort]=price&include[best][limit]=2", "best", ["T4", "T2"]],
    ["include[best][limit]=3", "best", ["T2", "T0", "T4"]],
    ["include[best][sort]=-title&include=best", "best", ["T4", "T2", "T2", "T1", "T0"]],
    ["include[local][sort]=title", "local", ["T0", "T1"]],
    ["include[local][limit]=1&locale=fr", "local", ["T3"]],
    ["include[anything][limit]=2", "anything", ["Intro", "T3"]],
    ["include[best][filter][author][name]=Ada&include[best][limit]=1", "best", ["T2"]],
    ["include[best][limit]=1&fields=best.title", "best", ["T2"]],
    ["include[best][filter][kind]=none", "best", []],
  ])("%s has its own filter, order and limit", async (query, name, expected) => {
    for (const path of [`author/${ada}?${query}`, `author?${query}`]) {
      const found = [await read(path)].flat()[0];
      expect(titles(found[name]), path).toEqual(expected);
    }
    const draft = await read(`author/${ada}?perspective=draft&${query}`);
    const isListed = ["best", "anything"].includes(name) && !query.includes("kind=news");
    if (!isListed) expect(titles(draft[name])).toEqual(expected);
  });

  it("is so at every depth, in every locale and in old versions", async () => {
    const deep = await read(
      `page/${pages["intro"]}?include[by.articles][filter][kind]=news&include[by.articles.related][limit]=1&include[by.articles][limit]=2`,
    );
    expect(titles(deep.by.articles)).toEqual(["T4", "T2"]);
    expect(deep.by.articles.total).toBe(3);
    expect(deep.by.articles.data.map((one: any) => titles(one.related))).toEqual([["T0"], ["T0"]]);
    const every = await read(`author/${ada}?locale=*&include[local][filter][price][lte]=9`);
    expect(Object.values(every.local).map((list: any) => list.map((one: any) => one.title.en))).toEqual([
      ["T1"],
      ["T3", "T4"],
    ]);
    const old = await read(
      `author/${ada}?version=2&include[best][filter][kind]=note&include[local][sort]=title`,
    );
    expect([titles(old.best), titles(old.local)]).toEqual([["T1"], ["T0", "T1"]]);
  });

  it("takes one round trip, and is fresh when an entry changes", async () => {
    let least = Infinity;
    for (let i = 0; i < 5; i++) {
      const before = await databaseCalls();
      await read(`author?include[best][filter][kind]=news&include[articles][limit]=1&sort=random:x${i}`, {});
      least = Math.min(least, (await databaseCalls()) - before);
    }
    expect(least).toBe(1);
    const query = `author/${ada}?include[best][filter][price]=77`;
    expect(titles((await read(query, {})).best)).toEqual([]);
    await own.patch(`/content/article/${a[0]}`, { price: 77 });
    await own.post("/content/publish", { id: a[0] });
    await delivered(own);
    expect(titles((await read(query, {})).best)).toEqual(["T0"]);
    await own.patch(`/content/article/${a[0]}`, { price: 10 });
    await own.post("/content/publish", { id: a[0] });
  });

  it("shows what the caller may read, and says nothing of the rest", async () => {
    const news = await asRole(own, [
      { actions: ["content:read"], types: ["author"] },
      { actions: ["content:read"], types: ["article"], conditions: { kind: "news" } },
    ]);
    const found = await news.get(
      `/content/author/${ada}?include[best][limit]=2&include[articles][sort]=price`,
    );
    expect([titles(found.body.data.best), titles(found.body.data.articles)], found.text).toEqual([
      ["T2", "T0"],
      ["T4", "T2", "T0"],
    ]);
    const masked = await asRole(own, [
      { actions: ["content:read"], types: ["author"] },
      { actions: ["content:read"], types: ["article"], fields: ["title"] },
    ]);
    for (const option of ["[filter][price]=1", "[sort]=price"]) {
      const refused = await masked.get(`/content/author/${ada}?include[best]${option}`);
      expect([refused.status, refused.body.error?.details[0]?.path], refused.text).toEqual([
        403,
        `include[best]${option.split("=")[0]}`,
      ]);
    }
  });

  it.each([
    ["include[best][filter][kid]=x", "include[best][filter][kid]"],
    ["include[best][filter][price][gte]=x", "include[best][filter][price][gte]"],
    ["include[best][sort]=kid", "include[best][sort]"],
    ["include[articles][sort]=random:a b", "include[articles][sort]"],
    ["include[best][limit]=0", "include[best][limit]"],
    ["include[best][limit]=1&include[best][limit]=2", "include[best][limit]"],
    ["include[best][page]=1", "include[best][page]"],
    ["include[best]=1", "include[best]"],
    ["include[bst][limit]=1", "include"],
    ["include[first][limit]=1", "include[first][limit]"],
    ["include[anything][sort]=id", "include[anything][sort]"],
    ["include[anything][filter][id]=x", "include[anything][filter]"],
    ["include[best.author.best.author][limit]=1", "include"],
  ])("%s is refused by its name", async (query, path) => {
    const { status, body, text } = await own.get(`/content/author/${ada}?${query}`);
    expect([status, body.error?.reason, body.error?.details[0]?.path], text).toEqual([
      400,
      "content/bad-query",
      path,
    ]);
  });

  it("has the same arguments in GraphQL, each with its alias", async () => {
    const { author } = await ok(
      own,
      `query ($kind: String) { author(id: "${ada}") {
        best { id }
        news: best(filter: { kind: { eq: $kind } }, sort: [price_ASC], limit: 2) { title author { name } }
        some: anything(limit: 1) { id ... on PageEntry { path } }
        articles(first: 1, sort: [title_ASC]) { nodes { related(limit: 1) { title } title } }
      } }`,
      { kind: "news" },
    );
    expect(author.best).toHaveLength(6);
    expect(author.news.map((one: any) => [one.title, one.author.name])).toEqual([
      ["T4", "Ada"],
      ["T2", "Ada"],
    ]);
    expect(author.some).toEqual([{ id: pages["intro"], path: "docs/guide/intro" }]);
    expect(author.articles.nodes).toEqual([{ related: [], title: "T0" }]);
    for (const [field, path] of [
      ["best(limit: 0) { id }", "best.limit"],
      ["best(filter: { price: { gt: 1e400 } }) { id }", undefined],
      ["articles(first: 0) { totalCount }", "articles.first"],
      ['articles(filter: { title: { contains: "" } }) { totalCount }', undefined],
      ["articles(sort: [SCORE_DESC]) { totalCount }", "articles.sort"],
      [
        'best(filter: { author: { where: { best: { eq: "x" } } } }) { id }',
        "best.filter[author][where][best][eq]",
      ],
    ] as const) {
      const { errors, text } = await run(own, `{ author(id: "${ada}") { ${field} } }`);
      if (path) expect(errors?.[0]?.extensions.details[0].path, text).toBe(path);
    }
  });
});

describe("fields and paths of what is included", () => {
  it("choose what is shown of back references and relatives", async () => {
    const found = await read(`author/${ada}?fields=name,articles.title&related_limit=1`);
    expect(found).toEqual({
      id: ada,
      name: "Ada",
      articles: {
        data: [{ id: a[4], type: "article", title: "T4" }],
        total: 5,
        next_cursor: expect.any(String),
      },
    });
    const deep = await read(`page/${pages["guide"]}?fields=by.articles.title&include[by.articles][limit]=1`);
    expect(deep.by.articles.data).toEqual([{ id: a[4], type: "article", title: "T4" }]);
    const tree = await read(`page/${pages["intro"]}?fields=ancestors.path,ancestors.title`);
    expect(tree.ancestors).toEqual([
      { id: pages["docs"], type: "page", title: "Docs", path: "docs" },
      { id: pages["guide"], type: "page", title: "Guide", path: "docs/guide" },
    ]);
    expect((await own.get(`/content/author/${ada}?fields=articles.titel`)).body.error.message).toContain(
      "title",
    );
  });

  it("give each of several types what it has", async () => {
    const list = await read("?types=author,page&fields=path,name&sort=created_at");
    expect(list.map(({ name, path }: any) => ({ name, path }))).toEqual([
      { name: "Ada" },
      { path: "docs" },
      { path: "docs/guide" },
      { path: "docs/guide/intro" },
    ]);
    expect((await own.get("/content?types=author,article&fields=path")).status).toBe(400);
  });

  it("tell the path of an entry wherever it is shown", async () => {
    for (const perspective of ["published", "draft"]) {
      const page = await read(`page/${pages["intro"]}?include=up.up,ancestors&perspective=${perspective}`);
      expect([page.path, page.up.path, page.up.up.path]).toEqual(["docs/guide/intro", "docs/guide", "docs"]);
      expect(page.ancestors.map((one: any) => one.path)).toEqual(["docs", "docs/guide"]);
      const root = await read(
        `page/${pages["docs"]}?include=descendants,children&perspective=${perspective}`,
      );
      expect(root.descendants.map((one: any) => one.path)).toEqual(["docs/guide", "docs/guide/intro"]);
      expect(root.children.data[0].path).toBe("docs/guide");
      const author = await read(`author/${ada}?include=noted&perspective=${perspective}`);
      expect(author.noted.data.map((one: any) => one.path).sort()).toEqual([
        "docs/guide",
        "docs/guide/intro",
      ]);
    }
    const written = async (reply: Promise<any>) => {
      const { body, text } = await reply;
      return body.data?.items?.map((one: any) => one.entry?.path) ?? body.data?.path ?? text;
    };
    const made = await own.post("/content/page", { title: "More", up: pages["guide"] });
    const { id } = made.body.data;
    expect(made.body.data.path).toBe("docs/guide/more");
    expect(await written(own.patch(`/content/page/${id}`, { slug: "extra" }))).toBe("docs/guide/extra");
    expect(await written(own.post("/content/publish", { id }))).toBe("docs/guide/extra");
    expect(await written(own.post(`/content/page/${id}/move`, { parent: pages["docs"] }))).toBe("docs/extra");
    expect(await written(own.post("/content/unpublish", { id }))).toBe("docs/extra");
    expect(await written(own.post(`/content/page/${id}/restore`, { version: 1 }))).toBe("docs/guide/more");
    expect(await written(own.post(`/content/page/${id}/duplicate`, {}))).toBe("docs/guide/more-2");
    const operations = [
      { op: "update", type: "page", id, fields: { up: null } },
      { op: "move", type: "page", id, parent: pages["intro"] },
    ];
    expect(await written(own.post("/content/bulk", { operations }))).toEqual([
      "more",
      "docs/guide/intro/more",
    ]);
    const { updatePage } = await ok(
      own,
      `mutation { updatePage(id: "${id}", fields: { up: null }) { path } }`,
    );
    expect(updatePage.path).toBe("more");
  });
});
