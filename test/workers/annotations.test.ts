import { beforeAll, describe, expect, it } from "vitest";
import { run } from "../support/graphql.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const TERM = {
  id: "term",
  fields: [
    { id: "entry", type: "reference", to: ["glossary"], required: true },
    { id: "at", type: "datetime" },
    { id: "hint", type: "short_text", default: "see there" },
    { id: "more", type: "rich_text", components: ["remark"], annotations: ["remark"] },
  ],
};
const body = (changed: object = {}) => ({
  id: "body",
  type: "rich_text",
  components: [TERM, "callout", "remark"],
  annotations: ["term", "remark"],
  ...changed,
});
const guide = (field: object = body()) => ({
  id: "guide",
  name: "Guide",
  fields: [
    { id: "title", type: "short_text" },
    { ...field, localized: true },
    { id: "parts", type: "blocks", components: [{ id: "prose", fields: [{ ...field, id: "text" }] }] },
  ],
});
const marked = (...marks: object[]) => ({
  type: "doc",
  content: [
    {
      type: "blockquote",
      content: [
        { type: "paragraph", content: [{ type: "text", text: "words", ...(marks.length > 0 && { marks }) }] },
      ],
    },
  ],
});
const term = (attrs: object) => ({ type: "term", attrs });
const marksOf = (doc: any) => doc.content[0].content[0].content[0].marks;
const FRESH = { headers: { "cache-control": "no-cache" } };
const AT = "content[0].content[0].content[0].marks";

let own: Tenant;
let target: string;
beforeAll(async () => {
  own = await newTenant();
  const text = (id: string) => ({ id, type: "short_text" });
  await own.put("/types/glossary", { id: "glossary", name: "Glossary", fields: [text("word")] });
  await own.put("/components/remark", { id: "remark", name: "Remark", fields: [text("by"), text("old")] });
  await own.put("/components/callout", { id: "callout", name: "Callout", fields: [text("tone")] });
  const made = await own.put("/types/guide", guide());
  expect(made.status, made.text).toBe(201);
  target = await own.published("glossary", { word: "edge" });
});
const refused = async (values: object) => {
  const reply = await own.post("/content/guide", values);
  expect(reply.status, reply.text).toBe(422);
  return reply.body.error.details as { path: string; message: string }[];
};
const problems = async (field: object) => {
  const { status, body: answer } = await own.put("/types/bad", { ...guide(field), id: "bad" });
  expect(status).toBe(422);
  return answer.error.details.map((one: { path: string }) => one.path) as string[];
};

