import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { ImportReport } from "../../src/cli/import/report.ts";
import { runFlow, temporaryFolder } from "../support/run-flow.ts";
import { sharedFile } from "../support/shared-file.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/contentful/${name}`, import.meta.url));
const SANDWICH = sharedFile("data/contentful/export.json") ?? "";

async function importFile(tenant: Tenant, file: string, ...more: string[]): Promise<ImportReport> {
  const { out, err } = await runFlow(["import", "contentful", file, "--json", ...more], {
    token: tenant.tokens.admin,
  });
  expect(err).toBe("");
  return JSON.parse(out) as ImportReport;
}
const entries = async (tenant: Tenant, type: string, query = "locale=*") =>
  (await tenant.get(`/content/${type}?perspective=draft&${query}`)).body.data as Record<string, any>[];
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("flow import contentful", () => {
  let tenant: Tenant;
  let report: ImportReport;
  let plants: Record<string, Record<string, any>>;

  beforeAll(async () => {
    tenant = await newTenant();
    report = await importFile(tenant, fixture("garden.json"));
    const list = await entries(tenant, "plant");
    plants = Object.fromEntries(list.map((plant) => [plant["slug"].en ?? plant["slug"]["en-GB"], plant]));
  });

  it("reports everything of the file", () => {
    expect(report).toMatchObject({ ok: true, failed: [], dry_run: false });
    expect(report.totals).toMatchObject({
      type: { seen: 3, created: 3 },
      asset: { seen: 4, created: 3, skipped: 1 },
      plant: { seen: 4, created: 4, published: 1 },
      family: { seen: 2, created: 2, published: 2 },
      publish_type: { seen: 1, created: 1, published: 1 },
      unknownType: { seen: 1, skipped: 1 },
    });
    const notes = report.notes.map(({ kind, id, reason }) => `${kind} ${id} ${reason}`).join("\n");
    for (const expected of [
      /field plant.status is called status_field in FlowCMS/,
      /field plant.Status is called status_field_2 in FlowCMS/,
      /field plant.status is read-only/,
      /field plant.Status is omitted/,
      /type publish is called publish_type in FlowCMS/,
      /field plant.photo its validation "linkMimetypeGroup"/,
      /field plant.colours "pink", which entry rose has, was added/,
      /asset lost its file is not in/,
      /asset empty has no file/,
      /plant rose body in en-GB has a link to javascript:/,
      /plant rose body in en-GB points to the entry nowhere/,
      /plant rose neighbours refers to the entry nowhere/,
      /plant rose its tag bestseller/,
      /plant lavender was changed after it was published/,
      /plant lavender its field odd is not in its content type/,
      /plant weed is archived in Contentful: imported as a draft/,
      /unknownType stray its content type is not in the file/,
      /tags 1 of them in the file: not imported/,
    ])
      expect(notes).toMatch(expected);
  });

  it("makes the locales and types", async () => {
    const [main] = (await tenant.get("/environments")).body.data;
    expect(main).toMatchObject({
      default_locale: "en-GB",
      locales: [{ code: "en-GB" }, { code: "de", fallback: "en-GB" }],
    });
    const type = (await tenant.get("/types/plant")).body.data;
    expect(type).toMatchObject({
      name: "Plant",
      description: "What grows in the garden.",
      display_field: "title",
    });
    const fields = Object.fromEntries(type.fields.map((field: { id: string }) => [field.id, field]));
    expect(fields).toMatchObject({
      title: { type: "short_text", name: "Title", localized: true, required: true, min: 3, max: 60 },
      slug: { type: "slug", unique: true, localized: true },
      latin_name: { type: "short_text", unique: true, pattern: "[A-Z][a-z]+ [a-z]+" },
      summary: { type: "markdown", localized: true },
      notes: { type: "long_text", max: 200 },
      body: { type: "rich_text", localized: true },
      seeds_per_gram: { type: "integer", min: 1, max: 5000 },
      price: { type: "number", min: 0 },
      sown_on: { type: "date", help: "The day of sowing" },
      flowers_at: { type: "datetime" },
      edible: { type: "boolean", default: false },
      care: { type: "json" },
      found_at: { type: "location" },
      family: { type: "reference", to: ["family"] },
      photo: { type: "media" },
      keywords: { type: "short_text", multiple: true },
      colours: { type: "enum", multiple: true, options: ["red", "blue", "pink"] },
      light: { type: "enum", options: ["sun", "shade", "half shade"] },
      neighbours: { type: "reference", to: ["plant"], multiple: true },
      gallery: { type: "media", multiple: true },
      supplier: { type: "json" },
    });
  });

  it("keeps every value, in every locale, and references that run in a circle", async () => {
    const { "dog-rose": rose, lavender } = plants as Record<"dog-rose" | "lavender", Record<string, any>>;
    const [roses] = (await entries(tenant, "family")).filter((one) => one["name"] === "Rosaceae");
    expect(rose).toMatchObject({
      title: { "en-GB": "Dog rose", de: "Hundsrose" },
      slug: { "en-GB": "dog-rose", de: "hundsrose" },
      latin_name: "Rosa canina",
      summary: { "en-GB": "A **wild** rose." },
      notes: "Thorns!",
      seeds_per_gram: 50,
      price: 4.5,
      sown_on: "2021-05-02",
      flowers_at: "2021-06-01T08:00:00.000Z",
      edible: true,
      care: { water: { perWeek: 2 }, tools: ["shears", null] },
      found_at: { lat: 52.5, lon: 13.4 },
      family: roses!["id"],
      keywords: ["hedge", "wild"],
      colours: ["red", "pink"],
      light: "sun",
      neighbours: [lavender["id"]],
      status_field: "in stock",
      status_field_2: "hidden",
      created_at: "2021-03-01T08:00:00.000Z",
    });
    expect(rose["supplier"].sys.urn).toContain("spaces/other");
    expect(roses!["type_plant"]).toBe(rose["id"]);
    expect(lavender["neighbours"]).toEqual([rose["id"]]);
  });

  it("publishes what was published, and nothing else", async () => {
    expect(plants["dog-rose"]).toMatchObject({
      status: "published",
      published_at: "2021-04-01T09:30:00.000Z",
    });
    for (const slug of ["lavender", "sage", "ground-elder"]) expect(plants[slug]!["status"]).toBe("draft");
    expect((await tenant.get("/content/plant/hundsrose?locale=de")).body.data).toMatchObject({
      title: "Hundsrose",
      summary: "A **wild** rose.",
    });
    expect((await tenant.get("/content/plant/lavender?locale=en-GB")).status).toBe(404);
  });

  it("turns every node of rich text into ours", async () => {
    const { "dog-rose": rose, lavender } = plants as Record<"dog-rose" | "lavender", Record<string, any>>;
    const doc = rose["body"]["en-GB"];
    const [leaf, leaflet] = rose["gallery"] as string[];
    expect(doc.content.slice(0, 6)).toEqual(
      [1, 2, 3, 4, 5, 6].map((level) => ({
        type: "heading",
        attrs: { level },
        content: [{ type: "text", text: `Level ${level}` }],
      })),
    );
    const marks = doc.content[6].content.flatMap(
      (node: any) => node.marks?.map((mark: any) => mark.type) ?? [],
    );
    expect(marks).toEqual([..."bold italic underline code superscript subscript strike".split(" ")]);
    const html = (await tenant.get(`/content/plant/${rose["id"]}?rich_text=html&perspective=draft`)).body.data
      .body;
    for (const part of [
      "<br>",
      "<ul><li><p>Dig</p><ol><li><p>deep</p></li></ol></li>",
      "<blockquote><p>Plant now.</p></blockquote>",
      "<hr>",
      "<th",
      'colspan="2"',
      'href="https://plants.example/rosa"',
      `${leaflet}/file`,
    ])
      expect(html).toContain(part);
    expect(html).not.toContain("javascript:");
    expect(html).toContain("A trick");
    const text = JSON.stringify(doc);
    expect(text).toContain(`"href":"entry:${lavender["id"]}"`);
    expect(doc.content).toContainEqual({ type: "entryEmbed", attrs: { entry: lavender["id"] } });
    expect(doc.content).toContainEqual({
      type: "image",
      attrs: { asset: leaf, alt: "A green leaf", title: "A leaf" },
    });
    expect(rose["body"]["de"]).toEqual({
      type: "doc",
      content: [{ type: "paragraph", content: [{ type: "text", text: "Nur ein Satz." }] }],
    });
  });

  it("brings the files of assets, and keeps the address of those that are not there", async () => {
    const [leaf, leaflet] = plants["dog-rose"]!["gallery"] as string[];
    const files = [
      [leaf!, "images.ctfassets.net/garden1/leafAsset/t0k3n/leaf.png", "image/png"],
      [leaflet!, "leaflet.txt", "text/plain"],
    ] as const;
    for (const [id, path, mime] of files) {
      const { bytes, headers } = await tenant.bytes(`/assets/${id}/file`);
      expect(headers.get("content-type")).toContain(mime);
      expect(sha256(bytes)).toBe(sha256(readFileSync(fixture(path))));
    }
    expect((await tenant.get(`/assets/${leaf}`)).body.data).toMatchObject({
      filename: "leaf.png",
      title: "A leaf",
      alt: "A green leaf",
      description: "A green leaf",
      created_at: "2021-02-01T00:00:00.000Z",
    });
    const lost = (await tenant.get("/assets")).body.data.find((one: any) => one.title === "Lost");
    expect(lost).toMatchObject({ source_url: "https://images.ctfassets.net/garden1/lost/x/lost.jpg" });
  });

  it("changes nothing when it is run again, nor after it was killed", async () => {
    const again = await importFile(tenant, fixture("garden.json"));
    expect(again).toMatchObject({ ok: true, notes: report.notes });
    for (const counts of Object.values(again.totals))
      expect(counts).toMatchObject({ created: 0, updated: 0, published: 0, failed: 0 });

    const other = await newTenant();
    const killed = await runFlow(["import", "contentful", fixture("garden.json")], {
      token: other.tokens.admin,
      killWhen: async () =>
        ((await other.get("/content/family?perspective=draft")).body?.data?.length ?? 0) > 0,
    });
    expect(killed.code).toBeNull();
    await importFile(other, fixture("garden.json"));
    const strip = ({
      version: _v,
      updated_at: _u,
      published_version: _p,
      created_by: _c,
      updated_by: _b,
      ...rest
    }: any) => rest;
    for (const type of ["plant", "family", "publish_type"])
      expect((await entries(other, type, "locale=*&sort=id")).map(strip)).toEqual(
        (await entries(tenant, type, "locale=*&sort=id")).map(strip),
      );
  });

  it("brings what is published of changed entries from a second export", async () => {
    const tenant = await newTenant();
    const args = ["--published", fixture("garden-published.json")];
    await importFile(tenant, fixture("garden.json"), ...args);
    const [draft] = await entries(tenant, "plant", "locale=de&filter[slug]=lavendel");
    expect(draft).toMatchObject({ status: "changed", published_at: "2021-05-01T00:00:00.000Z" });
    expect((await entries(tenant, "plant", "filter[slug]=lavender"))[0]).toMatchObject({
      title: "Lavender (rewritten)",
    });
    expect((await tenant.get("/content/plant/lavender")).body.data.title).toBe("Lavender");
    const again = await importFile(tenant, fixture("garden.json"), ...args);
    expect(again.totals["plant"]).toMatchObject({ unchanged: 4, created: 0, updated: 0, published: 0 });
  });

  it("goes into an environment with another default locale only when told which locale is which", async () => {
    const tenant = await newTenant();
    await tenant.put("/types/other", { id: "other", name: "Other", fields: [{ id: "a", type: "boolean" }] });
    const args = ["import", "contentful", fixture("garden.json")];
    const refused = await runFlow(args, { token: tenant.tokens.admin });
    expect(refused).toMatchObject({
      code: 1,
      out: "",
      err: expect.stringContaining("--map-locale en-GB=CODE"),
    });
    expect((await tenant.get("/types")).body.data).toHaveLength(1);
    const report = await importFile(tenant, fixture("garden.json"), "--map-locale", "en-GB=en");
    expect(report).toMatchObject({ ok: true });
    expect((await tenant.get("/content/plant/dog-rose")).body.data.title).toBe("Dog rose");
    expect((await tenant.get("/environments")).body.data[0].locales).toEqual([
      { code: "en" },
      { code: "de", fallback: "en" },
    ]);
  });

  it("says what is wrong with a file", async () => {
    const folder = temporaryFolder();
    const write = (name: string, text: string | Uint8Array) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const garden = readFileSync(fixture("garden.json"), "utf8");
    const cases: [string, number, RegExp][] = [
      [write("empty.json", ""), 1, /it is empty/],
      [write("text.json", "<rss/>"), 1, /not complete, valid JSON/],
      [write("cut.json", garden.slice(0, 5000)), 1, /not complete, valid JSON/],
      [write("other.json", '{"a":1}'), 1, /contains none of contentTypes/],
      [write("list.json", "[]"), 1, /does not contain a JSON object/],
      [write("deep.json", `{"entries":${"[".repeat(100_000)}${"]".repeat(100_000)}}`), 1, /nested deeper/],
      [write("types.json", '{"contentTypes":[1]}'), 1, /"contentTypes" is not a list of objects/],
      [write("bytes.json", new Uint8Array([0xff, 0xfe, 0x00])), 1, /not UTF-8/],
      [join(folder, "nowhere.json"), 2, /There is no file/],
      [folder, 2, /is not a file/],
    ];
    for (const [file, code, message] of cases) {
      const run = await runFlow(["import", "contentful", file, "--dry-run"]);
      expect(run, file).toMatchObject({ code, err: expect.stringMatching(message), out: "" });
      expect(run.err).not.toMatch(/\n\s+at /);
    }
    const garden2 = ["import", "contentful", fixture("garden.json")];
    expect(await runFlow([...garden2, "--assets", "/nowhere"])).toMatchObject({ code: 2 });
    expect(await runFlow([...garden2], { token: "flow_admin_wrong" })).toMatchObject({ code: 1, out: "" });
    expect((await runFlow([...garden2, "--dry-run"])).out).toMatch(/Dry run[^]*plant +4 +4/);
  });
});

