import { spawn } from "node:child_process";
import { once } from "node:events";
import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, inject, it } from "vitest";
import type { Quotas } from "../../src/core/plans.ts";
import {
  ARTICLE,
  asOwner,
  databaseCalls,
  delivered,
  eventually,
  newTenant,
  type Tenant,
} from "../support/tenant.ts";

const reason = (reply: { body: any }) =>
  reply.body?.error?.reason ?? reply.body?.errors?.[0]?.extensions?.reason;

/** Sets quotas, and waits until the edge has heard of them. */
async function withQuotas(tenant: Tenant, quotas: Partial<Quotas>): Promise<void> {
  await asOwner(
    tenant,
    sql`update tenants set plan = 'free', quotas = ${JSON.stringify(quotas)}::jsonb
      where tenant_id = ${tenant.tenantId}::uuid`,
  );
  await tenant.post("/tokens", { name: "So that the edge reads anew", scope: "read" });
  const wanted = Object.entries(quotas).map(([name, tokens]) => `"${name}";q=${tokens};w=60`);
  await eventually(async () => {
    const policy = (await tenant.get("/access/me")).headers.get("ratelimit-policy")!;
    return wanted.every((one) => policy.includes(one));
  });
}

async function newArticles(quotas: Partial<Quotas>): Promise<Tenant> {
  const tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
  await tenant.published("article", { title: "Edge news", slug: "edge-news", kind: "news" });
  await delivered(tenant);
  await withQuotas(tenant, quotas);
  return tenant;
}
const write = (tenant: Tenant) => tenant.post("/content/article", { title: "T" });
const leftOf = (headers: Headers, name: string) =>
  Number(new RegExp(`"${name}";r=(\\d+);t=\\d+`).exec(headers.get("ratelimit") ?? "")?.[1] ?? Number.NaN);
const countOf = async (tenant: Tenant) =>
  (await tenant.get("/content/article?perspective=draft&limit=1")).body.pagination.total_items as number;

