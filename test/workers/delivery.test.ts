import { sql } from "drizzle-orm";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, inject, it } from "vitest";
import {
  ARTICLE,
  asOwner,
  databaseCalls,
  delivered,
  eventually,
  newTenant,
  type Tenant,
} from "../support/tenant.ts";

let tenant: Tenant;
let id: string;

beforeAll(async () => {
  tenant = await newTenant();
  expect((await tenant.put("/types/article", ARTICLE)).status).toBe(201);
  id = await tenant.published("article", { title: "First", slug: "first", price: 3 });
  await delivered(tenant);
});

describe("the edge cache", () => {
  it("answers the second request without Postgres and Redis", async () => {
    const path = "/content/article?limit=7";
    const first = await tenant.get(path, { token: tenant.tokens.read });
    expect(first.headers.get("x-flow-cache")).toBe("MISS");
    // The stack has work of its own now and then: one round without a call is what a hit with one
    // could never have.
    await eventually(async () => {
      const before = await databaseCalls();
      for (let i = 0; i < 20; i++) {
        const hit = await tenant.get(path, { token: tenant.tokens.read });
        expect(hit.headers.get("x-flow-cache")).toBe("HIT");
        expect(hit.text).toBe(first.text);
      }
      return (await databaseCalls()) === before;
    });
  });

  it("answers 304 to the ETag it gave", async () => {
    const first = await tenant.get(`/content/article/${id}`);
    const again = await tenant.get(`/content/article/${id}`, {
      headers: { "if-none-match": first.headers.get("etag")! },
    });
    expect(again.status).toBe(304);
    expect(again.text).toBe("");
  });

  it("is fresh within a second of a publish, over REST and GraphQL", async () => {
    const query = { query: `{ content(type: "article") { id title } articleList { title } }` };
    const titles = async () => {
      const [list, one, graph] = await Promise.all([
        tenant.get("/content/article"),
        tenant.get("/content/article/first"),
        tenant.post("/graphql", query, { token: tenant.tokens.read }),
      ]);
      return [
        list.body.data[0].title,
        one.body.data.title,
        graph.body.data.content[0].title,
        graph.body.data.articleList[0].title,
      ];
    };
    expect(new Set(await titles())).toEqual(new Set(["First"]));
    await titles();
    await tenant.patch(`/content/article/${id}`, { title: "Second" });
    expect(new Set(await titles())).toEqual(new Set(["First"]));
    await tenant.post("/content/publish", { id });
    await eventually(async () => (await titles()).every((title) => title === "Second"), 5000);
  });

  it("forgets what was unpublished", async () => {
    const gone = await tenant.published("article", { title: "Short-lived", slug: "short-lived" });
    expect((await tenant.get("/content/article/short-lived")).status).toBe(200);
    await tenant.post("/content/unpublish", { id: gone });
    await eventually(async () => (await tenant.get("/content/article/short-lived")).status === 404, 5000);
  });

  it("never shows a draft, and takes POST queries as cacheable", async () => {
    await tenant.post("/content/article", { title: "Secret draft", slug: "secret-draft" });
    const list = await tenant.get("/content/article?limit=100");
    const draft = await tenant.get("/content/article?perspective=draft");
    expect(list.text).not.toContain("Secret draft");
    expect(draft.text).toContain("Secret draft");
    expect(draft.headers.get("x-flow-cache")).toBe("BYPASS");
    expect(
      (await tenant.get("/content/article?perspective=draft", { token: tenant.tokens.read })).status,
    ).toBe(403);
    const query = { query: "query Q($n: Int) { articleList(limit: $n) { id } }", variables: { n: 2 } };
    // What was written before may still be on its way to the caches.
    await eventually(
      async () => (await tenant.post("/graphql", query)).headers.get("x-flow-cache") === "HIT",
      3000,
    );
    const graphDraft = await tenant.post("/graphql", {
      query: "{ articleList(perspective: draft) { title } }",
    });
    expect(graphDraft.text).toContain("Secret draft");
    const asReader = await tenant.post(
      "/graphql",
      { query: "{ articleList(perspective: draft) { title } }" },
      { token: tenant.tokens.read },
    );
    expect(asReader.text).not.toContain("Secret draft");
  });
});