describe.skipIf(SANDWICH === "")("the Contentful starter's export", () => {
  it("comes in whole, with the bytes of its asset", async () => {
    const tenant = await newTenant();
    const report = await importFile(tenant, SANDWICH);
    expect(report).toMatchObject({ ok: true, failed: [] });
    expect(report.notes.map(({ kind, id, reason }) => `${kind} ${id} ${reason}`)).toEqual([
      // Its home page is called "/", which no path can name.
      "field page.slug has values that are not valid slugs (lower-case letters of any script, digits and - _ . ~ /): imported as text",
      "type statItem is called stat_item in FlowCMS",
      "roles 3 of them in the file: not imported",
    ]);
    const page = (await tenant.get("/content/page?include=sections")).body.data;
    expect(page).toMatchObject([
      { title: "Home Page", slug: "/", sections: [{ type: "hero" }, { type: "stats", theme: "dark" }] },
    ]);
    const [hero] = (await tenant.get("/content/hero?include=button")).body.data;
    expect(hero).toMatchObject({
      heading: "Can you make the perfect sandwich?",
      locale: "en-US",
      published_at: "2023-12-07T10:53:36.960Z",
      button: { label: "Book Now", url: "/" },
    });
    const { bytes } = await tenant.bytes(`/assets/${hero.image}/file`);
    expect(sha256(bytes)).toBe(sha256(readFileSync(join(SANDWICH, "../fpo-sandwich.jpg"))));
    const again = await importFile(tenant, SANDWICH);
    for (const counts of Object.values(again.totals))
      expect(counts).toMatchObject({ created: 0, updated: 0, published: 0, failed: 0 });
  });
});
