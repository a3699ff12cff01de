import { expect, it } from "vitest";
import { ASSET_ID, ENTRY_ID } from "./any-document.ts";
import { collectReferences, htmlToRichText, renderText, type RichTextNode } from "./index.ts";

it("writes paragraphs, lists and tables as plain text", () => {
  const html = `<h2>Title</h2><p>One<br>two</p><ul><li>a<ol start="3"><li>b</li><li>c</li></ol></li></ul>
    <table><tr><th>x</th><th>y</th></tr><tr><td><p>1</p><p>2</p></td><td>3</td></tr></table><pre>a
  b</pre><dl><dt>t</dt><dd>d</dd></dl>`;
  expect(renderText(htmlToRichText(html).doc)).toBe(
    "Title\n\nOne\ntwo\n\n• a\n  3. b\n  4. c\n\nx\ty\n1 2\t3\n\na\n  b\n\nt\nd",
  );
  expect(renderText(null)).toBe("");
});

it("collects entries and assets in order, each once", () => {
  const link = { type: "link", attrs: { href: `entry:${ENTRY_ID}` } };
  const image = { type: "image", attrs: { asset: ASSET_ID } };
  const doc: RichTextNode = {
    type: "doc",
    content: [
      {
        type: "blockquote",
        content: [{ type: "paragraph", content: [image, { type: "text", text: "x", marks: [link] }] }],
      },
      { type: "entryEmbed", attrs: { entry: ENTRY_ID } },
      image,
    ],
  };
  expect(collectReferences(doc)).toEqual([
    { kind: "asset", id: ASSET_ID },
    { kind: "entry", id: ENTRY_ID },
  ]);
});