describe("the wall between tenants", () => {
  it("shows another tenant nothing, cached or not, by list, id, slug and cursor", async () => {
    const other = await newTenant();
    await other.put("/types/article", ARTICLE);
    await tenant.published("article", { title: "First of all" });
    for (const path of [
      "/content/article",
      `/content/article/${id}`,
      "/content/article/first",
      "/content/article?perspective=draft",
    ]) {
      await tenant.get(path);
      const reply = await other.get(path);
      expect(reply.text).not.toContain("First");
      expect(reply.status === 404 || reply.body.data.length === 0, path).toBe(true);
    }
    expect((await other.patch(`/content/article/${id}`, { title: "Mine" })).status).toBe(404);
    expect((await other.post("/content/publish", { id })).status).toBe(404);
    expect((await other.delete(`/content/article/${id}`)).status).toBe(404);
    expect((await other.post("/content/article", { title: "x", related: [id] })).status).toBe(422);
  });

  it("refuses a token under another tenant's name", async () => {
    const other = await newTenant();
    expect((await tenant.get("/types", { headers: { "x-flow-tenant": tenant.slug } })).status).toBe(200);
    const reply = await tenant.get("/types", { headers: { "x-flow-tenant": other.slug } });
    expect(reply.status).toBe(401);
    expect(reply.body.error.reason).toBe("access/wrong-tenant");
    await tenant.get("/content/article");
    expect((await tenant.get("/content/article", { headers: { "x-flow-tenant": other.slug } })).status).toBe(
      401,
    );
  });
});

describe("credentials", () => {
  it("are needed, and must be whole", async () => {
    const tampered = `${tenant.tokens.admin.slice(0, -1)}${tenant.tokens.admin.endsWith("0") ? "1" : "0"}`;
    for (const token of [null, "x", "flow_read_", tampered, `${tenant.tokens.read}0`]) {
      const reply = await tenant.get("/content/article", { token });
      expect(reply.status).toBe(401);
      expect(reply.headers.get("www-authenticate")).toContain("Bearer");
      expect(reply.body.error.code).toBe("UNAUTHENTICATED");
    }
  });

  it("reach as far as their scope", async () => {
    const { read, write } = tenant.tokens;
    expect((await tenant.post("/content/article", { title: "x" }, { token: read })).status).toBe(403);
    expect((await tenant.post("/content/publish", { id }, { token: read })).status).toBe(403);
    expect((await tenant.put("/types/other", { ...ARTICLE, id: "other" }, { token: write })).status).toBe(
      403,
    );
    expect((await tenant.get("/tokens", { token: write })).status).toBe(403);
    expect((await tenant.post("/content/article", { title: "by a writer" }, { token: write })).status).toBe(
      201,
    );
  });

  it("work at once when made, and are refused at once when revoked here", async () => {
    const made = await tenant.post("/tokens", { name: "ci", scope: "read" });
    expect(made.status).toBe(201);
    const { token, id: tokenId } = made.body.data;
    expect((await tenant.get("/types", { token })).status).toBe(200);
    expect((await tenant.get("/tokens")).text).not.toContain(token);
    expect((await tenant.delete(`/tokens/${tokenId}`)).status).toBe(204);
    expect((await tenant.get("/types", { token })).status).toBe(401);
  });

  it("may be JWTs signed with a key the tenant trusts, and nothing else", async () => {
    const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
    const { kty, crv, x, y } = await exportJWK(publicKey);
    expect((await tenant.post("/keys", { kid: "k1", jwk: { kty, crv, x, y } })).status).toBe(201);
    const sign = (claims: object, options: { exp?: string; aud?: string; alg?: string } = {}) =>
      new SignJWT({ tid: tenant.tenantId, scope: "read", ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "k1", typ: "at+jwt" })
        .setSubject("user-1")
        .setIssuedAt()
        .setAudience(options.aud ?? "flowcms")
        .setExpirationTime(options.exp ?? "5m")
        .sign(privateKey);
    expect((await tenant.get("/types", { token: await sign({}) })).status).toBe(200);
    expect((await tenant.get("/tokens", { token: await sign({}) })).status).toBe(403);
    const other = await newTenant();
    const refused = [
      await sign({}, { aud: "other" }),
      await sign({}, { exp: "-1m" }),
      await sign({}, { exp: "2h" }),
      await sign({ tid: other.tenantId }),
      await sign({ scope: "" }),
    ];
    const unsigned =
      `${btoa('{"alg":"none","kid":"k1"}')}.${btoa(JSON.stringify({ tid: tenant.tenantId, sub: "x", aud: "flowcms", exp: 9e9, scope: "admin" }))}.`.replaceAll(
        "=",
        "",
      );
    for (const token of [...refused, unsigned])
      expect((await tenant.get("/types", { token })).status).toBe(401);
    const token = await sign({ scope: "admin" });
    expect((await tenant.get("/tokens", { token })).status).toBe(200);
    expect((await tenant.delete("/keys/k1")).status).toBe(204);
    expect((await tenant.get("/tokens", { token })).status).toBe(401);
  });
});

