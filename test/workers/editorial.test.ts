import { beforeAll, describe, expect, it } from "vitest";
import { ARTICLE, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    { id: "title", type: "short_text", localized: true, required: true },
    { id: "slug", type: "slug", localized: true },
    { id: "price", type: "number" },
  ],
};
const reason = (reply: { body: any }) => reply.body?.error?.reason;

describe("locales", () => {
  let own: Tenant;
  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", {
      default_locale: "en",
      locales: [{ code: "en" }, { code: "fr" }, { code: "fr-CA", fallback: "fr" }],
    });
    await own.post("/types", PAGE);
  });
  const read = (id: string, locale: string) => own.get(`/content/page/${id}?locale=${locale}`, FRESH);

  it("are published and unpublished one by one, and leave the others alone", async () => {
    const both = { title: { en: "One", fr: "Un" }, slug: { en: "one", fr: "un" }, price: 1 };
    const made = await own.post("/content/page?locale=*", both);
    const { id } = made.body.data;
    const first = await own.post("/content/publish", { id, locales: ["en"] });
    expect(first.body.data).toMatchObject({ status: "changed", published_locales: { en: 1 } });
    expect((await read(id, "en")).body.data).toMatchObject({ title: "One", price: 1 });
    expect((await read(id, "fr")).status).toBe(404);
    expect((await read(id, "fr-CA")).status).toBe(404);
    await own.patch(`/content/page/${id}?locale=*`, { title: { en: "Two", fr: "Deux" }, price: 2 });
    await own.patch(`/content/page/${id}?locale=*`, { title: { "fr-CA": "Deux, eh" } });
    await own.patch(`/content/page/${id}?locale=*`, { title: { "fr-CA": null } });
    const draft = await own.get(`/content/page/${id}?locale=*&perspective=draft`);
    expect(draft.body.data.title).toMatchObject({ en: "Two", fr: "Deux" });
    expect((await own.post("/content/publish", { id, locales: ["fr"] })).body.data.published_locales).toEqual(
      { en: 1, fr: 4 },
    );
    expect((await read(id, "fr")).body.data).toMatchObject({ title: "Deux", price: 1, version: 4 });
    expect((await read(id, "fr-CA")).body.data).toMatchObject({ title: "Deux", locale: "fr-CA" });
    expect((await read(id, "en")).body.data).toMatchObject({ title: "One", price: 1, version: 1 });
    expect((await own.get("/content/page?locale=fr&filter[slug]=un", FRESH)).body.data).toHaveLength(1);
    const whole = await own.post("/content/publish", { id });
    expect(whole.body.data).toMatchObject({ status: "published", published_locales: null });
    expect((await read(id, "en")).body.data).toMatchObject({ title: "Two", price: 2 });
    const gone = await own.post("/content/unpublish", { id, locales: ["fr"] });
    expect(gone.body.data).toMatchObject({ status: "changed", published_locales: { en: 4, "fr-CA": 4 } });
    expect((await read(id, "fr")).status).toBe(404);
    expect((await read(id, "en")).body.data.title).toBe("Two");
    const none = await own.post("/content/unpublish", { id, locales: ["en", "fr-CA"] });
    expect(none.body.data).toMatchObject({
      status: "draft",
      published_version: null,
      published_locales: null,
    });
    expect((await read(id, "en")).status).toBe(404);
    expect(reason(await own.post("/content/publish", { id, locales: ["de"] }))).toBe(
      "content/unknown-locale",
    );
  });

  it("survive the rebuilding of the read model", async () => {
    const { id } = (await own.post("/content/page?locale=*", { title: { en: "A", fr: "B" } })).body.data;
    await own.post("/content/publish", { id, locales: ["en"] });
    await own.put("/types/page", { ...PAGE, fields: [...PAGE.fields, { id: "extra", type: "short_text" }] });
    await eventually(async () => "extra" in (await read(id, "en")).body.data, 10_000);
    expect((await read(id, "en")).body.data.title).toBe("A");
    expect((await read(id, "fr")).status).toBe(404);
  });

  it("keep both when two are published at once", async () => {
    const { id } = (await own.post("/content/page?locale=*", { title: { en: "A", fr: "B" } })).body.data;
    await Promise.all(["en", "fr"].map((locale) => own.post("/content/publish", { id, locales: [locale] })));
    expect((await read(id, "en")).body.data.title).toBe("A");
    expect((await read(id, "fr")).body.data.title).toBe("B");
  });
});

