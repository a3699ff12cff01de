import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { ok, run } from "../support/graphql.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const AUTHOR = {
  id: "author",
  name: "Author",
  fields: [
    { id: "name", type: "short_text" },
    { id: "mentor", type: "reference", to: ["author"] },
  ],
};
const LISTS = [
  { id: "articles", type: "article", field: "author" },
  { id: "edited", type: "article", field: "editors" },
  { id: "pupils", type: "author", field: "mentor" },
];
const ARTICLE = {
  id: "article",
  name: "Article",
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "price", type: "number" },
    { id: "topics", type: "enum", options: ["a", "b"], multiple: true },
    { id: "author", type: "reference", to: ["author"] },
    { id: "editors", type: "reference", to: ["author"], multiple: true, localized: true },
  ],
};
const reasonOf = ({ status, body }: { status: number; body: any }) => [status, body.error?.reason];
const pathsOf = ({ body }: { body: any }) => body.error?.details.map((one: any) => one.path);

let own: Tenant;
let ada: string;
let bob: string;
const articles: string[] = [];
const idsOf = (list: any) => list.data.map((one: any) => one.id);

beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr", fallback: "en" }] });
  const made = await own.post("/types/bulk", { types: [{ ...AUTHOR, back_references: LISTS }, ARTICLE] });
  expect(made.status, made.text).toBe(201);
  ada = await own.published("author", { name: "Ada" });
  bob = await own.published("author", { name: "Bob", mentor: ada });
  for (let i = 0; i < 5; i++)
    articles.push(
      await own.published("article", {
        title: `T${i}`,
        price: 5 - i,
        topics: i % 2 ? ["a"] : ["b"],
        author: ada,
        editors: [bob, ada, bob],
      }),
    );
  await own.post("/content/article", { title: "Draft", author: bob, price: 9 });
});

describe("the definition of back references", () => {
  it("names a reference field of a type that may lead here", async () => {
    for (const [list, path] of [
      [{ id: "x", type: "artcle", field: "author" }, "back_references[0].type"],
      [{ id: "x", type: "article", field: "auhtor" }, "back_references[0].field"],
      [{ id: "x", type: "article", field: "title" }, "back_references[0].field"],
      [{ id: "name", type: "article", field: "author" }, "back_references[0].id"],
      [{ id: "status", type: "article", field: "author" }, "back_references[0].id"],
    ] as const) {
      const refused = await own.put("/types/author", { ...AUTHOR, back_references: [list] });
      expect([...reasonOf(refused), ...pathsOf(refused)]).toEqual([422, "types/invalid-definition", path]);
    }
    const twice = await own.put("/types/author", { ...AUTHOR, back_references: [LISTS[0], LISTS[0]] });
    expect(pathsOf(twice)).toEqual(["back_references[1].id"]);
  });

  it("keeps what lists are made of from going", async () => {
    const without = ARTICLE.fields.filter(({ id }) => id !== "author");
    const gone = await own.put("/types/article?allow_data_loss=true", { ...ARTICLE, fields: without });
    expect([...reasonOf(gone), ...pathsOf(gone)]).toEqual([
      409,
      "types/back-referenced",
      "types.author.back_references[0].field",
    ]);
    const elsewhere = ARTICLE.fields.map((one) => (one.id === "author" ? { ...one, to: ["article"] } : one));
    const led = await own.put("/types/article?allow_data_loss=true", { ...ARTICLE, fields: elsewhere });
    expect(reasonOf(led)).toEqual([409, "types/back-referenced"]);
    const deleted = await own.delete("/types/article");
    expect([...reasonOf(deleted), ...pathsOf(deleted)]).toEqual([
      409,
      "types/back-referenced",
      "types.author.back_references[0]",
      "types.author.back_references[1]",
    ]);
    expect((await own.get("/types/author")).body.data.back_references).toEqual(LISTS);
  });
});

it("follows its field when that gets another id", async () => {
  const tenant = await newTenant();
  const lists = [{ id: "books", type: "book", field: "by" }];
  const book = (id: string) => ({
    id: "book",
    name: "Book",
    fields: [{ id, type: "reference", to: ["author"] }],
  });
  await tenant.post("/types/bulk", { types: [{ ...AUTHOR, back_references: lists }, book("by")] });
  const id = await tenant.published("author", { name: "Ada" });
  await tenant.published("book", { by: id });
  const renamed = await tenant.put("/types/book", { ...book("writer"), renames: { by: "writer" } });
  expect(renamed.status, renamed.text).toBe(200);
  await eventually(
    async () => (await tenant.get(`/content/author/${id}?include=books`, FRESH)).body.data?.books.total === 1,
  );
  const described = await tenant.put("/types/author", { ...AUTHOR, name: "A", back_references: lists });
  expect(described.status, described.text).toBe(200);
});

