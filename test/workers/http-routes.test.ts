import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { operationsOf } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import { callerOf, type Request } from "../attack/caller.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const call = callerOf(inject("url"));
const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
let tenant: Tenant;
let id: string;
beforeAll(async () => {
  tenant = await newTenant();
  await tenant.put("/types/article", ARTICLE);
  id = await tenant.published("article", { title: "T", slug: "one/two" });
});

const ask = (path: string, more: Partial<Request> = {}) =>
  call({ method: "GET", path, token: tenant.tokens.admin, ...more });
const shown = async (path: string, more: Partial<Request> = {}) => {
  const { status, headers, text } = await ask(path, more);
  return [status, headers.get("content-type")?.split(";")[0], text] as const;
};

describe("the address of a request", () => {
  it.each([
    "/api/v3/%2e%2e/%2e%2e/internal/ready",
    "/api/v3/.%2e/.%2e/internal/ready",
    "/api/v3/%2E%2E/%2E%2E/internal/ready",
    "/api/v3/content/%2e%2e/%2e%2e/%2e%2e/internal/ready",
    "/v3/../internal/ready",
    "/api/v3//types",
    "/api/v3/types%2farticle",
    "/api/v3/types\\article",
    "/api/v3/%2574ypes",
    "/api/v3/types/%00",
    "/api/v3/types/%zz",
    "/api/v3/types/%ff",
    "/docs/%2e%2e/healthz",
  ])("%s is refused", async (path) => {
    const { status, text } = await ask(path);
    // What the server under the gateway parses does not come as far as it.
    expect([status, text]).toEqual([400, expect.stringMatching(/"reason":"http\/bad-path"|^$/)]);
  });

  it("is one by all its spellings", async () => {
    for (const path of ["/api/v3/%74ypes", "/%76%33/types", "/%61pi/v3/t%79pes"])
      expect((await ask(path)).text, path).toContain('"id":"article"');
    for (const path of ["one/two", "one%2Ftwo", "one%2ftw%6F"])
      expect((await ask(`/api/v3/content/article/${path}`)).text, path).toContain(id);
    const accented = await tenant.published("article", { title: "É", slug: "caf\u00e9" });
    for (const path of ["caf%C3%A9", "caf%c3%a9", "%63af%c3%A9"])
      expect((await ask(`/api/v3/content/article/${path}`)).text, path).toContain(accented);
  });

  it("has one host, which is one", async () => {
    for (const host of ["a b", "exa%mple.com", "a..b", "user@evil.example", "evil.example/x", "a:99999"])
      for (const path of ["/healthz", "/docs", "/api/v3/types", `/t/${tenant.slug}/sign-in`]) {
        const { status, text } = await ask(path, { headers: { host } });
        expect([status, text], `${host} ${path}`).toEqual([400, expect.stringContaining("http/bad-host")]);
      }
  });
});

describe("what a caller is told who may not", () => {
  const challenge = async (more: Partial<Request>) => {
    const { status, headers } = await ask("/api/v3/tokens", more);
    return [status, headers.get("www-authenticate")];
  };

  it("names an error only where a token was sent", async () => {
    expect(await challenge({ token: null })).toEqual([401, 'Bearer realm="flowcms"']);
    const basic = { token: null, headers: { authorization: "Basic eDp5" } };
    expect(await challenge(basic)).toEqual([401, 'Bearer realm="flowcms"']);
    for (const token of ["garbage", "flow_read_x_y", "a.b.c", "%%"])
      expect(await challenge({ token })).toEqual([401, expect.stringContaining('error="invalid_token"')]);
  });

  it("names the scope that would do", async () => {
    expect(await challenge({ token: tenant.tokens.read })).toEqual([
      403,
      'Bearer realm="flowcms", error="insufficient_scope", scope="admin"',
    ]);
    const scim = await ask(`/t/${tenant.slug}/scim/v2/Users`, { token: "garbage" });
    expect(scim.headers.get("www-authenticate")).toContain('error="invalid_token"');
  });
});

