import { beforeAll, describe, expect, it } from "vitest";
import { asRole, reasonOf } from "../support/access.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const page = (id: string, fields: object[], renames?: object) => ({
  id,
  name: id,
  fields,
  ...(renames ? { renames } : {}),
});
const callout = (attrs: object) => ({
  type: "doc",
  content: [
    { type: "paragraph", content: [{ type: "text", text: "before" }] },
    { type: "blockquote", content: [{ type: "callout", attrs }] },
  ],
});

let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "fr" }] });
});
const draft = async (type: string, id: string) =>
  (await own.get(`/content/${type}/${id}?perspective=draft&locale=*`)).body.data;
const live = async (type: string, id: string, locale = "en") =>
  (await own.get(`/content/${type}/${id}?locale=${locale}`, FRESH)).body.data;
const make = async (type: string, fields: object) => {
  const made = await own.post(`/content/${type}?locale=*`, fields);
  expect(made.status, made.text).toBe(201);
  return made.body.data.id as string;
};
const publish = async (id: string) => expect((await own.post("/content/publish", { id })).status).toBe(200);

describe("a field gets another id", () => {
  const OLD = [
    text("name", { localized: true, required: true }),
    text("code", { unique: true }),
    { id: "near", type: "reference", to: ["post"], multiple: true },
  ];
  const NEW = [
    text("title", { localized: true, required: true }),
    text("sku", { unique: true }),
    { id: "related", type: "reference", to: ["post"], multiple: true },
  ];
  const RENAMES = { name: "title", code: "sku", near: "related" };
  let shown: string;
  let changed: string;
  let trashed: string;

  beforeAll(async () => {
    await own.put("/types/post", page("post", OLD));
    shown = await make("post", { name: { en: "One", fr: "Un" }, code: "c1" });
    changed = await make("post", { name: { en: "Two", fr: "Deux" }, code: "c2", near: [shown] });
    trashed = await make("post", { name: { en: "Gone" }, code: "c3" });
    await publish(shown);
    await publish(changed);
    await own.patch(`/content/post/${changed}`, { name: "Two, changed", code: "c2b" });
    await own.delete(`/content/post/${trashed}`);
    const done = await own.put("/types/post", page("post", NEW, RENAMES));
    expect(done.status, done.text).toBe(200);
    expect(done.body.data.renames).toBeUndefined();
  });

  it("and working copies have their values under it", async () => {
    expect(await draft("post", changed)).toMatchObject({
      title: { en: "Two, changed", fr: "Deux" },
      sku: "c2b",
      related: [shown],
      status: "changed",
    });
    expect(await draft("post", shown)).toMatchObject({ title: { en: "One", fr: "Un" }, status: "published" });
  });

  it("and what is published has it too, with what was published", async () => {
    await eventually(async () => (await live("post", changed)).title === "Two");
    const { name, code, near, ...rest } = await live("post", changed, "fr");
    expect([name, code, near]).toEqual([undefined, undefined, undefined]);
    expect(rest).toMatchObject({ title: "Deux", sku: "c2", related: [shown] });
  });

  it("and entries are found by it, once each", async () => {
    const found = async (query: string) =>
      (await own.get(`/content/post?${query}`, FRESH)).body.data.map((one: { id: string }) => one.id);
    expect(await found("perspective=draft&filter[sku]=c2b")).toEqual([changed]);
    expect(await found("filter[sku]=c2")).toEqual([changed]);
    expect(await found(`perspective=draft&filter[related]=${shown}`)).toEqual([changed]);
    expect(await found("locale=fr&filter[title]=Un")).toEqual([shown]);
  });

  it("and it is unique as before", async () => {
    const twice = await own.post("/content/post", { title: "Again", sku: "c1" });
    expect([twice.status, reasonOf(twice)]).toEqual([409, "content/not-unique"]);
  });

  it("and older versions are read, compared and restored by it", async () => {
    const old = await own.get(`/content/post/${changed}/versions/1`);
    expect(old.body.data.data).toMatchObject({ title: { en: "Two", fr: "Deux" }, sku: "c2" });
    const difference = await own.get(`/content/post/${changed}/diff?from=1&to=2`);
    expect(difference.body.data.map((one: { path: string }) => one.path).sort()).toEqual(["sku", "title.en"]);
    const read = await own.get(`/content/post/${changed}?version=1&locale=fr`);
    expect(read.body.data, read.text).toMatchObject({ title: "Deux", sku: "c2" });
    const restored = await own.post(`/content/post/${changed}/restore`, { version: 1 });
    expect(restored.body.left_out ?? []).toEqual([]);
    expect(await draft("post", changed)).toMatchObject({ title: { en: "Two", fr: "Deux" }, sku: "c2" });
  });

  it("and what was deleted before comes back with it", async () => {
    const listed = await own.get("/trash?type=post");
    expect(listed.body.data[0].data).toEqual({ title: { en: "Gone" }, sku: "c3" });
    const back = await own.post(`/trash/${trashed}/restore`, {});
    expect(back.body.left_out ?? []).toEqual([]);
    expect(await draft("post", trashed)).toMatchObject({ title: { en: "Gone" }, sku: "c3" });
  });

  it("and the same change again changes nothing", async () => {
    const again = await own.put("/types/post", page("post", NEW, RENAMES));
    expect([again.status, again.headers.get("x-flow-unchanged")]).toEqual([200, "true"]);
  });

  it("and later versions of the same entry are as they were saved", async () => {
    await own.patch(`/content/post/${trashed}`, { sku: "c4" });
    await own.put("/types/post", page("post", [...NEW, text("code")]));
    await own.patch(`/content/post/${trashed}`, { code: "new" });
    await own.patch(`/content/post/${trashed}`, { code: "newer" });
    const { version } = await draft("post", trashed);
    const kept = await own.get(`/content/post/${trashed}/versions/${version - 1}`);
    expect(kept.body.data.data).toMatchObject({ sku: "c4", code: "new" });
  });
});

