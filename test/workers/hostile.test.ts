import fc from "fast-check";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { STATUS_OF_CODE } from "../../src/core/errors.ts";
import { ARTICLE, newTenant, type Reply, type Tenant } from "../support/tenant.ts";

let tenant: Tenant;
let id: string;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
  id = await tenant.published("article", { title: "T", slug: "t" });
});

/** Every route with a body, by method and path. */
const NONE = "cnt_01jd0000000000000000000099";
const WRITES: [string, string][] = [
  ["POST", "/content/article"],
  ["PUT", "/content/article/cnt_01jd0000000000000000000001"],
  ["PATCH", "/content/article/cnt_01jd0000000000000000000001"],
  ["POST", "/content/publish"],
  ["POST", "/content/unpublish"],
  ["POST", "/types"],
  ["PUT", "/types/article"],
  ["POST", "/assets"],
  ["PUT", "/assets/ast_01jd0000000000000000000001"],
  ["POST", "/tokens"],
  ["POST", "/keys"],
  ["PATCH", "/environments/main"],
  ["POST", "/graphql"],
  ["POST", "/graphql/management"],
  ["POST", "/content/bulk"],
  ["POST", "/content/schedule"],
  ["POST", `/content/article/${NONE}/restore`],
  ["POST", `/content/article/${NONE}/duplicate`],
  ["PUT", `/content/article/${NONE}/versions/1`],
  ["POST", `/content/article/${NONE}/stage`],
  ["PUT", `/content/article/${NONE}/assignee`],
  ["POST", `/content/article/${NONE}/comments`],
  ["PATCH", `/content/article/${NONE}/comments/cmt_1`],
  ["POST", "/environments"],
  ["PUT", "/environments/aliases/live"],
  ["PUT", "/operations/hostile"],
  ["PATCH", "/members/usr_01jd0000000000000000000099"],
  ["POST", "/invitations"],
  ["POST", "/teams"],
  ["PATCH", "/teams/tea_01jd0000000000000000000099"],
  ["POST", "/domains"],
  ["POST", "/oauth/clients"],
  ["PATCH", "/oauth/clients/cli_01jd0000000000000000000099"],
  ["POST", "/policies"],
  ["PATCH", "/policies/pol_1"],
  ["POST", "/roles"],
  ["PATCH", "/roles/nobody"],
  ["POST", "/sso/connections"],
  ["PATCH", "/sso/connections/sso_01jd0000000000000000000099"],
  ["PATCH", "/tenant"],
  ["POST", "/webhooks"],
  ["PATCH", "/webhooks/whk_01jd0000000000000000000099"],
  ["POST", "/webhooks/whk_01jd0000000000000000000099/replay"],
  ["POST", "/webhooks/whk_01jd0000000000000000000099/secrets"],
];
const READS = [
  "/content/article",
  `/content/article/t`,
  "/types",
  "/types/article",
  "/assets",
  "/tokens",
  "/keys",
  "/environments",
  "/audit-logs",
  "/graphql?query={__typename}",
  "/graphql/management?query={__typename}",
  "/aggregate/article",
  "/trash",
  "/schedules",
  "/notifications",
  "/operations",
  "/policies",
  "/roles",
  "/roles/editor",
  "/access/me",
  "/access/explain?action=content:read",
  "/environments/aliases",
  "/sso/connections",
  "/sso/connections/sso_01jd0000000000000000000099",
  `/content/article/${NONE}/versions`,
  `/content/article/${NONE}/versions/1`,
  `/content/article/${NONE}/diff?from=1&to=2`,
  `/content/article/${NONE}/references`,
  `/content/article/${NONE}/comments`,
  "/members",
  "/members/usr_01jd0000000000000000000099",
  "/invitations",
  "/teams",
  "/domains",
  "/oauth/clients",
  "/oauth/keys",
  "/webhooks",
  "/webhooks/dead-letters",
  "/webhooks/whk_01jd0000000000000000000099",
  "/webhooks/whk_01jd0000000000000000000099/deliveries",
];