describe("a back reference", () => {
  it("is included, the newest first, with its total and how to read on", async () => {
    const { body } = await own.get(`/content/author/${ada}?include=articles,pupils&related_limit=2`, FRESH);
    const { articles: list, pupils } = body.data;
    expect(idsOf(list)).toEqual([articles[4], articles[3]]);
    expect([list.total, list.data[0].title, list.data[0].author]).toEqual([5, "T4", ada]);
    expect([idsOf(pupils), pupils.total, pupils.next_cursor]).toEqual([[bob], 1, null]);
    const next = await own.get(
      `/content/article?filter[author]=${ada}&limit=9&cursor=${list.next_cursor}`,
      FRESH,
    );
    expect(idsOf(next.body)).toEqual([articles[2], articles[1], articles[0]]);
    const none = await own.get(`/content/author/${bob}?include=articles`, FRESH);
    expect(none.body.data.articles).toEqual({ data: [], total: 0, next_cursor: null });
  });

  it("has each entry once, in every locale", async () => {
    for (const locale of ["en", "fr"]) {
      const { body } = await own.get(`/content/author?include=edited&locale=${locale}&sort=name`, FRESH);
      for (const one of body.data)
        expect([one.name, one.edited.total, idsOf(one.edited)]).toEqual([one.name, 5, articles.toReversed()]);
    }
  });

  it("is included below references, and includes what it refers to", async () => {
    const { body } = await own.get(
      `/content/article/${articles[0]}?include=author.articles.editors&fields=title,author&related_limit=1`,
      FRESH,
    );
    const [newest] = body.data.author.articles.data;
    expect([newest.id, newest.editors.map((one: any) => one.name)]).toEqual([
      articles[4],
      ["Bob", "Ada", "Bob"],
    ]);
    const list = await own.get(`/content/author?include=pupils.pupils,articles&fields=name&sort=name`, FRESH);
    expect(list.body.data[0].pupils.data[0].pupils.data).toEqual([]);
    expect(Object.keys(list.body.data[0])).toEqual(["id", "name", "pupils", "articles"]);
  });

  it("is of working copies in their perspective", async () => {
    const draft = `/content/author/${bob}?perspective=draft&include=articles`;
    expect((await own.get(draft)).body.data.articles).toMatchObject({ total: 1, data: [{ title: "Draft" }] });
    expect((await own.get(`${draft}&version=1`)).body.data.articles.total).toBe(1);
    expect((await own.get(`${draft}&locale=*`)).body.data.articles.data[0].title).toEqual({ en: "Draft" });
  });

  it("filters by what one of its entries meets", async () => {
    const names = async (query: string) =>
      (await own.get(`/content/author?${query}&sort=name`, FRESH)).body.data?.map((one: any) => one.name);
    expect(await names("filter[articles][topics]=a")).toEqual(["Ada"]);
    expect(await names("filter[articles][price][gte]=9")).toEqual([]);
    expect(await names("filter[articles][price][gte]=9&perspective=draft")).toEqual(["Bob"]);
    expect(await names("filter[articles][exists]=true")).toEqual(["Ada"]);
    expect(await names("filter[articles][exists]=false")).toEqual(["Bob"]);
    expect(await names("filter[articles][null]=true")).toEqual(["Bob"]);
    expect(await names("filter[edited][title][contains]=t3")).toEqual(["Ada", "Bob"]);
    expect(await names(`filter[articles]=${articles[1]}`)).toEqual(["Ada"]);
    expect(await names(`filter[articles][nin]=${articles[1]}`)).toEqual(["Bob"]);
    expect(await names("filter[not][articles][topics]=a")).toEqual(["Bob"]);
    expect(await names("filter[pupils][edited][author][name]=Ada")).toEqual(["Ada"]);
    const ofArticles = await own.get(`/content/article?filter[author][pupils][name]=Bob`, FRESH);
    expect(ofArticles.body.pagination.total_items).toBe(5);
  });

  it("refuses what cannot be", async () => {
    for (const [query, path] of [
      ["include=artcles", "include"],
      ["include=articles%230", "include"],
      ["include=articles,pupils.articles.editors&limit=100&related_limit=100", "include"],
      ["filter[articles][gt]=1", "filter[articles][gt]"],
      ["filter[articles][nope]=1", "filter[articles][nope]"],
      ["filter[articles][exists]=perhaps", "filter[articles][exists]"],
      ["sort=articles", "sort"],
      ["related_limit=101", "related_limit"],
    ]) {
      const refused = await own.get(`/content/author?${query}`, FRESH);
      expect([query, refused.status, ...(pathsOf(refused) ?? [])]).toEqual([query, 400, path]);
    }
  });

  it("changes what is cached when one of its entries does", async () => {
    const path = `/content/author/${bob}?include=articles`;
    const total = async () => (await own.get(path)).body.data.articles.total;
    expect(await total()).toBe(0);
    expect((await own.get(path)).headers.get("x-flow-cache")).toBe("HIT");
    const made = await own.published("article", { title: "New", author: bob });
    await eventually(async () => (await total()) === 1);
    await own.post("/content/unpublish", { id: made });
    await eventually(async () => (await total()) === 0);
  });

  it("shows what the caller may read, and is made of fields that they may read", async () => {
    const cheap = await asRole(own, [
      { actions: ["content:read"], types: ["author"] },
      { actions: ["content:read"], types: ["article"], conditions: { price: { lte: 2 } } },
    ]);
    const seen = await cheap.get(`/content/author/${ada}?include=articles`);
    expect([seen.body.data.articles.total, idsOf(seen.body.data.articles)]).toEqual([
      2,
      [articles[4], articles[3]],
    ]);
    const filtered = await cheap.get("/content/author?filter[articles][price][gte]=3");
    expect(idsOf(filtered.body)).toEqual([]);
    const blind = await asRole(own, [
      { actions: ["content:read"], types: ["author"] },
      { actions: ["content:read"], types: ["article"], fields: ["title"] },
    ]);
    for (const query of ["include=articles", "filter[articles][exists]=true"]) {
      const refused = await blind.get(`/content/author?${query}`);
      expect(refused.status, refused.text).toBe(403);
    }
    const none = await asRole(own, [{ actions: ["content:read"], types: ["author"] }]);
    for (const query of ["include=articles", "filter[articles][exists]=true"])
      expect((await none.get(`/content/author?${query}`)).status).toBe(403);
  });
});

