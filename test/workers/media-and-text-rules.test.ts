import { sql } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { asOwner, eventually, newTenant, type Tenant } from "../support/tenant.ts";

let own: Tenant;
beforeAll(async () => {
  own = await newTenant();
});

async function makeType(id: string, fields: object[]) {
  const { status, text } = await own.put(`/types/${id}`, { id, name: id, fields });
  expect([200, 201], text).toContain(status);
}
const problemOf = async (field: object) => {
  const fields = [{ id: "f", ...field }];
  const { status, body } = await own.put("/types/bad", { id: "bad", name: "Bad", fields });
  expect(status).toBe(422);
  return body.error.details[0];
};
const refused = async (path: string, body: object) => {
  const reply = await own.post(path, body);
  expect(reply.status, reply.text).toBe(422);
  return reply.body.error.details as { path: string; message: string }[];
};

describe("rules of media", () => {
  const asset = async (
    filename: string,
    mime: string | undefined,
    facts?: { bytes: number; width?: number },
  ) => {
    const { body, text } = await own.post("/assets", {
      source_url: `https://example.com/${filename}`,
      filename,
      mime,
    });
    expect(body.data?.id, text).toBeDefined();
    const id = body.data.id as string;
    if (facts)
      await asOwner(
        own,
        sql`update assets set size_bytes = ${facts.bytes}::bigint,
        width = ${facts.width ?? null}::int, height = ${facts.width ?? null}::int
        where tenant_id = ${own.tenantId}::uuid and id = ${id}`,
      );
    return id;
  };
  const rules = { accept: ["image/*", "application/x_y"], max_bytes: 1000, min_width: 100, max_height: 200 };
  let small: string,
    large: string,
    narrow: string,
    unknown: string,
    pdf: string,
    untyped: string,
    odd: string;
  beforeAll(async () => {
    const picture = { id: "picture", type: "media", ...rules };
    await makeType("page", [
      picture,
      { id: "any", type: "media" },
      { id: "gallery", type: "media", multiple: true, min: 2, max: 3, accept: ["image/png"] },
      { id: "part", type: "component", fields: [picture] },
      { id: "parts", type: "blocks", components: [{ id: "row", fields: [picture] }] },
    ]);
    small = await asset("small.png", "image/png", { bytes: 1000, width: 150 });
    large = await asset("large.png", "image/png", { bytes: 1001, width: 150 });
    narrow = await asset("narrow.jpg", "IMAGE/JPEG", { bytes: 10, width: 99 });
    unknown = await asset("unknown.webp", "image/webp");
    pdf = await asset("a.pdf", "application/pdf");
    untyped = await asset("untyped", undefined);
    odd = await asset("odd", "application/xzy");
  });

  it("are asked of the asset when the entry is saved, at every depth", async () => {
    for (const id of [small, unknown])
      for (const body of [
        { picture: id },
        { part: { picture: id } },
        { parts: [{ type: "row", picture: id }] },
      ]) {
        const { status, text } = await own.post("/content/page", body);
        expect(status, text).toBe(201);
      }
    for (const [id, said] of [
      [large, "1001 bytes"],
      [narrow, "99 × 99 pixels"],
      [pdf, "application/pdf"],
      [untyped, "of an unknown type"],
      [odd, "application/xzy"],
    ] as const)
      for (const body of [
        { picture: id },
        { part: { picture: id } },
        { parts: [{ type: "row", picture: id }] },
      ]) {
        const { status, body: answer } = await own.post("/content/page", { any: id, ...body });
        expect([status, answer.error.reason]).toEqual([422, "content/broken-reference"]);
        expect(answer.error.details).toHaveLength(1);
        expect(answer.error.details[0].message).toContain(said);
        expect(answer.error.details[0].message).toContain("image/* or application/x_y, at most 1000 bytes");
      }
  });

  it("that could not be checked are told beside the entry, by every write", async () => {
    await makeType("photo", [
      { id: "image", type: "media", min_width: 100, max_bytes: 1000, accept: ["*/*"] },
      { id: "more", type: "media", multiple: true, min_height: 10 },
    ]);
    const body = { image: pdf, more: [small, unknown] };
    const expected = [
      {
        path: "image",
        level: "warning",
        message: expect.stringMatching(/^max_bytes and min_width were not checked/),
      },
      { path: "more[1]", message: expect.stringContaining("min_height") },
    ];
    const made = await own.post("/content/photo", body);
    expect([made.status, made.body.notes], made.text).toMatchObject([201, expected]);
    const { id } = made.body.data;
    const notes = async (answer: Promise<{ body: any; text: string }>) => {
      const { body: told, text } = await answer;
      return (told.notes ?? told.data?.items?.[0]?.notes ?? told.items?.[0]?.notes ?? text) as unknown;
    };
    expect(await notes(own.patch(`/content/photo/${id}`, body))).toMatchObject(expected);
    const update = { op: "update", type: "photo", id, fields: body };
    expect(await notes(own.post("/content/bulk", { operations: [update] }))).toMatchObject(expected);
    expect(await notes(own.post(`/content/photo/${id}/duplicate`, {}))).toMatchObject(expected);
    expect((await own.patch(`/content/photo/${id}`, { image: small, more: [] })).body.notes).toBeUndefined();
  });

  it("are asked of each asset of a list, and of how many there are", async () => {
    expect((await own.post("/content/page", { gallery: [small, large] })).status).toBe(201);
    const { body } = await own.post("/content/page", { gallery: [small, unknown] });
    expect(body.error.details).toMatchObject([{ path: "gallery[1]" }]);
    expect(await refused("/content/page", { gallery: [small] })).toMatchObject([{ path: "gallery" }]);
  });

  it("forbid a change of the type that entries do not keep to, and what is restored", async () => {
    await makeType("cover", [{ id: "image", type: "media" }]);
    const id = await own.published("cover", { image: pdf });
    const narrower = (accept: string[]) =>
      own.put("/types/cover", {
        id: "cover",
        name: "cover",
        fields: [{ id: "image", type: "media", accept }],
      });
    const { body } = await narrower(["image/*"]);
    expect(body.error).toMatchObject({ reason: "types/violated", details: [{ path: "image", entry: id }] });
    await own.put(`/content/cover/${id}`, { image: small });
    await own.post("/content/publish", { id });
    expect((await narrower(["image/*"])).status).toBe(200);
    const restored = await own.post(`/content/cover/${id}/restore`, { version: 1 });
    expect(restored.status, restored.text).toBe(200);
    expect(restored.body.data.image).toBeNull();
    expect(restored.text).toContain("target-missing");
  });

  it("belong to media, and are in order", async () => {
    expect(await problemOf({ type: "short_text", accept: ["image/*"] })).toMatchObject({
      path: "fields[0].accept",
    });
    expect(await problemOf({ type: "media", accept: ["png"] })).toMatchObject({
      path: "fields[0].accept[0]",
    });
    expect(await problemOf({ type: "media", min_width: 2, max_width: 1 })).toMatchObject({
      message: "is larger than max_width",
    });
  });
});