describe("a method that a path does not take", () => {
  const allowed = async (method: string, path: string, more: Partial<Request> = {}) => {
    const { status, headers, text } = await ask(path, { method, ...more });
    return { status, allow: headers.get("allow"), text };
  };

  it("is 405 with Allow, at every route of the API, and OPTIONS says the same", async () => {
    const methods = new Map<string, string[]>();
    for (const { method, path } of operationsOf(GROUPS)) {
      const filled = `/api/v3${path}`
        .replace("{type}", "article")
        .replace(/\{id\}|\{slug\}/, id)
        .replace(/\{version\}/, "1")
        .replace(/\{\w+\}/g, "x");
      methods.set(filled, [...(methods.get(filled) ?? []), method.toUpperCase()]);
    }
    for (const [path, routed] of methods) {
      const { status, allow } = await allowed("OPTIONS", path, { token: null });
      expect(status, path).toBe(204);
      for (const method of routed) expect(allow, path).toContain(method);
      const other = ["DELETE", "PATCH", "PUT", "POST", "GET"].find((one) => !allow!.includes(one));
      if (other) expect(await allowed(other, path), `${other} ${path}`).toMatchObject({ status: 405, allow });
    }
  });

  it("is 405 at every other route, in the format of its protocol", async () => {
    const site = `/t/${tenant.slug}`;
    for (const [method, path, allow, words] of [
      ["POST", "/healthz", "GET, HEAD, OPTIONS", "http/method-not-allowed"],
      ["PUT", "/", "GET, HEAD, OPTIONS", "http/method-not-allowed"],
      ["DELETE", "/docs", "GET, HEAD, OPTIONS", "http/method-not-allowed"],
      ["PUT", `${site}/sign-in`, "GET, HEAD, POST, OPTIONS", "http/method-not-allowed"],
      ["GET", `${site}/oauth/token`, "POST, OPTIONS", '"error":"invalid_request"'],
      ["POST", `${site}/.well-known/jwks.json`, "GET, HEAD, OPTIONS", "http/method-not-allowed"],
      ["DELETE", `${site}/scim/v2/Users`, "GET, HEAD, POST, OPTIONS", "scim:api:messages:2.0:Error"],
      ["DELETE", "/api/v3/graphql", "GET, HEAD, POST, OPTIONS", "http/method-not-allowed"],
    ] as const) {
      const seen = await allowed(method, path);
      expect(seen, `${method} ${path}`).toMatchObject({ status: 405, allow });
      expect(seen.text).toContain(words);
      expect(await allowed("OPTIONS", path), path).toMatchObject({ status: 204, allow });
    }
    expect(await allowed("OPTIONS", "*")).toMatchObject({ status: 204 });
    expect(await allowed("OPTIONS", "/api/v3/nothing")).toMatchObject({ status: 404, allow: null });
    expect(await allowed("OPTIONS", "/nothing")).toMatchObject({ status: 404, allow: null });
    expect(await allowed("DELETE", "/nothing")).toMatchObject({ status: 404, allow: null });
  });
});

describe("what a browser is shown", () => {
  it("is a page where there is nothing, and JSON for everybody else", async () => {
    for (const path of ["/nothing", "/admin/x", "/docs/x", "/t/nobody-at-all/sign-in", "/a//b", "/t/x/y"]) {
      const [status, type, text] = await shown(path, { token: null, headers: { accept: BROWSER } });
      expect([status >= 400 && status < 500, type], path).toEqual([true, "text/html"]);
      expect(text).toContain("<h1>");
      for (const accept of ["*/*", "application/json", "application/json, text/html;q=0.5"])
        expect((await shown(path, { token: null, headers: { accept } }))[1], path).toBe("application/json");
    }
    const { headers } = await ask("/nothing", { headers: { accept: BROWSER } });
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("vary")).toContain("accept");
    expect(headers.get("x-request-id")).toMatch(/^req_/);
  });

  it("shows nothing as markup that was sent", async () => {
    const path = "/%3Cscript%3Ealert(1)%3C/script%3E";
    const { text } = await ask(path, { headers: { accept: BROWSER } });
    expect(text).not.toContain("<script");
  });

  it("is an index at the root", async () => {
    expect((await shown("/", { headers: { accept: BROWSER } }))[2]).toContain('href="/docs"');
    expect(JSON.parse((await shown("/"))[2])).toMatchObject({ name: "FlowCMS", rest: "/api/v3" });
  });
});

