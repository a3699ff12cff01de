import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { createDocument, operationsOf } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import { pageNames, renderPage } from "../../src/http/openapi/page.ts";

const DOCUMENT = createDocument(GROUPS);
const MAX_BYTES = 148 * 1024;
const MAX_ELEMENTS = 5500;

let response: Response;
/** Every page by its path. */
const pages = new Map<string, string>();
let all: string;
beforeAll(async () => {
  response = await fetch(`${inject("url")}/docs`);
  pages.set("/docs", await response.text());
  for (const name of pageNames(DOCUMENT))
    pages.set(`/docs/${name}`, await (await fetch(`${inject("url")}/docs/${name}`)).text());
  all = [...pages.values()].join("\n");
});

describe("/docs", () => {
  it("shows every operation with a command for this server, to everybody", () => {
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    for (const { operationId, path } of operationsOf(GROUPS)) {
      expect(all).toContain(`<h2 id="${operationId}">`);
      expect(all).toContain(`<code>/api/v3${path}</code>`);
      // A link to the operation from outside needs not know its page.
      expect(pages.get("/docs")).toContain(`<li id="${operationId}">`);
    }
    expect(all).toContain(`${inject("url")}/api/v3/content/blog_post`);
    expect(all).toContain("<code>multipart/form-data</code>");
    expect(all).not.toContain("$FLOW_URL");
  });

  it("is many small pages, each with what can be scrolled within reach of the keyboard", () => {
    expect(pages.size).toBeGreaterThan(10);
    for (const [path, page] of pages) {
      expect(Buffer.byteLength(page), path).toBeLessThan(MAX_BYTES);
      expect(gzipSync(page).length, path).toBeLessThan(20 * 1024);
      expect(page.match(/<[a-z]/g)!.length, path).toBeLessThan(MAX_ELEMENTS);
      expect(page.match(/<pre(?! tabindex="0" role="region" aria-label=")/g), path).toBeNull();
      const regions = [...page.matchAll(/role="region" aria-label="([^"]*)"/g)].map(([, label]) => label);
      expect(regions.length, path).toBe(new Set(regions).size);
      expect(page.match(/<h1>/g), path).toHaveLength(1);
    }
    const titles = [...all.matchAll(/<title>([^<]*)<\/title>/g)].map(([, title]) => title);
    expect(new Set(titles).size).toBe(pages.size);
  });

  it("is not there under other names", async () => {
    for (const name of ["nope", "constructor", "__proto__", "content/nope", "Content", "schemas.html"])
      expect([name, (await fetch(`${inject("url")}/docs/${name}`)).status]).toEqual([name, 404]);
  });

  it("needs no script and nothing from elsewhere, and allows neither", () => {
    const policy = response.headers.get("content-security-policy")!;
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(all).not.toMatch(/<script|<link|<img|\sstyle=|\son\w+=|src=/i);
  });

  it("has a style sheet that its policy lets through", async () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(all)![1]!;
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    expect(response.headers.get("content-security-policy")).toContain(Buffer.from(digest).toString("base64"));
  });

  it("links only to what is there, and names each place once", () => {
    const idsOf = (page: string) => [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!);
    for (const [path, page] of pages) {
      const ids = idsOf(page);
      expect(ids.length, path).toBe(new Set(ids).size);
      for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) expect(ids, path).toContain(target);
      for (const [, label] of page.matchAll(/aria-labelledby="([^"]*)"/g)) expect(ids, path).toContain(label);
      for (const [, to, target] of page.matchAll(/href="(\/docs[^"#]*)#?([^"]*)"/g)) {
        expect([...pages.keys()], path).toContain(to);
        if (target) expect(idsOf(pages.get(to!)!), path).toContain(target);
      }
    }
  });

  it("is the same with a slash, is not sent twice, and answers HEAD", async () => {
    const etag = response.headers.get("etag")!;
    expect(await (await fetch(`${inject("url")}/docs/`)).text()).toBe(pages.get("/docs"));
    const again = await fetch(`${inject("url")}/docs`, { headers: { "if-none-match": etag } });
    expect(again.status).toBe(304);
    const head = await fetch(`${inject("url")}/docs`, { method: "HEAD" });
    expect([head.status, head.headers.get("etag"), await head.text()]).toEqual([200, etag, ""]);
  });

  it("shows hostile texts as texts", async () => {
    const evil = `</style></code><script>alert("1")</script>`;
    const document = createDocument(GROUPS);
    document.tags[0]!.description = evil;
    document.components.schemas["Entry"]!["description"] = evil;
    const operation = document.paths["/types"]!.get!;
    operation.summary = evil;
    operation.description = `\`${evil}\``;
    for (const name of [undefined, ...pageNames(document)]) {
      const { html } = (await renderPage(document, `http://x/"${evil}`, name))!;
      expect(html).not.toContain("<script");
      expect(html.match(/<\/style>/g)).toHaveLength(1);
    }
  });
});
