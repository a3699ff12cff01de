import { beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../src/sdk/index.ts";
import { inject } from "vitest";
import { asRole } from "../support/access.ts";
import { ok, run } from "../support/graphql.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const TEXT = { id: "title", type: "short_text" };
const TYPES = [
  {
    id: "news",
    name: "News",
    fields: [TEXT, { id: "rank", type: "integer" }, { id: "by", type: "reference", to: ["person"] }],
  },
  {
    id: "essay",
    name: "Essay",
    fields: [
      { ...TEXT, localized: true },
      { id: "rank", type: "integer" },
      { id: "by", type: "reference", to: ["person"] },
      { id: "body", type: "rich_text" },
    ],
  },
  {
    id: "person",
    name: "Person",
    fields: [
      { id: "name", type: "short_text" },
      { ...TEXT, type: "number" },
    ],
  },
];

describe("a list of several types", () => {
  let own: Tenant;
  let ann: string;
  const made: { id: string; type: string; title: string; rank: number | null }[] = [];
  const list = (query: string) => own.get(`/content?types=news,essay&${query}`, FRESH);
  const titles = async (query: string) => {
    const { status, body, text } = await list(query);
    expect(status, text).toBe(200);
    return body.data.map((one: any) => one.title) as string[];
  };

  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr", fallback: "en" }] });
    expect((await own.post("/types/bulk", { types: TYPES })).status).toBe(201);
    ann = await own.published("person", { name: "Ann" });
    const ranks = [5, 1, null, 3, 3, 2, null, 4, 1];
    for (const [i, title] of ["Éa", "b", "a", "C", "ea", "z", "é", "B", "d"].entries()) {
      const type = i % 2 ? "essay" : "news";
      const rank = ranks[i]!;
      const id = await own.published(type, { title, rank, ...(i % 3 ? {} : { by: ann }) });
      made.push({ id, type, title, rank });
    }
    await own.post("/content/essay", { title: "draft", rank: 9 });
  });

  it("is in one order, newest first or by a field, page by page, forwards", async () => {
    const newest = made.map(({ title }) => title).toReversed();
    expect(await titles("")).toEqual(newest);
    for (const sort of [
      "",
      "sort=title",
      "sort=-title",
      "sort=rank,-title",
      "sort=-rank",
      "sort=rank:nulls_first",
      "sort=created_at",
      "sort=id",
    ]) {
      const all = await titles(`${sort}&limit=100`);
      expect(all.toSorted()).toEqual(newest.toSorted());
      const paged: string[] = [];
      for (let cursor: string | null = "", pages = 0; cursor !== null && pages < 9; pages++) {
        const { body } = await list(`${sort}&limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
        paged.push(...body.data.map((one: any) => one.title));
        cursor = body.pagination.next_cursor;
      }
      expect([sort, paged]).toEqual([sort, all]);
    }
    expect(await titles("sort=title")).toEqual(["a", "b", "B", "C", "d", "é", "ea", "Éa", "z"]);
    const ranks = (await list("sort=rank")).body.data.map((one: any) => one.rank);
    expect(ranks).toEqual([1, 1, 2, 3, 3, 4, 5, null, null]);
  });

  it("is filtered, counted and searched", async () => {
    expect((await titles("filter[rank][gte]=3")).toSorted()).toEqual(["B", "C", "ea", "Éa"].toSorted());
    expect((await list("filter[rank][gte]=3&limit=1")).body.pagination.total_items).toBe(4);
    expect((await list("limit=1")).body.pagination).toMatchObject({ total_items: 9, current_page: null });
    expect((await list("filter[rank]=77")).body).toMatchObject({ data: [], pagination: { total_items: 0 } });
    expect((await titles("filter[by][name]=Ann")).toSorted()).toEqual(["C", "é", "Éa"].toSorted());
    await eventually(async () => (await titles("q=ea")).length > 0);
    expect(await titles("perspective=draft&filter[rank]=9")).toEqual(["draft"]);
    expect(Object.keys((await list("perspective=draft&limit=2")).body.can)).toHaveLength(2);
  });

  it("shows of each what it has", async () => {
    const { data } = (await list("fields=title,body&include=by&limit=2")).body;
    expect(data.map((one: any) => Object.keys(one))).toEqual([
      ["id", "title"],
      ["id", "title", "body"],
    ]);
    const included = (await list("include=by&filter[by][exists]=true&sort=id&locale=fr")).body.data;
    expect(included.map((one: any) => [one.type, one.by.name])).toEqual([
      ["news", "Ann"],
      ["essay", "Ann"],
      ["news", "Ann"],
    ]);
    expect((await list("locale=*&limit=2")).body.data.map((one: any) => one.title)).toEqual([
      "d",
      { en: "B" },
    ]);
  });

  it("refuses what the types have not in common, and what is no list of several", async () => {
    for (const [query, path] of [
      ["types=news,person&filter[title]=1", "filter[title]"],
      ["types=news,person&sort=title", "sort"],
      ["types=news,person&filter[rank]=1", "filter[rank]"],
      ["types=news,essay&filter[body][exists]=true", "filter[body]"],
      ["types=news,essay&sort=body", "sort"],
      ["types=news,essay&fields=titel", "fields"],
      ["types=news,essay&include=title", "include"],
      ["types=news&page=2", "page"],
      ["types=news&facets=rank", "facets"],
      ["filter[rank]=1", "types"],
      ["types=a,b,c,d,e,f,g,h,i,j,k", "types"],
    ]) {
      const { status, body } = await own.get(`/content?${query}`);
      expect([query, status, body.error?.details[0].path]).toEqual([
        query,
        400,
        expect.stringContaining(path!),
      ]);
    }
    expect((await own.get("/content?types=news,nope")).body.error.reason).toBe("content/unknown-type");
    const cursor = (await list("limit=1&sort=title")).body.pagination.next_cursor;
    expect((await list(`sort=rank&cursor=${cursor}`)).body.error.reason).toBe("http/bad-cursor");
  });

  it("takes permission for each of its types, and shows what grants leave", async () => {
    const some = await asRole(own, [
      { actions: ["content:read"], types: ["news"] },
      { actions: ["content:read"], types: ["essay"], conditions: { rank: { lte: 2 } } },
    ]);
    const seen = (await some.get("/content?types=news,essay&sort=title")).body;
    expect(seen.data.map((one: any) => one.title)).toEqual(["a", "b", "d", "é", "ea", "Éa", "z"]);
    expect(seen.pagination.total_items).toBe(7);
    expect((await some.get("/content?types=news,person")).status).toBe(403);
  });

  it("is cached until an entry of one of its types changes", async () => {
    const path = "/content?types=essay,person&limit=1";
    const first = async () => (await own.get(path)).body.data[0].title;
    await own.get(path);
    expect((await own.get(path)).headers.get("x-flow-cache")).toBe("HIT");
    await own.published("essay", { title: "Newest", rank: 0 });
    await eventually(async () => (await first()) === "Newest");
  });

  it("is a connection of the interface in GraphQL, and typed in the client", async () => {
    const document = `query ($after: String, $last: Int, $before: String) {
      entries(types: ["news", "person"], first: $first, after: $after, last: $last, before: $before, sort: ["id"]) {
        totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes { id type ... on NewsEntry { title rank by { name } } ... on PersonEntry { name } }
      }
    }`.replace("($after", "($first: Int, $after");
    const { entries } = await ok(own, document, { first: 2 });
    expect(entries.totalCount).toBe(6);
    expect(entries.nodes).toEqual([
      { id: ann, type: "person", name: "Ann" },
      { id: made[0]!.id, type: "news", title: "Éa", rank: 5, by: { name: "Ann" } },
    ]);
    const next = (await ok(own, document, { first: 2, after: entries.pageInfo.endCursor })).entries;
    expect(next.nodes.map(({ id }: any) => id)).toEqual([made[2]!.id, made[4]!.id]);
    const back = (await ok(own, document, { last: 1, before: next.pageInfo.startCursor })).entries;
    expect([back.nodes[0].id, back.pageInfo.hasPreviousPage, back.pageInfo.hasNextPage]).toEqual([
      made[0]!.id,
      true,
      true,
    ]);
    expect((await run(own, '{ entries(types: ["nope"]) { nodes { id } } }')).errors).toHaveLength(1);
    const client = new Client({ url: inject("url"), apiKey: own.tokens.admin });
    const page = await client.content.listSeveral(["news", "essay"], { sort: ["title"], limit: 3 });
    expect(page.data.map((one) => one["title"])).toEqual(["a", "b", "B"]);
  });

  it("goes backwards in connections of one type, too, in the exact reverse of each order", async () => {
    const read = async (args: string) => {
      const { newsConnection } = await ok(
        own,
        `{ newsConnection(${args}) { nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor } } }`,
      );
      return { ...newsConnection, titles: newsConnection.nodes.map((one: any) => one.title) };
    };
    for (const sort of [
      "",
      "sort: [rank_ASC]",
      "sort: [rank_DESC, title_ASC]",
      "sort: [title_DESC_NULLS_FIRST]",
      "filter: { rank: { gte: 3 } }",
    ]) {
      const all = (await read(`first: 100 ${sort}`)).titles;
      const found: string[] = [];
      for (let before = "", has = true; has;) {
        const page = await read(`last: 2 ${before && `before: "${before}"`} ${sort}`);
        found.unshift(...page.titles);
        expect(page.pageInfo.hasNextPage).toBe(before !== "");
        has = page.pageInfo.hasPreviousPage;
        before = page.pageInfo.startCursor;
      }
      expect([sort, found]).toEqual([sort, all]);
    }
    const both = await run(own, "{ newsConnection(first: 1, last: 1) { nodes { id } } }");
    expect(both.errors?.[0]?.extensions.reason).toBe("graphql/bad-argument");
    const cost = async (n: number) =>
      Number((await run(own, `{ newsConnection(last: ${n}) { nodes { id } } }`)).headers.get("x-query-cost"));
    expect(await cost(100)).toBeGreaterThan(await cost(1));
  });
});
