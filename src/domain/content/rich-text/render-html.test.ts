import * as fc from "fast-check";
import { Parser } from "htmlparser2";
import { describe, expect, it } from "vitest";
import { anyDocument, ENTRY_ID, HOSTILE_TEXTS, UNSAFE_URLS } from "./any-document.ts";
import { htmlToRichText, renderHtml, renderText, type RichTextNode } from "./index.ts";

const doc = (...content: unknown[]) => ({ type: "doc", content }) as RichTextNode;
const paragraph = (...content: unknown[]) => doc({ type: "paragraph", content });
const linked = (attrs: object) => paragraph({ type: "text", text: "x", marks: [{ type: "link", attrs }] });

/** What a browser would run or load from it that it must not. */
function dangersIn(html: string): string[] {
  const found: string[] = [];
  const parser = new Parser({
    onopentag(name, attributes) {
      if (["script", "style", "iframe", "object", "svg", "base", "form"].includes(name)) found.push(name);
      for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith("on") || key === "srcdoc") found.push(key);
        if (["href", "src"].includes(key) && !/^(?:https?:|mailto:|tel:|[^:]*$|[^:]*[/?#])/i.test(value))
          found.push(value);
      }
    },
    oncomment: () => void found.push("comment"),
  });
  parser.end(html);
  return found;
}

describe("renderHtml", () => {
  it("writes nothing dangerous for any document", () => {
    fc.assert(
      fc.property(anyDocument, (value) => {
        const html = renderHtml(value);
        expect(html.toLowerCase()).not.toContain("<script");
        expect(dangersIn(html)).toEqual([]);
      }),
    );
  });

  it("reads back as it was, blanks aside", () => {
    const squeeze = (text: string) => text.replace(/\s+/g, "");
    fc.assert(
      fc.property(anyDocument, (value) => {
        const again = htmlToRichText(renderHtml(value)).doc;
        const textOf = (node: RichTextNode): string =>
          (node.text ?? "") + (node.content ?? []).map(textOf).join("");
        // What looks like a shortcode or a URL by itself becomes one on the way back.
        fc.pre(!/\[|https?:/.test(textOf(value)));
        expect(squeeze(textOf(again))).toBe(squeeze(textOf(value)));
      }),
    );
  });

  it.each(UNSAFE_URLS)("leaves the URL %j out", (url) => {
    expect(renderHtml(linked({ href: url }))).toBe("<p>x</p>");
    expect(renderHtml(doc({ type: "image", attrs: { src: url } }))).toBe("");
    expect(renderHtml(doc({ type: "embed", attrs: { url } }))).toBe("");
  });

  it.each(HOSTILE_TEXTS)("escapes %j everywhere", (text) => {
    const html = renderHtml(
      doc(
        { type: "paragraph", attrs: { textAlign: text }, content: [{ type: "text", text }] },
        { type: "image", attrs: { src: text.replace(/[:]/g, ""), alt: text, title: text, width: text } },
        { type: "codeBlock", attrs: { language: text }, content: [{ type: "text", text }] },
        { type: "shortcode", attrs: { name: text, attrs: { [text]: text }, text } },
        { type: "orderedList", attrs: { start: text, type: text } },
        { type: text, content: [{ type: "text", text }] },
        {
          type: "paragraph",
          content: [
            { type: "text", text: "x", marks: [{ type: text }, { type: "abbr", attrs: { title: text } }] },
          ],
        },
      ),
    );
    expect(dangersIn(html)).toEqual([]);
  });

  it("never throws, whatever was stored", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (json) => {
        const value = JSON.parse(json) as RichTextNode;
        expect(dangersIn(renderHtml(value) + renderHtml(doc(value)) + renderHtml(paragraph(value)))).toEqual(
          [],
        );
        expect(typeof renderText(doc(value))).toBe("string");
      }),
    );
    const odd = { toString: 1, valueOf: 1 };
    for (const type of ["text", "heading", "image", "embed", "shortcode", "orderedList", "tableCell", odd]) {
      const value = doc({
        type,
        text: odd,
        attrs: { src: odd, url: odd, level: odd, name: odd, start: odd },
        marks: odd,
        content: odd,
      });
      expect(dangersIn(renderHtml(value))).toEqual([]);
      expect(renderText(value)).toBe("");
    }
  });

  it("guards links to new windows and names linked entries", () => {
    expect(renderHtml(linked({ href: "/x", target: "_blank", rel: "opener" }))).toBe(
      '<p><a href="/x" target="_blank" rel="noopener noreferrer">x</a></p>',
    );
    expect(renderHtml(linked({ href: `entry:${ENTRY_ID}` }))).toBe(
      `<p><a data-entry="${ENTRY_ID}">x</a></p>`,
    );
  });

  it("writes shared marks around neighbours once", () => {
    const html = '<p><a href="/x">a <strong>b</strong> <img src="/c" alt=""></a> d</p>';
    expect(renderHtml(htmlToRichText(html).doc)).toBe(html);
  });

  it("cuts off what nests without end", () => {
    let deep: unknown = { type: "paragraph", content: [{ type: "text", text: "x" }] };
    for (let i = 0; i < 50_000; i++) deep = { type: "blockquote", content: [deep] };
    expect(renderHtml(doc(deep))).not.toContain("x");
    expect(renderText(doc(deep))).toBe("");
  });
});
