import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { newTenant } from "../support/tenant.ts";

const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });

it("flow types push renames, moves, converts and localises, and says what that does", async () => {
  const tenant = await newTenant();
  await tenant.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, "flow/types"), { recursive: true });
  const write = (fields: object[], more: object = {}) =>
    writeFileSync(
      join(cwd, "flow/types/post.json"),
      JSON.stringify({ id: "post", name: "Post", fields, ...more }),
    );
  const flow = (...args: string[]) => runFlow(["types", ...args], { token: tenant.tokens.admin, cwd });
  write([text("name", { required: true }), text("seo_title"), { id: "n", type: "integer" }, text("tone")]);
  expect(await flow("push")).toMatchObject({ code: 0, err: "" });
  const id = await tenant.published("post", { name: "A", seo_title: "S", n: 1, tone: "t" });
  await tenant.patch(`/content/post/${id}`, { name: "B" });
  const seo = { id: "seo", type: "component", fields: [text("title")] };
  const next = [
    text("title", { required: true }),
    { id: "n", type: "decimal", scale: 2 },
    text("tone", { localized: true }),
    seo,
  ];
  write(next, { renames: { seo_title: "seo.title" } });

  const refused = await flow("push");
  expect([refused.code, refused.out]).toEqual([1, expect.stringContaining("- remove name")]);
  const args = ["--rename", "post.name=title", "--localize", "all"];
  const planned = await flow("push", "--dry-run", ...args);
  const counts = "1 drafts, 1 published, 2 versions";
  expect(planned.out).toContain(`~ rename name (to title; ${counts}) [safe]`);
  expect(planned.out).toContain(`~ rename seo_title (to seo.title; ${counts}) [safe]`);
  expect(planned.out).toContain(`~ change tone (localized: none → true; ${counts}) [safe]`);
  expect(planned.out).toMatch(/change n \(type: "integer" → "decimal"; scale: none → 2; .*1 published/);
  expect((await tenant.get(`/types/post`)).body.data.version).toBe(1);

  const pushed = await flow("push", "--allow-data-loss", ...args);
  expect(pushed, pushed.err).toMatchObject({ code: 0, err: "" });
  const now = (await tenant.get(`/content/post/${id}?perspective=draft&locale=*`)).body.data;
  expect(now).toMatchObject({ title: "B", seo: { title: "S" }, n: "1.00", tone: { en: "t", fr: "t" } });
  // The file keeps its renames, which are passed over once they hold.
  expect((await flow("diff", "--check")).code).toBe(0);
  write([...next, text("more")], { renames: { seo_title: "seo.title" } });
  expect((await flow("push")).code).toBe(0);
  expect((await flow("push", "--rename", "post.x")).code).toBe(2);
  expect((await flow("push", "--rename", "nothing.x=y")).code).toBe(2);
  expect((await flow("push", "--localize", "some")).code).toBe(2);
});

it("flow types push renames types and components, in one request with what refers to them", async () => {
  const tenant = await newTenant();
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, "flow/types/components"), { recursive: true });
  const write = (name: string, definition: object) =>
    writeFileSync(join(cwd, `flow/types/${name}.json`), JSON.stringify(definition));
  const flow = (...args: string[]) => runFlow(["types", ...args], { token: tenant.tokens.admin, cwd });
  const uses = (id: string) => ({ id: "parts", type: "blocks", components: [id] });
  const named = (id: string, ...fields: object[]) => ({ id, name: "N", fields });
  const list = (type: string) => ({ back_references: [{ id: "articles", type, field: "author" }] });
  const by = { id: "author", type: "reference", to: ["author"] };
  write("author", { ...named("author", text("name")), ...list("article") });
  write("article", named("article", text("title"), by, uses("teaser")));
  write("components/teaser", named("teaser", text("line"), { id: "to", type: "reference", to: ["article"] }));
  expect(await flow("push")).toMatchObject({ code: 0, err: "" });
  const ada = await tenant.published("author", { name: "Ada" });
  const parts = [{ type: "teaser", line: "l" }];
  const id = await tenant.published("article", { title: "A", author: ada, parts });

  for (const name of ["article", "components/teaser"]) rmSync(join(cwd, `flow/types/${name}.json`));
  write("author", { ...named("author", text("name")), ...list("story") });
  write("story", named("story", text("headline"), by, uses("card")));
  const card = named("card", text("line"), { id: "to", type: "reference", to: ["story"] });
  write("components/card", { ...card, rename_from: "teaser" });
  expect((await flow("push")).code).toBe(1);
  const args = ["--rename", "article=story", "--rename", "story.title=headline"];
  const planned = await flow("push", "--dry-run", ...args);
  expect(planned.out.split("\n").slice(0, 3), planned.err).toEqual([
    "~ change component card (renamed from teaser; used by article) [safe]",
    "~ change type story (renamed from article) [safe]",
    "    ~ rename title (to headline) [safe]",
  ]);
  const pushed = await flow("push", ...args);
  expect(pushed, pushed.err).toMatchObject({ code: 0, err: "" });
  const now = (await tenant.get(`/content/story/${id}?perspective=draft`)).body.data;
  expect(now).toMatchObject({ headline: "A", author: ada, parts: [{ type: "card", line: "l" }] });
  expect((await flow("diff", "--check", "--rename", "article=story")).code).toBe(0);
  expect((await flow("push", "--rename", "nothing=story")).code).toBe(0);
  expect((await flow("push", "--rename", "article=missing")).code).toBe(2);
});
