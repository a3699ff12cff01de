import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyDocument, ASSET_ID, ENTRY_ID, SAFE_URLS, UNSAFE_URLS } from "./any-document.ts";
import { emptyDoc, validateRichText } from "./index.ts";
import { MARKS, NODES } from "./schema.ts";

const doc = (...content: unknown[]) => ({ type: "doc", content });
const linked = (href: string) =>
  doc({
    type: "paragraph",
    content: [{ type: "text", text: "x", marks: [{ type: "link", attrs: { href } }] }],
  });
const pathsOf = (value: unknown) => validateRichText(value).map((issue) => issue.path);

describe("validateRichText", () => {
  it("accepts what the schema describes", () => {
    expect(validateRichText(emptyDoc())).toEqual([]);
    fc.assert(fc.property(anyDocument, (value) => void expect(validateRichText(value)).toEqual([])));
  });

  it("names the place and what would be right", () => {
    const value = doc(
      { type: "paragraph" },
      { type: "heading", attrs: { level: 7 } },
      { type: "paragraph", content: [{ type: "text", text: "x", marks: [{ type: "blink" }] }] },
      { type: "marquee" },
      { type: "paragraph", attrs: { onclick: "x" }, style: "x" },
    );
    expect(validateRichText(value, "body")).toEqual([
      { path: "body.content[1].attrs.level", message: "must be an integer from 1 to 6" },
      {
        path: "body.content[2].content[0].marks[0].type",
        message: `must be one of ${Object.keys(MARKS).join(", ")}`,
      },
      { path: "body.content[3].type", message: `must be one of ${NODES["doc"]!.holds.join(", ")}` },
      { path: "body.content[4].style", message: "is not part of a node: type, attrs, content, marks, text" },
      { path: "body.content[4].attrs.onclick", message: "must be one of textAlign" },
    ]);
  });

  it("refuses nodes where they cannot stand", () => {
    expect(pathsOf({ type: "paragraph" })).toEqual(["type"]);
    expect(pathsOf(doc({ type: "listItem" }))).toEqual(["content[0].type"]);
    expect(pathsOf(doc({ type: "paragraph", content: [{ type: "paragraph" }] }))).toEqual([
      "content[0].content[0].type",
    ]);
    expect(pathsOf(doc({ type: "figure", content: [{ type: "figcaption" }] }))).toEqual([
      "content[0].content",
    ]);
    const bold = { type: "text", text: "x", marks: [{ type: "bold" }] };
    expect(pathsOf(doc({ type: "codeBlock", content: [bold] }))).toEqual(["content[0].content[0].marks"]);
    expect(pathsOf(doc({ type: "horizontalRule", content: [] }))).toEqual(["content[0].content"]);
  });

  it.each([null, undefined, 1, "x", [], {}, { type: {} }, { type: "__proto__" }, { type: "constructor" }])(
    "refuses %j",
    (value) => {
      expect(validateRichText(value)).toHaveLength(1);
      expect(validateRichText(doc(value))).toHaveLength(1);
    },
  );

  it.each(["", "\0", "a\ud800"])("refuses the text %j", (text) => {
    expect(pathsOf(doc({ type: "paragraph", content: [{ type: "text", text }] }))).toEqual([
      "content[0].content[0].text",
    ]);
  });

  it.each(UNSAFE_URLS)("refuses the URL %j", (url) => {
    expect(pathsOf(linked(url))).toEqual(["content[0].content[0].marks[0].attrs.href"]);
    expect(pathsOf(doc({ type: "image", attrs: { src: url } }))).toEqual(["content[0].attrs.src"]);
    expect(pathsOf(doc({ type: "embed", attrs: { url } }))).toEqual(["content[0].attrs.url"]);
  });

  it.each([...SAFE_URLS, `entry:${ENTRY_ID}`])("accepts the link %j", (url) => {
    expect(validateRichText(linked(url))).toEqual([]);
  });

  it("wants an image to have a source or an asset", () => {
    expect(validateRichText(doc({ type: "image", attrs: { src: null, asset: ASSET_ID } }))).toEqual([]);
    expect(pathsOf(doc({ type: "image", attrs: { alt: "x" } }))).toEqual(["content[0].attrs.src"]);
  });

  it("stops at 20 issues, 64 levels and 20,000 nodes", () => {
    expect(validateRichText(doc(...Array.from({ length: 100 }, () => 1)))).toHaveLength(20);
    let deep: unknown = { type: "paragraph" };
    for (let i = 0; i < 50_000; i++) deep = { type: "blockquote", content: [deep] };
    expect(validateRichText(doc(deep))).toHaveLength(1);
    const wide = (count: number) => ({
      type: "doc",
      content: Array.from({ length: count }, () => ({ type: "paragraph" })),
    });
    expect(validateRichText(wide(19_999))).toEqual([]);
    expect(pathsOf(wide(1_000_000))).toEqual(["content[19999]"]);
  });
});
