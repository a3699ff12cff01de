import { beforeAll, describe, expect, inject, it } from "vitest";
import { Client } from "../../src/sdk/index.ts";
import { asRole } from "../support/access.ts";
import { ok } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const SECTION = {
  id: "section",
  name: "Section",
  parent: "above",
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "slug", type: "slug", from: ["title"], localized: true, path: true },
    { id: "above", type: "reference", to: ["section"] },
    { id: "secret", type: "short_text" },
  ],
};

describe("entries that are read by their paths", () => {
  let tenant: Tenant;
  let ids: { docs: string; guide: string; intro: string };
  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr", fallback: "en" }] });
    const made = await tenant.post("/types", SECTION);
    expect(made.status, made.text).toBe(201);
    const docs = await tenant.published("section", { title: "Docs" });
    const guide = await tenant.published("section", { title: "Guide", above: docs });
    const intro = await tenant.published("section", { title: "Intro", above: guide });
    ids = { docs, guide, intro };
  });
  const read = (path: string, query = "") =>
    tenant.get(`/content/section/${path}${query}`, { headers: { "cache-control": "no-cache" } });
  const change = async (id: string, fields: object, query = "") => {
    const saved = await tenant.patch(`/content/section/${id}${query}`, fields);
    expect(saved.status, saved.text).toBe(200);
  };
  const republish = async (id: string, fields: object, query = "") => {
    await change(id, fields, query);
    expect((await tenant.post("/content/publish", { id })).status).toBe(200);
  };

  it("say it in lists, alone, and by every API", async () => {
    const list = await tenant.get("/content/section?sort=title&fields=path");
    expect(list.body.data.map(({ path }: any) => path)).toEqual(["docs", "docs/guide", "docs/guide/intro"]);
    for (const path of ["docs/guide/intro", "docs%2Fguide%2Fintro"]) {
      const found = await read(path);
      expect([found.body.data?.id, found.body.data?.path, found.body.moved], found.text).toEqual([
        ids.intro,
        "docs/guide/intro",
        undefined,
      ]);
    }
    expect((await read(ids.intro)).body.data.path).toBe("docs/guide/intro");
    expect((await read("docs/guide/none")).status).toBe(404);
    const client = new Client({ url: inject("url"), apiKey: tenant.tokens.read });
    expect(await client.content.get("section", "docs/guide", { fields: ["path"] })).toEqual({
      id: ids.guide,
      path: "docs/guide",
    });
    const asked = `{ section(slug: "docs/guide") { path movedFrom } sectionList(sort: [title_ASC]) { path } }`;
    expect(await ok(tenant, asked)).toEqual({
      section: { path: "docs/guide", movedFrom: null },
      sectionList: [{ path: "docs" }, { path: "docs/guide" }, { path: "docs/guide/intro" }],
    });
    const document = await tenant.get("/openapi.json");
    expect(JSON.stringify(document.body.components.schemas.section)).toContain('"path"');
  });

  it("follow a rename and a move of what is above, once that is published; old paths lead on", async () => {
    await change(ids.docs, { slug: "handbook" });
    expect((await read("docs/guide/intro")).body.data.path).toBe("docs/guide/intro");
    expect((await read("docs/guide/intro", "?perspective=draft")).body.moved).toEqual({
      from: "docs/guide/intro",
      to: "handbook/guide/intro",
    });
    await tenant.post("/content/publish", { id: ids.docs });
    expect((await read("handbook/guide/intro")).body.data.id).toBe(ids.intro);
    const moved = await read("docs/guide/intro");
    expect(moved.body.moved).toEqual({ from: "docs/guide/intro", to: "handbook/guide/intro" });
    expect((await read("docs")).body.moved).toEqual({ from: "docs", to: "handbook" });
    await republish(ids.intro, { above: ids.docs });
    expect((await read("handbook/guide/intro")).body.moved.to).toBe("handbook/intro");
    await republish(ids.intro, { slug: "start" });
    expect((await read("docs/guide/intro")).body.moved.to).toBe("handbook/start");
    await republish(ids.intro, { slug: "intro", above: ids.guide });
    await republish(ids.docs, { slug: "docs" });
    expect((await read("docs/guide/intro")).body.moved).toBeUndefined();
  });

  it("are of each locale, and of all", async () => {
    await republish(ids.guide, { title: "Manuel", slug: "manuel" }, "?locale=fr");
    expect((await read("docs/manuel/intro", "?locale=fr")).body).toMatchObject({
      data: { path: "docs/manuel/intro" },
    });
    expect((await read("docs/guide/intro", "?locale=fr")).body.moved.to).toBe("docs/manuel/intro");
    expect((await read("docs/guide/intro")).body.moved).toBeUndefined();
    const all = await read(ids.guide, "?perspective=draft&locale=*");
    expect(all.body.data.path).toEqual({ en: "docs/guide", fr: "docs/manuel" });
    for (const path of ["docs/guide/intro", "docs/manuel/intro"]) {
      const shown = await read(path, "?locale=*");
      expect(shown.body.data.path).toEqual({ en: "docs/guide/intro", fr: "docs/manuel/intro" });
      expect(shown.body.moved).toBeUndefined();
    }
  });

  it("begin below what is not published, and do not tell what may not be read", async () => {
    const top = (await tenant.post("/content/section", { title: "Hidden top" })).body.data.id as string;
    const leaf = await tenant.published("section", { title: "Leaf", above: top });
    expect((await read(leaf)).body.data.path).toBe("leaf");
    expect((await read(leaf, "?perspective=draft")).body.data.path).toBe("hidden-top/leaf");
    expect((await read("hidden-top/leaf")).status).toBe(404);
    await republish(top, { secret: "x" });
    expect((await read("hidden-top/leaf")).body.moved).toBeUndefined();
    const reading = { actions: ["content:read"], types: ["section"] };
    const narrow = await asRole(tenant, [{ ...reading, conditions: { secret: { exists: false } } }]);
    expect((await narrow.get(`/content/section/${leaf}`)).body.data?.path).toBe("leaf");
    const blind = await asRole(tenant, [reading, { ...reading, effect: "deny", fields: ["slug"] }]);
    const seen = await blind.get(`/content/section/${leaf}`);
    expect([seen.status, "path" in seen.body.data, "slug" in seen.body.data]).toEqual([200, false, false]);
  });

  it("lead nowhere by steps that no entry has or had, as far as the caller may know", async () => {
    const [published, drafts] = ["", "?perspective=draft"];
    for (const query of [published, drafts, "?locale=*", "?locale=fr"]) {
      expect((await read("nonsense/intro", query)).status, query).toBe(404);
      expect((await read("docs/nonsense/intro", query)).status, query).toBe(404);
    }
    for (const query of [published, drafts, "?locale=*"])
      expect((await read("docs/intro", query)).body.moved, query).toMatchObject({ from: "docs/intro" });
    expect((await read("handbook/intro")).body.moved.to).toBe("docs/guide/intro");
    const secret = await tenant.published("section", { title: "Classified", secret: "x" });
    const reading = { actions: ["content:read", "content:read-draft"], types: ["section"] };
    const open = { secret: { exists: false } };
    const narrow = await asRole(tenant, [{ ...reading, conditions: open }]);
    expect((await narrow.get("/content/section/classified/intro")).status).toBe(404);
    expect((await read("classified/intro")).body.moved.to).toBe("docs/guide/intro");
    const writer = await asRole(tenant, [
      { ...reading, conditions: open },
      { actions: ["content:write"], types: ["section"] },
    ]);
    const below = (above: string) =>
      writer.post("/content/section", { title: "Below", slug: "below", above });
    const [hidden, absent] = [await below(secret), await below("cnt_01jd0000000000000000000099")];
    expect([hidden.status, hidden.body.error.reason]).toEqual([422, "content/broken-reference"]);
    expect(hidden.text.replaceAll(secret, "")).toContain("above: ");
    expect(hidden.body.error.details[0].message).toBe(`${secret} does not exist`);
    expect(absent.body.error.reason).toBe(hidden.body.error.reason);
    const moved = await writer.post(`/content/section/${ids.intro}/move`, { parent: secret });
    expect([moved.status, moved.body.error.reason], moved.text).toEqual([422, "content/broken-reference"]);
    await tenant.patch(`/content/section/${ids.intro}`, { above: secret });
    const kept = await writer.patch(`/content/section/${ids.intro}`, { above: secret, title: "Kept" });
    expect(kept.status, kept.text).toBe(200);
    await tenant.patch(`/content/section/${ids.intro}`, { above: ids.guide, title: "Intro" });
  });

  it("are fresh in caches when something above them changes", async () => {
    const token = tenant.tokens.read;
    const at = async () => (await tenant.get(`/content/section/${ids.intro}`, { token })).body.data.path;
    expect(await at()).toBe("docs/guide/intro");
    await republish(ids.guide, { slug: "guides" });
    await expect.poll(at, { timeout: 20_000 }).toBe("docs/guides/intro");
  });

  it("have steps without slashes, and what makes paths", async () => {
    const refused = await tenant.post("/content/section", { title: "x", slug: "a/b" });
    expect([refused.status, refused.body.error.details[0].path]).toEqual([422, "slug"]);
    const change = (fields: object[], parent?: string) =>
      tenant.post("/types", { ...SECTION, id: "other", parent, fields });
    const [title, slug, above] = SECTION.fields as [object, object, object];
    const own = { ...above, to: ["other"] };
    for (const [reply, path] of [
      [await change([title, slug, own]), "fields[1].path"],
      [await change([title, slug, own, { id: "path", type: "json" }], "above"), "fields[3].id"],
      [await change([title, { id: "code", type: "slug" }, slug, own], "above"), "fields[2].path"],
    ] as const)
      expect([reply.status, reply.body.error?.details.map((one: any) => one.path)], reply.text).toEqual([
        422,
        [path],
      ]);
  });
});
