import { describe, expect, it } from "vitest";
import { category, elements, item, planOf, site, within } from "./any-site.ts";

const titles = (steps: { title: string }[]) => steps.map(({ title }) => title);
const slugs = (steps: { fields: Record<string, unknown> }[]) => steps.map(({ fields }) => fields["slug"]);

describe("categories and tags", () => {
  it("keeps terms whose nicenames become one slug", async () => {
    const { of, notes } = await planOf(
      site(
        item("1", { inner: within("category", "news", "News") + within("post_tag", "t", "T") }) +
          item("2", { inner: within("category", "News", "News 2") + within("post_tag", "T", "T2") }),
      ),
    );
    expect(new Set(slugs(of("category"))).size).toBe(2);
    expect(new Set(slugs(of("tag"))).size).toBe(2);
    expect(of("post").map(({ fields }) => fields["categories"])).toEqual(
      of("category").map(({ id }) => [id]),
    );
    expect(notes).toContain("is used twice in the file: changed to");
  });

  it("keeps two terms of one nicename apart by name, and the same one once", async () => {
    const term = (id: string, name: string) =>
      category({ "wp:term_id": id, "wp:category_nicename": "x", "wp:cat_name": name });
    const { of, notes } = await planOf(
      site(
        term("1", "X") + term("2", "Y") + term("3", "X") + item("1", { inner: within("category", "x", "Y") }),
      ),
    );
    expect(titles(of("category"))).toEqual(["X", "Y"]);
    expect(of("post")[0]!.fields["categories"]).toEqual([of("category")[1]!.id]);
    expect(notes).toContain("is in the file twice");
  });

  it("gives every nicename and name an id of its own, whatever is in them", async () => {
    const pairs = [
      ["a#b", "a#b"],
      ["a", "a"],
      ["a", "b"],
      ["a#b", "c"],
      ["a", "b#c"],
      ['["a","b"]', "d"],
      ["a", '"'],
      ['a#"', "e"],
    ] as const;
    const tags = pairs.map(
      ([nicename, name]) => `<wp:tag>${elements({ "wp:tag_slug": nicename, "wp:tag_name": name })}</wp:tag>`,
    );
    const { of } = await planOf(site(tags.join("") + item("1")));
    expect(titles(of("tag"))).toEqual(pairs.map(([, name]) => name));
    expect(new Set(of("tag").map(({ id }) => id)).size).toBe(pairs.length);
  });

  it("keeps a post with more than a list or a text takes, and says what is left out", async () => {
    const named = (taxonomy: string) =>
      Array.from({ length: 501 }, (_, i) => within(taxonomy, `t${i}`)).join("");
    const long = "x".repeat(200_001);
    const inner = named("post_tag") + named("category");
    const { of, notes } = await planOf(
      site(
        category({ "wp:category_nicename": "t0", "wp:category_description": long }) +
          item("1", { inner, "excerpt:encoded": long }),
      ),
    );
    const [post] = of("post");
    for (const [field, kind] of [
      ["tags", "tag"],
      ["categories", "category"],
    ] as const) {
      const kept = of(kind).slice(0, 500);
      expect(post!.fields[field]).toEqual(kept.map(({ id }) => id));
      expect(notes).toContain(`post 1 has 501 ${field}: the first 500 are imported`);
    }
    expect(post!.refs).toHaveLength(1000);
    expect(post!.fields["excerpt"]).toHaveLength(200_000);
    expect(of("category")[0]!.fields["description"]).toHaveLength(200_000);
    expect(notes.match(/has 200001 characters: cut to 200000/g)).toHaveLength(2);
  });

  it("breaks circles of categories, of any length, at one of them", async () => {
    const term = (name: string, parent: string) =>
      category({ "wp:category_nicename": name, "wp:cat_name": name, "wp:category_parent": parent });
    const ring = Array.from({ length: 50 }, (_, i) => term(`r${i}`, `r${(i + 1) % 50}`));
    const { of, notes } = await planOf(site(term("self", "self") + ring.join("") + term("lost", "nowhere")));
    const parents = of("category").map(({ fields }) => fields["parent"]);
    expect(parents.filter((parent) => parent === null)).toHaveLength(3);
    expect(notes.match(/is its own ancestor/g)).toHaveLength(2);
    expect(notes).toContain('its parent "nowhere" is not in the file');
  });
});
