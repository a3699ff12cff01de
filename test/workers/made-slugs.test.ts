import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { ok } from "../support/graphql.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const POST = {
  id: "post",
  name: "Post",
  fields: [
    { id: "title", type: "short_text" },
    { id: "slug", type: "slug", from: ["title"], required: true },
  ],
};
const EVENT = {
  id: "trip",
  name: "Trip",
  fields: [
    { id: "name", type: "short_text", localized: true },
    { id: "year", type: "integer" },
    { id: "day", type: "date" },
    { id: "slug", type: "slug", from: ["name", "year"], localized: true },
    { id: "code", type: "slug", from: ["year", "day"] },
  ],
};
const LOCALES = { locales: [{ code: "en" }, { code: "de", fallback: "en" }, { code: "fr" }] };

describe("a slug that is made of a title", () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await newTenant();
    await tenant.patch("/environments/main", LOCALES);
    for (const type of [POST, EVENT]) {
      const made = await tenant.post("/types", type);
      expect(made.status, made.text).toBe(201);
    }
  });
  const create = async (fields: object, type = "post", query = "") => {
    const made = await tenant.post(`/content/${type}${query}`, fields);
    expect(made.status, made.text).toBe(201);
    return made.body.data as { id: string; slug: string; code: string; version: number };
  };
  const patch = async (id: string, fields: object, type = "post", query = "") => {
    const saved = await tenant.patch(`/content/${type}/${id}${query}`, fields);
    expect(saved.status, saved.text).toBe(200);
    return saved.body.data as Record<string, any>;
  };
  const publish = async (id: string, more: object = {}) => {
    const done = await tenant.post("/content/publish", { id, ...more });
    expect(done.status, done.text).toBe(200);
  };

  it("goes on following when it becomes localised, and when it is so no more", async () => {
    const local = (localized: boolean) => ({
      ...{ id: "local", name: "Local" },
      fields: POST.fields.map((field) => ({ ...field, required: false, localized })),
    });
    await tenant.put("/types/local", local(false));
    const { id } = await create({ title: "First one" }, "local");
    const given = await create({ title: "Given", slug: "as-it-is" }, "local");
    const shown = await create({ title: "Shown" }, "local");
    await publish(shown.id);
    const change = async (query: string, localized: boolean) => {
      const done = await tenant.put(`/types/local?${query}`, local(localized));
      expect(done.status, done.text).toBe(200);
    };
    await change("localize=all", true);
    expect((await patch(id, { title: "Zweites" }, "local", "?locale=de")).slug).toBe("zweites");
    expect((await patch(id, { title: "Second" }, "local")).slug).toBe("second");
    expect((await patch(given.id, { title: "Other" }, "local")).slug).toBe("as-it-is");
    expect((await patch(shown.id, { title: "Other" }, "local")).slug).toBe("shown");
    await change("unlocalize=default&allow_data_loss=true", false);
    expect((await patch(id, { title: "Third" }, "local")).slug).toBe("third");
    expect((await patch(given.id, { title: "Third" }, "local")).slug).toBe("as-it-is");
    expect((await patch(shown.id, { title: "Third" }, "local")).slug).toBe("shown");
  });

  it("is there when none is given, by every API, and numbered where it is taken", async () => {
    expect((await create({ title: "Über uns" })).slug).toBe("uber-uns");
    expect((await create({ title: "Uber, uns!", slug: null })).slug).toBe("uber-uns-2");
    expect((await create({ title: "Über uns", slug: "" })).slug).toBe("uber-uns-3");
    expect((await create({ title: "Über uns", slug: "own" })).slug).toBe("own");
    const id = "cnt_01jd0000000000000000000070";
    const put = await tenant.put(`/content/post/${id}`, { title: "Über uns" });
    expect([put.status, put.body.data.slug]).toEqual([201, "uber-uns-4"]);
    const again = await tenant.put(`/content/post/${id}`, { title: "Über uns" });
    expect(again.headers.get("x-flow-unchanged")).toBe("true");
    const bulk = await tenant.post("/content/bulk", {
      operations: [
        { op: "create", type: "post", fields: { title: "Über uns" } },
        { op: "create", type: "post", fields: { title: "Über uns" } },
        { op: "update", type: "post", id, fields: { title: "Neu" } },
      ],
    });
    expect(bulk.body.data.items.map(({ entry }: any) => entry.slug)).toEqual([
      "uber-uns-5",
      "uber-uns-6",
      "neu",
    ]);
    const made = await ok(tenant, `mutation { createPost(fields: { title: "Über uns" }) { slug } }`);
    expect(made).toEqual({ createPost: { slug: "uber-uns-4" } });
    const copy = await tenant.post(`/content/post/${id}/duplicate`, {});
    expect([copy.status, copy.body.data.slug]).toEqual([201, "neu-2"]);
    const other = await tenant.post(`/content/post/${id}/duplicate`, { fields: { title: "Kopie" } });
    expect(other.body.data.slug).toBe("kopie");
    expect((await tenant.get("/content/post/kopie?perspective=draft")).body.data.id).toBe(other.body.data.id);
    expect((await tenant.get("/content/post?perspective=draft&filter[slug]=kopie")).body.data).toHaveLength(
      1,
    );
  });

  it("follows its title until it is published, and then changes only when told to", async () => {
    const { id, slug } = await create({ title: "First draft" });
    expect(slug).toBe("first-draft");
    expect((await patch(id, { title: "FIRST: draft" }))["slug"]).toBe("first-draft");
    expect((await patch(id, { title: "Second draft" }))["slug"]).toBe("second-draft");
    expect((await patch(id, { title: null }))["slug"]).toBe("second-draft");
    const put = await tenant.put(`/content/post/${id}`, { title: "Third draft" });
    expect(put.body.data.slug, put.text).toBe("third-draft");
    await publish(id);
    expect((await patch(id, { title: "Fourth" }))["slug"]).toBe("third-draft");
    expect((await tenant.put(`/content/post/${id}`, { title: "Fifth" })).body.data.slug).toBe("third-draft");
    await tenant.post("/content/unpublish", { id });
    expect((await patch(id, { title: "Sixth" }))["slug"]).toBe("third-draft");
    expect((await patch(id, { slug: null }))["slug"]).toBe("sixth");
    await publish(id);
    expect((await patch(id, { title: "Seventh", slug: null }))["slug"]).toBe("seventh");
    expect((await patch(id, { title: "Eighth" }))["slug"]).toBe("seventh");
    await publish(id);
    expect((await tenant.get("/content/post/sixth")).body.moved).toEqual({ from: "sixth", to: "seventh" });
  });

  it("does not follow once it was written, unless the same was written", async () => {
    const { id } = await create({ title: "Form" });
    expect((await patch(id, { title: "Form 2", slug: "form" }))["slug"]).toBe("form");
    expect((await patch(id, { title: "Other" }))["slug"]).toBe("other");
    expect((await patch(id, { slug: "mine" }))["slug"]).toBe("mine");
    expect((await patch(id, { title: "Elsewhere" }))["slug"]).toBe("mine");
  });

  it("never takes what leads to another entry, until somebody writes it", async () => {
    const { id } = await create({ title: "Old home" });
    await publish(id);
    await patch(id, { slug: "new-home" });
    expect((await create({ title: "Old home" })).slug).toBe("old-home-2");
    await publish(id);
    expect((await create({ title: "Old home" })).slug).toBe("old-home-3");
    expect((await create({ title: "x", slug: "old-home" })).slug).toBe("old-home");
  });

  it.each([
    ["???", "post"],
    ["🎉🎉", "post"],
    ["cnt_01jd3f0b6vfs8t4z9c7q2m5n8x", "cnt-01jd3f0b6vfs8t4z9c7q2m5n8x"],
    ["مرحبا بالعالم", "مرحبا-بالعالم"],
    ["a/b/../c", "a-b-c"],
    ["-", "post"],
    ["word ".repeat(40), `${"word-".repeat(20)}`.slice(0, -1)],
    [`${"x".repeat(200)}`, "x".repeat(100)],
  ])("of %s is %s and numbered", async (title, slug) => {
    const [one, two] = [(await create({ title })).slug, (await create({ title })).slug];
    const number = Number(/-(\d+)$/.exec(two)?.[1]);
    expect(one.replace(/-\d+$/, "")).toBe(slug.replace(/-\d+$/, ""));
    expect(number).toBeGreaterThan(1);
    expect([...two].length).toBeLessThanOrEqual(100);
    expect((await tenant.get(`/content/post/${encodeURIComponent(two)}?perspective=draft`)).status).toBe(200);
  });

  it("is required like a value that is given", async () => {
    const none = await tenant.post("/content/post", {});
    expect([none.status, none.body.error.details[0].path]).toEqual([422, "slug"]);
    expect(none.body.error.details[0].message).toContain("title");
    const draft = await tenant.post("/content/post?allow_incomplete=true", {});
    expect([draft.status, draft.body.data.slug]).toEqual([201, null]);
    expect((await tenant.post("/content/publish", { id: draft.body.data.id })).body.error.reason).toBe(
      "content/incomplete",
    );
    expect((await patch(draft.body.data.id, { title: "Late" }))["slug"]).toBe("late");
    const cleared = await tenant.patch(`/content/post/${draft.body.data.id}`, { title: null, slug: null });
    expect([cleared.status, cleared.body.error.details[0].path]).toEqual([422, "slug"]);
  });

  it("is each locale's, of what the locale has and what all share", async () => {
    const made = await create(
      { name: { en: "Lakes", de: "Größe" }, year: 2026, day: "2026-05-01" },
      "trip",
      "?locale=*",
    );
    const { id } = made;
    expect([made.slug, made.code]).toEqual([{ en: "lakes-2026", de: "groesse-2026" }, "2026-2026-05-01"]);
    const next = await patch(id, { name: "Mers" }, "trip", "?locale=fr");
    expect(next["slug"]).toBe("mers-2026");
    expect((await patch(id, { year: 2027 }, "trip", "?locale=*"))["slug"]).toEqual({
      en: "lakes-2027",
      de: "groesse-2027",
      fr: "mers-2027",
    });
    await publish(id, { locales: ["de"] });
    const later = await patch(id, { name: { en: "Seas", de: "Meere" } }, "trip", "?locale=*");
    expect(later["slug"]).toEqual({ en: "seas-2027", de: "groesse-2027", fr: "mers-2027" });
    expect(later["code"]).toBe("2027-2026-05-01");
    const other = await create({ name: "Meere", year: 2027 }, "trip", "?locale=de");
    expect([other.slug, other.code]).toEqual(["meere-2027", "2027"]);
    const bulk = await tenant.post("/content/bulk", {
      operations: [{ op: "update", type: "trip", id, locale: "en", fields: { name: "Oceans" } }],
    });
    expect(bulk.body.data.items[0].entry.slug).toBe("oceans-2027");
  });

  it("comes back with a version and from the trash, numbered when it was given away", async () => {
    const { id } = await create({ title: "Phoenix" });
    await patch(id, { title: "Ashes" });
    const restored = await tenant.post(`/content/post/${id}/restore`, { version: 1 });
    expect([restored.status, restored.body.data?.slug], restored.text).toEqual([200, "phoenix"]);
    await tenant.delete(`/content/post/${id}`);
    expect((await create({ title: "Phoenix" })).slug).toBe("phoenix");
    const back = await tenant.post(`/trash/${id}/restore`, {});
    expect([back.status, back.body.data?.slug], back.text).toEqual([200, "phoenix-2"]);
    expect(back.body.left_out[0]).toMatchObject({ path: "slug", reason: "value-taken" });
  });

  it("is made for whoever may write what it is made of, and tells nothing of what is hidden", async () => {
    const writer = await asRole(tenant, [
      { actions: ["content:read-draft", "content:write"], types: ["post"] },
      { effect: "deny", actions: ["content:write"], types: ["post"], fields: ["slug"] },
    ]);
    const made = await writer.post("/content/post", { title: "By role" });
    expect([made.status, made.body.data?.slug], made.text).toEqual([201, "by-role"]);
    const saved = await writer.patch(`/content/post/${made.body.data.id}`, { title: "By role again" });
    expect([saved.status, saved.body.data?.slug], saved.text).toEqual([200, "by-role-again"]);
  });

  it("is made for whoever may write some entries only, by every way to write", async () => {
    const all = ["content:read", "content:read-draft", "content:write"];
    const grant = { actions: all, types: ["post"], conditions: { title: { starts_with: "mine" } } };
    const writer = await asRole(tenant, [grant]);
    const made = await writer.post("/content/post", { title: "Mine one" });
    expect([made.status, made.body.data?.slug], made.text).toEqual([201, "mine-one"]);
    const { id } = made.body.data;
    const saved = await writer.patch(`/content/post/${id}`, { title: "Mine two" });
    expect([saved.status, saved.body.data?.slug], saved.text).toEqual([200, "mine-two"]);
    const put = await writer.put(`/content/post/${id}`, { title: "Mine three" });
    expect([put.status, put.body.data?.slug], put.text).toEqual([200, "mine-three"]);
    const fields = { title: "Mine four" };
    const bulk = await writer.post("/content/bulk", { operations: [{ op: "create", type: "post", fields }] });
    expect([bulk.status, bulk.body.data?.items[0].entry.slug], bulk.text).toEqual([200, "mine-four"]);
    expect((await writer.post("/content/post", { title: "Theirs" })).status).toBe(403);
    const bySlug = { ...grant, conditions: { slug: { starts_with: "mine" } } };
    const bound = await asRole(tenant, [bySlug]);
    expect((await bound.patch(`/content/post/${id}`, { title: "Mine five" })).status).toBe(200);
    expect((await bound.patch(`/content/post/${id}`, { title: "No more" })).status).toBe(403);
  });

  it.each([
    [{ id: "slug", type: "slug", from: ["titel"] }, "fields[1].from[0]", 'Did you mean "title"?'],
    [{ id: "slug", type: "slug", from: ["slug"] }, "fields[1].from[0]", "another field"],
    [{ id: "slug", type: "slug", from: ["body"] }, "fields[1].from[0]", "short_text"],
    [{ id: "slug", type: "slug", from: ["tags"] }, "fields[1].from[0]", "single"],
    [{ id: "slug", type: "slug", from: ["title", "title"] }, "fields[1].from[1]", "twice"],
    [{ id: "slug", type: "slug", from: ["title"], default: "a" }, "fields[1].default", "from"],
    [{ id: "slug", type: "slug", from: ["title"], max: 5 }, "fields[1].max", "at least 20"],
    [{ id: "slug", type: "short_text", from: ["title"] }, "fields[1].from", "slug"],
  ])("is described in a way that works: %j", async (field, path, message) => {
    const fields = [
      { id: "title", type: "short_text" },
      field,
      { id: "body", type: "long_text" },
      { id: "tags", type: "short_text", multiple: true },
    ];
    const refused = await tenant.post("/types", { id: "wrong", name: "Wrong", fields });
    expect([refused.status, refused.body.error?.details[0].path], refused.text).toEqual([422, path]);
    expect(refused.body.error.details[0].message).toContain(message);
  });

  it("keeps to the pattern of its field, or says what was made", async () => {
    const pattern = {
      ...POST,
      id: "plain",
      fields: [POST.fields[0], { ...POST.fields[1], pattern: "[a-z0-9-]+" }],
    };
    await tenant.post("/types", pattern);
    expect((await create({ title: "Straße" }, "plain")).slug).toBe("strasse");
    const refused = await tenant.post("/content/plain", { title: "Москва" });
    expect([refused.status, refused.body.error.details[0].path]).toEqual([422, "slug"]);
    expect(refused.body.error.details[0].message).toContain("москва");
  });

  it("is made of what is computed, and follows that", async () => {
    const fields = [
      { id: "first", type: "short_text" },
      { id: "last", type: "short_text", default: "Doe" },
      { id: "full", type: "short_text", computed: "first + ' ' + last" },
      { id: "slug", type: "slug", from: ["full"], required: true },
    ];
    const type = await tenant.post("/types", { id: "person", name: "Person", fields });
    expect(type.status, type.text).toBe(201);
    const { id, slug } = await create({ first: "Ada" }, "person");
    expect(slug).toBe("ada-doe");
    expect((await patch(id, { last: "Lace" }, "person"))["slug"]).toBe("ada-lace");
    const bulk = await tenant.post("/content/bulk", {
      operations: [{ op: "update", type: "person", id, fields: { first: "Eve" } }],
    });
    expect(bulk.body.data.items[0].entry.slug).toBe("eve-lace");
  });

  it("comes to what was never published where a type comes to have it later", async () => {
    const fields = [POST.fields[0], { id: "slug", type: "slug" }];
    await tenant.post("/types", { id: "later", name: "Later", fields });
    const known = [await create({ title: "Known" }, "later"), await create({ title: "Known" }, "later")];
    const nameless = await create({}, "later");
    const written = await create({ title: "Known", slug: "known-2" }, "later");
    const shown = await create({ title: "Shown" }, "later");
    await publish(shown.id);
    const from = [fields[0], { ...fields[1], from: ["title"] }];
    expect((await tenant.put("/types/later", { id: "later", name: "Later", fields: from })).status).toBe(200);
    const slugOf = async ({ id }: { id: string }) =>
      (await tenant.get(`/content/later/${id}?perspective=draft`)).body.data.slug as string | null;
    await eventually(async () => (await slugOf(known[1]!)) !== null);
    expect(await Promise.all([...known, nameless, written, shown].map(slugOf))).toEqual([
      ...["known", "known-3", null, "known-2", null],
    ]);
    const found = await tenant.get("/content/later?perspective=draft&filter[slug]=known-3");
    expect(found.body.data).toMatchObject([
      { id: known[1]!.id, version: known[1]!.version, status: "draft" },
    ]);
    expect((await tenant.get("/content/later/known?perspective=draft")).body.data.id).toBe(known[0]!.id);
    expect((await patch(known[0]!.id, { title: "Renamed" }, "later"))["slug"]).toBe("renamed");
    expect((await patch(shown.id, { title: "Shown now" }, "later"))["slug"]).toBe("shown-now");
    expect((await patch(written.id, { title: "New" }, "later"))["slug"]).toBe("known-2");
    const document = await tenant.get("/openapi.json");
    const input = document.body.components.schemas["post.input"].allOf[1];
    expect(input.required ?? []).toEqual([]);
    expect(input.properties.slug.anyOf).toContainEqual({ type: "null" });
  });
});
