import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { ImportReport } from "../../src/cli/import/report.ts";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const GARDEN = fileURLToPath(new URL("../fixtures/contentful", import.meta.url));

async function flow(tenant: Tenant, ...args: string[]): Promise<string> {
  const run = await runFlow(args, { token: tenant.tokens.admin });
  expect(run, run.out).toMatchObject({ code: 0, err: "" });
  return run.out;
}
async function exported(tenant: Tenant, ...more: string[]): Promise<string> {
  const folder = join(temporaryFolder(), "backup");
  await flow(tenant, "export", folder, ...more);
  return folder;
}
const imported = async (tenant: Tenant, folder: string, ...more: string[]) =>
  JSON.parse(await flow(tenant, "import", "ndjson", folder, "--json", ...more)) as ImportReport;

/** Every file of a folder with its SHA-256. */
function contentsOf(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const hash = (path: string) => createHash("sha256").update(readFileSync(path)).digest("hex");
  return Object.fromEntries(
    files
      .map((file) => join(file.parentPath, file.name))
      .sort()
      .map((path) => [relative(folder, path), hash(path)]),
  );
}
const linesOf = (folder: string) =>
  readFileSync(join(folder, "flow.ndjson"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, any>);

const ESSAY = {
  id: "essay",
  name: "Essay",
  fields: [
    { id: "title", type: "short_text", localized: true, required: true },
    { id: "slug", type: "slug", localized: true },
    { id: "rank", type: "integer" },
    { id: "mood", type: "enum", options: ["calm", "cross"], default: "calm" },
    {
      id: "parts",
      type: "blocks",
      components: [{ id: "aside", fields: [{ id: "text", type: "long_text" }] }],
    },
    { id: "next", type: "reference", to: ["essay"] },
  ],
  review: {
    stages: [{ id: "writing" }, { id: "reading", from: ["writing"] }, { id: "ready", from: ["reading"] }],
    publish_from: ["ready"],
  },
};

/**
 * What an import of another system's file does not leave behind: locales published apart, reviews,
 * edits, remote assets.
 */
async function writeMore(tenant: Tenant): Promise<void> {
  const ok = async (reply: Promise<{ status: number; text: string; body: any }>) => {
    const { status, text, body } = await reply;
    expect(status, text).toBeLessThan(300);
    return body.data;
  };
  await ok(tenant.put("/types/essay", { ...ESSAY, review: undefined }));
  await ok(
    tenant.put("/assets/ast_01jd0000000000000000000001", {
      source_url: "https://images.example/a.jpg",
      caption: "Far away",
      created_at: "2020-01-01T00:00:00Z",
    }),
  );
  const create = async (fields: object) =>
    (await ok(tenant.post("/content/essay?locale=*", fields))).id as string;
  const patch = (id: string, fields: object) => ok(tenant.patch(`/content/essay/${id}?locale=*`, fields));
  const publish = (id: string, more: object = {}) =>
    ok(tenant.post("/content/publish", { id, published_at: "2023-03-03T03:03:03.123Z", ...more }));

  const apart = await create({ title: { "en-GB": "One", de: "Eins" }, slug: { "en-GB": "one" }, rank: 1 });
  await publish(apart, { locales: ["de"] });
  await patch(apart, { title: { "en-GB": "One, better", de: "Eins, besser" }, rank: 2, mood: null });
  await publish(apart, { locales: ["en-GB"] });
  await patch(apart, {
    title: { "en-GB": "One, better", de: "Eins, noch besser" },
    parts: [{ type: "aside", text: "psst" }],
  });

  const edited = await create({ title: { "en-GB": "Two" }, next: apart });
  await publish(edited);
  await patch(edited, { title: { "en-GB": "Two, edited", de: "Zwei" }, rank: 7 });
  await patch(apart, { next: edited });

  const withdrawn = await create({ title: { "en-GB": "Three" }, mood: "cross" });
  await publish(withdrawn);
  await ok(tenant.post("/content/unpublish", { id: withdrawn }));

  await ok(tenant.put("/types/essay", ESSAY));
  await ok(tenant.post(`/content/essay/${withdrawn}/stage`, { stage: "reading" }));
  await ok(tenant.put(`/content/essay/${withdrawn}/assignee`, { assignee: "usr_somebody" }));
}

describe("flow export and flow import ndjson", () => {
  let source: Tenant;
  let folder: string;

  beforeAll(async () => {
    source = await newTenant();
    await flow(
      source,
      ...["import", "contentful", join(GARDEN, "garden.json")],
      ...["--published", join(GARDEN, "garden-published.json")],
    );
    await writeMore(source);
    folder = await exported(source);
  });

  it("writes everything of an environment, readable", () => {
    const lines = linesOf(folder);
    expect(lines[0]).toEqual({ kind: "flowcms", format: 1 });
    expect(lines[1]).toMatchObject({ kind: "environment", default_locale: "en-GB" });
    expect(lines.filter(({ kind }) => kind === "type").map(({ definition }) => definition.id)).toEqual([
      ...["essay", "family", "plant", "publish_type"],
    ]);
    const essays = lines.filter(({ type }) => type === "essay");
    expect(essays).toMatchObject([
      {
        status: "changed",
        published_at: "2023-03-03T03:03:03.123Z",
        fields: { title: { "en-GB": "One, better", de: "Eins, noch besser" }, rank: 2 },
        published: [
          { locales: ["de"], fields: { title: { de: "Eins" }, rank: 1, mood: "calm" } },
          { locales: ["en-GB"], fields: { title: { "en-GB": "One, better" }, rank: 2 } },
        ],
      },
      { status: "changed", fields: { rank: 7 }, published: [{ fields: { title: { "en-GB": "Two" } } }] },
      { status: "draft", stage: "reading", assignee: "usr_somebody", fields: { mood: "cross" } },
    ]);
    expect(essays[0]!["fields"]).not.toHaveProperty("mood");
    const assets = lines.filter(({ kind }) => kind === "asset");
    const files = assets.map(({ id, file, source_url }) => file?.replace(id, "ID") ?? source_url);
    expect(files.sort()).toEqual([
      "assets/ID/leaf.png",
      "assets/ID/leaflet.txt",
      "https://images.ctfassets.net/garden1/lost/x/lost.jpg",
      "https://images.example/a.jpg",
    ]);
  });

  it("comes back as the same bytes after an import into another tenant", async () => {
    const target = await newTenant();
    const report = await imported(target, folder);
    expect(report).toMatchObject({ ok: true, failed: [], notes: [] });
    expect(report.totals).toMatchObject({
      type: { seen: 4, created: 4 },
      asset: { seen: 4, created: 4 },
      plant: { seen: 4, created: 4, published: 2 },
      essay: { seen: 3, created: 3, published: 2 },
    });
    expect(contentsOf(await exported(target))).toEqual(contentsOf(folder));
    const [one] = (await source.get("/content/essay?locale=de&sort=id")).body.data;
    const [same] = (await target.get("/content/essay?locale=de&sort=id")).body.data;
    expect({ ...same, version: 0, updated_at: "" }).toEqual({ ...one, version: 0, updated_at: "" });
    expect(one).toMatchObject({ title: "Eins", rank: 2 });

    const again = await imported(target, folder);
    for (const counts of Object.values(again.totals))
      expect(counts).toMatchObject({ created: 0, updated: 0, published: 0, failed: 0 });
    expect(contentsOf(await exported(target))).toEqual(contentsOf(folder));
  });

  it("goes into another environment of the same tenant", async () => {
    await flow(source, "export", join(temporaryFolder(), "x"));
    expect((await source.post("/environments", { name: "restored" })).status).toBe(201);
    await imported(source, folder, "--environment", "restored");
    expect(contentsOf(await exported(source, "--environment", "restored"))).toEqual(contentsOf(folder));
  });

  it("finishes what was killed", async () => {
    const target = await newTenant();
    const killed = await runFlow(["import", "ndjson", folder, "--concurrency", "1"], {
      token: target.tokens.admin,
      killWhen: async () =>
        ((await target.get("/content/essay?perspective=draft")).body?.data?.length ?? 0) > 1,
    });
    expect(killed.code).toBeNull();
    expect(await imported(target, folder)).toMatchObject({ ok: true, failed: [] });
    expect(contentsOf(await exported(target))).toEqual(contentsOf(folder));
  });

  it("replaces what was changed since", async () => {
    const target = await newTenant();
    await imported(target, folder);
    const [plan] = (await target.get("/content/publish_type")).body.data;
    await target.patch(`/content/publish_type/${plan.id}`, { label: "Autumn" });
    const sage = (await target.get("/content/plant?perspective=draft&filter[title]=Sage")).body.data[0];
    await target.post("/content/publish", { id: sage.id });
    const report = await imported(target, folder);
    expect(report.totals["publish_type"]).toMatchObject({ updated: 1, published: 1 });
    expect(contentsOf(await exported(target))).toEqual(contentsOf(folder));
  });

  it("leaves drafts out with --published", async () => {
    const published = await exported(source, "--published");
    const target = await newTenant();
    expect(await imported(target, published)).toMatchObject({ ok: true });
    const titles = linesOf(published)
      .filter(({ type }) => type === "essay" || type === "plant")
      .map(({ status, fields }) => [status, fields.title]);
    expect(titles).toEqual(
      [
        ["changed", { de: "Eins", "en-GB": "One, better" }],
        ["published", { "en-GB": "Two" }],
        ["published", { "en-GB": "Dog rose", de: "Hundsrose" }],
        ["published", { "en-GB": "Lavender", de: "Lavendel" }],
      ].map(([status, title]) => [status, expect.objectContaining(title as object)]),
    );
    expect(readFileSync(join(published, "flow.ndjson"), "utf8")).not.toMatch(
      /noch besser|edited|rewritten|Sage/,
    );
  });

  it("writes a folder whole or not at all", async () => {
    const args = ["export", folder];
    const token = source.tokens.admin;
    expect(await runFlow(args, { token })).toMatchObject({
      code: 2,
      err: expect.stringContaining("--force"),
    });
    const before = contentsOf(folder);
    expect(await runFlow([...args, "--force"], { token: "flow_admin_wrong" })).toMatchObject({ code: 1 });
    expect(contentsOf(folder)).toEqual(before);
    writeFileSync(join(folder, "stale"), "");
    expect(await runFlow([...args, "--force"], { token })).toMatchObject({ code: 2 });
    rmSync(join(folder, "stale"));
    await flow(source, ...args, "--force");
    expect(contentsOf(folder)).toEqual(before);
    expect(readdirSync(dirname(folder))).toEqual(["backup"]);
  });

  it("leaves nothing behind when it is interrupted", async () => {
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const parent = temporaryFolder();
    const run = await runFlow(["export", join(parent, "backup")], {
      token: "flow_read_x",
      env: { FLOW_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}` },
      killWhen: async () => readdirSync(parent).length > 0,
      killSignal: "SIGINT",
    });
    silent.closeAllConnections();
    silent.close();
    expect(run.code).toBe(130);
    expect(readdirSync(parent)).toEqual([]);
  });

  it("checks a folder before it writes anything", async () => {
    const target = await newTenant();
    const broken = (change: (text: string) => string, prepare: (copy: string) => void = () => {}) => {
      const copy = join(temporaryFolder(), "copy");
      cpSync(folder, copy, { recursive: true });
      writeFileSync(join(copy, "flow.ndjson"), change(readFileSync(join(copy, "flow.ndjson"), "utf8")));
      prepare(copy);
      return copy;
    };
    const empty = temporaryFolder();
    const cases: [string, RegExp][] = [
      [broken((text) => text.slice(0, -10)), /line \d+: not valid JSON/],
      [broken(() => ""), /is empty/],
      [broken((text) => text.replace('"format":1', '"format":9')), /format 9 is not one/],
      [broken((text) => text.split("\n").slice(1).join("\n")), /first line must be the header/],
      [broken((text) => text.replace(/"file":"[^"]+"/, '"file":"../../etc/passwd"')), /is outside/],
      [
        broken(
          (text) => text,
          (copy) => rmSync(join(copy, "assets"), { recursive: true }),
        ),
        /is missing/,
      ],
      [broken((text) => text.replace(/^.*"definition":\{"id":"family".*\n/m, "")), /but not the type/],
      [empty, /flow\.ndjson/],
    ];
    for (const [path, message] of cases) {
      const run = await runFlow(["import", "ndjson", path], { token: target.tokens.admin });
      expect(run, String(message)).toMatchObject({ code: 1, out: "", err: expect.stringMatching(message) });
    }
    expect((await target.get("/types")).body.data).toEqual([]);
    const damaged = broken(
      (text) => text,
      (copy) => {
        const [file] = Object.keys(contentsOf(copy)).filter((name) => name.endsWith("leaflet.txt"));
        mkdirSync(dirname(join(copy, file!)), { recursive: true });
        writeFileSync(join(copy, file!), "Sow in Ma!.\n");
      },
    );
    const run = await runFlow(["import", "ndjson", damaged, "--json"], { token: target.tokens.admin });
    expect(run.code).toBe(1);
    const { failed } = JSON.parse(run.out) as ImportReport;
    expect(failed).toMatchObject([
      { kind: "asset", reason: expect.stringContaining("SHA-256") },
      ...failed.slice(1),
    ]);
    expect(existsSync(join(folder, "flow.ndjson"))).toBe(true);
  });
});

describe("a tree in a folder", () => {
  const TYPE = {
    ...{ id: "page", name: "Page", parent: "above" },
    fields: [
      { id: "title", type: "short_text" },
      { id: "above", type: "reference", to: ["page"] },
    ],
  };
  const id = (n: number) => `cnt_01jd${String(n).padStart(22, "0")}`;
  type Given = { at: number; above?: number; published?: { fields: object }[] };
  function folderOf(entries: Given[]): string {
    const folder = temporaryFolder();
    const lines = [
      { kind: "flowcms", format: 1 },
      { kind: "environment", default_locale: "en", locales: [{ code: "en" }] },
      { kind: "type", definition: TYPE },
      ...entries.map(({ at, above, published }) => ({
        ...{ kind: "entry", type: "page", id: id(at), created_at: "2024-01-01T00:00:00.000Z" },
        ...{ status: published ? "changed" : "published", published_at: "2024-01-02T00:00:00.000Z" },
        fields: { title: `Page ${at}`, ...(above === undefined ? {} : { above: id(above) }) },
        ...(published ? { published } : {}),
      })),
    ];
    writeFileSync(join(folder, "flow.ndjson"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    return folder;
  }

  it("ends right when children come before their parents", async () => {
    const tenant = await newTenant();
    // Each stands below the half of its number, behind it in the file; more than one bulk takes.
    const entries = Array.from({ length: 110 }, (_, i) => 110 - i).map((at) =>
      at === 1 ? { at } : { at, above: Math.floor(at / 2) },
    );
    const folder = folderOf(entries);
    const report = await imported(tenant, folder);
    expect(report).toMatchObject({
      ok: true,
      failed: [],
      totals: { page: { created: 110, published: 110 } },
    });
    const { data } = (await tenant.get(`/content/page/${id(110)}?include=ancestors`)).body;
    expect(data.ancestors.map((one: { id: string }) => one.id).toSorted()).toEqual(
      [1, 3, 6, 13, 27, 55].map(id),
    );
    expect((await imported(tenant, folder)).totals["page"]).toMatchObject({ unchanged: 110, created: 0 });
  }, 60_000);

  it("is refused with a circle, of drafts or of what is published, and nothing is written", async () => {
    const tenant = await newTenant();
    const above = (n: number) => [{ fields: { title: "Was", above: id(n) } }];
    const cases: [Given[], RegExp][] = [
      [
        [{ at: 1 }, { at: 2, above: 4 }, { at: 3, above: 2 }, { at: 4, above: 3 }],
        new RegExp(`${id(2)} below ${id(4)} below ${id(3)} below ${id(2)}`),
      ],
      [[{ at: 5, above: 5 }], new RegExp(`"page".*${id(5)} below ${id(5)}`)],
      [
        [
          { at: 6, published: above(7) },
          { at: 7, published: above(6) },
        ],
        new RegExp(`${id(6)} below ${id(7)} below ${id(6)}`),
      ],
    ];
    for (const [entries, message] of cases)
      for (const more of [[], ["--dry-run"]]) {
        const run = await runFlow(["import", "ndjson", folderOf(entries), ...more], {
          token: tenant.tokens.admin,
        });
        expect(run, String(message)).toMatchObject({ code: 1, out: "", err: expect.stringMatching(message) });
      }
    expect((await tenant.get("/types")).body.data).toEqual([]);
  });
});