describe("policies that name the field", () => {
  it("hide it under its new id, from the answers made before too, and in old versions", async () => {
    await own.put("/types/file", page("file", [text("name"), text("secret"), text("owner")]));
    const id = await make("file", { name: "n", secret: "s", owner: "me" });
    await publish(id);
    await own.patch(`/content/file/${id}`, { name: "n2" });
    const other = await make("file", { name: "o", secret: "s", owner: "you" });
    const reader = await asRole(own, [
      { actions: ["content:read", "content:read-draft"], conditions: { owner: "me" } },
      { effect: "deny", actions: ["content:*"], fields: ["secret"] },
    ]);
    const seen = async () => (await reader.get(`/content/file/${id}?n=1`, FRESH.headers)).body.data ?? {};
    const renames = { secret: "hidden", owner: "held_by" };
    const next = page("file", [text("name"), text("hidden"), text("held_by")], renames);
    expect((await own.put("/types/file", next)).status).toBe(200);
    for (let i = 0; i < 20; i++) expect(JSON.stringify(await seen())).not.toContain('"s"');
    const mine = await reader.get(`/content/file/${id}?perspective=draft`);
    expect(mine.body.data, mine.text).toMatchObject({ name: "n2", held_by: "me" });
    expect(Object.keys(mine.body.data)).not.toContain("hidden");
    expect((await reader.get(`/content/file/${other}?perspective=draft`)).status).toBe(404);
    const old = await reader.get(`/content/file/${id}/versions/1`);
    expect(old.body.data.data).toEqual({ name: "n", held_by: "me" });
    await eventually(async () => (await live("file", id)).hidden === "s");
    expect(Object.keys(await seen())).toEqual(expect.not.arrayContaining(["hidden", "secret"]));
  });

  it("may go on naming it, and be written so", async () => {
    const grants = [{ actions: ["content:read"], types: ["file"], fields: ["name", "secret"] }];
    expect((await own.post("/policies", { name: "former", grants })).status).toBe(201);
  });
});

describe("a slug that is made of other values", () => {
  it("goes on following them under its new id", async () => {
    const slug = (id: string) => ({ id, type: "slug", from: ["name"] });
    await own.put("/types/made", page("made", [text("name"), slug("path")]));
    const id = await make("made", { name: "First Name" });
    expect((await draft("made", id)).path).toBe("first-name");
    const done = await own.put(
      "/types/made",
      page("made", [text("name"), slug("handle")], { path: "handle" }),
    );
    expect(done.status, done.text).toBe(200);
    await own.patch(`/content/made/${id}`, { name: "Second" });
    expect((await draft("made", id)).handle).toBe("second");
    await publish(id);
    expect((await live("made", "second")).id).toBe(id);
  });
});