describe("references", () => {
  let own: Tenant;
  beforeAll(async () => {
    own = await newTenant();
    await own.post("/types", ARTICLE);
  });
  const body = (id: string) => ({
    type: "doc",
    content: [
      { type: "entryEmbed", attrs: { entry: id } },
      {
        type: "paragraph",
        content: [{ type: "text", text: "see", marks: [{ type: "link", attrs: { href: `entry:${id}` } }] }],
      },
    ],
  });

  it("say where an entry is used, and keep it from going away", async () => {
    const target = await own.published("article", { title: "target" });
    const user = await own.published("article", { title: "user", related: [target], body: body(target) });
    const used = await own.get(`/content/article/${target}/references`);
    expect(used.body.data.map((one: any) => [one.id, one.field, one.perspective])).toEqual([
      [user, "body", "draft"],
      [user, "related", "draft"],
      [user, "body", "published"],
      [user, "related", "published"],
    ]);
    for (const refused of [
      await own.delete(`/content/article/${target}`),
      await own.post("/content/unpublish", { id: target }),
    ]) {
      expect([refused.status, reason(refused)]).toEqual([409, "content/referenced"]);
      expect(refused.body.error.details[0].entry).toBe(user);
    }
    expect((await own.get(`/content/article/${target}`, FRESH)).status).toBe(200);
  });

  it("are taken out, in drafts, in what is published and in rich text, when asked", async () => {
    const target = await own.published("article", { title: "target" });
    const user = await own.published("article", { title: "user", related: [target], body: body(target) });
    const changed = await own.published("article", { title: "changed", related: [target] });
    await own.patch(`/content/article/${changed}`, { title: "edited" });
    expect((await own.delete(`/content/article/${target}?on_reference=null`)).status).toBe(204);
    const after = (await own.get(`/content/article/${user}`, FRESH)).body.data;
    expect(after.related).toEqual([]);
    expect(JSON.stringify(after.body)).not.toContain(target);
    expect(JSON.stringify(after.body)).toContain("see");
    const kept = await own.get(`/content/article/${changed}`, FRESH);
    expect(kept.body.data).toMatchObject({ title: "changed", related: [] });
    expect((await own.get(`/content/article/${changed}?perspective=draft`)).body.data).toMatchObject({
      title: "edited",
      related: [],
      status: "changed",
    });
  });

  it("are pointed elsewhere, or take the others along", async () => {
    const [target, other] = [
      await own.published("article", { title: "t" }),
      await own.published("article", { title: "o" }),
    ];
    const user = await own.published("article", {
      title: "user",
      related: [target, other],
      body: body(target),
    });
    expect((await own.delete(`/content/article/${target}?on_reference=repoint:${other}`)).status).toBe(204);
    const after = (await own.get(`/content/article/${user}?include=related`, FRESH)).body.data;
    expect(after.related.map((one: any) => one.id)).toEqual([other]);
    expect(JSON.stringify(after.body)).toContain(other);
    const last = await own.published("article", { title: "last", related: [user] });
    expect((await own.delete(`/content/article/${other}?on_reference=cascade`)).status).toBe(204);
    for (const id of [other, user, last])
      expect((await own.get(`/content/article/${id}?perspective=draft`)).status).toBe(404);
    expect((await own.get("/trash")).body.data.map((one: any) => one.id)).toEqual(
      expect.arrayContaining([other, user, last]),
    );
    expect((await own.delete(`/content/article/${last}?on_reference=maybe`)).status).toBe(400);
  });
});

