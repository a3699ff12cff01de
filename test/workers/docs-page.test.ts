import { beforeAll, describe, expect, inject, it } from "vitest";
import { createDocument, operationsOf } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import { renderPage } from "../../src/http/openapi/page.ts";

let response: Response;
let page: string;
beforeAll(async () => {
  response = await fetch(`${inject("url")}/docs`);
  page = await response.text();
});

describe("/docs", () => {
  it("shows every operation with a command for this server, to everybody", () => {
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    for (const { operationId, path } of operationsOf(GROUPS)) {
      expect(page).toContain(`<h3 id="${operationId}">`);
      expect(page).toContain(`<code>/api/v3${path}</code>`);
    }
    expect(page).toContain(`${inject("url")}/api/v3/content/blog_post`);
    expect(page).toContain("<code>multipart/form-data</code>");
    expect(page).not.toContain("$FLOW_URL");
  });

  it("needs no script and nothing from elsewhere, and allows neither", () => {
    const policy = response.headers.get("content-security-policy")!;
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(page).not.toMatch(/<script|<link|<img|\sstyle=|\son\w+=|src=/i);
  });

  it("has a style sheet that its policy lets through", async () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    expect(response.headers.get("content-security-policy")).toContain(Buffer.from(digest).toString("base64"));
  });

  it("links only to what is on it, and names each place once", () => {
    const ids = [...page.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id!);
    expect(ids.length).toBe(new Set(ids).size);
    for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
    for (const [, label] of page.matchAll(/aria-labelledby="([^"]*)"/g)) expect(ids).toContain(label);
  });

  it("is the same with a slash, is not sent twice, and answers HEAD", async () => {
    const etag = response.headers.get("etag")!;
    expect(await (await fetch(`${inject("url")}/docs/`)).text()).toBe(page);
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
    const { html } = await renderPage(document, `http://x/"${evil}`);
    expect(html).not.toContain("<script");
    expect(html.match(/<\/style>/g)).toHaveLength(1);
  });
});