describe("a move out of what a policy speaks of", () => {
  it("is refused, and the policy named", async () => {
    const note = { id: "own", type: "component", fields: [text("a"), text("b")] };
    await own.put("/types/secretive", page("secretive", [text("name"), note]));
    const grants = [{ effect: "deny", actions: ["content:read"], types: ["secretive"], fields: ["own"] }];
    expect((await own.post("/policies", { name: "keeps own", grants })).status).toBe(201);
    const out = [text("name"), text("a"), { ...note, fields: [text("b")] }];
    const refused = await own.put("/types/secretive", page("secretive", out, { "own.a": "a" }));
    expect([refused.status, reasonOf(refused)], refused.text).toEqual([409, "types/named-by-policy"]);
    expect(refused.body.error.details[0].message).toContain("keeps own");
    const inside = [text("name"), { ...note, fields: [text("z"), text("b")] }];
    const done = await own.put("/types/secretive", page("secretive", inside, { "own.a": "own.z" }));
    expect(done.status, done.text).toBe(200);
  });
});

describe("fields move", () => {
  const SEO = [text("title"), text("note")];
  const seo = (fields: object[]) => ({ id: "seo", type: "component", localized: true, fields });

  it("into a component and out again, by locale, with what is published and versions", async () => {
    const loose = [
      text("name"),
      text("seo_title", { localized: true }),
      text("seo_note", { localized: true }),
    ];
    await own.put("/types/site", page("site", loose));
    const id = await make("site", {
      name: "n",
      seo_title: { en: "T", fr: "Tf" },
      seo_note: { en: "N" },
    });
    await publish(id);
    await own.patch(`/content/site/${id}`, { seo_title: "T2" });
    const into = await own.put(
      "/types/site",
      page("site", [text("name"), seo(SEO)], { seo_title: "seo.title", seo_note: "seo.note" }),
    );
    expect(into.status, into.text).toBe(200);
    expect((await draft("site", id)).seo).toEqual({ en: { title: "T2", note: "N" }, fr: { title: "Tf" } });
    await eventually(async () => (await live("site", id)).seo?.title === "T");
    expect((await live("site", id, "fr")).seo).toEqual({ title: "Tf" });
    const old = await own.get(`/content/site/${id}/versions/1`);
    expect(old.body.data.data.seo).toEqual({ en: { title: "T", note: "N" }, fr: { title: "Tf" } });

    const out = await own.put(
      "/types/site",
      page("site", [text("name"), loose[1]!, text("remark", { localized: true })], {
        "seo.title": "seo_title",
        "seo.note": "remark",
      }),
    );
    expect(out.status, out.text).toBe(200);
    const { seo: gone, ...now } = await draft("site", id);
    expect(gone).toBeUndefined();
    expect(now).toMatchObject({ seo_title: { en: "T2", fr: "Tf" }, remark: { en: "N" } });
    await eventually(async () => (await live("site", id)).remark === "N");
    const first = await own.get(`/content/site/${id}/versions/1`);
    expect(first.body.data.data).toEqual({
      name: "n",
      seo_title: { en: "T", fr: "Tf" },
      remark: { en: "N" },
    });
  });

  it("within lists, blocks and documents, at every depth", async () => {
    const inner = (id: string) => ({ id: "inner", type: "component", fields: [text(id), text("kept")] });
    const fields = (id: string, moved: object[]) => [
      { id: "items", type: "component", multiple: true, fields: moved },
      {
        id: "parts",
        type: "blocks",
        localized: true,
        components: [
          { id: "hero", fields: [text(id), inner(id)] },
          { id: "line", fields: [text("a")] },
        ],
      },
      { id: "body", type: "rich_text", components: [{ id: "callout", fields: [text(id), text("kept")] }] },
    ];
    await own.put("/types/deep", page("deep", fields("a", [text("a"), text("b")])));
    const id = await make("deep", {
      items: [{ a: "1", b: "2" }, { b: "3" }],
      parts: {
        fr: [
          { type: "hero", a: "x", inner: { a: "y", kept: "k" } },
          { type: "line", a: "z" },
        ],
      },
      body: callout({ a: "c", kept: "k" }),
    });
    await publish(id);
    const next = fields("z", [text("b"), { id: "in", type: "component", fields: [text("z")] }]);
    const done = await own.put(
      "/types/deep",
      page("deep", next, {
        "items.a": "items.in.z",
        "parts.hero.a": "parts.hero.z",
        "parts.hero.inner.a": "parts.hero.inner.z",
        "body.callout.a": "body.callout.z",
      }),
    );
    expect(done.status, done.text).toBe(200);
    const now = await draft("deep", id);
    expect(now.items).toEqual([{ in: { z: "1" }, b: "2" }, { b: "3" }]);
    expect(now.parts.fr).toEqual([
      { type: "hero", z: "x", inner: { z: "y", kept: "k" } },
      { type: "line", a: "z" },
    ]);
    expect(now.body).toEqual(callout({ z: "c", kept: "k" }));
    expect(now.status).toBe("published");
  });
});