describe("the quota of writes", () => {
  it("lets exactly as many through as it has, and others are not touched by it", async () => {
    const [tenant, other] = [await newArticles({ writes: 20 }), await newArticles({ writes: 20 })];
    const before = await countOf(tenant);
    const replies = await Promise.all(Array.from({ length: 50 }, () => write(tenant)));
    const refused = replies.filter(({ status }) => status === 429);
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(20);
    expect(refused).toHaveLength(30);
    expect((await countOf(tenant)) - before).toBe(20);
    for (const reply of refused) {
      expect(reason(reply)).toBe("quota/writes");
      expect(Number(reply.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
      expect(Number(reply.headers.get("retry-after"))).toBeLessThanOrEqual(3);
      expect(leftOf(reply.headers, "writes")).toBe(0);
    }
    const last = await write(other);
    expect([last.status, leftOf(last.headers, "writes")]).toEqual([201, 19]);
    // A token comes back every three seconds.
    const headers = { "idempotency-key": "later" };
    const keyed = () => tenant.post("/content/article", { title: "Later" }, { headers });
    const waitedMs = await eventually(async () => (await keyed()).status === 201);
    expect(waitedMs).toBeLessThan(10_000);
  });

  it("is taken by a bulk for each of its operations, all of them or none", async () => {
    const tenant = await newArticles({ writes: 20 });
    const bulk = (count: number) => ({
      operations: Array.from({ length: count }, () => ({
        op: "create",
        type: "article",
        fields: { title: "B" },
      })),
    });
    const first = await tenant.post("/content/bulk", bulk(12));
    expect([first.status, leftOf(first.headers, "writes")]).toEqual([200, 8]);
    expect((await tenant.post("/content/bulk", bulk(12))).status).toBe(429);
    const never = await tenant.post("/content/bulk", bulk(21));
    expect([never.status, reason(never), never.headers.get("retry-after")]).toEqual([
      402,
      "quota/writes-at-once",
      null,
    ]);
    const query = `mutation($o: [JSON!]!) { bulk(operations: $o) { succeeded } }`;
    const operations = bulk(9).operations;
    const graphql = await tenant.post("/graphql", { query, variables: { o: operations } });
    expect([graphql.status, reason(graphql)], graphql.text).toEqual([429, "quota/writes"]);
    // A refused one took nothing, and what is no valid request takes nothing.
    expect((await tenant.post("/content/bulk", { operations: [] })).status).toBe(422);
    const rest = await tenant.post("/content/bulk", bulk(8));
    expect([rest.status, leftOf(rest.headers, "writes") <= 1]).toEqual([200, true]);
  });

  it("is taken by a document of GraphQL as a whole, before anything is written", async () => {
    const tenant = await newArticles({ writes: 5 });
    const create = (n: number) =>
      Array.from({ length: n }, (_, i) => `a${i}: createArticle(fields: { title: "G" }) { id }`).join(" ");
    const send = (query: string, headers = {}) => tenant.post("/graphql", { query }, { headers });
    const done = await send(`mutation { ${create(3)} }`);
    expect([done.status, done.body.errors, leftOf(done.headers, "writes")]).toEqual([200, undefined, 2]);
    const before = await countOf(tenant);
    for (const accept of ["application/json", "application/graphql-response+json"]) {
      const refused = await send(`mutation { ...f } fragment f on Mutation { ${create(4)} }`, { accept });
      expect([refused.status, reason(refused)], refused.text).toEqual([429, "quota/writes"]);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    }
    expect(await countOf(tenant)).toBe(before);
    expect(
      (
        await send(
          `mutation { ${create(1)} x: createArticle(fields: { title: "S" }) @skip(if: true) { id } }`,
        )
      ).status,
    ).toBe(200);
    const management = await tenant.post("/graphql/management", {
      query: `mutation { createToken(name: "t", scope: "read") { id } }`,
    });
    expect(leftOf(management.headers, "writes"), management.text).toBeLessThanOrEqual(1);
  });

  it("counts what IDENTITY writes, by REST and by SCIM", async () => {
    const tenant = await newArticles({ writes: 3 });
    const invite = () =>
      tenant.post("/invitations", { email: `${crypto.randomUUID()}@example.com`, roles: ["author"] });
    const first = await invite();
    expect([first.status, leftOf(first.headers, "writes")]).toEqual([201, 2]);
    await invite();
    await invite();
    const refused = await invite();
    expect([refused.status, reason(refused)]).toEqual([429, "quota/writes"]);
    const scim = await fetch(`${inject("url")}/t/${tenant.slug}/scim/v2/Users`, {
      method: "POST",
      headers: { authorization: `Bearer ${tenant.tokens.admin}`, "content-type": "application/scim+json" },
      body: "{}",
    });
    expect([scim.status, Number(scim.headers.get("retry-after")) > 0]).toEqual([429, true]);
    expect(scim.headers.get("content-type")).toContain("scim");
  });
});

describe("a read", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newArticles({ writes: 1, "costly-reads": 3 });
  });

  it("that is cached is never refused, and asks neither Postgres nor Redis", async () => {
    const token = tenant.tokens.read;
    const get = (path: string) => tenant.get(path, { token });
    const graphql = (q: string) =>
      tenant.post("/graphql", { query: `{ articleConnection(q: "${q}") { nodes { id } } }` }, { token });
    const cached = ["/content/article?q=edge", "/aggregate/article", "/content/article?limit=3"];
    for (const path of cached) expect((await get(path)).status, path).toBe(200);
    expect((await graphql("edge")).status).toBe(200);
    expect((await write(tenant)).status).toBe(201);
    await eventually(async () => (await write(tenant)).status === 429);
    await delivered(tenant);
    // What is not cached is refused once its tokens are gone; a plain read is not.
    const refused = await get("/content/article?q=other");
    expect([refused.status, reason(refused)], refused.text).toEqual([429, "quota/costly-reads"]);
    expect(leftOf(refused.headers, "costly-reads")).toBe(0);
    for (const path of ["/content/article?facets=kind", "/aggregate/article?group_by=kind"])
      expect((await get(path)).status, path).toBe(429);
    expect((await graphql("other")).status).toBe(429);
    expect((await get("/content/article?limit=4")).status).toBe(200);
    // Work behind other answers may ask meanwhile, but not every time.
    await eventually(async () => {
      const before = await databaseCalls();
      for (const path of cached) {
        const reply = await get(path);
        expect([reply.status, reply.headers.get("x-flow-cache")], path).toEqual([200, "HIT"]);
      }
      expect((await graphql("edge")).status).toBe(200);
      return (await databaseCalls()) === before;
    });
  });

  it("from the cache has the figures of who asks, and not of who filled it", async () => {
    const [mine, theirs] = [tenant.tokens.write, tenant.tokens.read];
    const ask = async (token: string) => (await tenant.get("/content/article?limit=5", { token })).headers;
    await ask(mine);
    const [first, second, other] = [await ask(mine), await ask(mine), await ask(theirs)];
    expect(leftOf(second, "default")).toBe(leftOf(first, "default") - 1);
    expect(leftOf(other, "default")).not.toBe(leftOf(second, "default") - 1);
    expect(second.get("ratelimit-policy")).toBe(
      '"default";q=60000;w=60, "writes";q=1;w=60, "costly-reads";q=3;w=60',
    );
    const etag = second.get("etag")!;
    const known = await tenant.get("/content/article?limit=5", {
      token: mine,
      headers: { "if-none-match": etag },
    });
    expect([known.status, leftOf(known.headers, "default")]).toEqual([304, leftOf(second, "default") - 1]);
  });
});

describe("the operator's command", () => {
  const run = async (...args: string[]) => {
    const env = { ...process.env, DATABASE_OWNER_URL: inject("ownerUrl") };
    const child = spawn(process.execPath, ["src/dev/new-tenant.ts", ...args], { env });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (part: Buffer) => (text += part));
    const [code] = (await once(child, "close")) as [number];
    return { code, text };
  };

  it("sets a tenant's plan and its own quotas, takes them back, and says what they may be", async () => {
    const tenant = await newTenant();
    const set = (...args: string[]) => run("--slug", tenant.slug, ...args);
    const done = await set("--plan", "team", "--writes", "5000");
    expect([done.code, JSON.parse(done.text)]).toEqual([
      0,
      { tenant: tenant.slug, plan: "team", quotas: { writes: 5000 } },
    ]);
    await tenant.post("/tokens", { name: "So that the edge reads anew", scope: "read" });
    const { headers } = await tenant.get("/access/me");
    expect(headers.get("ratelimit-policy")).toContain('"writes";q=5000;w=60, "costly-reads";q=600;w=60');
    const back = await set("--plan", "default", "--writes", "default");
    expect(JSON.parse(back.text)).toMatchObject({ plan: null, quotas: {} });
    const refused = await set("--plan", "huge");
    expect([refused.code, refused.text]).toEqual([1, expect.stringContaining("free, team, business")]);
    const audit = await tenant.get("/audit-logs?limit=5");
    expect(audit.text).toContain('"plan":"team"');
  });
});
