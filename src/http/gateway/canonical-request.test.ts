import { describe, expect, it } from "vitest";
import { canonicalPath, canonicalRequest } from "./canonical-request.ts";

const reasonOf = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return (error as { reason: string }).reason;
  }
};

describe("a path", () => {
  it.each([
    ["/", "/"],
    ["/docs/", "/docs/"],
    ["/api/v3/%74okens", "/api/v3/tokens"],
    ["/%61%70%69/%763/%54%4F", "/api/v3/TO"],
    ["/v3", "/api/v3"],
    ["/v3/types", "/api/v3/types"],
    ["/%76%33/types", "/api/v3/types"],
    ["/v3x/types", "/v3x/types"],
    ["/v3/v3/types", "/api/v3/v3/types"],
    ["/api/v3/content/page/caf%c3%a9", "/api/v3/content/page/caf%C3%A9"],
    ["/api/v3/content/page/café", "/api/v3/content/page/caf%C3%A9"],
    ["/api/v3/content/page/%E2%80%8Dक", "/api/v3/content/page/%E2%80%8D%E0%A4%95"],
    ["/api/v3/content/page/a%2Fb%2fc", "/api/v3/content/page/a/b/c"],
    ["/v3/content/page/a%2Fb", "/api/v3/content/page/a/b"],
    ["/api/v3/content/page/a.b..c", "/api/v3/content/page/a.b..c"],
    ["/x/...", "/x/..."],
    ["/x/a%20b", "/x/a%20b"],
    ["/x/a%3Ab:c%40d@e", "/x/a:b:c@d@e"],
    ["/x/%7Euser", "/x/~user"],
    ["/x/100%25", "/x/100%25"],
    ["/.well-known/jwks.json", "/.well-known/jwks.json"],
  ])("%s is %s", (raw, path) => {
    expect(canonicalPath(raw)).toBe(path);
    expect(canonicalPath(path)).toBe(path);
  });

  it.each([
    "/..",
    "/a/../b",
    "/a/./b",
    "/api/v3/%2e%2e/%2e%2e/internal/ready",
    "/api/v3/%2E%2E/x",
    "/api/v3/.%2e/x",
    "/api/v3/%2e./x",
    "/a/%2e",
    "/a/..%2fb",
    "/a%2fb",
    "/api%2Fv3/tokens",
    "/api/v3/content%2fpage/x",
    "/api/v3/content/page%2fx",
    "/api/v3/content/page/a%2f..%2fb",
    "/api/v3/content/page/a%2f%2e%2e%2fb",
    "/api/v3/content/page/a%2f%2fb",
    "/api/v3/content/page/%2fa",
    "/a%5cb",
    "/a\\..\\b",
    "/%252e%252e/a",
    "/a%252fb",
    "/%2574okens",
    "//a",
    "/a//b",
    "/a//",
    "//",
    "/a%00",
    "/a%0d%0ab",
    "/a%7f",
    "/a%c2%80",
    "/a%",
    "/a%zz",
    "/a%u002e",
    "/a%ff",
    "/a%c0%ae",
    "/a%ed%a0%80",
  ])("%s is refused", (raw) => {
    expect(reasonOf(() => canonicalPath(raw))).toBe("http/bad-path");
  });
});

describe("a request", () => {
  const at = (url: string, host?: string) =>
    ({ url, headers: new Headers(host === undefined ? {} : { host }) }) as Request;

  it("that is canonical is passed on as it is", () => {
    for (const url of [
      "http://127.0.0.1:8787/api/v3/content/page?filter[a]=%2e%2e/",
      "https://cms.example.com/",
      "http://[::1]:9/healthz",
      "http://flow_cms/docs",
    ]) {
      const request = at(url, new URL(url).host);
      expect(canonicalRequest(request)).toBe(request);
    }
  });

  it("keeps its query, and loses the last dot of its host", () => {
    const asked = new Request("https://cms.example.com./v3/%74ypes?x=%74&y=/..");
    expect(canonicalRequest(asked).url).toBe("https://cms.example.com/api/v3/types?x=%74&y=/..");
  });

  it.each([
    ["http://a b/x", "a b"],
    ["http://a.example, b.example/x", "a.example, b.example"],
    ["http://exa%6dple.com/x", "exa%6dple.com"],
    ["http://user@evil.example/x", "user@evil.example"],
    ["http://evil.example/foo/docs", "evil.example/foo"],
    ["http://evil.example?x/docs", "evil.example?x"],
    ["http://a..b/x", "a..b"],
    ["http://a:99999/x", "a:99999"],
    ["http://a:b/x", "a:b"],
    ["http://999.999.999.999/x", "999.999.999.999"],
    ["http://é.example/x", "é.example"],
    ["http://other.example/x", "cms.example.com"],
    ["http://127.0.0.1abc", "127.0.0.1"],
    ["http://127.0.0.1@evil.example/x", "127.0.0.1"],
    [`http://${"a".repeat(300)}/x`, "a".repeat(300)],
  ])("to %s with the host %s is refused", (url, host) => {
    const headers = { get: () => host } as unknown as Headers;
    expect(reasonOf(() => canonicalRequest({ url, headers } as Request))).toBe("http/bad-host");
  });

  it("about the whole server is one about its root", () => {
    const asked = { url: "http://a*", method: "OPTIONS", headers: new Headers({ host: "a" }) } as Request;
    expect(reasonOf(() => canonicalRequest({ ...asked, method: "GET" } as Request))).toBe("http/bad-host");
    expect(() => canonicalRequest(asked)).not.toThrow(/Host/);
  });

  it("with a # in its address is refused", () => {
    expect(reasonOf(() => canonicalRequest(at("http://a/x#/y")))).toBe("http/bad-path");
    expect(reasonOf(() => canonicalRequest(at("http://a/x?y#/z")))).toBe("http/bad-path");
  });
});
