import { describe, expect, it } from "vitest";
import { validateRichText } from "../../domain/content/rich-text/index.ts";
import { mapRichText, type CtfNode, type DocNode } from "./map-rich-text.ts";

const ENTRY = "cnt_01jd0000000000000000000000";
const ASSET = "ast_01jd0000000000000000000000";
const text = (value: string, ...marks: string[]): CtfNode => ({
  nodeType: "text",
  value,
  marks: marks.map((type) => ({ type })),
});
const node = (nodeType: string, ...content: CtfNode[]): CtfNode => ({ nodeType, data: {}, content });

function map(...content: CtfNode[]): { doc: DocNode | null; said: string[] } {
  const said: string[] = [];
  const doc = mapRichText(node("document", ...content), {
    entryOf: (id) => (id === "known" ? ENTRY : undefined),
    assetOf: (id) => (id === "known" ? { id: ASSET, isImage: false, title: null, alt: null } : undefined),
    say: (reason) => said.push(reason),
  });
  if (doc) expect(validateRichText(doc)).toEqual([]);
  return { doc, said };
}

describe("rich text of Contentful", () => {
  it("validates whatever stands where", () => {
    const { doc } = map(
      text("loose", "bold", "bold"),
      node("list-item", text("no list")).content![0]!,
      node("unordered-list", node("list-item", text("bare"))),
      node("unordered-list"),
      node("blockquote"),
      node("paragraph"),
      node("table", node("table-row", node("table-cell", text("bare")))),
      node("paragraph", text("a\0b\ud800"), text("")),
    );
    expect(doc!.content![0]).toEqual({
      type: "paragraph",
      content: [
        { type: "text", text: "loose", marks: [{ type: "bold" }] },
        { type: "text", text: "no list" },
      ],
    });
    expect(doc!.content!.at(-1)!.content).toEqual([{ type: "text", text: "ab\ufffd" }]);
    expect(map().doc).toEqual({ type: "doc", content: [{ type: "paragraph" }] });
  });

  it("links files that are no images, and keeps the text of links that lead nowhere", () => {
    const target = (id: string, linkType: string) => ({ target: { sys: { type: "Link", linkType, id } } });
    const { doc, said } = map(
      { ...node("embedded-asset-block"), data: target("known", "Asset") },
      node("paragraph", { ...node("entry-hyperlink", text("gone")), data: target("lost", "Entry") }),
      node("paragraph", { ...node("hyperlink", text("odd")), data: { uri: "java\tscript:alert(1)" } }),
      node("paragraph", text("x", "blink")),
      node("mystery", node("paragraph", text("kept"))),
    );
    const link = { type: "link", attrs: { href: `/api/v3/assets/${ASSET}/file` } };
    expect(doc!.content).toEqual([
      { type: "paragraph", content: [{ type: "text", text: "File", marks: [link] }] },
      ...["gone", "odd", "x", "kept"].map((one) => ({
        type: "paragraph",
        content: [{ type: "text", text: one }],
      })),
    ]);
    expect(said.join("\n")).toMatch(/entry lost[^]*script:alert[^]*blink[^]*mystery/);
  });

  it("leaves out what nests too deep or is too large, and says so", () => {
    let deep = node("paragraph", text("x"));
    for (let i = 0; i < 80; i++) deep = node("blockquote", deep);
    expect(map(deep)).toEqual({ doc: null, said: [expect.stringContaining("nested deeper")] });
    const large = Array.from({ length: 11_000 }, () => node("paragraph", text("x")));
    expect(map(...large)).toEqual({ doc: null, said: [expect.stringContaining("nodes")] });
  });
});
