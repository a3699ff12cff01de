import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { asOwner, eventually, newTenant, type Tenant } from "../support/tenant.ts";

const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const must = (id: string, more: object = {}) => text(id, { required: true, ...more });
const part = (id: string, fields: object[], more: object = {}) => ({
  id,
  type: "component",
  fields,
  ...more,
});
const TYPE = {
  id: "page",
  name: "Page",
  fields: [
    must("title", { localized: true }),
    part("seo", [must("title"), part("card", [must("label"), text("free")])]),
    {
      id: "blocks",
      type: "blocks",
      components: [
        { id: "words", fields: [must("text"), text("more")] },
        { id: "box", fields: [part("inner", [must("tags", { multiple: true })])] },
        { id: "free", fields: [text("text")] },
      ],
    },
    part("local", [must("head"), text("foot")], { localized: true }),
    text("note", { localized: true }),
  ],
};
/** What it lacks, and the paths that are told. */
const LACKING: Record<string, [object, string[]]> = {
  "a field of a component": [{ seo: { card: { label: "x" } } }, ["seo.title"]],
  "an empty text": [{ seo: { title: "" } }, ["seo.title"]],
  "a field of a component in a component": [{ seo: { title: "x", card: { free: "y" } } }, ["seo.card.label"]],
  "a field of a block": [
    { blocks: [{ type: "words" }, { type: "free" }, { type: "words", text: "" }] },
    ["blocks[0].text", "blocks[2].text"],
  ],
  "a list in a component in a block": [
    { blocks: [{ type: "free" }, { type: "box", inner: { tags: [] } }] },
    ["blocks[1].inner.tags"],
  ],
  "an element of a list": [
    { blocks: [{ type: "box", inner: { tags: ["x", ""] } }] },
    ["blocks[0].inner.tags[1]"],
  ],
  "a field of a localised component": [{ local: { foot: "x" } }, ["local.head"]],
};

