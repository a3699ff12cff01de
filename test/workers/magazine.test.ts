import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { articles } from "../../examples/magazine/seed/articles.ts";
import { categories } from "../../examples/magazine/seed/categories.ts";
import { pages } from "../../examples/magazine/seed/pages.ts";
import { authors } from "../../examples/magazine/seed/people.ts";
import { idOf } from "../../examples/magazine/seed/seeded.ts";
import { around, products } from "../../examples/magazine/seed/shop.ts";
import { AdminClient } from "../../src/sdk/admin.ts";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SEEDED = [...authors, ...categories, ...articles, ...pages, ...products, ...around];

/** A project with the model of the example. */
function project(): string {
  const cwd = temporaryFolder();
  cpSync(join(ROOT, "examples/magazine/flow"), join(cwd, "flow"), { recursive: true });
  mkdirSync(join(cwd, "node_modules"));
  symlinkSync(ROOT, join(cwd, "node_modules/flowcms"));
  writeFileSync(join(cwd, "package.json"), '{"type":"module"}');
  return cwd;
}

describe("the magazine and its shop", () => {
  let tenant: Tenant;
  let cwd: string;

  beforeAll(async () => {
    tenant = await newTenant();
    cwd = project();
    const pushed = await runFlow(["types", "push"], { token: tenant.tokens.admin, cwd });
    expect(pushed, pushed.err).toMatchObject({ code: 0 });
    const flow = new AdminClient({ url: inject("url"), apiKey: tenant.tokens.admin });
    const [de, fr] = ["de", "fr"].map((code) => ({ code, fallback: "en" }));
    await flow.environments.update("main", { locales: [{ code: "en" }, de!, fr!] });
    for (const { type, id, fields } of SEEDED) {
      await flow.content.put(type, id, fields, { locale: "*" });
      await flow.content.publish(id);
    }
  }, 120_000);

  const read = async (path: string) => {
    const { status, body } = await tenant.get(`/content/${path}`);
    expect(status, JSON.stringify(body)).toBe(200);
    return body;
  };
  const idsOf = (body: { data: { id: string }[] }) => body.data.map(({ id }) => id);

  it("is pushed as a whole, and again without a difference", async () => {
    const again = await runFlow(["types", "diff", "--check"], { token: tenant.tokens.admin, cwd });
    expect(again, again.err + again.out).toMatchObject({ code: 0 });
  });

  it("has pages and categories by their paths in three languages", async () => {
    for (const [locale, path] of [
      ["en", "about/team/jobs"],
      ["de", "ueber-uns/redaktion/stellen"],
      ["fr", "a-propos/equipe/emplois"],
    ])
      expect((await read(`page/${path}?locale=${locale}`)).data).toMatchObject({ id: idOf("page", 3), path });
    const { data } = await read("category/coast/lighthouses/fresnel-lenses?include=ancestors");
    expect(data.ancestors.map(({ name }: { name: string }) => name)).toEqual(["Coast", "Lighthouses"]);
  });

  it("finds what is in a category or below it, near a place, of a kind of block, and of an author", async () => {
    const coast = idOf("category", 1);
    const within = await read(`article?filter[category][within]=${coast}&sort=place:near(48.39,-4.49)`);
    expect(idsOf(within)[0]).toBe(idOf("article", 1));
    expect(within.data).toHaveLength(5);
    expect(idsOf(await read("article?filter[body][quote][source]=Yann, pilot"))).toEqual([
      idOf("article", 1),
    ]);
    expect(idsOf(await read("product?filter[variants][code]=TIDE-A3"))).toEqual([idOf("product", 3)]);
    const [first] = (await read("author?filter[articles][kind]=review&include=articles")).data;
    expect([first.id, first.articles.total]).toEqual([idOf("author", 3), 2]);
    expect(idsOf(await read("article?sort=category.name&limit=1"))).toEqual([idOf("article", 3)]);
  });

  it("keeps its rules", async () => {
    const sale = {
      name: { en: "Print" },
      sku: "PR-001",
      shop: "berlin",
      price: { amount: "1", currency: "EUR" },
    };
    const taken = await tenant.post("/content/product?locale=*", sale);
    expect([taken.status, taken.body.error.reason]).toEqual([409, "content/not-unique"]);
    const incomplete = { ...sale, sku: "PR-002", sale: { from: "2026-01-01" } };
    const refused = await tenant.post("/content/product?locale=*", incomplete);
    expect(refused.body.error.details).toMatchObject([{ path: "sale_price" }]);
    expect((await read(`product/${idOf("product", 1)}`)).data.label).toBe("PR-001 · berlin");
  });

  it("moves a branch of the tree, and its old paths lead on", async () => {
    const team = idOf("page", 2);
    const moved = await tenant.post(`/content/page/${team}/move`, { parent: null });
    expect(moved.status, moved.text).toBe(200);
    expect((await tenant.post("/content/publish", { id: team })).status).toBe(200);
    expect((await read("page/team/jobs")).data.id).toBe(idOf("page", 3));
    expect((await read("page/about/team/jobs")).moved).toEqual({ from: "about/team/jobs", to: "team/jobs" });
  });
});