describe("every answer", () => {
  it("carries a request id, rate limit and CORS headers", async () => {
    const reply = await tenant.get("/types", {
      headers: { "x-request-id": "my-id.1", origin: "https://site.example" },
    });
    expect(reply.headers.get("x-request-id")).toBe("my-id.1");
    expect(
      (await tenant.get("/types", { headers: { "x-request-id": "bad id!" } })).headers.get("x-request-id"),
    ).toMatch(/^req_[0-9a-f]{20}$/);
    expect(reply.headers.get("ratelimit")).toMatch(/^"default";r=\d+;t=\d+/);
    expect(reply.headers.get("access-control-allow-origin")).toBe("*");
    const preflight = await fetch(`${inject("url")}/api/v3/content/article`, { method: "OPTIONS" });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("Authorization");
  });

  it("is the same under /v3, and the inside is not reachable", async () => {
    const { url } = { url: inject("url") };
    const headers = { authorization: `Bearer ${tenant.tokens.read}` };
    expect((await fetch(`${url}/v3/content/article`, { headers })).status).toBe(200);
    for (const path of [
      "/internal/ready",
      `/internal/tenants/${tenant.tenantId}/snapshot`,
      "/api/v3/internal/ready",
    ]) {
      expect((await fetch(url + path, { headers: { ...headers, "x-flow-context": "{}" } })).status).toBe(404);
    }
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it("shows schedulers that have stopped, and how late each queue is", async () => {
    const ready = async () => (await (await fetch(`${inject("url")}/readyz`)).json()) as any;
    const runCron = async () => expect((await fetch(inject("cronUrl"))).status).toBe(200);
    const silent = (seconds: number) =>
      asOwner(tenant, sql`update flow.heartbeats set at = now() - make_interval(secs => ${seconds}::int)`);
    await runCron();
    await silent(60);
    expect((await ready()).schedulers).toMatchObject({ maintenance: { ok: true }, identity: { ok: true } });
    await silent(600);
    const late = await ready();
    expect(late.status).toBe("degraded");
    expect(late.schedulers).toEqual({
      maintenance: { ok: false, lag_seconds: expect.closeTo(600, -2) },
      identity: { ok: true, lag_seconds: expect.closeTo(600, -2) },
    });
    expect(Object.keys(late.queues).toSorted()).toEqual(["emails", "events", "realtime", "webhooks"]);
    await runCron();
    expect((await ready()).schedulers.maintenance.ok).toBe(true);
  });
});
