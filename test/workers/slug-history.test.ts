import { beforeAll, describe, expect, inject, it } from "vitest";
import { Client } from "../../src/sdk/index.ts";
import { asRole, reasonOf } from "../support/access.ts";
import { ok } from "../support/graphql.ts";
import { newTenant, type Tenant } from "../support/tenant.ts";

const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "code", type: "slug" },
    { id: "slug", type: "slug", localized: true, primary: true },
    { id: "secret", type: "short_text" },
  ],
};

describe("slugs that were replaced", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    const own = await tenant.call("PATCH", "/environments/main", {
      body: { locales: [{ code: "en" }, { code: "fr", fallback: "en" }, { code: "de" }] },
    });
    expect(own.status, own.text).toBe(200);
    expect((await tenant.put("/types/page", PAGE)).status).toBe(201);
  });
  const read = (slug: string, query = "", at = tenant) =>
    at.get(`/content/page/${slug}${query}`, { headers: { "cache-control": "no-cache" } });
  const republish = async (id: string, fields: object, query = "") => {
    const saved = await tenant.patch(`/content/page/${id}${query}`, fields);
    expect(saved.status, saved.text).toBe(200);
    const done = await tenant.post("/content/publish", { id });
    expect(done.status, done.text).toBe(200);
  };

  it("lead to the entry, which says where it is now; drafts tell nothing", async () => {
    const id = await tenant.published("page", { title: "One", slug: "one" });
    await tenant.patch(`/content/page/${id}`, { slug: "draft-of-one" });
    expect((await read("draft-of-one")).status).toBe(404);
    expect((await read("one")).body.moved).toBeUndefined();
    await republish(id, { slug: "uno" });
    expect((await read("draft-of-one")).status).toBe(404);
    const moved = await read("one");
    expect([moved.status, moved.body.data.id, moved.body.data.slug], moved.text).toEqual([200, id, "uno"]);
    expect(moved.body.moved).toEqual({ from: "one", to: "uno" });
    expect((await read("one", "?fields=title")).body).toMatchObject({ moved: { to: "uno" } });
    expect((await read("uno")).body.moved).toBeUndefined();
    await tenant.patch(`/content/page/${id}`, { slug: "dos" });
    expect((await read("one", "?perspective=draft")).body.moved).toEqual({ from: "one", to: "dos" });
    expect((await read("one")).body.moved).toEqual({ from: "one", to: "uno" });
    expect((await read("uno", "?perspective=draft")).status).toBe(404);
    const client = new Client({ url: inject("url"), apiKey: tenant.tokens.read });
    expect(await client.content.resolve("page", "one", { fields: ["slug"] })).toEqual({
      entry: { id, slug: "uno" },
      moved: { from: "one", to: "uno" },
    });
    expect((await client.content.resolve("page", "uno")).moved).toBeNull();
    const asked = `{ old: page(slug: "one") { slug movedFrom } now: page(slug: "uno") { movedFrom } }`;
    expect(await ok(tenant, asked)).toEqual({
      old: { slug: "uno", movedFrom: "one" },
      now: { movedFrom: null },
    });
  });

  it("are given away: who is published by one has it, the last that gave it up leads on", async () => {
    const first = await tenant.published("page", { slug: "about" });
    await republish(first, { slug: "about-us" });
    expect((await read("about")).body.data.id).toBe(first);
    const draft = await tenant.post("/content/page", { slug: "about" });
    expect((await read("about")).body.data.id).toBe(first);
    const second = draft.body.data.id as string;
    await tenant.post("/content/publish", { id: second });
    expect((await read("about")).body).toMatchObject({ data: { id: second } });
    expect((await read("about")).body.moved).toBeUndefined();
    await republish(second, { slug: "about-them" });
    expect((await read("about")).body.moved).toEqual({ from: "about", to: "about-them" });
    await republish(second, { slug: "about" });
    expect((await read("about")).body.moved).toBeUndefined();
    expect((await read("about-them")).body.moved).toEqual({ from: "about-them", to: "about" });
  });

  it("are each locale's, and what it fell back to", async () => {
    const id = await tenant.published("page", { slug: "shoes" });
    expect((await read("shoes", "?locale=fr")).status).toBe(200);
    await republish(id, { slug: "chaussures" }, "?locale=fr");
    expect((await read("shoes", "?locale=fr")).body.moved).toEqual({ from: "shoes", to: "chaussures" });
    expect((await read("shoes")).body.moved).toBeUndefined();
    expect((await read("shoes", "?locale=de")).status).toBe(404);
    await republish(id, { slug: "boots" });
    expect((await read("shoes")).body.moved).toEqual({ from: "shoes", to: "boots" });
    expect((await read("boots", "?locale=fr")).status).toBe(404);
    await republish(id, { slug: "bottes" }, "?locale=fr");
    const all = await read("chaussures", "?locale=*");
    expect([all.body.data?.slug, all.body.moved], all.text).toEqual([
      { en: "boots", fr: "bottes" },
      { from: "chaussures", to: "boots" },
    ]);
  });

  it("lead nowhere while nothing is published, and are gone with what is erased", async () => {
    const id = await tenant.published("page", { slug: "fleeting" });
    await tenant.post("/content/unpublish", { id });
    expect((await read("fleeting")).status).toBe(404);
    await republish(id, { slug: "lasting" });
    expect((await read("fleeting")).body.moved).toEqual({ from: "fleeting", to: "lasting" });
    await tenant.delete(`/content/page/${id}`);
    expect((await read("fleeting")).status).toBe(404);
    expect((await tenant.post(`/trash/${id}/restore`, {})).status).toBe(200);
    await tenant.post("/content/publish", { id });
    expect((await read("fleeting")).body.moved).toEqual({ from: "fleeting", to: "lasting" });
    await tenant.delete(`/content/page/${id}?for_good=true`);
    await tenant.put(`/content/page/${id}`, { slug: "another" });
    await tenant.post("/content/publish", { id });
    for (const slug of ["fleeting", "lasting"]) expect((await read(slug)).status).toBe(404);
  });

  it("stay within the tenant and the environment, and come along into a clone", async () => {
    const id = await tenant.published("page", { slug: "ours" });
    await republish(id, { slug: "ours-now" });
    const other = await newTenant();
    await other.put("/types/page", { ...PAGE, fields: PAGE.fields.map((f) => ({ ...f, localized: false })) });
    expect((await read("ours", "", other)).status).toBe(404);
    expect((await tenant.post("/environments", { name: "clone", from: "main" })).status).toBe(201);
    expect((await read("ours", "?environment=clone")).body.moved).toEqual({ from: "ours", to: "ours-now" });
    expect((await tenant.delete("/environments/clone")).status).toBe(204);
    expect((await tenant.post("/environments", { name: "empty" })).status).toBe(201);
    await tenant.put("/types/page?environment=empty", {
      ...PAGE,
      fields: [{ id: "slug", type: "slug" }],
    });
    expect((await read("ours", "?environment=empty")).status).toBe(404);
  });

  it("are cached like the entry: a redirect ends when the slug is another's", async () => {
    const id = await tenant.published("page", { slug: "hot" });
    await republish(id, { slug: "warm" });
    const token = tenant.tokens.read;
    const at = async () => {
      const { body } = await tenant.get("/content/page/hot", { token });
      return [body.data?.id, body.moved?.to];
    };
    expect(await at()).toEqual([id, "warm"]);
    await republish(id, { slug: "cold" });
    await expect.poll(at, { timeout: 20_000 }).toEqual([id, "cold"]);
    const next = await tenant.published("page", { slug: "hot" });
    await expect.poll(at, { timeout: 20_000 }).toEqual([next, undefined]);
  });

  it("are as readable as the entry and its slug", async () => {
    const id = await tenant.published("page", { slug: "open", secret: "x" });
    await republish(id, { slug: "opened" });
    const reading = { actions: ["content:read"], types: ["page"] };
    const seen = [{ ...reading, conditions: { secret: { eq: "y" } } }];
    const noSlug = [reading, { ...reading, effect: "deny", fields: ["slug"] }];
    const [blind, hidden] = [await asRole(tenant, seen), await asRole(tenant, noSlug)];
    await expect.poll(async () => (await blind.get("/content/page/open")).status).toBe(404);
    expect(reasonOf(await hidden.get("/content/page/open"))).toBe("access/field-not-readable");
    await republish(id, { secret: "y" });
    await expect
      .poll(async () => (await blind.get("/content/page/open")).body.moved, { timeout: 20_000 })
      .toEqual({ from: "open", to: "opened" });
  });
});