describe("pages of other origins", () => {
  const origin = "https://site.example";
  const preflight = async (headers: string, path = "/api/v3/content/article") => {
    const asked = {
      origin,
      "access-control-request-method": "PATCH",
      "access-control-request-headers": headers,
    };
    const seen = await ask(path, { method: "OPTIONS", token: null, headers: asked });
    expect([seen.status, seen.headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
    return seen.headers.get("access-control-allow-headers")!.toLowerCase().split(/ *, */);
  };

  it("may send any header", async () => {
    const wanted =
      "cache-control traceparent tracestate baggage sentry-trace x-requested-with idempotency-key if-match if-none-match authorization content-type range tus-resumable upload-offset upload-length upload-metadata x-flow-environment x-flow-tenant x-request-id".split(
        " ",
      );
    expect(await preflight("")).toEqual(expect.arrayContaining(wanted));
    expect(await preflight("x-datadog-trace-id,x-b3-traceid")).toEqual(
      expect.arrayContaining(["x-datadog-trace-id", "x-b3-traceid", "authorization"]),
    );
    expect(await preflight("x-a, evil\u00e9")).not.toContain("x-a");
    for (const path of ["/", "/docs", `/t/${tenant.slug}/oauth/token`])
      expect(await preflight("x-own", path)).toContain("x-own");
  });

  it("may read every header that the client reads", async () => {
    const seen = await ask("/api/v3/types", { headers: { origin } });
    const exposed = seen.headers.get("access-control-expose-headers")!.toLowerCase().split(", ");
    const folder = new URL("../../src/sdk/", import.meta.url);
    const read = readdirSync(folder)
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => [
        ...readFileSync(new URL(name, folder), "utf8").matchAll(/headers\.(?:get|has)\("([\w-]+)"\)/g),
      ])
      .map(([, name]) => name!);
    expect(read).toContain("retry-after");
    expect(exposed).toEqual(expect.arrayContaining([...read, "content-range", "content-disposition"]));
    const unknown = await ask("/nothing", { headers: { origin } });
    expect(unknown.headers.get("access-control-allow-origin")).toBe("*");
  });
});

it("who made a draft reads it where Location leads", async () => {
  const made = await tenant.post("/content/article", { title: "New", slug: "new" });
  const copy = await tenant.post(`/content/article/${made.body.data.id}/duplicate`, {});
  for (const reply of [made, copy]) {
    const { status, text } = await ask(reply.headers.get("location")!, { token: tenant.tokens.write });
    expect([status, JSON.parse(text).data.id]).toEqual([200, reply.body.data.id]);
  }
  await tenant.post("/environments", { name: "stage", from: "main" });
  const headers = { "x-flow-environment": "stage" };
  const there = await tenant.call("POST", "/content/article", {
    body: { title: "There", slug: "there" },
    headers,
  });
  expect((await ask(there.headers.get("location")!)).text).toContain(there.body.data.id);
});

describe("a query string", () => {
  it("refuses a parameter that an operation does not have", async () => {
    const ignored: string[] = [];
    for (const operation of operationsOf(GROUPS)) {
      const { method, path, example, permission } = operation;
      const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => example.params?.[name] ?? "");
      const query = new URLSearchParams({ ...example.query, no_such: "1" });
      const { status, text } = await tenant.call(method.toUpperCase(), `${filled}?${query}`, {
        ...(example.request === undefined ? {} : { raw: JSON.stringify(example.request) }),
        ...(permission === null ? { token: null } : {}),
        headers: { ...example.headers },
      });
      if (![400, 422].includes(status) || !text.includes("no_such"))
        ignored.push(`${method} ${path} ${status}`);
    }
    expect(ignored).toEqual([]);
  });
});