describe("trash, copies and versions", () => {
  let own: Tenant;
  beforeAll(async () => {
    own = await newTenant();
    await own.post("/types", ARTICLE);
  });

  it("bring a deleted entry back under its id, with its versions", async () => {
    const id = await own.published("article", { title: "one", slug: "one" });
    await own.patch(`/content/article/${id}`, { title: "two" });
    expect((await own.delete(`/content/article/${id}`)).status).toBe(204);
    expect((await own.get(`/content/article/${id}`, FRESH)).status).toBe(404);
    expect((await own.get("/trash?type=article")).body.data[0]).toMatchObject({
      id,
      type: "article",
      version: 2,
      data: { title: "two" },
    });
    const blocker = await own.post("/content/article", { title: "thief", slug: "one" });
    const lacking = await own.post(`/trash/${id}/restore`, {});
    expect(lacking.body.data).toMatchObject({ id, title: "two", slug: null, status: "draft", version: 3 });
    expect(lacking.body.left_out).toEqual([
      { path: "slug", reason: "value-taken", message: expect.stringContaining('"one"') },
    ]);
    await own.delete(`/content/article/${blocker.body.data.id}?for_good=true`);
    const whole = await own.post(`/content/article/${id}/restore`, { version: 2 });
    expect(whole.body).toMatchObject({ data: { slug: "one", version: 4 }, left_out: [] });
    await own.delete(`/content/article/${id}`);
    const back = await own.post(`/trash/${id}/restore`, {});
    expect(back.body.data).toMatchObject({ id, title: "two", slug: "one", status: "draft", version: 5 });
    expect(
      (await own.get(`/content/article/${id}/versions`)).body.data.map((one: any) => one.version),
    ).toEqual([5, 4, 3, 2, 1]);
    expect((await own.post(`/trash/${id}/restore`, {})).status).toBe(404);
    await own.delete(`/content/article/${id}`);
    expect((await own.delete(`/trash/${id}`)).status).toBe(204);
    expect((await own.get("/trash")).body.data).toEqual([]);
  });

  it("duplicate without the values that must be unique", async () => {
    const id = await own.published("article", { title: "one", slug: "dup", price: 3 });
    const copy = await own.post(`/content/article/${id}/duplicate`, { fields: { title: "copy" } });
    expect(copy.status).toBe(201);
    expect(copy.body.data).toMatchObject({
      title: "copy",
      slug: "dup-copy",
      price: 3,
      status: "draft",
      version: 1,
    });
    expect(copy.body.data.id).not.toBe(id);
  });

  it("show any version as the draft perspective shows entries", async () => {
    const one = await own.published("article", { title: "First target" });
    const two = await own.published("article", { title: "Second target" });
    const { id } = (await own.post("/content/article", { title: "v1", slug: "versioned", related: [one] }))
      .body.data;
    await own.patch(`/content/article/${id}`, { title: "v2", related: [two] });
    const at = (query: string) => own.get(`/content/article/${id}?${query}`);
    expect(
      (await at("version=1&include=related&fields=title,related,version,status")).body.data,
    ).toMatchObject({
      title: "v1",
      version: 1,
      status: "draft",
      related: [{ id: one, title: "First target" }],
    });
    expect((await own.get("/content/article/versioned?version=2&include=related")).body.data).toMatchObject({
      title: "v2",
      related: [{ id: two, title: "Second target" }],
    });
    const missing = await at("version=9");
    expect([missing.status, reason(missing)]).toEqual([404, "content/no-such-version"]);
    expect((await at("version=0")).status).toBe(400);
    expect((await at("version=1&perspective=published")).status).toBe(400);
    const reader = await own.get(`/content/article/${id}?version=1`, { token: own.tokens.read });
    expect(reader.status).toBe(403);
    const graph = await own.post("/graphql", {
      query: `{ article(id: "${id}", version: 1) { title related { title } } }`,
    });
    expect(graph.body.data.article).toEqual({ title: "v1", related: [{ title: "First target" }] });
  });

  it("compare any two versions, restore one, and keep the named", async () => {
    const { id } = (
      await own.post("/content/article", { title: "a", price: 1, body: { html: "<p>x</p><p>y</p>" } })
    ).body.data;
    await own.patch(`/content/article/${id}`, {
      title: "b",
      price: null,
      rank: 4,
      body: { html: "<p>new</p><p>x</p><p>y!</p>" },
    });
    const diff = await own.get(`/content/article/${id}/diff?from=1&to=2`);
    const byPath = Object.fromEntries(diff.body.data.map((one: any) => [one.path, one.change]));
    expect(byPath).toMatchObject({ title: "changed", rank: "added", "body.content[0]": "added" });
    expect(
      diff.body.data.some((one: any) => one.path.startsWith("body.content[2]") && one.change === "changed"),
    ).toBe(true);
    expect((await own.get(`/content/article/${id}/diff?from=1&to=9`)).status).toBe(404);
    expect(
      (await own.put(`/content/article/${id}/versions/1`, { name: "As agreed" })).body.data,
    ).toMatchObject({ version: 1, name: "As agreed" });
    const back = await own.call("POST", `/content/article/${id}/restore`, {
      body: { version: 1 },
      headers: { "if-match": '"1"' },
    });
    expect(reason(back)).toBe("http/precondition-failed");
    const restored = await own.post(`/content/article/${id}/restore`, { version: 1 });
    expect(restored.body.data).toMatchObject({ version: 3, title: "a", price: 1, rank: null });
    expect((await own.get(`/content/article/${id}/versions/1`)).body.data.name).toBe("As agreed");
  });
});

