import { describe, expect, it } from "vitest";
import { renameAll } from "./names.ts";

const names = (ids: string[], kind: "type" | "field" = "field") => Object.fromEntries(renameAll(ids, kind));

describe("names of Contentful here", () => {
  it("are in snake case, and begin with a letter", () => {
    expect(names(["blogPost", "SEOTitle", "a-b.c", "h1Size", "2ndTitle", "überschrift", "___"])).toEqual({
      blogPost: "blog_post",
      SEOTitle: "seo_title",
      "a-b.c": "a_b_c",
      h1Size: "h1_size",
      "2ndTitle": "field_2nd_title",
      überschrift: "berschrift",
      ___: "field",
    });
  });

  it("are never reserved, never the same and never too long", () => {
    expect(names(["type", "Type", "and", "createdAt"])).toEqual({
      type: "type_field",
      Type: "type_field_2",
      and: "and_field",
      createdAt: "created_at_field",
    });
    expect(names(["publish", "type"], "type")).toEqual({ publish: "publish_type", type: "type" });
    const long = "x".repeat(80);
    const both = names([long, `${long}y`]);
    expect(both[long]).toHaveLength(63);
    expect(both[`${long}y`]).toBe(`${"x".repeat(59)}_2`);
  });

  it("leave a name that fits to the one that has it", () => {
    expect(names(["blogPost", "blog_post"])).toEqual({ blog_post: "blog_post", blogPost: "blog_post_2" });
  });
});
