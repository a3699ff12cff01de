import { describe, expect, it } from "vitest";
import { safeContinue } from "./forms.ts";

const ORIGIN = "https://cms.example";
const SITES = ["", "/t/demo"].map((prefix) => ({ issuer: ORIGIN + prefix, prefix }));
/** What a browser, or something between it and the server, may take for a way out of the path. */
const PIECES = [
  ..."/\\.:@?#%;",
  ...["..", "//", "/./", "/../", "%2f", "%2F", "%5c", "%2e", "%2e%2e", "%00", "%0d%0a", "%09", "%252f"],
  ...["\t", "\n", "\r", "\0", "\u007f", " ", "\u00a0", "\u2028", "\uff0f", "\u3002", "\ud800"],
  ...[
    "evil.example",
    "//evil.example",
    "https:",
    "javascript:",
    "t",
    "demo",
    "/t/demo",
    "/t/demo/",
    "account",
  ],
];

/** Numbers in the order that a seed gives them: what fails fails again. */
function* randoms(seed: number): Generator<number> {
  for (let state = seed; ;) yield (state = (state * 48_271) % 2_147_483_647);
}

describe.each(SITES)("where a sign-in at $issuer goes on to", (site) => {
  const account = `${site.prefix}/account`;

  it.each([
    "/account",
    "/account/tenants/new",
    "/oauth/authorize?client_id=a&redirect_uri=https%3A%2F%2Fapp.example%2Fcb&scope=read%20write",
    "/invitation?token=abc",
  ])("is a page of ours: %s", (path) => {
    expect(safeContinue(site, site.prefix + path)).toBe(site.prefix + path);
  });

  it.each([
    "",
    "account",
    "//evil.example/x",
    "/.//evil.example/x",
    "/..//evil.example",
    "/../..//evil.example/phish",
    "/x/..//evil.example",
    "/%2e/%2fevil.example",
    "/%2f/evil.example",
    "/\\evil.example",
    "/%5cevil.example",
    "/\t/evil.example",
    "/account\r\nset-cookie: a=b",
    "https://evil.example/",
    "https:/evil.example",
    "javascript:alert(1)",
    "@evil.example/",
  ])("is no other: %j", (path) => {
    expect(safeContinue(site, path)).toBe(account);
    expect(safeContinue(site, site.prefix + path)).toBe(account);
  });

  it("stays at the site, for any input", () => {
    const numbers = randoms(20_261);
    const next = (below: number) => numbers.next().value! % below;
    for (let i = 0; i < 20_000; i++) {
      const tail = Array.from({ length: 1 + next(6) }, () => PIECES[next(PIECES.length)]).join("");
      const wanted = (next(2) === 0 ? site.prefix : "") + (next(2) === 0 ? "/" : "") + tail;
      const path = safeContinue(site, wanted);
      const url = new URL(path, ORIGIN);
      expect(url.origin, JSON.stringify(wanted)).toBe(ORIGIN);
      expect(url.pathname + url.search, JSON.stringify(wanted)).toBe(path);
      expect(path.startsWith(`${site.prefix}/`), JSON.stringify(wanted)).toBe(true);
      expect(path, JSON.stringify(wanted)).not.toMatch(/^\/\/|\\|[^\x21-\x7e]/);
      expect(url.pathname, JSON.stringify(wanted)).not.toMatch(/\/\/|%/);
    }
  });
});
