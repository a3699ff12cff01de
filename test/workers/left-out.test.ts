import { beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../src/sdk/index.ts";
import { inject } from "vitest";
import { newTenant, type Tenant } from "../support/tenant.ts";

type Field = Record<string, unknown> & { id: string };
const text = (id: string, more: object = {}): Field => ({ id, type: "short_text", ...more });
const part = (id: string, fields: Field[], more: object = {}): Field => ({
  id,
  type: "component",
  fields,
  ...more,
});
const link = (id: string, more: object = {}): Field => ({ id, type: "reference", ...more });
const INNER = [text("keep"), text("gone"), link("to"), { id: "kind", type: "enum", options: ["a", "b"] }];
const BEFORE: Field[] = [
  text("title", { localized: true, required: true }),
  text("lost"),
  text("retyped"),
  text("long"),
  { id: "kind", type: "enum", options: ["a", "b"] },
  { id: "kinds", type: "enum", options: ["a", "b"], multiple: true },
  { id: "slug", type: "slug" },
  text("code", { unique: true }),
  link("one"),
  link("many", { multiple: true }),
  { id: "picture", type: "media" },
  { id: "body", type: "rich_text", localized: true },
  part("seo", INNER, { localized: true }),
  {
    id: "blocks",
    type: "blocks",
    components: [
      { id: "box", fields: [text("text"), part("inner", INNER)] },
      { id: "gone", fields: [text("text")] },
    ],
  },
];
const inner = INNER.filter(({ id }) => id !== "gone").map((field) =>
  field.id === "kind" ? { ...field, options: ["b"] } : field,
);
const AFTER: Field[] = BEFORE.filter(({ id }) => id !== "lost").map((field) => {
  if (field.id === "retyped") return { id: "retyped", type: "integer" };
  if (field.id === "long") return text("long", { max: 3 });
  if (field.id === "kind" || field.id === "kinds") return { ...field, options: ["b"] };
  if (field.id === "seo") return part("seo", inner, { localized: true });
  if (field.id === "blocks")
    return { ...field, components: [{ id: "box", fields: [text("text"), part("inner", inner)] }] };
  return field;
});
const type = (fields: Field[]) => ({ id: "page", name: "Page", fields });
const LOCALES = [{ code: "en" }, { code: "fr", fallback: "en" }];
const doc = (entry: string, asset: string) => ({
  type: "doc",
  content: [
    { type: "entryEmbed", attrs: { entry } },
    { type: "image", attrs: { asset } },
    { type: "paragraph", content: [{ type: "text", text: "stays" }] },
  ],
});

/** An entry of which much is lost: what it was is in its first version. */
async function lossy(own: Tenant) {
  await own.patch("/environments/main", { locales: LOCALES });
  await own.put("/types/leaf", { id: "leaf", name: "Leaf", fields: [text("name")] });
  expect((await own.put("/types/page", type(BEFORE))).status).toBe(201);
  const leaf = (await own.post("/content/leaf", { name: "goes" })).body.data.id as string;
  const stays = (await own.post("/content/leaf", { name: "stays" })).body.data.id as string;
  const asset = (await own.post("/assets", { source_url: "https://example.com/a.png" })).body.data
    .id as string;
  const values = {
    title: { en: "T", fr: "F" },
    lost: "x",
    retyped: "x",
    long: "long",
    kind: "a",
    kinds: ["a", "b"],
    slug: "mine",
    code: "c",
    one: leaf,
    many: [leaf, stays],
    picture: asset,
    body: { en: doc(leaf, asset) },
    seo: { en: { keep: "k", gone: "g", to: leaf, kind: "a" }, fr: { keep: "kf", gone: "gf" } },
    blocks: [
      { type: "box", text: "t", inner: { keep: "k", gone: "g", to: leaf, kind: "a" } },
      { type: "gone", text: "t" },
      { type: "box", text: "last", inner: { keep: "k", kind: "b" } },
    ],
  };
  const made = await own.post("/content/page?locale=*", values);
  expect(made.status, made.text).toBe(201);
  const id = made.body.data.id as string;
  const none = Object.fromEntries(BEFORE.map((field) => [field.id, null]));
  const trashed = (await own.post("/content/page?locale=*", { ...values, slug: "trashed", code: "t" })).body
    .data.id;
  await own.put(`/content/page/${id}?locale=*&allow_incomplete=true`, none);
  await own.delete(`/content/page/${trashed}`);
  expect((await own.put("/types/page?allow_data_loss=true", type(AFTER))).status).toBe(200);
  for (const [slug, code] of [
    ["mine", "c"],
    ["trashed", "t"],
  ])
    expect((await own.post("/content/page", { title: "thief", slug, code })).status).toBe(201);
  await own.delete(`/content/leaf/${leaf}`);
  expect((await own.delete(`/trash/${leaf}?on_reference=keep`)).status).toBe(204);
  expect((await own.delete(`/assets/${asset}?force=true`)).status).toBe(204);
  await own.patch("/environments/main", { locales: [{ code: "en" }, { code: "de" }] });
  return { id, trashed, leaf, stays, asset };
}
const LOST = {
  "title.fr": "locale-removed",
  lost: "field-removed",
  retyped: "value-invalid",
  long: "value-invalid",
  kind: "value-invalid",
  "kinds[0]": "value-invalid",
  one: "target-missing",
  "many[0]": "target-missing",
  picture: "target-missing",
  "body.en": "target-missing",
  "seo.en.gone": "field-removed",
  "seo.en.to": "target-missing",
  "seo.en.kind": "value-invalid",
  "seo.fr": "locale-removed",
  "blocks[0].inner.gone": "field-removed",
  "blocks[0].inner.to": "target-missing",
  "blocks[0].inner.kind": "value-invalid",
  "blocks[1]": "block-removed",
};
const TAKEN = { slug: "value-taken", code: "value-taken" };
const byPath = (list: { path: string; reason: string }[]) =>
  Object.fromEntries(list.map(({ path, reason }) => [path, reason]));

describe("what has no place any more", () => {
  let own: Tenant;
  let made: Awaited<ReturnType<typeof lossy>>;
  beforeAll(async () => {
    own = await newTenant();
    made = await lossy(own);
  });
  const rest = (stays: string) => ({
    title: { en: "T" },
    retyped: null,
    long: null,
    kind: null,
    kinds: ["b"],
    slug: null,
    code: null,
    one: null,
    many: [stays],
    picture: null,
    seo: { en: { keep: "k" } },
    blocks: [
      { type: "box", text: "t", inner: { keep: "k" } },
      { type: "box", text: "last", inner: { keep: "k", kind: "b" } },
    ],
  });
  const copy = async (id: string) =>
    (await own.get(`/content/page/${id}?perspective=draft&locale=*`)).body.data;

  it("is left out of a version that is restored, and named in the answer and in the audit log", async () => {
    const back = await own.post(`/content/page/${made.id}/restore`, { version: 1 });
    expect(back.status, back.text).toBe(200);
    expect(byPath(back.body.left_out)).toEqual({ ...LOST, ...TAKEN });
    expect(await copy(made.id)).toMatchObject(rest(made.stays));
    expect(JSON.stringify((await copy(made.id)).body.en)).toContain("stays");
    const log = (await own.get("/audit-logs")).body.data.find(
      (one: any) => one.action === "entry.updated" && one.subject === `entry:${made.id}`,
    );
    expect(byPath(log.meta.left_out)).toEqual({ ...LOST, ...TAKEN });
    const again = await own.put(`/content/page/${made.id}?locale=*&allow_incomplete=true`, {
      ...Object.fromEntries(AFTER.map(({ id }) => [id, null])),
      title: { en: "T" },
    });
    expect(again.status).toBe(200);
  });

  it("is left out of a copy", async () => {
    const version = await own.post(`/content/page/${made.id}/restore`, { version: 1 });
    const done = await own.post(`/content/page/${made.id}/duplicate`, { fields: { title: { en: "copy" } } });
    expect([done.status, done.body.left_out], version.text).toEqual([201, []]);
    expect(await copy(done.body.data.id)).toMatchObject({ ...rest(made.stays), title: { en: "copy" } });
    const wrong = await own.post(`/content/page/${made.id}/duplicate`, { fields: { one: made.leaf } });
    expect(wrong.body.error.reason).toBe("content/broken-reference");
  });

  it("is named through GraphQL and the SDK as well", async () => {
    const query = `mutation { again: restoreVersion(type: "page", id: "${made.id}", version: 1) { id } }`;
    const graph = await own.post("/graphql", { query });
    expect(byPath(graph.body.extensions.beside.again.leftOut)).toEqual({ ...LOST, ...TAKEN });
    const client = new Client({ url: inject("url"), apiKey: own.tokens.admin });
    const back = await client.content.versions.restore("page", made.id, 1);
    expect(byPath(back.left_out)).toEqual({ ...LOST, ...TAKEN });
    expect(back["kinds"]).toEqual(["b"]);
  });

  it("is left out of what comes back from the trash", async () => {
    const back = await own.post(`/trash/${made.trashed}/restore`, {});
    expect(back.status, back.text).toBe(200);
    expect(byPath(back.body.left_out)).toEqual({ ...LOST, ...TAKEN });
    expect(back.body.data.status).toBe("draft");
    expect(await copy(made.trashed)).toMatchObject(rest(made.stays));
  });
});

describe("a field that became or ceased to be localised", () => {
  it("keeps the value of the default locale", async () => {
    const own = await newTenant();
    await own.patch("/environments/main", { locales: LOCALES });
    const fields = [text("plain"), text("local", { localized: true })];
    await own.put("/types/page", type(fields));
    const { id } = (await own.post("/content/page?locale=*", { plain: "p", local: { en: "e", fr: "f" } }))
      .body.data;
    await own.put(`/content/page/${id}?locale=*`, { plain: null, local: null });
    await own.put("/types/page", type([text("plain", { localized: true }), text("local")]));
    const back = await own.post(`/content/page/${id}/restore`, { version: 1 });
    expect(byPath(back.body.left_out)).toEqual({ "local.fr": "value-invalid" });
    const now = (await own.get(`/content/page/${id}?perspective=draft&locale=*`)).body.data;
    expect(now).toMatchObject({ plain: { en: "p" }, local: "e" });
  });
});

describe("a locale that is removed", () => {
  it("leaves entries that can be read, written back, copied, changed and withdrawn", async () => {
    const own = await newTenant();
    await own.patch("/environments/main", { locales: LOCALES });
    await own.put("/types/leaf", { id: "leaf", name: "Leaf", fields: [text("name")] });
    const fields = [text("title", { localized: true }), part("seo", [link("to")], { localized: true })];
    await own.put("/types/page", type(fields));
    const leaf = await own.published("leaf", { name: "l" });
    const { id } = (
      await own.post("/content/page?locale=*", {
        title: { en: "e", fr: "f" },
        seo: { en: { to: leaf }, fr: { to: leaf } },
      })
    ).body.data;
    await own.post("/content/publish", { id, locales: ["fr"] });
    await own.post("/content/publish", { id, locales: ["en"] });
    await own.patch("/environments/main", { locales: [{ code: "en" }] });
    const read = async () => (await own.get(`/content/page/${id}?perspective=draft&locale=*`)).body.data;
    const { title, seo } = await read();
    expect([title, seo]).toEqual([{ en: "e" }, { en: { to: leaf } }]);
    const copied = await own.post(`/content/page/${id}/duplicate`, {});
    expect([copied.status, byPath(copied.body.left_out)]).toEqual([
      201,
      { "title.fr": "locale-removed", "seo.fr": "locale-removed" },
    ]);
    expect((await own.delete(`/content/leaf/${leaf}?on_reference=null`)).status).toBe(204);
    expect((await read()).seo).toEqual({ en: {} });
    const back = await own.put(`/content/page/${id}?locale=*`, { title, seo: { en: {} } });
    expect(back.status, back.text).toBe(200);
    expect((await own.post(`/content/page/${id}/restore`, { version: 1 })).status).toBe(200);
    const gone = await own.post("/content/unpublish", { id, locales: ["en"] });
    expect(gone.body.data.status).toBe("draft");
  });
});

describe("an entry that is replaced", () => {
  it("holds nothing in the locales that are not named any more", async () => {
    const own = await newTenant();
    await own.patch("/environments/main", { locales: LOCALES });
    await own.put(
      "/types/page",
      type([text("code", { localized: true, unique: true }), link("one", { localized: true })]),
    );
    const make = async (fields: object) => await own.post("/content/page?locale=*", fields);
    const target = (await make({})).body.data.id;
    const { id } = (await make({ code: { en: "e", fr: "f" }, one: { fr: target } })).body.data;
    expect((await own.put(`/content/page/${id}?locale=*`, { code: { en: "e" } })).status).toBe(200);
    expect((await make({ code: { fr: "f" } })).status).toBe(201);
    expect(
      (await own.get("/content/page?perspective=draft&locale=fr&filter[code]=f")).body.data,
    ).toHaveLength(1);
    expect((await own.delete(`/content/page/${target}`)).status).toBe(204);
  });
});

describe("what the trash refers to", () => {
  it("is not erased and no asset of it deleted, unless that is wanted", async () => {
    const own = await newTenant();
    await own.put("/types/page", type([link("one"), { id: "body", type: "rich_text" }]));
    const make = async (fields: object) => (await own.post("/content/page", fields)).body.data.id as string;
    const asset = (await own.post("/assets", { source_url: "https://example.com/a.png" })).body.data
      .id as string;
    const target = await make({});
    const linked = await make({});
    const referrer = await make({ one: target, body: doc(linked, asset) });
    expect((await own.delete(`/content/page/${referrer}`)).status).toBe(204);
    const used = await own.get(`/content/page/${target}/references`);
    expect(used.body.data).toEqual([
      { id: referrer, type: "page", field: "one", locale: null, perspective: "trash" },
    ]);
    const refused = await own.delete(`/content/page/${target}?for_good=true`);
    expect([refused.status, refused.body.error.details[0].entry]).toEqual([409, referrer]);
    const kept = await own.delete(`/assets/${asset}`);
    expect([kept.status, kept.body.error.details[0]]).toEqual([
      409,
      expect.objectContaining({ entry: referrer, path: "body", perspective: "trash" }),
    ]);
    for (const id of [target, linked]) {
      expect((await own.delete(`/content/page/${id}`)).status).toBe(204);
      const erased = await own.delete(`/trash/${id}`);
      expect([erased.status, erased.body.error.reason]).toEqual([409, "content/referenced"]);
    }
    expect((await own.delete(`/trash/${target}?on_reference=null`)).status).toBe(400);
    for (const id of [target, linked])
      expect((await own.delete(`/trash/${id}?on_reference=keep`)).status).toBe(204);
    expect((await own.delete(`/assets/${asset}?force=true`)).status).toBe(204);
    const back = await own.post(`/trash/${referrer}/restore`, {});
    expect(byPath(back.body.left_out)).toEqual({ one: "target-missing", body: "target-missing" });
  });
});
