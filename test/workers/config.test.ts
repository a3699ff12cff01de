import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const TITLE = { id: "title", type: "short_text", required: true, max: 80 };
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    TITLE,
    { id: "slug", type: "slug" },
    { id: "body", type: "rich_text", localized: true },
    { id: "kind", type: "enum", options: ["news", "essay"] },
    { id: "seo", type: "component", fields: [{ id: "label", type: "short_text" }] },
  ],
};
const NOTE = { id: "note", name: "Note", fields: [{ id: "text", type: "long_text" }] };

/** A project whose `flow/types` has these types as JSON. */
function projectWith(...types: { id: string }[]): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "flow/types"), { recursive: true });
  for (const type of types) writeFileSync(join(folder, `flow/types/${type.id}.json`), JSON.stringify(type));
  return folder;
}
const types = (tenant: Tenant, cwd: string, ...args: string[]) =>
  runFlow(["types", ...args], { token: tenant.tokens.admin, cwd });
const without = (...ids: string[]) => ({
  ...PAGE,
  fields: PAGE.fields.filter(({ id }) => !ids.includes(id)),
});
const changed = (id: string, field: object) => ({
  ...PAGE,
  fields: PAGE.fields.map((one) => (one.id === id ? { ...one, ...field } : one)),
});

describe("flow types", () => {
  it("pulls types as modules that push back without a difference", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/page", PAGE);
    await tenant.put("/types/note", NOTE);
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, "node_modules"));
    symlinkSync(ROOT, join(cwd, "node_modules/flowcms"));
    writeFileSync(join(cwd, "package.json"), '{"type":"module"}');
    expect(await types(tenant, cwd, "pull")).toMatchObject({ code: 0, err: "" });
    expect(readdirSync(join(cwd, "flow/types")).sort()).toEqual(["note.ts", "page.ts"]);
    const text = readFileSync(join(cwd, "flow/types/page.ts"), "utf8");
    expect(text).toMatch(
      /^import \{ defineType \} from "flowcms\/config";\n\nexport default defineType\(\{\n  id: "page",/,
    );
    expect(text).not.toMatch(/false|version|created_at/);
    expect(await types(tenant, cwd, "diff", "--check")).toMatchObject({
      code: 0,
      out: "The files and the environment have the same types.\n",
      err: "",
    });
    expect((await types(tenant, cwd, "pull")).out).toBe("2 types in flow/types, 0 files changed.\n");

    const other = await newTenant();
    expect((await types(other, cwd, "diff", "--check")).code).toBe(1);
    expect(await types(other, cwd, "push")).toMatchObject({ code: 0, err: "" });
    const plain = (type: any) => ({ ...type, created_at: "", updated_at: "" });
    expect((await other.get("/types")).body.data.map(plain)).toEqual(
      (await tenant.get("/types")).body.data.map(plain),
    );
  });

  it("plans what is added, changed and removed, and says what it costs", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/page", PAGE);
    await tenant.put("/types/note", NOTE);
    await tenant.published("page", { title: "One", slug: "one", kind: "news", seo: { label: "x" } });
    const wanted = {
      ...PAGE,
      name: "Page of the site",
      fields: [
        { ...TITLE, max: 100, help: "Short" },
        { id: "slug", type: "slug", required: true },
        { id: "kind", type: "enum", options: ["essay"] },
        { id: "seo", type: "component", fields: [{ id: "text", type: "short_text" }] },
        { id: "rank", type: "integer" },
      ],
    };
    const cwd = projectWith(wanted, { ...NOTE, id: "memo" } as typeof NOTE);
    const plan = JSON.parse((await types(tenant, cwd, "diff", "--json")).out);
    expect(plan).toMatchObject({ differs: true, loses_data: true });
    const seen = Object.fromEntries(plan.changes.map((change: any) => [change.type, change]));
    expect(seen).toMatchObject({
      memo: { action: "create", risk: "safe" },
      note: { action: "delete", risk: "safe" },
      page: { action: "change", risk: "data-losing", details: ['name: "Page" → "Page of the site"'] },
    });
    expect(
      Object.fromEntries(seen.page.fields.map((one: any) => [one.field, `${one.action} ${one.risk}`])),
    ).toEqual({
      title: "change safe",
      slug: "change data-losing",
      kind: "change data-losing",
      "seo.text": "add safe",
      "seo.label": "remove data-losing",
      rank: "add safe",
      body: "remove safe",
    });
    expect((await types(tenant, cwd, "diff")).out).toMatch(
      /~ change kind \(options: [^)]*1 entry has a value\) \[data-losing\]/,
    );
  });

  it("loses nothing unless that is allowed", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/page", PAGE);
    await tenant.put("/types/note", NOTE);
    const id = await tenant.published("page", { title: "One", kind: "news" });
    await tenant.published("note", { text: "Keep me" });
    const current = async () => (await tenant.get("/types")).body.data;
    const before = await current();
    for (const [project, file] of [
      ["a removed field", projectWith(without("kind"), NOTE)],
      ["a removed type", projectWith(PAGE)],
      ["a changed field type", projectWith(changed("kind", { type: "integer", options: undefined }), NOTE)],
      ["fewer options", projectWith(changed("kind", { options: ["essay"] }), NOTE)],
    ] as const) {
      const refused = await types(tenant, file, "push", "--json");
      expect(refused.code, project).toBe(1);
      expect(JSON.parse(refused.out), project).toMatchObject({ loses_data: true, applied: [] });
      expect(await current(), project).toEqual(before);
    }
    const narrowed = await types(
      tenant,
      projectWith(changed("kind", { options: ["essay"] }), NOTE),
      ...["push", "--allow-data-loss"],
    );
    expect(narrowed).toMatchObject({ code: 1, err: expect.stringContaining(id) });
    expect(await current()).toEqual(before);

    const retyped = projectWith(changed("kind", { type: "integer", options: undefined }));
    expect(await types(tenant, retyped, "push", "--dry-run", "--allow-data-loss")).toMatchObject({ code: 0 });
    expect(await current()).toEqual(before);
    expect((await types(tenant, retyped, "push", "--keep-others", "--allow-data-loss")).code).toBe(0);
    const page = (await tenant.get(`/content/page/${id}?perspective=draft`)).body.data;
    expect(page).toMatchObject({ title: "One", kind: null });
    expect(await types(tenant, retyped, "push", "--allow-data-loss")).toMatchObject({ code: 0, err: "" });
    expect((await current()).map((type: any) => type.id)).toEqual(["page"]);
  });

  it("writes the locales of the environment that a variable names", async () => {
    const tenant = await newTenant();
    const german = { name: "german", default_locale: "de", locales: [{ code: "de" }] };
    expect((await tenant.post("/environments", german)).status).toBe(201);
    expect((await tenant.put("/environments/aliases/live", { environment: "german" })).status).toBe(200);
    const cwd = temporaryFolder();
    const localeIn = async (environment: string | undefined) => {
      const env = { FLOW_ENVIRONMENT: environment };
      const run = await runFlow(["types"], { token: tenant.tokens.admin, cwd, env });
      expect(run, run.err).toMatchObject({ code: 0 });
      return /export type Locale = "(\w+)"/.exec(readFileSync(join(cwd, "flow-types.ts"), "utf8"))?.[1];
    };
    expect([await localeIn(undefined), await localeIn("german"), await localeIn("live")]).toEqual([
      "en",
      "de",
      "de",
    ]);
  });

  it("says what is wrong", async () => {
    const tenant = await newTenant();
    const empty = temporaryFolder();
    expect(await types(tenant, empty, "diff")).toMatchObject({
      code: 2,
      err: expect.stringContaining("flow types pull"),
    });
    mkdirSync(join(empty, "flow/types"), { recursive: true });
    expect(await types(tenant, empty, "push")).toMatchObject({ code: 2 });
    expect(await types(tenant, empty, "pul")).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean "pull"?'),
    });
    expect(await types(tenant, empty, "pull", "--format", "xml")).toMatchObject({ code: 2 });
    const wrong = projectWith(changed("title", { max: "long" }));
    expect(await types(tenant, wrong, "push")).toMatchObject({
      code: 1,
      err: expect.stringContaining("fields[0].max"),
    });
    writeFileSync(join(wrong, "flow/types/page.json"), "{");
    expect(await types(tenant, wrong, "push")).toMatchObject({
      code: 1,
      err: expect.stringContaining("page.json"),
    });
    rmSync(join(wrong, "flow/types/page.json"));
    writeFileSync(join(wrong, "flow/types/page.mjs"), "export default { id: 'page' }");
    expect(await types(tenant, wrong, "diff")).toMatchObject({
      code: 1,
      err: expect.stringContaining("as default"),
    });
  });
});
