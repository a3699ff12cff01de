import axe from "axe-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { createDocument } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/groups.ts";
import { pageNames } from "../../src/http/openapi/page.ts";
import { findChromium, openBrowser } from "../support/chromium.ts";

const chromium = findChromium();
const PATHS = ["/docs", ...pageNames(createDocument(GROUPS)).map((name) => `/docs/${name}`)];
const WIDE = { width: 1280, height: 800 };
const VIEWS = [
  { colorScheme: "light", viewport: WIDE },
  { colorScheme: "dark", viewport: WIDE },
  { colorScheme: "light", viewport: { width: 320, height: 640 } },
] as const;

describe.runIf(chromium !== undefined)("the documentation in a browser", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser(chromium!);
  });
  afterAll(() => browser.close());

  it.each(VIEWS)("has no fault that axe finds: $colorScheme, $viewport.width wide", async (view) => {
    const page = await browser.newPage({ ...view, bypassCSP: true });
    for (const path of PATHS) {
      await page.goto(inject("url") + path);
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ["violations"] }),
      );
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`);
      expect([path, found]).toEqual([path, []]);
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      expect([path, scrollWidth]).toEqual([path, clientWidth]);
    }
    await page.close();
  });

  it("leads from the first page to an operation and its schema without a script", async () => {
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(`${inject("url")}/docs`);
    await page.click('main a[href="/docs/content#getEntry"]');
    await page.waitForURL("**/docs/content#getEntry");
    await page.click('main a[href^="/docs/schemas#schema-"] >> nth=0');
    await page.waitForURL("**/docs/schemas#schema-*");
    await page.close();
  });
});