describe("bulk", () => {
  let own: Tenant;
  beforeAll(async () => {
    own = await newTenant();
    await own.post("/types", ARTICLE);
  });
  const idOf = (n: number) => `cnt_01jd${String(n).padStart(22, "0")}`;
  const total = async () =>
    (await own.get("/content/article?perspective=draft")).body.pagination.total_items as number;

  it("does 200 operations at once, in order, references among them", async () => {
    const operations = Array.from({ length: 100 }, (_, i) => [
      {
        op: "create",
        type: "article",
        id: idOf(i),
        fields: { title: `T${i}`, slug: `t${i}`, ...(i > 0 ? { related: [idOf(i - 1)] } : {}) },
      },
      { op: "publish", id: idOf(i) },
    ]).flat();
    const done = await own.post("/content/bulk", { operations });
    expect(done.status, done.text.slice(0, 500)).toBe(200);
    expect(done.body.data).toMatchObject({ atomic: true, succeeded: 200, failed: 0 });
    expect((await own.get("/content/article?limit=1", FRESH)).body.pagination.total_items).toBe(100);
  });

  it("is all or nothing when atomic, and says which one it was", async () => {
    const before = await total();
    const create = (fields: object) => ({ op: "create", type: "article", fields });
    const taken = await own.post("/content/bulk", {
      operations: [create({ title: "new" }), create({ title: "x", slug: "t5" })],
    });
    expect([taken.status, reason(taken)]).toEqual([409, "content/slug-taken"]);
    expect(taken.body.error.details[0].path).toBe("operations[1].slug");
    const wrong = await own.post("/content/bulk", {
      operations: [create({ title: "new" }), create({ titel: "x" })],
    });
    expect([wrong.status, wrong.body.error.details[0].path]).toEqual([422, "operations[1].titel"]);
    const stale = await own.post("/content/bulk", {
      operations: [
        create({ title: "new" }),
        { op: "update", type: "article", id: idOf(1), version: 9, fields: { title: "y" } },
      ],
    });
    expect([stale.status, stale.body.error.details[0].path]).toEqual([409, "operations[1].version"]);
    const used = await own.post("/content/bulk", {
      operations: [create({ title: "new" }), { op: "delete", type: "article", id: idOf(1) }],
    });
    expect(reason(used)).toBe("content/referenced");
    expect(await total()).toBe(before);
  });

  it("does what it can when not, and says what became of each", async () => {
    const done = await own.post("/content/bulk", {
      atomic: false,
      operations: [
        { op: "create", type: "article", fields: { title: "fine" } },
        { op: "create", type: "article", fields: { title: "x", slug: "t5" } },
        { op: "create", type: "nothing", fields: {} },
        { op: "update", type: "article", id: idOf(3), fields: { title: "T3b" } },
        { op: "delete", type: "article", id: idOf(99) },
        { op: "unpublish", id: idOf(98) },
        {
          op: "put",
          type: "article",
          id: idOf(98),
          fields: { title: "T98", slug: "t98", related: [idOf(97)] },
        },
      ],
    });
    expect(done.status, done.text).toBe(200);
    expect(done.body.data.items.map((one: any) => one.outcome)).toEqual([
      "created",
      "failed",
      "failed",
      "updated",
      "deleted",
      "unpublished",
      "unchanged",
    ]);
    expect(done.body.data).toMatchObject({ atomic: false, succeeded: 5, failed: 2 });
    expect(done.body.data.items[1].error.reason).toBe("content/slug-taken");
  });

  it("refuses what is no bulk", async () => {
    for (const bulk of [
      {},
      { operations: [] },
      { operations: [{ op: "explode" }] },
      { operations: [{ op: "create", type: "article" }] },
      { operations: Array.from({ length: 501 }, () => ({ op: "publish", id: idOf(1) })) },
    ])
      expect((await own.post("/content/bulk", bulk)).status, JSON.stringify(bulk).slice(0, 80)).toBe(422);
    const reader = await own.post(
      "/content/bulk",
      { operations: [{ op: "publish", id: idOf(1) }] },
      { token: own.tokens.read },
    );
    expect(reader.status).toBe(403);
  });
});