describe("an entry that was saved incomplete", () => {
  let own: Tenant;
  beforeAll(async () => {
    own = await newTenant();
    await own.patch("/environments/main", {
      locales: [{ code: "en" }, { code: "fr", fallback: "en" }, { code: "de" }],
    });
    expect((await own.put("/types/page", TYPE)).status).toBe(201);
  });
  const save = async (fields: object, locale = "en") => {
    const made = await own.post(`/content/page?allow_incomplete=true&locale=${locale}`, fields);
    expect(made.status, made.text).toBe(201);
    return made.body.data.id as string;
  };
  const paths = (error: any) => error.details.map((one: any) => one.path);
  const isOut = async (id: string) =>
    (await own.get(`/content/page/${id}`, { headers: { "cache-control": "no-cache" } })).status === 404;

  it.each(Object.entries(LACKING))("%s is asked for, whoever publishes it", async (_, [fields, lacking]) => {
    const id = await save({ title: "T", ...fields });
    const alone = await own.post("/content/publish", { id });
    expect([alone.status, alone.body.error.reason]).toEqual([422, "content/incomplete"]);
    expect(paths(alone.body.error)).toEqual(lacking);
    const some = await own.post("/content/publish", { id, locales: ["en"] });
    expect(paths(some.body.error)).toEqual(lacking);
    const bulk = await own.post("/content/bulk", { operations: [{ op: "publish", id }] });
    expect([bulk.status, bulk.body.error.reason]).toEqual([422, "content/incomplete"]);
    const loose = await own.post("/content/bulk", { atomic: false, operations: [{ op: "publish", id }] });
    expect(paths(loose.body.data.items[0].error)).toEqual(lacking);
    const graph = await own.post("/graphql", { query: `mutation { publish(id: "${id}") { id } }` });
    expect(graph.body.errors[0].extensions.reason).toBe("content/incomplete");
    const copy = (await own.post(`/content/page/${id}/duplicate`, {})).body.data.id;
    expect(paths((await own.post("/content/publish", { id: copy })).body.error)).toEqual(lacking);
    for (const one of [id, copy]) expect(await isOut(one)).toBe(true);
  });

  it("is not published at its time, and who planned it is told", async () => {
    const id = await save({ title: "T", ...LACKING["a field of a block"]![0] });
    const plan = { id, at: new Date(Date.now() + 60_000).toISOString() };
    const { id: schedule } = (await own.post("/content/schedule", plan)).body.data;
    await asOwner(
      own,
      sql`update schedules set due_at = now() - interval '1 second' where tenant_id = ${own.tenantId}::uuid
        and id = ${schedule}`,
    );
    await fetch(inject("cronUrl"), { method: "POST" });
    await eventually(async () => {
      const [one] = (await own.get(`/schedules?entry=${id}`)).body.data;
      return one.state === "failed" && one.failure.reason === "content/incomplete";
    });
    expect(await isOut(id)).toBe(true);
  });

  it("is asked for what each locale lacks that is published, along its fallback", async () => {
    const values = { title: { en: "T", fr: "F" }, local: { en: { head: "h" }, fr: { foot: "f" } } };
    const id = await save(values, "*");
    const publish = (body: object = {}) => own.post("/content/publish", { id, ...body });
    expect(paths((await publish()).body.error)).toEqual(["local.fr.head"]);
    expect((await publish()).body.error.details[0].locale).toBe("fr");
    expect(paths((await publish({ locales: ["fr"] })).body.error)).toEqual(["local.fr.head"]);
    // German falls back to nothing: it is asked for when it is named, or once it has a value of its own.
    expect(paths((await publish({ locales: ["de"] })).body.error)).toEqual(["title.de"]);
    expect((await publish({ locales: ["en"] })).status).toBe(200);
    await own.patch(`/content/page/${id}?locale=fr`, { local: { head: "h" } });
    expect((await publish()).status).toBe(200);
    await own.patch(`/content/page/${id}?locale=de`, { note: "n" });
    expect(paths((await publish()).body.error)).toEqual(["title.de"]);
  });

  it("is asked for shared values only when these are published", async () => {
    const values = { title: { en: "T", fr: "F" }, seo: { title: "x" } };
    const id = await save(values, "*");
    expect((await own.post("/content/publish", { id })).status).toBe(200);
    await own.patch(`/content/page/${id}?allow_incomplete=true`, { seo: { card: {} } });
    expect((await own.post("/content/publish", { id, locales: ["fr"] })).status).toBe(200);
    expect(paths((await own.post("/content/publish", { id, locales: ["en"] })).body.error)).toEqual([
      "seo.title",
      "seo.card.label",
    ]);
  });

  it("follows a change of what is required", async () => {
    const id = await save({ title: "T", seo: { card: { label: "x" } } });
    expect((await own.post("/content/publish", { id })).status).toBe(422);
    const loose = TYPE.fields.map((field) =>
      field.id === "seo" ? part("seo", [text("title"), part("card", [must("label"), text("free")])]) : field,
    );
    expect((await own.put("/types/page", { ...TYPE, fields: loose })).status).toBe(200);
    expect((await own.post("/content/publish", { id })).status).toBe(200);
  });

  it("keeps a required reference inside what is published", async () => {
    const own = await newTenant();
    const link = { id: "link", type: "reference", required: true };
    await own.put("/types/leaf", { id: "leaf", name: "Leaf", fields: [text("name")] });
    await own.put("/types/node", { id: "node", name: "Node", fields: [part("box", [link])] });
    const leaf = await own.published("leaf", { name: "l" });
    await own.published("node", { box: { link: leaf } });
    const refused = await own.delete(`/content/leaf/${leaf}?on_reference=null`);
    expect([refused.body.error.reason, refused.body.error.details[0].path]).toEqual([
      "content/reference-required",
      "box.link",
    ]);
  });
});
