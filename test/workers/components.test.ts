import { describe, expect, it } from "vitest";
import { newTenant } from "../support/tenant.ts";

describe("components and blocks", () => {
  const text = { id: "text", type: "short_text", max: 5 };
  const nested = (depth: number): object =>
    depth === 1
      ? { id: "part", type: "component", fields: [text, { id: "link", type: "reference", to: ["leaf"] }] }
      : {
          id: "part",
          type: "blocks",
          components: [{ id: "box", fields: [text, nested(depth - 1)] }],
        };
  const value = (depth: number, words: string, link?: string): object =>
    depth === 1
      ? { text: words, ...(link ? { link } : {}) }
      : [{ type: "box", part: value(depth - 1, words, link) }];

  it("nest to depth 8, are checked by path, and have their references filled in", async () => {
    const own = await newTenant();
    await own.put("/types/leaf", { id: "leaf", name: "Leaf", fields: [{ id: "name", type: "short_text" }] });
    const tree = (depth: number) => ({ id: "tree", name: "Tree", fields: [nested(depth)] });
    const tooDeep = await own.put("/types/tree", tree(9));
    expect([tooDeep.status, tooDeep.text.includes("at most 8 levels deep")]).toEqual([422, true]);
    expect((await own.put("/types/tree", tree(8))).status).toBe(201);
    const wrong = await own.post("/content/tree", { part: value(8, "too long") });
    expect(wrong.body.error.details[0].path).toBe(`${"part[0].".repeat(7)}part.text`);
    const leaf = await own.published("leaf", { name: "L" });
    const id = await own.published("tree", { part: value(8, "fits", leaf) });
    const shown = (await own.get(`/content/tree/${id}?include=part`)).body.data.part;
    let inner = shown;
    for (let i = 0; i < 7; i++) inner = inner[0].part;
    expect(inner).toEqual({ text: "fits", link: expect.objectContaining({ id: leaf, name: "L" }) });
    const used = await own.get(`/content/leaf/${leaf}/references`);
    expect(used.body.data.map((one: { id: string }) => one.id)).toContain(id);
    expect((await own.delete(`/content/leaf/${leaf}`)).status).toBe(409);
  });
});
