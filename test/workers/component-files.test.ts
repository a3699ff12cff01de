import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const IMAGE = { id: "image", name: "Image", fields: [text("caption")] };
const SEO = {
  id: "seo",
  name: "SEO",
  fields: [
    text("title"),
    { id: "share", type: "component", component: "image" },
    { id: "link", type: "reference", to: ["page"] },
  ],
};
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    text("title"),
    { id: "seo", type: "component", component: "seo" },
    { id: "gallery", type: "component", component: "image", multiple: true },
    { id: "parts", type: "blocks", components: ["seo", { id: "line", fields: [text("text")] }] },
    { id: "next", type: "reference", to: ["note"] },
  ],
};
const NOTE = {
  id: "note",
  name: "Note",
  fields: [text("text"), { id: "on", type: "reference", to: ["page"] }],
};

function projectWith(types: { id: string }[], components: { id: string }[]): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "flow/types/components"), { recursive: true });
  for (const one of types) writeFileSync(join(folder, `flow/types/${one.id}.json`), JSON.stringify(one));
  for (const one of components)
    writeFileSync(join(folder, `flow/types/components/${one.id}.json`), JSON.stringify(one));
  return folder;
}
const flow = (tenant: Tenant, cwd: string, ...args: string[]) =>
  runFlow(args, { token: tenant.tokens.admin, cwd });

describe("flow types with components", () => {
  it("pushes what refers to each other at once, pulls it, and pushes it back without a difference", async () => {
    const tenant = await newTenant();
    const cwd = projectWith([PAGE, NOTE], [SEO, IMAGE]);
    const pushed = await flow(tenant, cwd, "types", "push");
    expect(pushed, pushed.err).toMatchObject({ code: 0, err: "" });
    expect(pushed.out).toContain("+ create component image [safe]");
    expect((await tenant.get("/components/seo")).body.data.usage.types).toEqual(["page"]);
    const other = temporaryFolder();
    mkdirSync(join(other, "node_modules"));
    symlinkSync(ROOT, join(other, "node_modules/flowcms"));
    writeFileSync(join(other, "package.json"), '{"type":"module"}');
    expect(await flow(tenant, other, "types", "pull")).toMatchObject({ code: 0, err: "" });
    expect(readdirSync(join(other, "flow/types/components")).sort()).toEqual(["image.ts", "seo.ts"]);
    const module = readFileSync(join(other, "flow/types/components/seo.ts"), "utf8");
    expect(module).toContain("export default defineComponent({");
    expect(module).not.toMatch(/usage|version/);
    expect(await flow(tenant, other, "types", "diff", "--check")).toMatchObject({ code: 0, err: "" });
  });

  it("changes a component before its types, marks what it may cost, and deletes in the right order", async () => {
    const tenant = await newTenant();
    await flow(tenant, projectWith([PAGE, NOTE], [SEO, IMAGE]), "types", "push");
    await tenant.post("/content/page", { title: "x", seo: { title: "t" } });
    const fewer = { ...SEO, fields: SEO.fields.slice(1) };
    const losing = projectWith([PAGE, NOTE], [fewer, IMAGE]);
    const refused = await flow(tenant, losing, "types", "push");
    expect([refused.code, refused.out]).toEqual([1, expect.stringContaining("used by page")]);
    expect(refused.out).toContain("- remove title (short_text) [data-losing]");
    expect(await flow(tenant, losing, "types", "push", "--allow-data-loss")).toMatchObject({ code: 0 });
    const [entry] = (await tenant.get("/content/page?perspective=draft")).body.data;
    expect(entry.seo?.title).toBeUndefined();
    const only = { id: "other", name: "Other", fields: [text("a")] };
    const emptied = await flow(tenant, projectWith([only], []), "types", "push", "--allow-data-loss");
    expect(emptied, emptied.err).toMatchObject({ code: 0, err: "" });
    expect((await tenant.get("/components")).body.data).toEqual([]);
    expect((await tenant.get("/types")).body.data.map((one: any) => one.id)).toEqual(["other"]);
  });

  it("writes one interface for each component", async () => {
    const tenant = await newTenant();
    const cwd = projectWith([PAGE, NOTE], [SEO, IMAGE]);
    await flow(tenant, cwd, "types", "push");
    await flow(tenant, cwd, "types");
    const written = readFileSync(join(cwd, "flow-types.ts"), "utf8");
    expect(written).toContain("export interface Seo {\n  title?: string;\n  share?: Image;");
    expect(written).toContain("  seo: Seo | null;");
    expect(written).toContain("  gallery: Image[] | null;");
    expect(written).toContain('  parts: (({ type: "seo" } & Seo) | {');
  });

  it("is exported and imported without a difference, with values at every depth", async () => {
    const tenant = await newTenant();
    await flow(tenant, projectWith([PAGE, NOTE], [SEO, IMAGE]), "types", "push");
    await tenant.put("/types/settings", { id: "settings", name: "S", singleton: true, fields: [text("a")] });
    await tenant.put("/content/settings/-", { a: "b" });
    const seo = { title: "T", share: { caption: "C" } };
    await tenant.published("page", {
      title: "One",
      seo,
      gallery: [{ caption: "a" }, { caption: "b" }],
      parts: [
        { type: "seo", ...seo },
        { type: "line", text: "l" },
      ],
    });
    const folder = temporaryFolder();
    expect(await flow(tenant, folder, "export", "one")).toMatchObject({ code: 0 });
    expect((await tenant.post("/environments", { name: "copy" })).status).toBe(201);
    for (const run of [1, 2]) {
      const imported = await flow(tenant, folder, "import", "ndjson", "one", "--environment", "copy");
      expect(imported.code, `${run}: ${imported.out}${imported.err}`).toBe(0);
    }
    expect(await flow(tenant, folder, "export", "two", "--environment", "copy")).toMatchObject({ code: 0 });
    const linesOf = (name: string) => readFileSync(join(folder, name, "flow.ndjson"), "utf8");
    expect(linesOf("two")).toBe(linesOf("one"));
    expect(linesOf("one")).toContain('"parts":[{"type":"seo","share":{"caption":"C"},"title":"T"}');
  });
});