describe("several slugs of a type", () => {
  it("are unique and filtered each; entries are read by the primary one", async () => {
    const tenant = await newTenant();
    const fields = [
      { id: "title", type: "short_text" },
      { id: "code", type: "slug" },
      { id: "slug", type: "slug" },
    ];
    await tenant.put("/types/page", { ...PAGE, fields });
    const id = await tenant.published("page", { code: "c1", slug: "s1" });
    expect((await tenant.get("/content/page/c1")).body.data.id).toBe(id);
    expect((await tenant.get("/content/page/s1")).status).toBe(404);
    expect((await tenant.get("/content/page?filter[slug]=s1")).body.data).toHaveLength(1);
    const taken = await tenant.post("/content/page", { code: "c2", slug: "s1" });
    expect([taken.status, taken.body.error.reason]).toEqual([409, "content/slug-taken"]);
    const primary = fields.map((field) => (field.id === "slug" ? { ...field, primary: true } : field));
    expect((await tenant.put("/types/page", { ...PAGE, fields: primary })).status).toBe(200);
    await expect
      .poll(async () => (await tenant.get("/content/page/s1")).status, { timeout: 20_000 })
      .toBe(200);
    expect((await tenant.get("/content/page/c1")).body.moved).toEqual({ from: "c1", to: "s1" });
    expect((await tenant.get("/content/page/s1?perspective=draft")).body.data.id).toBe(id);
    const both = primary.map((field) => (field.type === "slug" ? { ...field, primary: true } : field));
    const refused = await tenant.put("/types/page", { ...PAGE, fields: both });
    expect([refused.status, refused.body.error.details[0].path]).toEqual([422, "fields[2].primary"]);
    const wrong = [{ ...fields[0], primary: true }, ...fields.slice(1)];
    expect((await tenant.put("/types/page", { ...PAGE, fields: wrong })).body.error.details[0].path).toBe(
      "fields[0].primary",
    );
  });
});
