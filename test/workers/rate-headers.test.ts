import { beforeAll, describe, expect, inject, it } from "vitest";
import { operationsOf } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import { newAddress } from "../support/person.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const FIGURES = /^"[a-z-]+";r=\d+;t=\d+(?:, "[a-z-]+";r=\d+;t=\d+)*$/;
const POLICY = /^"[a-z-]+";q=\d+;w=60(?:, "[a-z-]+";q=\d+;w=60)*$/;

const send = (path: string, init: RequestInit = {}) =>
  fetch(inject("url") + path, { redirect: "manual", ...init });
const namesIn = (header: string) => [...header.matchAll(/"([a-z-]+)"/g)].map(([, name]) => name);

/** What is wrong with the headers of an answer. */
async function wrongWith(answer: Response): Promise<string[]> {
  await answer.body?.cancel();
  const [figures, policy] = ["ratelimit", "ratelimit-policy"].map((name) => answer.headers.get(name) ?? "");
  const isTold = answer.status !== 429 || /^[1-9]\d*$/.test(answer.headers.get("retry-after") ?? "");
  const unknown = namesIn(figures!).filter((name) => !namesIn(policy!).includes(name));
  return [
    ...(FIGURES.test(figures!) ? [] : [`RateLimit: ${figures}`]),
    ...(POLICY.test(policy!) ? [] : [`RateLimit-Policy: ${policy}`]),
    ...(isTold ? [] : ["429 without Retry-After"]),
    ...unknown.map((name) => `no policy for ${name}`),
  ];
}

let tenant: Tenant;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
  await tenant.published("article", { title: "T", slug: "t" });
});

describe("every answer says what is left", () => {
  it("of every operation: to who may, to who may not, and to nobody", async () => {
    const wrong: string[] = [];
    const seen = new Set<number>();
    const operations = operationsOf(GROUPS);
    expect(operations.length).toBeGreaterThan(100);
    for (const { method, path } of operations) {
      const at = `/api/v3${path.replaceAll(/\{type\}/g, "article").replaceAll(/\{\w+\}/g, "none")}`;
      for (const token of [tenant.tokens.admin, tenant.tokens.read, `flow_read_${"0".repeat(52)}`, null]) {
        const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
        headers["cf-connecting-ip"] = newAddress();
        const answer = await send(at, { method: method.toUpperCase(), headers });
        seen.add(answer.status);
        for (const one of await wrongWith(answer)) wrong.push(`${method} ${at} ${answer.status}: ${one}`);
      }
    }
    expect(wrong).toEqual([]);
    for (const status of [200, 401, 403, 404]) expect([...seen], String(status)).toContain(status);
  });

  it("of the cache, of what is known already, of pages, protocols, documents and mistakes", async () => {
    const authorization = `Bearer ${tenant.tokens.read}`;
    const list = "/api/v3/content/article?limit=1";
    const etag = (await send(list, { headers: { authorization } })).headers.get("etag")!;
    const { slug } = tenant;
    const json = { authorization, "content-type": "application/json" };
    const query = JSON.stringify({ query: '{ content(type: "article") { id } }' });
    const asked: [string, RequestInit?][] = [
      [list, { headers: { authorization } }],
      [list, { headers: { authorization, "if-none-match": etag } }],
      [list, { headers: { authorization, "if-match": '"other"' } }],
      [list, { method: "HEAD", headers: { authorization } }],
      [list, { method: "OPTIONS" }],
      [
        list,
        {
          method: "OPTIONS",
          headers: { origin: "https://a.example", "access-control-request-method": "GET" },
        },
      ],
      ["/api/v3/graphql", { method: "POST", headers: json, body: query }],
      ["/api/v3/graphql", { method: "POST", headers: json, body: query }],
      ["/api/v3/graphql", { method: "POST", headers: json, body: "{" }],
      ["/api/v3/graphql/management", { method: "POST", headers: json, body: '{"query":"{ me { id } }"}' }],
      ["/api/v3/none", { headers: { authorization } }],
      ["/api/v3/types", { method: "POST", headers: { ...json, "content-encoding": "br" }, body: "x" }],
      ["/api/v3/types", { headers: { authorization, "x-flow-environment": "none" } }],
      [`/t/${slug}/scim/v2/Users`, { headers: { authorization } }],
      [`/t/${slug}/scim/v2/Users`],
      [`/t/${slug}/sign-in`],
      [`/t/${slug}/account`],
      [`/t/${slug}/oauth/token`, { method: "POST" }],
      [`/t/${slug}/oauth/authorize`],
      [`/t/${slug}/.well-known/jwks.json`],
      [`/t/${slug}/.well-known/oauth-authorization-server`],
      ["/t/no-such-tenant/sign-in"],
      ["/"],
      ["/", { headers: { accept: "text/html" } }],
      ["/docs"],
      ["/docs/none"],
      ["/graphiql"],
      ["/api/v3/openapi.json"],
      ["/api/v3/openapi.json", { headers: { authorization } }],
      ["/healthz"],
      ["/readyz"],
      ["/none"],
      ["/%"],
      ["/api/v3/content/%ff", { headers: { authorization } }],
    ];
    const wrong: string[] = [];
    const seen = new Set<number>();
    for (const [path, init = {}] of asked) {
      const answer = await send(path, init);
      seen.add(answer.status);
      for (const one of await wrongWith(answer))
        wrong.push(`${init.method ?? "GET"} ${path} ${answer.status}: ${one}`);
    }
    expect(wrong).toEqual([]);
    for (const status of [200, 204, 303, 304, 400, 401, 404, 412])
      expect([...seen].sort(), String(status)).toContain(status);
  });

  it("of a limit itself, with the seconds until it is over", async () => {
    const headers = { "cf-connecting-ip": newAddress() };
    for (const [path, name] of [
      ["/api/v3/types", "unauthenticated"],
      [`/t/${tenant.slug}/sign-in`, "pages"],
    ] as const) {
      let answer = await send(path, { headers });
      for (let n = 0; n < 700 && answer.status !== 429; n++) {
        await answer.body?.cancel();
        answer = await send(path, { headers });
      }
      expect([answer.status, answer.headers.get("ratelimit")], path).toEqual([
        429,
        `"${name}";r=0;t=${answer.headers.get("retry-after")}`,
      ]);
      expect(await wrongWith(answer)).toEqual([]);
    }
  });
});

describe("a token's minute", () => {
  it("is its own, whatever another tenant calls its callers, and a network of IPv6 is one address", async () => {
    const at = (address: string) => send("/api/v3/types", { headers: { "cf-connecting-ip": address } });
    const leftAt = async (address: string) =>
      Number(/r=(\d+)/.exec((await at(address)).headers.get("ratelimit")!)![1]);
    const net = `2001:db8:${Math.floor(Math.random() * 65_536).toString(16)}:1`;
    const first = await leftAt(`${net}::1`);
    expect(await leftAt(`${net}:ffff::2`)).toBe(first - 1);
    expect(await leftAt(`2001:db8:ffff:${Math.floor(Math.random() * 65_536).toString(16)}::1`)).toBe(first);
  });
});
