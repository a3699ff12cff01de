import { beforeAll, describe, expect, it } from "vitest";
import { graphqlTenant, ok, run } from "../support/graphql.ts";
import { eventually, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let ids: Record<string, string>;
beforeAll(async () => {
  ({ tenant, ids } = await graphqlTenant());
});

describe("queries", () => {
  it("read one entry by id or slug, and null where there is none", async () => {
    const data = await ok(
      tenant,
      `query ($id: ID!) {
        byId: article(id: $id) { __typename title body { html text } publishedAt status }
        bySlug: article(slug: "two") { id }
        none: article(slug: "nope") { id }
      }`,
      { id: ids["two"] },
    );
    expect(data).toMatchObject({
      byId: {
        __typename: "ArticleEntry",
        title: "Two",
        body: { html: "<p>Bold <strong>words</strong></p>", text: "Bold words" },
        status: "published",
      },
      bySlug: { id: ids["two"] },
      none: null,
    });
    const both = await run(tenant, `{ article(id: "${ids["two"]}", slug: "two") { id } }`);
    expect(both.errors![0]!.extensions).toMatchObject({ code: "INVALID", reason: "graphql/id-or-slug" });
  });

  it("filter and sort by typed arguments, as REST does", async () => {
    const titles = async (args: string, variables?: object) =>
      (
        await ok(
          tenant,
          variables
            ? `query ($f: ArticleFilter) { articleList(${args}) { title } }`
            : `{ articleList(${args}) { title } }`,
          variables,
        )
      ).articleList.map((one: { title: string }) => one.title);
    expect(await titles("filter: { price: { gte: 2 } }")).toEqual(["Two"]);
    expect(await titles("sort: [price_ASC]")).toEqual(["One", "Two", "Three"]);
    expect(await titles("sort: [price_ASC_NULLS_FIRST, title_DESC]")).toEqual(["Three", "One", "Two"]);
    expect(
      await titles(
        'filter: { or: [{ title: { startsWith: "tw" } }, { kind: { eq: "essay" } }] }, sort: [title_ASC]',
      ),
    ).toEqual(["Three", "Two"]);
    expect(await titles('filter: { not: { kind: { in: ["news"] } } }')).toEqual(["Three"]);
    expect(await titles('filter: { live: { eq: true }, day: { gte: "2026-01-01" } }')).toEqual(["One"]);
    expect(await titles("filter: { price: null }")).toEqual(["Three"]);
    expect(await titles('filter: { related: { where: { title: { eq: "Two" } } } }')).toEqual(["Three"]);
    expect(await titles(`filter: { related: { eq: "${ids["one"]}" } }, sort: [title_ASC]`)).toEqual([
      "Three",
      "Two",
    ]);
    expect(
      await titles("filter: $f, sort: [title_ASC]", {
        f: { and: [{ kind: { eq: "news" } }, { price: { lt: 5 } }] },
      }),
    ).toEqual(["One", "Two"]);
    const wrong = await run(tenant, `{ articleList(filter: { prise: { eq: 1 } }) { id } }`);
    expect(wrong.errors![0]!.message).toContain("price");
  });

  it("answer connections with cursors, totals, facets and highlights", async () => {
    const page = `query ($after: String) { articleConnection(first: 2, after: $after, sort: [title_ASC], facets: [kind]) {
      totalCount totalCapped facets { field values { value count } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { title related { title } } } nodes { id } } }`;
    const first = (await ok(tenant, page)).articleConnection;
    expect(first).toMatchObject({
      totalCount: 3,
      totalCapped: false,
      facets: [
        {
          field: "kind",
          values: [
            { value: "news", count: 2 },
            { value: "essay", count: 1 },
          ],
        },
      ],
      pageInfo: { hasNextPage: true, hasPreviousPage: false },
      edges: [
        { node: { title: "One" } },
        { node: { title: "Three", related: [{ title: "One" }, { title: "Two" }] } },
      ],
    });
    expect(first.pageInfo.endCursor).toBe(first.edges[1].cursor);
    const between = (await ok(tenant, page, { after: first.edges[0].cursor })).articleConnection;
    expect(between).toMatchObject({
      totalCount: null,
      edges: [{ node: { title: "Three" } }, { node: { title: "Two" } }],
    });
    const last = (await ok(tenant, page, { after: first.pageInfo.endCursor })).articleConnection;
    expect(last).toMatchObject({
      pageInfo: { hasNextPage: false, hasPreviousPage: true },
      edges: [{ node: { title: "Two" } }],
    });
    await eventually(async () => {
      const found = (
        await ok(
          tenant,
          `{ articleConnection(q: "word", perspective: draft) { edges { highlights node { title } } } }`,
        )
      ).articleConnection.edges;
      return found.length === 1 && found[0].highlights.body.includes("<mark>words</mark>");
    });
  });

  it("compute what is selected", async () => {
    const data = await ok(
      tenant,
      `{ all: articleAggregate { count avg { price } min { publishedAt price } }
         groups: articleAggregate(groupBy: [kind], filter: { title: { ne: "Nobody" } }) { count group { kind } sum { price } max { day } } }`,
    );
    expect(data.all).toEqual([
      { count: 3, avg: { price: 1.5 }, min: { publishedAt: expect.stringMatching(/^20/), price: 1 } },
    ]);
    expect(data.groups).toEqual([
      { count: 2, group: { kind: "news" }, sum: { price: 3 }, max: { day: "2026-01-01" } },
      { count: 1, group: { kind: "essay" }, sum: { price: null }, max: { day: null } },
    ]);
  });

  it("follow references by their types, three deep, also inside components and blocks", async () => {
    const data = await ok(
      tenant,
      `{ landingPageList { title place { lat lon } picture { alt file } hero { headline cta { title related { title } } }
          anything { __typename id ... on AuthorEntry { name bestArticle { title related { title } } } ... on ArticleEntry { title } }
          parts { __typename ... on LandingPage_Parts_Quote { words } ... on LandingPage_Parts_Teaser { headline targets { ... on AuthorEntry { name } ... on ArticleEntry { title } } } } } }`,
    );
    expect(data.landingPageList[0]).toEqual({
      title: "Home",
      place: { lat: 52.5, lon: 13.4 },
      picture: { alt: "A", file: `/api/v3/assets/${ids["asset"]}/file` },
      hero: { headline: "Hi", cta: { title: "Two", related: [{ title: "One" }] } },
      anything: [
        {
          __typename: "AuthorEntry",
          id: ids["author"],
          name: "Ada",
          bestArticle: { title: "Three", related: [{ title: "One" }, { title: "Two" }] },
        },
        { __typename: "ArticleEntry", id: ids["one"], title: "One" },
      ],
      parts: [
        { __typename: "LandingPage_Parts_Quote", words: "W" },
        {
          __typename: "LandingPage_Parts_Teaser",
          headline: "T",
          targets: [{ name: "Ada" }, { title: "Three" }],
        },
      ],
    });
    const deep = await run(
      tenant,
      `{ authorList(limit: 1) { bestArticle { related { related { related { id } } } } } }`,
    );
    expect(deep.errors![0]!.extensions).toMatchObject({ code: "INVALID", reason: "content/bad-query" });
  });

  it("show a reference that is not published as unavailable", async () => {
    const draft = (await tenant.post("/content/article", { title: "Hidden" })).body.data.id;
    await tenant.published("landing_page", { title: "With a gap", anything: [draft, ids["one"]] });
    const { landingPageList } = await ok(
      tenant,
      `{ landingPageList(filter: { title: { eq: "With a gap" } }) { anything { __typename id status } } }`,
    );
    expect(landingPageList[0].anything).toEqual([
      { __typename: "UnavailableEntry", id: draft, status: "unavailable" },
      { __typename: "ArticleEntry", id: ids["one"], status: "published" },
    ]);
  });

  it("show drafts, locales and what editors read to those who may", async () => {
    const { id } = (await tenant.post("/content/article?locale=en", { title: "First", slug: "ed" })).body
      .data;
    await tenant.patch(`/content/article/${id}`, { title: "Second" });
    const query = `query ($id: ID!) { article(id: $id, perspective: draft) { title version status createdBy }
      versions(type: "article", id: $id) { version data } diff(type: "article", id: $id, from: 1, to: 2) { path change from to }
      references(type: "article", id: $id) { id } notifications { id } trash { id } schedules { id } comments(type: "article", id: $id) { id } }`;
    expect(await ok(tenant, query, { id })).toMatchObject({
      article: { title: "Second", version: 2, status: "draft" },
      versions: [
        { version: 2, data: { title: "Second" } },
        { version: 1, data: { title: "First" } },
      ],
      diff: [{ path: "title", change: "changed", from: "First", to: "Second" }],
      references: [],
      comments: [],
    });
    const without = await ok(tenant, `{ trash { id } article(slug: "one") { title } }`);
    expect(without).toMatchObject({ trash: [], article: { title: "One" } });
    const refused = await run(tenant, query, { id }, tenant.tokens.read);
    expect(refused.errors!.map((one) => one.extensions.code)).toEqual(expect.arrayContaining(["FORBIDDEN"]));
  });
});

describe("mutations", () => {
  it("create, put, update and delete by typed input", async () => {
    const { createArticle } = await ok(
      tenant,
      `mutation ($fields: ArticleInput!) { createArticle(fields: $fields) { id version status title related { title } } }`,
      { fields: { title: "Made", price: 3, related: [ids["one"]] } },
    );
    expect(createArticle).toMatchObject({
      version: 1,
      status: "draft",
      title: "Made",
      related: [{ title: "One" }],
    });
    const id = createArticle.id as string;
    const update = `mutation ($id: ID!, $version: Int) { updateArticle(id: $id, version: $version, fields: { price: null, title: "Changed" }) { title price version } }`;
    expect((await ok(tenant, update, { id, version: 1 })).updateArticle).toEqual({
      title: "Changed",
      price: null,
      version: 2,
    });
    const stale = await run(tenant, update, { id, version: 1 });
    expect(stale.errors![0]!.extensions).toMatchObject({
      code: "CONFLICT",
      reason: "content/version-conflict",
      details: [{ current_version: 2 }],
    });
    const own = "cnt_01jd3f0b6vfs8t4z9c7q2m5n8x";
    expect(
      (await ok(tenant, `mutation { putArticle(id: "${own}", fields: { title: "Put" }) { id title } }`))
        .putArticle,
    ).toEqual({ id: own, title: "Put" });
    expect((await ok(tenant, `mutation { deleteArticle(id: "${own}") }`)).deleteArticle).toBe(own);
    expect((await tenant.get(`/content/article/${own}?perspective=draft`)).status).toBe(404);
    const invalid = await run(
      tenant,
      `mutation { createArticle(fields: { title: "x", kind: "poem" }) { id } }`,
    );
    expect(invalid.errors![0]).toMatchObject({
      path: ["createArticle"],
      extensions: { code: "INVALID", reason: "content/invalid-entry", details: [{ path: "kind" }] },
    });
  });

  it("do every editorial verb, one after the other", async () => {
    const {
      createArticle: { id },
    } = await ok(tenant, `mutation { createArticle(fields: { title: "Verbs" }) { id } }`);
    const data = await ok(
      tenant,
      `mutation ($id: ID!, $other: ID!) {
        publish(id: $id) { status ... on ArticleEntry { title } }
        updateArticle(id: $id, fields: { title: "More" }) { status }
        restoreVersion(type: "article", id: $id, version: 1) { version }
        nameVersion(type: "article", id: $id, version: 1, name: "first") { name }
        duplicate(type: "article", id: $id, fields: { title: "Copy" }) { id version }
        schedule(id: $other, at: "2099-01-31T09:30", timeZone: "Europe/Paris") { id state dueAt }
        createComment(type: "article", id: $id, body: "Nice", field: "title") { id field }
        unpublish(id: $id) { status }
        deleteArticle(id: $id)
        restoreFromTrash(id: $id) { status }
        bulk(atomic: false, operations: [{ op: "delete", type: "article", id: $id }, { op: "publish", id: $id }]) { succeeded failed items { outcome error { reason } } }
        eraseEntry(id: $id)
        readNotifications
      }`,
      { id, other: ids["one"] },
    );
    expect(data).toMatchObject({
      publish: { status: "published", title: "Verbs" },
      updateArticle: { status: "changed" },
      restoreVersion: { version: 3 },
      nameVersion: { name: "first" },
      duplicate: { version: 1 },
      schedule: { state: "pending", dueAt: "2099-01-31T08:30:00.000Z" },
      createComment: { field: "title" },
      unpublish: { status: "draft" },
      deleteArticle: id,
      restoreFromTrash: { status: "draft" },
      bulk: {
        succeeded: 1,
        failed: 1,
        items: [{ outcome: "deleted" }, { outcome: "failed", error: { reason: "content/not-found" } }],
      },
      eraseEntry: id,
      readNotifications: 0,
    });
    expect(
      (
        await ok(tenant, `mutation ($id: ID!) { cancelSchedule(id: $id) { state } }`, {
          id: data.schedule.id,
        })
      ).cancelSchedule,
    ).toEqual({ state: "cancelled" });
  });

  it("are refused to who may only read, and by GET", async () => {
    const query = `mutation { createArticle(fields: { title: "No" }) { id } }`;
    expect((await run(tenant, query, undefined, tenant.tokens.read)).errors![0]!.extensions.code).toBe(
      "FORBIDDEN",
    );
    expect((await tenant.get(`/graphql?${new URLSearchParams({ query })}`)).status).toBe(405);
  });

  it("happen once under an Idempotency-Key", async () => {
    const query = `mutation { createArticle(fields: { title: "Once" }) { id } }`;
    const headers = { "idempotency-key": "graphql-once" };
    const replies = await Promise.all([1, 2, 3].map(() => tenant.post("/graphql", { query }, { headers })));
    expect(new Set(replies.map((reply) => reply.body.data.createArticle.id)).size).toBe(1);
    const { articleList } = await ok(
      tenant,
      `{ articleList(perspective: draft, filter: { title: { eq: "Once" } }) { id } }`,
    );
    expect(articleList).toHaveLength(1);
  });
});
