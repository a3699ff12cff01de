import { mkdirSync, writeFileSync } from "node:fs";
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