describe("a back reference in GraphQL", () => {
  it("is a connection with arguments of its own, in one round trip for a whole list", async () => {
    const document = `query ($n: Int, $after: String) {
      authorList(limit: 3, sort: [name_ASC]) {
        name
        articles(first: $n, after: $after) {
          totalCount totalCapped
          pageInfo { hasNextPage hasPreviousPage endCursor }
          edges { cursor node { title author { name pupils { nodes { name } } } } }
        }
        dear: articles(filter: { price: { gte: 4 } }, sort: [price_DESC]) { totalCount nodes { price } }
        edited { nodes { id } }
      }
    }`;
    const { authorList } = await ok(own, document, { n: 2 });
    const [first, second] = authorList;
    expect(first.articles).toMatchObject({
      totalCount: 5,
      totalCapped: false,
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
    });
    expect(first.articles.edges.map(({ node }: any) => node.title)).toEqual(["T4", "T3"]);
    expect(first.articles.edges[0].node.author).toEqual({
      name: "Ada",
      pupils: { nodes: [{ name: "Bob" }] },
    });
    expect(first.dear).toEqual({ totalCount: 2, nodes: [{ price: 5 }, { price: 4 }] });
    expect([first.edited.nodes.length, second.articles.totalCount, second.dear.nodes]).toEqual([5, 0, []]);
    const { endCursor } = first.articles.pageInfo;
    expect(endCursor).toBe(first.articles.edges[1].cursor);
    const next = (await ok(own, document, { n: 9, after: endCursor })).authorList[0].articles;
    expect(next.edges.map(({ node }: any) => node.title)).toEqual(["T2", "T1", "T0"]);
    expect(next.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  });

  it("is filtered by, and refused as in REST", async () => {
    const filtered = await ok(
      own,
      `{ authorList(filter: { articles: { where: { topics: { eq: "a" } }, exists: true }, not: { pupils: { exists: false } } }) { name } }`,
    );
    expect(filtered.authorList).toEqual([{ name: "Ada" }]);
    const found = await ok(
      own,
      `{ author(id: "${ada}") { ...part } } fragment part on AuthorEntry { articles(first: 1) { nodes { title } } }`,
    );
    expect(found.author.articles.nodes).toEqual([{ title: "T4" }]);
    for (const args of ["first: 0", "first: 101", 'after: "x"'])
      expect((await run(own, `{ authorList { articles(${args}) { nodes { id } } } }`)).errors).toHaveLength(
        1,
      );
    const made = await ok(
      own,
      `mutation { createAuthor(fields: { name: "New" }) { articles { nodes { id } } } }`,
    );
    expect(made.createAuthor.articles.nodes).toEqual([]);
  });
});