describe("annotations of rich text", () => {
  it("have typed values in their stored form, refer, are searched and shown by every door", async () => {
    const inner = marked({ type: "remark", attrs: { by: "Marmalade" } });
    const doc = marked(
      { type: "bold" },
      term({ entry: target, at: "2026-01-31T10:00:00+01:00", more: inner }),
    );
    const id = await own.published("guide", { body: doc, parts: [{ type: "prose", text: doc }] });
    const { data } = (await own.get(`/content/guide/${id}`)).body;
    const attrs = { entry: target, at: "2026-01-31T09:00:00.000Z", hint: "see there", more: inner };
    expect(marksOf(data.body)).toEqual([{ type: "bold" }, term(attrs)]);
    expect(data.parts[0].text).toEqual(data.body);
    await eventually(async () => (await own.get("/content/guide?q=marmalade")).body.data.length === 1);
    const graph = await run(own, `{ guide(id: "${id}") { body { json html } } }`);
    expect(graph.data.guide.body.json).toEqual(data.body);
    expect(graph.data.guide.body.html).toContain('<span data-component="term" data-values="{');
    const used = await own.get(`/content/glossary/${target}/references`);
    expect(used.text).toContain(id);
    expect((await own.delete(`/content/glossary/${target}`)).body.error.reason).toBe("content/referenced");
    const other = await own.published("glossary", { word: "other" });
    const moved = await own.delete(`/content/glossary/${target}?on_reference=repoint:${other}`);
    expect(moved.status, moved.text).toBe(204);
    const draft = (await own.get(`/content/guide/${id}?perspective=draft&locale=*`)).body.data;
    for (const one of [draft.body.en, draft.parts[0].text]) expect(marksOf(one)[1].attrs.entry).toBe(other);
    target = other;
  });

  it("are refused by the place of what is wrong", async () => {
    expect(
      await refused({
        body: marked(
          term({ at: "tomorrow", colour: "red" }),
          { type: "callout", attrs: {} },
          { type: "nope" },
        ),
      }),
    ).toMatchObject([{ path: `body.${AT}[1].type` }, { path: `body.${AT}[2].type` }]);
    const wrong = await refused({ parts: [{ type: "prose", text: marked(term({ at: "x", colour: "y" })) }] });
    const at = `parts[0].text.${AT}[0].attrs`;
    expect(wrong.map(({ path }) => path)).toEqual([`${at}.colour`, `${at}.entry`, `${at}.at`]);
    const block = { type: "doc", content: [term({ entry: target })] };
    expect(await refused({ body: block })).toMatchObject([{ path: "body.content[0].type" }]);
    const deep = term({ entry: target, more: marked({ type: "remark", attrs: { nope: 1 } }) });
    expect(await refused({ body: marked(deep) })).toMatchObject([
      { path: `body.${AT}[0].attrs.more.${AT}[0].attrs.nope` },
    ]);
    const gone = marked(term({ entry: "cnt_01jd0000000000000000000099" }));
    const reply = await own.post("/content/guide", { body: gone });
    expect(reply.body.error.reason).toBe("content/broken-reference");
  });

  it("come back from HTML as they went, and are dropped with a note where the field has none", async () => {
    const doc = marked(
      term({ entry: target, hint: "<\"&'>" }),
      { type: "link", attrs: { href: "https://example.com" } },
      { type: "remark", attrs: { by: "B" } },
    );
    const callout = { type: "callout", attrs: { tone: "info" } };
    const whole = { type: "doc", content: [...doc.content, callout] };
    const id = await own.published("guide", { body: whole });
    const html = (await own.get(`/content/guide/${id}?rich_text=html`)).body.data.body as string;
    const again = await own.post("/content/guide", { body: { html } });
    expect(again.status, again.text).toBe(201);
    expect([again.body.data.body, again.body.notes]).toEqual([whole, undefined]);
    const strange = `<p><span data-component="nope">a</span><span data-component="remark" data-values="[1">b</span></p>`;
    const noted = await own.post("/content/guide", { body: { html: strange } });
    expect(noted.body.data.body.content).toEqual([
      { type: "paragraph", content: [{ type: "text", text: "ab" }] },
    ]);
    expect(noted.body.notes.map((one: { message: string }) => one.message)).toEqual([
      "dropped the component nope",
      "dropped the component remark",
    ]);
    const bad = `<p><span data-component="remark" data-values='{"x":1}'>b</span></p>`;
    expect(await refused({ body: { html: bad } })).toMatchObject([
      { path: "body.content[0].content[0].marks[0].attrs.x" },
    ]);
  });

  it("are named among the field's components, by names of their own", async () => {
    expect(await problems(body({ annotations: ["terms"] }))).toContain("fields[1].annotations[0]");
    expect(await problems(body({ annotations: ["term", "term"] }))).toContain("fields[1].annotations[1]");
    const bold = { id: "bold", fields: [{ id: "a", type: "json" }] };
    expect(await problems(body({ components: [bold], annotations: ["bold"] }))).toContain(
      "fields[1].components[0].id",
    );
    expect(await problems({ id: "body", type: "long_text", annotations: ["a"] })).toContain(
      "fields[1].annotations",
    );
    const limited = body({ marks: ["italic"] });
    expect((await own.put("/types/strict", { ...guide(limited), id: "strict" })).status).toBe(201);
    const remark = { type: "remark", attrs: { by: "B" } };
    expect((await own.post("/content/strict", { body: marked(remark, { type: "italic" }) })).status).toBe(
      201,
    );
    const no = await own.post("/content/strict", { body: marked(remark, { type: "bold" }) });
    expect(no.body.error.details).toMatchObject([{ path: `body.${AT}[1]` }]);
  });
});

describe("a change of annotations", () => {
  const page = (field: object) => ({ id: "page", name: "Page", fields: [{ id: "body", ...field }] });
  const withRemark = { type: "rich_text", components: ["remark"], annotations: ["remark"] };
  let id: string;
  const mark = (attrs: object) => marked({ type: "remark", attrs });
  const draft = async () => (await own.get(`/content/page/${id}?perspective=draft`)).body.data.body;

  beforeAll(async () => {
    await own.put("/types/page", page(withRemark));
    id = await own.published("page", { body: mark({ by: "B", old: "gone" }) });
  });

  it("moves and removes their values in copies, versions and what is published", async () => {
    const fields = [{ id: "who", type: "short_text" }];
    const lossy = { id: "remark", name: "Remark", fields, renames: { by: "who" } };
    const refusal = await own.put("/components/remark", lossy);
    expect([refusal.status, refusal.body.error.details[0].path]).toEqual([409, `body.${AT}[0].attrs.old`]);
    const done = await own.put("/components/remark?allow_data_loss=true", lossy);
    expect(done.status, done.text).toBe(200);
    expect(await draft()).toEqual(mark({ who: "B" }));
    const shown = JSON.stringify(await draft());
    await eventually(async () => {
      const published = (await own.get(`/content/page/${id}`, FRESH)).body.data.body;
      return JSON.stringify(published) === shown;
    });
    await own.patch(`/content/page/${id}`, { body: null });
    const restored = await own.post(`/content/page/${id}/restore`, { version: 1 });
    expect([restored.status, restored.body.data.body]).toEqual([200, mark({ who: "B" })]);
    expect(restored.text).toContain(`body.${AT}[0].attrs.old`);
  });

  it("into blocks, or without them, loses marks and never the text", async () => {
    const asBlock = page({ type: "rich_text", components: ["remark"] });
    const refusal = await own.put("/types/page", asBlock);
    expect([refusal.status, refusal.body.error.details[0].path]).toEqual([409, `body.${AT}[0]`]);
    const done = await own.put("/types/page?allow_data_loss=true", asBlock);
    expect(done.status, done.text).toBe(200);
    expect(await draft()).toEqual(marked());
    const restored = await own.post(`/content/page/${id}/restore`, { version: 1 });
    expect([restored.status, restored.body.data.body]).toEqual([200, marked()]);
  });
});
