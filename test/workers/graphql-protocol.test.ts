import { createHash } from "node:crypto";
import { serverAudits } from "graphql-http";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { graphqlTenant, ok, run } from "../support/graphql.ts";
import { ARTICLE, eventually, newTenant, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
beforeAll(async () => {
  ({ tenant } = await graphqlTenant());
});

describe("limits", () => {
  const refusal = async (query: string, variables?: object) => {
    const { status, errors, headers } = await run(tenant, query, variables);
    return {
      status,
      reason: errors?.[0]?.extensions?.reason,
      cost: headers.get("x-query-cost"),
      message: errors?.[0]?.message,
    };
  };

  it("say what an operation costs, and refuse one over 10,000 before it is executed", async () => {
    const { headers } = await run(tenant, `{ articleList(limit: 50) { title related { title } } }`);
    expect(headers.get("x-query-cost")).toBe(String(1 + 50 * 2 + 500));
    const dear = `query ($n: Int) { articleList(limit: $n) { related { related { title } } } }`;
    expect(await refusal(dear, { n: 100 })).toMatchObject({
      status: 400,
      reason: "graphql/cost-exceeded",
      cost: "11101",
    });
    expect(await refusal(dear, { n: 10 })).toMatchObject({ status: 200, reason: undefined, cost: "1111" });
    await eventually(async () => {
      const cached = await run(tenant, `{ articleList(limit: 50) { title related { title } } }`);
      expect(cached.headers.get("x-query-cost")).toBe("601");
      return cached.headers.get("x-flow-cache") === "HIT";
    });
  });

  it("hold for depth, aliases, repeats, directives, size and fragments that unfold", async () => {
    const nest = (n: number): string => (n === 0 ? "id" : `related { ${nest(n - 1)} }`);
    expect(await refusal(`{ articleList(limit: 1) { ${nest(10)} } }`)).toMatchObject({
      status: 400,
      reason: "graphql/depth-exceeded",
    });
    const aliases = Array.from({ length: 31 }, (_, i) => `a${i}: __typename`).join(" ");
    expect(await refusal(`{ ${aliases} }`)).toMatchObject({ reason: "graphql/aliases-exceeded" });
    expect(await refusal(`{ ${"__typename ".repeat(400)} }`)).toMatchObject({
      reason: "graphql/repeats-exceeded",
    });
    expect(await refusal(`{ ${"...{__typename}".repeat(900)} }`)).toMatchObject({
      reason: "graphql/repeats-exceeded",
    });
    expect(await refusal(`{ __typename ${"@include(if: true) ".repeat(101)} }`)).toMatchObject({
      reason: "graphql/directives-exceeded",
    });
    const bomb = Array.from(
      { length: 30 },
      (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`,
    ).join(" ");
    expect(await refusal(`{ ...F0 } ${bomb} fragment F30 on Query { __typename }`)).toMatchObject({
      status: 400,
    });
    expect(await refusal(`{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }`)).toMatchObject(
      { status: 400 },
    );
    expect(await refusal(`{ ${"x ".repeat(9000)} }`)).toMatchObject({ reason: "graphql/document-too-large" });
    expect((await refusal(`{ ${"x ".repeat(4100)} }`)).status).toBe(400);
  });

  it("hold for arguments as in REST", async () => {
    expect(await refusal(`{ articleList(limit: 101) { id } }`)).toMatchObject({
      status: 200,
      reason: "content/bad-query",
    });
    expect(await refusal(`{ articleList(limit: -1) { id } }`)).toMatchObject({ reason: "content/bad-query" });
    const many = Array.from({ length: 101 }, (_, i) => `"${i}"`).join(",");
    expect(await refusal(`{ articleList(filter: { title: { in: [${many}] } }) { id } }`)).toMatchObject({
      reason: "content/bad-query",
    });
    const deep = (n: number): object => (n === 0 ? { title: { eq: "x" } } : { not: deep(n - 1) });
    expect(
      await refusal(`query ($f: ArticleFilter) { articleList(filter: $f) { id } }`, { f: deep(22) }),
    ).toMatchObject({ reason: "content/bad-query" });
    expect(await refusal(`{ articleConnection(after: "nonsense") { nodes { id } } }`)).toMatchObject({
      reason: "http/bad-cursor",
    });
    expect(await refusal(`{ trash(limit: 0) { id } }`)).toMatchObject({ reason: "content/bad-query" });
    expect(await refusal(`{ assetList(limit: 0) { totalCount } }`)).toMatchObject({
      reason: "graphql/bad-argument",
    });
    expect(await refusal(`mutation { publish(id: "x") { id } }`)).toMatchObject({
      reason: "content/bad-publish",
    });
    expect(await refusal(`{ articleList(filter: { day: { eq: "yesterday" } }) { id } }`)).toMatchObject({
      status: 400,
    });
  });

  it("refuse batches", async () => {
    const reply = await tenant.post("/graphql", [{ query: "{ __typename }" }]);
    expect([reply.status, reply.body.errors[0].extensions.reason]).toEqual([400, "graphql/batching-off"]);
  });
});

describe("documents by name", () => {
  const hashOf = (query: string) => createHash("sha256").update(query).digest("hex");
  const persisted = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } });

  it("are found by their hash once they were sent with it", async () => {
    const query = `{ articleList(sort: [title_ASC], limit: 1) { title } } # ${crypto.randomUUID()}`;
    const extensions = persisted(hashOf(query));
    const unknown = await tenant.post("/graphql", { extensions });
    expect([unknown.status, unknown.body.errors[0].message, unknown.body.errors[0].extensions.code]).toEqual([
      200,
      "PersistedQueryNotFound",
      "PERSISTED_QUERY_NOT_FOUND",
    ]);
    const wrong = await tenant.post("/graphql", { query, extensions: persisted("0".repeat(64)) });
    expect([wrong.status, wrong.body.errors[0].extensions.reason]).toEqual([400, "graphql/bad-hash"]);
    expect((await tenant.post("/graphql", { query, extensions })).body.data.articleList).toHaveLength(1);
    expect((await tenant.post("/graphql", { extensions })).body.data.articleList).toHaveLength(1);
    const get = `/graphql?${new URLSearchParams({ extensions: JSON.stringify(extensions) })}`;
    expect((await tenant.get(get)).body.data.articleList).toHaveLength(1);
    await eventually(async () => (await tenant.get(get)).headers.get("x-flow-cache") === "HIT");
    const other = await newTenant();
    expect((await other.post("/graphql", { extensions })).body.errors[0].message).toBe(
      "PersistedQueryNotFound",
    );
  });

  it("are run by documentId when they are registered, and nothing else where the environment says so", async () => {
    const own = await newTenant();
    await own.put("/types/article", ARTICLE);
    await own.published("article", { title: "Reg", slug: "reg" });
    const document = `query ($slug: String!) { article(slug: $slug) { title } }`;
    expect((await own.put("/operations/by-slug", { document })).status).toBe(200);
    expect((await own.put("/operations/broken", { document: "{" })).status).toBe(422);
    const variables = { slug: "reg" };
    const expected = { data: { article: { title: "Reg" } } };
    expect((await own.post("/graphql", { documentId: "by-slug", variables })).body).toEqual(expected);
    const get = `/graphql?${new URLSearchParams({ documentId: "by-slug", variables: JSON.stringify(variables) })}`;
    expect((await own.get(get)).body).toEqual(expected);
    await eventually(async () => (await own.get(get)).headers.get("x-flow-cache") === "HIT");
    expect((await own.post("/graphql", { documentId: "nope" })).body.errors[0].extensions.reason).toBe(
      "graphql/no-such-operation",
    );

    await own.put("/operations/by-slug", { document: document.replace("title", "slug") });
    await eventually(async () => (await own.get(get)).body.data.article.slug === "reg");
    await own.patch("/environments/main", { graphql: { registered_only: true } });
    await eventually(
      async () => (await own.post("/graphql", { query: "{ __typename }" })).status === 403,
      3000,
    );
    expect((await own.post("/graphql", { documentId: "by-slug", variables })).status).toBe(200);
    await own.patch("/environments/main", { graphql: { registered_only: false, introspection: false } });
    await eventually(
      async () => (await own.post("/graphql", { query: "{ __typename }" })).status === 200,
      3000,
    );
    const kept = await own.patch("/environments/main", { graphql: { registered_only: false } });
    expect(kept.body.data.graphql).toEqual({ introspection: false, registered_only: false });
    const hidden = await own.post("/graphql", { query: "{ __schema { queryType { name } } }" });
    expect(hidden.body.errors[0].message).toContain("introspection");
    expect((await own.delete("/operations/by-slug")).status).toBe(204);
    await eventually(
      async () => (await own.post("/graphql", { documentId: "by-slug", variables })).status === 404,
      3000,
    );
  });
});

describe("the schema", () => {
  it("follows the types, and gives every name once", async () => {
    const own = await newTenant();
    const text = { type: "short_text" };
    for (const id of ["asset", "blog", "blog_list", "comment", "content", "entry", "page_info"])
      expect(
        (await own.put(`/types/${id}`, { id, name: id, fields: [{ id: "title", ...text }] })).status,
      ).toBe(201);
    const { __schema } = await ok(
      own,
      `{ __schema { types { name } queryType { fields { name } } mutationType { fields { name } } } }`,
    );
    const names = __schema.types.map((one: { name: string }) => one.name);
    expect(names.length).toBe(new Set(names).size);
    const queries = __schema.queryType.fields.map((one: { name: string }) => one.name);
    expect(queries).toEqual(
      expect.arrayContaining(["content", "asset", "asset_2", "blog", "blogList", "blogList_2"]),
    );
    expect(__schema.mutationType.fields.map((one: { name: string }) => one.name)).toContain(
      "createCommentEntry",
    );
    await own.put("/types/blog", {
      id: "blog",
      name: "Blog",
      fields: [
        { id: "title", ...text },
        { id: "extra", ...text },
      ],
    });
    await eventually(async () => (await run(own, `{ blogList { extra } }`)).errors === undefined);
  });
});

describe("GraphQL over HTTP", () => {
  it("passes the audits of graphql-http", async () => {
    const audits = serverAudits({
      url: `${inject("url")}/api/v3/graphql`,
      fetchFn: (url: string, init: RequestInit = {}) =>
        fetch(url, {
          ...init,
          headers: { ...(init.headers as object), authorization: `Bearer ${tenant.tokens.admin}` },
        }),
    });
    const results = await Promise.all(audits.map((audit) => audit.fn()));
    const bad = results
      .filter((result) => result.status !== "ok" && result.status !== "notice")
      .map((result) => `${result.status} ${result.name}: ${"reason" in result ? result.reason : ""}`);
    expect(bad).toEqual([]);
    expect(results.length).toBeGreaterThan(50);
  });

  it("answers in the media type that is accepted, from the cache too", async () => {
    const query = "{ articleList { title } }";
    const ask = (accept: string) => tenant.post("/graphql", { query }, { headers: { accept } });
    for (let i = 0; i < 2; i++) {
      expect((await ask("application/graphql-response+json")).headers.get("content-type")).toBe(
        "application/graphql-response+json; charset=utf-8",
      );
      expect((await ask("application/json")).headers.get("content-type")).toBe(
        "application/json; charset=utf-8",
      );
    }
    const misfit = { query: "{ nope }" };
    expect(
      (await tenant.post("/graphql", misfit, { headers: { accept: "application/graphql-response+json" } }))
        .status,
    ).toBe(400);
  });
});

describe("/graphiql", () => {
  it("is shown to a browser, and lets in only what is pinned by a checksum", async () => {
    const open = await fetch(`${inject("url")}/api/v3/graphql`, {
      headers: { accept: "text/html" },
      redirect: "manual",
    });
    expect([open.status, open.headers.get("location")]).toEqual([302, "/graphiql"]);
    const response = await fetch(`${inject("url")}/graphiql`);
    const html = await response.text();
    expect(response.headers.get("content-type")).toContain("text/html");
    for (const [tag] of html.matchAll(/<(?:script src|link)[^>]*>/g))
      expect(tag).toMatch(/integrity="sha384-[\w+/]{64}" crossorigin="anonymous"/);
    const policy = response.headers.get("content-security-policy")!;
    const own = /<script>([\s\S]*?)<\/script>/.exec(html)![1]!;
    expect(policy).toContain(`'sha256-${createHash("sha256").update(own).digest("base64")}'`);
    expect(policy).toContain("connect-src 'self'");
  });
});

it("who looks at the schema is told what operations, arguments and types are", async () => {
  const { write, version } = await ok(
    tenant,
    `{
      write: __type(name: "Mutation") { fields { name description args { name description } } }
      version: __type(name: "EntryVersion") { fields { name description } }
    }`,
  );
  const named = (list: { name: string }[], name: string) => list.find((one) => one.name === name);
  const restore = named(write.fields, "restoreVersion") as (typeof write.fields)[0];
  expect(restore.description).toMatch(/version/);
  expect(named(restore.args, "type")).toMatchObject({ description: expect.stringMatching(/content type/) });
  expect(named(version.fields, "name")).toMatchObject({
    description: expect.stringMatching(/without a time limit/),
  });
});
