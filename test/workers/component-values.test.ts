import { beforeAll, describe, expect, it } from "vitest";
import { asRole } from "../support/access.ts";
import { run } from "../support/graphql.ts";
import { eventually, newTenant, type Tenant } from "../support/tenant.ts";

const FRESH = { headers: { "cache-control": "no-cache" } };
const text = (id: string) => ({ id, type: "short_text" });

describe("values of reusable components", () => {
  let own: Tenant;
  let id: string;
  beforeAll(async () => {
    own = await newTenant();
    await own.post("/components", { id: "image", name: "Image", fields: [text("caption")] });
    const share = { id: "share", type: "component", component: "image", multiple: true };
    await own.post("/components", { id: "seo", name: "SEO", fields: [text("label"), share] });
    const page = {
      id: "page",
      name: "Page",
      fields: [
        text("title"),
        { id: "seo", type: "component", component: "seo" },
        { id: "parts", type: "blocks", components: ["seo"] },
      ],
    };
    expect((await own.put("/types/page", page)).status).toBe(201);
    id = await own.published("page", {
      title: "One",
      seo: { label: "first", share: [{ caption: "marmalade" }] },
      parts: [{ type: "seo", share: [{ caption: "quince" }] }],
    });
  });

  it.each(["marmalade", "quince"])("are found by their words: %s", async (word) => {
    await eventually(async () => {
      const found = (await own.get(`/content/page?q=${word}`, FRESH)).body.data;
      return found?.length === 1 && found[0].id === id;
    });
  });

  it("are hidden with their field, in REST, GraphQL and versions", async () => {
    const reader = await asRole(own, [
      { actions: ["content:read", "content:read-draft"], types: ["page"], fields: ["title", "parts"] },
    ]);
    const shown = (await reader.get(`/content/page/${id}`)).body.data;
    expect([shown.title, shown.seo, shown.parts]).toEqual(["One", undefined, [expect.any(Object)]]);
    const { data, errors } = await run(
      own,
      `{ page(id: "${id}") { title seo { label } } }`,
      {},
      reader.secret,
    );
    expect(JSON.stringify({ data, errors })).not.toContain("first");
    const version = await reader.get(`/content/page/${id}/versions/1`);
    expect(version.text).not.toContain("first");
  });

  it("are compared and restored, also what the component lost since", async () => {
    await own.patch(`/content/page/${id}`, { seo: { label: "second", share: [{ caption: "fig" }] } });
    const diff = await own.get(`/content/page/${id}/diff?from=1&to=2`);
    expect([diff.status, diff.text.includes("first") && diff.text.includes("fig")], diff.text).toEqual([
      200,
      true,
    ]);
    const without = { id: "image", name: "Image", fields: [text("alt")] };
    expect((await own.put("/components/image?allow_data_loss=true", without)).status).toBe(200);
    const restored = await own.post(`/content/page/${id}/restore`, { version: 1 });
    expect(restored.status, restored.text).toBe(200);
    expect(restored.body.data.seo).toEqual({ label: "first", share: [{}] });
    expect(restored.text).toContain("seo.share[0].caption");
    await eventually(async () => {
      const published = (await own.get(`/content/page/${id}`, FRESH)).body.data;
      return JSON.stringify(published.parts) === JSON.stringify([{ type: "seo", share: [{}] }]);
    });
  });

  it("inside rich text lose what the component lost, and the text around them stays", async () => {
    const note = (fields: string[]) => ({ id: "note", name: "Note", fields: fields.map(text) });
    await own.post("/components", note(["label", "hint"]));
    const body = { id: "body", type: "rich_text", components: ["note"] };
    await own.put("/types/story", { id: "story", name: "Story", fields: [text("title"), body] });
    const doc = (attrs: object) => ({
      type: "doc",
      content: [
        { type: "paragraph", content: [{ type: "text", text: "around" }] },
        { type: "note", attrs },
      ],
    });
    const values = { title: "One", body: doc({ label: "kept", hint: "lost" }) };
    const story = await own.published("story", values);
    const refused = await own.put("/components/note", note(["label"]));
    expect([refused.status, refused.body.error.details[0].path]).toEqual([409, "body.content[1].attrs.hint"]);
    const changed = await own.put("/components/note?allow_data_loss=true", note(["label"]));
    expect([changed.status, changed.text]).toEqual([200, expect.any(String)]);
    const draft = await own.get(`/content/story/${story}?perspective=draft`);
    expect(draft.body.data.body).toEqual(doc({ label: "kept" }));
    await eventually(async () => {
      const published = (await own.get(`/content/story/${story}`, FRESH)).body.data;
      return JSON.stringify(published.body) === JSON.stringify(draft.body.data.body);
    });
    await own.patch(`/content/story/${story}`, { title: "Two" });
    const restored = await own.post(`/content/story/${story}/restore`, { version: 1 });
    expect([restored.status, restored.body.data.body]).toEqual([200, doc({ label: "kept" })]);
    expect(restored.text).toContain("body.content[1].attrs.hint");
  });
});
