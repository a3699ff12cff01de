import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../support/tenant.ts";
import { newReceivingTenant } from "../support/webhooks.ts";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/webhooks.md"), "utf8");
const recipes = page.slice(page.indexOf("## Recipes"));
/** The first block of a recipe in a language. */
const blockOf = (recipe: string, language: string): string =>
  new RegExp(`### ${recipe}\\n[^]*?\`\`\`${language}\\n([^]*?)\`\`\``).exec(recipes)![1]!;

let { receiver, tenant, hook } = {} as Awaited<ReturnType<typeof newReceivingTenant>>;
beforeAll(async () => {
  ({ receiver, tenant, hook } = await newReceivingTenant());
});
afterAll(() => receiver.close());

/** The webhook of a recipe, which leads here. */
async function follow(recipe: string) {
  const { url: _, coalesce_seconds: wait, ...settings } = JSON.parse(blockOf(recipe, "json"));
  return hook({ ...settings, ...(wait ? { coalesce_seconds: 1 } : {}) });
}

/** The module of an example, with what it imports in place of what it names. */
async function moduleOf(code: string, imports: Record<string, string> = {}): Promise<any> {
  const sdk = new URL("../../src/sdk/webhooks.ts", import.meta.url).href;
  const named: Record<string, string> = { "flowcms/webhooks": sdk, ...imports };
  const text = stripTypeScriptTypes(code).replace(
    /from "([^"]+)"/g,
    (_, name: string) => `from ${JSON.stringify(named[name])}`,
  );
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(text)}`);
}

it("do what they say", async () => {
  const names = [...recipes.matchAll(/^### (.+)$/gm)].map(([, name]) => name!);
  const [rebuild, next, cdn, search, removed, slack] = await Promise.all(names.map(follow));
  const id = await tenant.published("article", { title: "Hello", slug: "hello", kind: "news" });
  expect(await rebuild!.payloads(1)).toEqual([{}]);
  const links = /^\*Hello\* is published: .*\/content\/article\/cnt_/;
  expect(await slack!.payloads(1)).toEqual([{ text: expect.stringMatching(links) }]);
  expect(await cdn!.payloads(1)).toEqual([
    { files: ["https://www.example.com/blog/hello", "https://www.example.com/blog"] },
  ]);
  expect(cdn!.calls()[0]!.headers.authorization).toBe("Bearer 4711");
  expect(await search!.payloads(1)).toEqual([[{ id, title: "Hello", kind: "news" }]]);
  await next!.payloads(1);
  await tenant.post("/content/unpublish", { id });
  expect(await removed!.payloads(1)).toEqual([[id]]);
  await next!.payloads(2);

  const tags: string[] = [];
  Object.assign(globalThis, { revalidated: tags });
  process.env["FLOW_WEBHOOK_SECRET"] = next!.secret;
  const stub = `data:text/javascript,export const revalidateTag = (tag) => globalThis.revalidated.push(tag);`;
  const { POST } = await moduleOf(blockOf("Revalidate tags of Next.js", "ts"), { "next/cache": stub });
  const [call] = next!.calls();
  const asked = () =>
    new Request(next!.url, { method: "POST", headers: call!.headers as never, body: call!.body });
  expect((await POST(asked())).status).toBe(204);
  expect(tags).toEqual(["article", id]);
});

it("have a Worker that takes every event once", async () => {
  const one = await hook({ events: ["*"] });
  const code = readFileSync(join(ROOT, "examples/webhook-receiver/src/index.ts"), "utf8");
  const { default: worker } = await moduleOf(code.replace(/ satisfies ExportedHandler<Env>/, ""));
  const seen = new Map<string, string>();
  const SEEN = {
    get: async (key: string) => seen.get(key) ?? null,
    put: async (key: string, value: string) => void seen.set(key, value),
  };
  const work: Promise<unknown>[] = [];
  const statuses: number[] = [];
  receiver.answers(async ({ headers, body }, response) => {
    const request = new Request("https://receiver.example.com", {
      method: "POST",
      headers: headers as never,
      body,
    });
    const env = { FLOW_WEBHOOK_SECRET: `whsec_AAAA,${one.secret}`, SEEN };
    const { status } = await worker.fetch(request, env, {
      waitUntil: (some: Promise<unknown>) => work.push(some),
    });
    statuses.push(status as number);
    response.writeHead(status as number).end();
  });
  const id = await tenant.published("article", { title: "Taken" });
  await eventually(async () => one.calls().length === 2);
  await Promise.all(work);
  await tenant.post(`/webhooks/${one.id}/replay`, { state: "all" });
  await eventually(async () => one.calls().length === 4);
  await Promise.all(work);
  expect([...seen.keys()]).toEqual([id]);
  expect(seen.get(id)).toBe(
    String(Math.max(...one.calls().map(({ body }) => JSON.parse(body).sequence as number))),
  );
  const own = statuses.filter((status) => status === 204);
  expect(own.length).toBe(4);
  receiver.answers(undefined);
});
