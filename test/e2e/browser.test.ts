import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { findChromium, openBrowser } from "../support/chromium.ts";
import { ARTICLE, newTenant, type Tenant } from "../support/tenant.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CLIENT = join(ROOT, "dist/flowcms/dist/lib/sdk");
const chromium = findChromium();

describe.runIf(chromium !== undefined)("in a browser", () => {
  let browser: Browser;
  let site: Server;
  let tenant: Tenant;
  let origin: string;
  const problems: string[] = [];

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, [join(ROOT, "src/dev/build-package.ts")], { cwd: ROOT });
    // A site of somebody else: its pages are of another origin than the API.
    site = createServer((request, response) => {
      const name = request.url!.slice(1);
      if (!/^(?:generated\/)?[\w-]+\.js$/.test(name))
        return void response.setHeader("content-type", "text/html").end("<!doctype html><title>site</title>");
      response.setHeader("content-type", "text/javascript").end(readFileSync(join(CLIENT, name)));
    });
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    tenant = await newTenant();
    await tenant.put("/types/article", ARTICLE);
    browser = await openBrowser(chromium!);
  });
  afterAll(async () => {
    await browser.close();
    site.close();
  });

  const open = async (url: string): Promise<Page> => {
    problems.length = 0;
    const page = await browser.newPage();
    page.on("pageerror", (error) => problems.push(error.message));
    await page.goto(url);
    return page;
  };

  it("the client reads and writes from another origin, and tells what was refused", async () => {
    const page = await open(origin);
    const options = JSON.stringify({ url: inject("url"), apiKey: tenant.tokens.admin });
    // As text: what runs in the page is to be touched by nobody's transformer.
    const seen = await page.evaluate(`(async () => {
      const { Client } = await import("/index.js");
      const flow = new Client(${options});
      const { id } = await flow.content.create("article", { title: "From a browser", slug: "browser" });
      await flow.content.publish(id);
      const { data } = await flow.content.list("article", { filter: { slug: "browser" } });
      const again = await flow.content.create("article", { title: "Again", slug: "browser" }).catch((error) => error);
      return {
        titles: data.map((one) => one.title),
        again: { reason: again.reason, hasRequestId: again.requestId !== null },
      };
    })()`);
    expect(seen).toEqual({
      titles: ["From a browser"],
      again: { reason: "content/slug-taken", hasRequestId: true },
    });
    expect(problems).toEqual([]);
  });

  it("the reference page is read without a script", async () => {
    const page = await open(`${inject("url")}/docs`);
    expect(await page.locator(".operations a").count()).toBeGreaterThan(50);
    expect(problems).toEqual([]);
  });

  it("GraphiQL says where it would come from when that is out of reach", async () => {
    const page = await browser.newPage();
    await page.route("https://cdn.jsdelivr.net/**", (route) => route.abort());
    await page.goto(`${inject("url")}/graphiql`);
    await page.locator("text=cannot reach").waitFor();
    expect(await page.locator("#token").isVisible()).toBe(true);
  });
});