describe("limits of rich text", () => {
  const body = {
    id: "body",
    type: "rich_text",
    nodes: ["heading", "entryEmbed"],
    marks: ["bold", "link"],
    headings: [2, 3],
    links: { to: ["story"], protocols: ["https", "entry"] },
    embeds: ["quote"],
  };
  let story: string, quote: string;
  beforeAll(async () => {
    await makeType("quote", [{ id: "name", type: "short_text" }]);
    await makeType("story", [
      body,
      { id: "part", type: "component", fields: [body] },
      { id: "parts", type: "blocks", components: [{ id: "row", fields: [body] }] },
    ]);
    story = await own.published("story", {});
    quote = await own.published("quote", {});
  });
  const text = (words: string, href?: string) => ({
    type: "paragraph",
    content: [{ type: "text", text: words, ...(href ? { marks: [{ type: "link", attrs: { href } }] } : {}) }],
  });
  const doc = (...content: object[]) => ({ type: "doc", content });
  const embed = (entry: string) => ({ type: "entryEmbed", attrs: { entry } });
  const everywhere = (value: object) =>
    [
      ["body", { body: value }],
      ["part.body", { part: { body: value } }],
      ["parts[0].body", { parts: [{ type: "row", body: value }] }],
    ] as const;

  it("refuse a document with more, by its path", async () => {
    const heading = (level: number) => ({ type: "heading", attrs: { level } });
    for (const [path, value] of everywhere(
      doc(
        heading(1),
        heading(2),
        { type: "horizontalRule" },
        text("a", "http://x.org"),
        text("b", "https://x.org"),
      ),
    ))
      expect((await refused("/content/story", value)).map((one) => one.path)).toEqual([
        `${path}.content[0].attrs.level`,
        `${path}.content[2].type`,
        `${path}.content[3].content[0].marks[0]`,
      ]);
  });

  it("reduce HTML to what is allowed, and note what went", async () => {
    const html = '<h1>One</h1><p>a <i>b</i> <a href="http://x.org">c</a></p><ul><li>d</li></ul><hr>';
    const made = await own.post("/content/story", { body: { html } });
    expect(made.status, made.text).toBe(201);
    expect(made.body.data.body.content).toMatchObject([
      { type: "heading", attrs: { level: 2 } },
      { type: "paragraph" },
      { type: "paragraph", content: [{ text: "d" }] },
    ]);
    expect(made.body.notes.map(({ message }: any) => message)).toEqual([
      "changed a heading of level 1 to 2",
      "dropped the mark italic",
      "dropped the mark link",
      "unwrapped or dropped bulletList",
      "unwrapped or dropped horizontalRule",
    ]);
  });

  it("say which entries may be linked, and which embedded", async () => {
    for (const [, value] of everywhere(doc(text("a", `entry:${story}`), embed(quote)))) {
      const { status, text: said } = await own.post("/content/story", value);
      expect(status, said).toBe(201);
    }
    for (const [path, value] of everywhere(doc(text("a", `entry:${quote}`), embed(story)))) {
      const { status, body: answer } = await own.post("/content/story", value);
      expect([status, answer.error.reason]).toEqual([422, "content/broken-reference"]);
      expect(answer.error.details).toMatchObject([
        { message: `${quote} is a quote: this field takes story` },
        { message: `${story} is a story: this field takes quote` },
      ]);
      expect(answer.error.details[0].path.startsWith(path.split(/[.[]/)[0]!)).toBe(true);
    }
  });

  it("cannot become narrower than what is there", async () => {
    await makeType("free", [{ id: "body", type: "rich_text" }]);
    await own.published("free", { body: doc({ type: "heading", attrs: { level: 1 } }, embed(quote)) });
    const narrower = async (rules: object) => {
      const fields = [{ id: "body", type: "rich_text", ...rules }];
      return (await own.put("/types/free", { id: "free", name: "free", fields })).body.error?.details[0].path;
    };
    expect(await narrower({ headings: [2] })).toBe("body.content[0].attrs.level");
    expect(await narrower({ nodes: ["entryEmbed"] })).toBe("body.content[0].type");
    expect(await narrower({ embeds: ["story"] })).toBe("body");
    expect(await narrower({ embeds: ["quote"], headings: [1], links: { to: ["story"] } })).toBeUndefined();
    expect(await problemOf({ type: "markdown", nodes: [] })).toMatchObject({ path: "fields[0].nodes" });
    expect(await problemOf({ type: "rich_text", marks: ["blink"] })).toMatchObject({
      path: "fields[0].marks[0]",
    });
  });
});

describe("components in rich text", () => {
  const callout = {
    id: "callout",
    fields: [
      { id: "tone", type: "enum", options: ["info", "warning"], required: true },
      { id: "words", type: "short_text" },
      { id: "at", type: "datetime" },
      { id: "about", type: "reference", to: ["target"] },
      { id: "more", type: "rich_text" },
    ],
  };
  const doc = (...attrs: object[]) => ({
    type: "doc",
    content: attrs.map((one) => ({ type: "blockquote", content: [{ type: "callout", attrs: one }] })),
  });
  let target: string;
  beforeAll(async () => {
    await makeType("target", [{ id: "name", type: "short_text" }]);
    await makeType("guide", [{ id: "body", type: "rich_text", localized: true, components: [callout] }]);
    target = await own.published("target", { name: "t" });
  });

  it("have typed values in their stored form, which are searched and lead to entries", async () => {
    const body = doc({ tone: "info", words: "Marmalade", at: "2026-01-31T10:00:00+01:00", about: target });
    const id = await own.published("guide", { body });
    const { data } = (await own.get(`/content/guide/${id}`)).body;
    expect(data.body.content[0].content[0].attrs.at).toBe("2026-01-31T09:00:00.000Z");
    const html = await own.get(`/content/guide/${id}?rich_text=html`);
    expect(html.body.data.body).toContain('<div data-component="callout" data-values="{&quot;at&quot;');
    await eventually(async () => (await own.get("/content/guide?q=marmalade")).body.data.length === 1);
    const used = await own.get(`/content/target/${target}/references`);
    expect(
      used.body.data.map((one: any) => one.id),
      used.text,
    ).toContain(id);
    expect((await own.delete(`/content/target/${target}`)).body.error.reason).toBe("content/referenced");
    const other = await own.published("target", { name: "other" });
    const replaced = await own.call("DELETE", `/content/target/${target}?on_reference=repoint:${other}`);
    expect(replaced.status, replaced.text).toBe(204);
    const draft = await own.get(`/content/guide/${id}?perspective=draft`);
    expect(draft.body.data.body.content[0].content[0].attrs.about).toBe(other);
    target = other;
  });

  it("are refused by the place of what is wrong", async () => {
    const details = await refused("/content/guide", {
      body: doc(
        { tone: "loud", at: "tomorrow", colour: "red" },
        {},
        { tone: "info", more: { type: "doc", content: [{ type: "x" }] } },
      ),
    });
    expect(details.map(({ path }) => path)).toEqual([
      "body.content[0].content[0].attrs.colour",
      "body.content[0].content[0].attrs.tone",
      "body.content[0].content[0].attrs.at",
      "body.content[1].content[0].attrs.tone",
      "body.content[2].content[0].attrs.more.content[0].type",
    ]);
    const paragraph = { type: "paragraph", content: [{ type: "callout", attrs: { tone: "info" } }] };
    expect(await refused("/content/guide", { body: { type: "doc", content: [paragraph] } })).toMatchObject([
      { path: "body.content[0].content[0].type" },
    ]);
    const marked = { type: "callout", attrs: { tone: "info" }, content: [] };
    expect(await refused("/content/guide", { body: { type: "doc", content: [marked] } })).toMatchObject([
      { path: "body.content[0].content" },
    ]);
    const { body } = await own.post("/content/guide", {
      body: doc({ tone: "info", about: "cnt_01jd0000000000000000000099" }),
    });
    expect(body.error.reason).toBe("content/broken-reference");
  });

  it("cannot go while documents have them, nor be called like other nodes", async () => {
    const fields = [{ id: "body", type: "rich_text", localized: true }];
    const { body } = await own.put("/types/guide", { id: "guide", name: "guide", fields });
    expect(body.error.reason).toBe("types/violated");
    expect(body.error.details[0].path).toBe("body.en.content[0].content[0]");
    expect(
      await problemOf({
        type: "rich_text",
        components: [{ id: "image", fields: [{ id: "a", type: "json" }] }],
      }),
    ).toMatchObject({ path: "fields[0].components[0].id" });
  });
});