function expectEnvelope(reply: Reply, what: string): void {
  expect(reply.status, `${what}: ${reply.text.slice(0, 300)}`).toBeLessThan(500);
  if (reply.status < 400 || reply.body?.errors) return;
  expect(reply.body?.status, what).toBe("error");
  const { code, reason, message, details, request_id: requestId } = reply.body.error;
  expect(Object.keys(STATUS_OF_CODE), what).toContain(code);
  expect([typeof reason, typeof message, Array.isArray(details), typeof requestId]).toEqual([
    "string",
    "string",
    true,
    "string",
  ]);
  expect(reply.text).not.toMatch(/select |insert into|[\s"'(.]pg_|node_modules|\.ts:\d/i);
}

describe("every endpoint", () => {
  it("refuses callers without, with a wrong and with another tenant's token", async () => {
    const other = await newTenant();
    for (const [method, path] of [...WRITES, ...READS.map((read): [string, string] => ["GET", read])]) {
      for (const token of [null, "garbage", `flow_admin_${"0".repeat(52)}_${"0".repeat(32)}`]) {
        expect(
          (await tenant.call(method, path, { token, ...(method === "GET" ? {} : { body: {} }) })).status,
          path,
        ).toBe(401);
      }
      const foreign = await tenant.call(method, path, {
        token: other.tokens.admin,
        headers: { "x-flow-tenant": tenant.slug },
        ...(method === "GET" ? {} : { body: {} }),
      });
      expect(foreign.status, path).toBe(401);
    }
  });

  it("answers malformed, oversized, deep, non-UTF-8 and NUL bodies with the envelope", async () => {
    const bodies: [string, BodyInit, number[]][] = [
      ["empty", "", [400, 404]],
      ["not JSON", "{", [400]],
      ["invalid UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x22]), [400, 415]],
      ["deep", `${"[".repeat(100_000)}${"]".repeat(100_000)}`, [400]],
      ["array", "[]", [400, 422]],
      ["null", "null", [400, 422]],
      ["number", "1e999", [400, 422]],
      ["text", '"x"', [400, 422]],
      ["too large", `{"title":"${"x".repeat(2_200_000)}"}`, [413]],
      ["NUL", '{"title":"a\\u0000b","id":"a\\u0000b","query":"\\u0000"}', [400, 404, 422]],
      ["lone surrogate", '{"title":"\\ud800","slug":"\\ud800","query":"{ \\ud800 }"}', [400, 404, 422]],
      ["__proto__", '{"__proto__":{"title":"x"},"constructor":1,"title":1}', [400, 404, 422]],
    ];
    for (const [method, path] of WRITES) {
      for (const [what, raw, statuses] of bodies) {
        const reply = await tenant.call(method, path, { raw });
        expectEnvelope(reply, `${method} ${path} ${what}`);
        expect(statuses, `${method} ${path} ${what}: ${reply.text.slice(0, 200)}`).toContain(reply.status);
      }
    }
  });

  it("refuses a body that announces or becomes too much before it is read whole", async () => {
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        if (sent > 64 * 1024 * 1024) controller.close();
        else controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const response = await fetch(`${inject("url")}/api/v3/content/article`, {
      method: "POST",
      headers: { authorization: `Bearer ${tenant.tokens.write}` },
      body: endless,
      duplex: "half",
    } as RequestInit).catch(() => undefined);
    if (response) expect(response.status).toBe(413);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it("answers strange queries with the envelope and the nearest valid name", async () => {
    const queries = [
      "page=0",
      "page=-1",
      "page=1e9",
      "page=99999999999999999999",
      "limit=0",
      "limit=101",
      "limit=x",
      "cursor=x",
      "cursor=W10",
      "cursor=%00",
      "sort=titel",
      "sort=,",
      "sort=related",
      "fields=titel",
      "include=title",
      "include=relatd",
      "locale=xx",
      "perspective=drafts",
      "filter[titel]=1",
      "filter[title][eqq]=1",
      "filter[price]=abc",
      "filter[day][gt]=never",
      "filter[related]=x",
      "filter[body]=x",
      "filter[id]=1",
      "filter=1",
      "filter[a][b][c]=1",
      "filtr[title]=1",
      "unknown=1",
      "filter[title][contains]=%00",
      "page=1&page=2",
      "page=9999&limit=100",
      "filter[title]=';drop table entries;--",
      "rich_text=xml",
      "filter[live]=maybe",
      "filter[kind][near]=a",
    ];
    for (const query of queries) {
      const reply = await tenant.get(`/content/article?${query}`);
      expectEnvelope(reply, query);
      if (!query.includes("drop table"))
        expect([400, 422], `${query} ${reply.text.slice(0, 200)}`).toContain(reply.status);
    }
    expect((await tenant.get("/content/article?filter[titel]=1")).body.error.message).toContain('"title"');
    expect((await tenant.get("/content/artikle")).body.error.message).toContain('"article"');
    expect((await tenant.get("/content/article?sotr=title")).body.error.message).toContain('"sort"');
  });

  it("keeps cursors to the sort they were made by", async () => {
    await tenant.published("article", { title: "Second" });
    const cursor = (await tenant.get("/content/article?limit=1")).body.pagination.next_cursor;
    expect((await tenant.get(`/content/article?limit=1&cursor=${cursor}`)).status).toBe(200);
    expect((await tenant.get(`/content/article?limit=1&sort=title&cursor=${cursor}`)).status).toBe(422);
    const forged = btoa(JSON.stringify(["published -published_at", "not a time", id])).replaceAll("=", "");
    expectEnvelope(await tenant.get(`/content/article?cursor=${forged}`), "forged cursor");
  });

  it("survives paths of every kind", async () => {
    for (const path of [
      "/content/article/%00",
      "/content/article/%ff",
      "/content/article/..%2f..%2f",
      "/content/%F0%9F%92%A9",
      "/content//",
      "/content/article/a/b/c",
      "/types/%00",
      "/tokens/x",
      "/nope",
      "/content/article/cnt_x",
    ]) {
      for (const method of ["GET", "DELETE", "PATCH"]) {
        const reply = await tenant.call(method, path, method === "PATCH" ? { body: { title: "x" } } : {});
        expectEnvelope(reply, `${method} ${path}`);
      }
    }
  });
});

describe("GraphQL", () => {
  it("is limited in depth, cost, aliases and size, and refuses what it does not know", async () => {
    const aliases = Array.from({ length: 40 }, (_, i) => `a${i}: content(type: "article") { id }`).join(" ");
    const documents = [
      `{ content(type: "article", limit: 100) { ${"id title ".repeat(80)} } }`,
      `{ ${aliases} }`,
      `{ articleList { ${"related { ".repeat(12)} id ${"} ".repeat(12)} } }`,
      `{ articleList(limit: 100) { related { related { related { id } } } } ...F } fragment F on Query { ...F }`,
      `{ content(type: "article") { id } } #${"x".repeat(20_000)}`,
      "{ nope }",
      "mutation { x }",
      "subscription { x }",
      "{",
      "query A { __typename } query B { __typename }",
      '{ content(type: "article\\" } ) { id }',
      '{ articleList(filter: {title: {eq: "title\'; drop table entries; --"}, nope: 1}) { id } }',
      "{ articleList(limit: -5) { id } }",
      "{ articleList(limit: 99999999999) { id } }",
      '{ articleList(cursor: "x") { id } }',
    ];
    for (const query of documents) {
      const reply = await tenant.post("/graphql", { query });
      expect(reply.status, query.slice(0, 80)).toBeLessThan(500);
      expect(reply.body.errors ?? reply.body.error, query.slice(0, 80)).toBeDefined();
      expect(reply.text).not.toContain("INTERNAL");
    }
    expect((await tenant.post("/graphql", [{ query: "{ __typename }" }])).status).toBe(400);
    const unknown = await tenant.post("/graphql", { query: '{ content(type: "artikle") { id } }' });
    expect(unknown.body.errors[0].extensions).toMatchObject({
      code: "NOT_FOUND",
      reason: "content/unknown-type",
    });
  });
});

describe("whatever is sent", () => {
  const anything = fc.anything({ withBigInt: false, withDate: false, maxDepth: 4 });
  const value = fc.oneof(
    anything,
    fc.string({ unit: "binary" }),
    fc.constantFrom(
      "cnt_01jd0000000000000000000001",
      "2026-01-01",
      "\u0000",
      "'; drop table entries; --",
      -1,
      1e308,
    ),
  );

  it("entries, types and publishing never fail inside and never write half", async () => {
    const fields = fc.record(
      {
        title: value,
        slug: value,
        price: value,
        rank: value,
        live: value,
        day: value,
        kind: value,
        body: value,
        related: value,
        version: value,
        id: value,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fields, fc.constantFrom(...WRITES), async (body, [method, path]) => {
        const reply = await tenant.call(method, path, { raw: JSON.stringify(body) ?? "null" });
        expectEnvelope(reply, `${method} ${path} ${JSON.stringify(body)?.slice(0, 300)}`);
      }),
      { numRuns: 150 },
    );
    expect((await tenant.get("/content/article/t")).body.data.title).toBe("T");
  });

  it("queries never fail inside", async () => {
    const name = fc.oneof(
      fc.constantFrom(
        "page",
        "limit",
        "cursor",
        "sort",
        "fields",
        "include",
        "locale",
        "filter[title][eq]",
        "filter[price][gte]",
        "filter[day][lt]",
        "filter[kind][in]",
      ),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, fc.string({ unit: "grapheme" })), { maxLength: 4 }),
        async (pairs) => {
          const search = new URLSearchParams(
            pairs.map(([key, one]) => [key.toWellFormed(), one.toWellFormed()]),
          ).toString();
          expectEnvelope(await tenant.get(`/content/article?${search}`), search);
        },
      ),
      { numRuns: 200 },
    );
  });
});

it("refuses at once what a filter names ever deeper, through fields that are there and others", async () => {
  const types = ["left", "right", "middle"].map((id) => ({
    ...{ id, name: id },
    fields: [
      { id: "title", type: "short_text" },
      { id: "any", type: "reference" },
    ],
  }));
  const made = await tenant.post("/types/bulk", { types });
  expect(made.status, made.text).toBe(201);
  const nested = (field: string, levels: number): object =>
    levels === 0 ? { title: "x" } : { [field]: nested(field, levels - 1) };
  for (const field of ["any", "nothing"])
    for (const levels of [4, 19]) {
      const filter = encodeURIComponent(JSON.stringify(nested(field, levels)));
      const reply = await tenant.get(`/content/left?filter=${filter}`, { token: tenant.tokens.read });
      expect([reply.status, reply.body.error?.reason], reply.text).toEqual([400, "content/bad-query"]);
      expect(reply.body.error.details[0].path).toContain("filter");
    }
});