describe("a field of a reusable component gets another id", () => {
  it("in every type that uses it, wherever that is", async () => {
    const card = (id: string) => ({ id: "card", name: "Card", fields: [text(id), text("kept")] });
    await own.put("/components/card", card("line"));
    await own.put("/components/wrap", {
      id: "wrap",
      name: "Wrap",
      fields: [{ id: "cards", type: "component", component: "card", multiple: true }],
    });
    await own.put(
      "/types/front",
      page("front", [
        { id: "top", type: "component", component: "card", localized: true },
        { id: "parts", type: "blocks", components: ["card", "wrap"] },
        { id: "body", type: "rich_text", components: ["card"] },
      ]),
    );
    const values = (name: string) => ({
      top: { en: { [name]: "t" }, fr: { [name]: "tf" } },
      parts: [
        { type: "card", [name]: "p" },
        { type: "wrap", cards: [{ [name]: "w", kept: "k" }] },
      ],
    });
    const node = (name: string) => ({ type: "doc", content: [{ type: "card", attrs: { [name]: "n" } }] });
    const id = await make("front", { ...values("line"), body: node("line") });
    await publish(id);
    const done = await own.put("/components/card", { ...card("headline"), renames: { line: "headline" } });
    expect(done.status, done.text).toBe(200);
    const now = await draft("front", id);
    expect(now).toMatchObject({ ...values("headline"), body: node("headline"), status: "published" });
    await eventually(async () => (await live("front", id, "fr")).top?.headline === "tf");
    const old = await own.get(`/content/front/${id}/versions/1`);
    expect(old.body.data.data).toEqual({ ...values("headline"), body: node("headline") });
  });
});

describe("renames that cannot be", () => {
  const FIELDS = [text("a"), text("b"), text("c", { localized: true })];
  const list = { id: "list", type: "component", multiple: true, fields: [text("x")] };
  it.each<[string, object[], object, string]>([
    ["of nothing", [text("b"), text("z")], { aa: "z" }, "renames.aa"],
    ["to nothing", [text("b")], { a: "z" }, "renames.a"],
    ["to another field", [text("b")], { a: "b" }, "renames.a"],
    ["of what stays", [text("a"), text("z")], { a: "z" }, "renames.a"],
    ["of two to one", [text("z")], { a: "z", b: "z" }, "renames.a"],
    ["into a list", [list], { a: "list.x" }, "renames.a"],
    [
      "out of a locale",
      [text("a"), { id: "s", type: "component", fields: [text("c")] }],
      { c: "s.c" },
      "renames.c",
    ],
    ["by no path", FIELDS, { a: "__proto__" }, "renames.a"],
    ["by no text", FIELDS, { a: 1 }, "renames.a"],
  ])("%s", async (_, fields, renames, path) => {
    await own.put("/types/odd", page("odd", FIELDS));
    const refused = await own.put("/types/odd", page("odd", fields, renames));
    expect([refused.status, reasonOf(refused)], refused.text).toEqual([422, "types/invalid-renames"]);
    expect(refused.body.error.details.map((one: { path: string }) => one.path)).toContain(path);
  });

  it("a wrong word gets a suggestion", async () => {
    const refused = await own.put("/types/odd", page("odd", [text("z")], { bb: "z" }));
    expect(refused.body.error.details[0].message).toContain('Did you mean "b"?');
  });

  it("rules that values break are told by the new path, and nothing moves", async () => {
    await own.put("/types/strict", page("strict", [text("a")]));
    const id = await make("strict", { a: "too long" });
    const refused = await own.put("/types/strict", page("strict", [text("z", { max: 3 })], { a: "z" }));
    expect([refused.status, reasonOf(refused)]).toEqual([409, "types/violated"]);
    expect(refused.body.error.details[0]).toMatchObject({ path: "z", entry: id });
    expect(await draft("strict", id)).toMatchObject({ a: "too long" });
  });
});
