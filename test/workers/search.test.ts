import { describe, expect, it } from "vitest";
import { eventually, newTenant } from "../support/tenant.ts";

const KINDS = ["news", "essay", "note"];
const idsOf = (reply: { body: any }) => (reply.body.data as { id: string }[]).map(({ id }) => id);

describe("search", () => {
  it("ranks, folds accents, completes words, tolerates typos, marks hits and counts facets", async () => {
    const own = await newTenant();
    await own.post("/types", {
      id: "post",
      name: "Post",
      fields: [
        { id: "title", type: "short_text" },
        { id: "body", type: "rich_text" },
        { id: "kind", type: "enum", options: KINDS },
      ],
    });
    const inTitle = await own.published("post", {
      title: "Crème brûlée <recipe>",
      kind: "news",
      body: { html: "<p>With sugar.</p>" },
    });
    const inBody = await own.published("post", {
      title: "Desserts",
      kind: "essay",
      body: { html: "<p>We like creme brulee & <b>coffee</b>.</p>" },
    });
    await own.post("/content/post", { title: "A draft about brulee" });
    const find = async (q: string, more = "") =>
      own.get(`/content/post?q=${encodeURIComponent(q)}${more}`, {
        headers: { "cache-control": "no-cache" },
      });
    await eventually(async () => idsOf(await find("brulee")).length === 2, 10_000);
    expect(idsOf(await find("brulee"))).toEqual([inTitle, inBody]);
    expect(idsOf(await find("brûl"))).toEqual([inTitle, inBody]);
    expect(idsOf(await find("bruele"))).toHaveLength(2);
    expect(idsOf(await find("creme coffee"))).toEqual([inBody]);
    expect(idsOf(await find("tiramisu"))).toEqual([]);
    expect(idsOf(await find("brulee", "&perspective=draft"))).toHaveLength(3);
    const marked = await find("brulee", "&highlight=true&facets=kind,title");
    expect(marked.status, marked.text).toBe(200);
    expect(marked.body.highlights[inTitle].title).toBe("Crème <mark>brûlée</mark> &#60;recipe&#62;");
    expect(marked.body.highlights[inBody].body).toContain("creme <mark>brulee</mark> &#38; coffee");
    expect(marked.body.facets.kind).toEqual([
      { value: "essay", count: 1 },
      { value: "news", count: 1 },
    ]);
    expect(marked.body.pagination.total_items).toBe(2);
    await own.post("/content/unpublish", { id: inTitle });
    await eventually(async () => idsOf(await find("brulee")).join() === inBody, 10_000);
    await own.delete(`/content/post/${inBody}`);
    await eventually(async () => idsOf(await find("brulee")).length === 0, 10_000);
    for (const q of ["'", "a & b | !c", ":*", "\\", "<script>", "'; drop table entries; --"])
      expect((await find(q)).status).toBe(200);
  }, 30_000);

  it("never finds another tenant's words", async () => {
    const [mine, other] = [await newTenant(), await newTenant()];
    const type = { id: "post", name: "Post", fields: [{ id: "title", type: "short_text" }] };
    await Promise.all([mine.post("/types", type), other.post("/types", type)]);
    const id = await other.published("post", { title: "Xylophonist" });
    await eventually(
      async () =>
        idsOf(
          await other.get("/content/post?q=xylophonist", { headers: { "cache-control": "no-cache" } }),
        )[0] === id,
      10_000,
    );
    expect(idsOf(await mine.get("/content/post?q=xylophonist"))).toEqual([]);
    expect(idsOf(await mine.get("/content/post?q=xylofonist&perspective=draft"))).toEqual([]);
  }, 30_000);
});
