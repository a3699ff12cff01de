import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ASSET_ID, ENTRY_ID, SAFE_URLS, UNSAFE_URLS } from "./any-document.ts";
import { htmlToRichText, renderHtml, validateRichText, type RichTextNode } from "./index.ts";
import { growthOf } from "../../../../test/support/growth.ts";

const convert = (html: string, autop = false) => {
  const { doc, notes } = htmlToRichText(html, { autop });
  expect(validateRichText(doc)).toEqual([]);
  return { content: doc.content, html: renderHtml(doc), notes };
};
const textOf = (node: RichTextNode): string => (node.text ?? "") + (node.content ?? []).map(textOf).join("");

describe("htmlToRichText keeps structure", () => {
  it.each([
    [
      "nested lists",
      '<ul><li><p>a</p><ol start="3" type="a"><li><p>b</p></li></ol></li><li><p>c</p></li></ul>',
    ],
    [
      "tables",
      '<table><thead><tr><th colspan="2"><p>a</p></th></tr></thead><tbody><tr><td rowspan="2"><p>b</p></td><td><p>c</p></td></tr></tbody></table>',
    ],
    [
      "table captions",
      "<figure><table><tbody><tr><td><p>a</p></td></tr></tbody></table><figcaption>b</figcaption></figure>",
    ],
    ["definition lists", "<dl><dt>a</dt><dd><p>b</p></dd><dt>c</dt><dd><p>d</p><p>e</p></dd></dl>"],
    ["quotations", '<blockquote><p style="text-align:right">a</p><p><cite>b</cite></p></blockquote>'],
    ["code", '<pre><code class="language-ts">  a\n\n\tb &lt; c</code></pre>'],
    [
      "figures",
      '<figure class="alignleft"><a href="/x"><img src="/a.png" alt="b" width="3"></a><figcaption>c <em>d</em></figcaption></figure>',
    ],
    [
      "marks",
      '<p><strong>a<em>b</em></strong><u>c</u><s>d</s><sub>e</sub><sup>f</sup><mark>g</mark><small>h</small><abbr title="x">i</abbr><q>j</q><ins>k</ins><kbd>l</kbd><var>m</var><tt>n</tt><code>o</code></p>',
    ],
    ["links", '<p><a href="/a" title="b" target="_blank" rel="noopener noreferrer">c</a></p>'],
    [
      "own nodes",
      `<div data-entry="${ENTRY_ID}"></div><p><a data-entry="${ENTRY_ID}">a</a></p><div data-shortcode="gallery" data-attrs="{&quot;ids&quot;:&quot;1&quot;}">b</div><p><a href="https://e.com/v" data-embed>https://e.com/v</a></p><p><img src="/a" alt="" data-asset="${ASSET_ID}"></p>`,
    ],
    ["breaks and rules", "<p>a<br>b</p><hr><h6>c</h6>"],
  ])("%s", (_, html) => {
    expect(convert(html)).toMatchObject({ html, notes: [] });
  });

  it.each([
    ["wraps text at block level", "a <b>b</b><h1>c</h1>d", "<p>a <strong>b</strong></p><h1>c</h1><p>d</p>"],
    [
      "hoists blocks out of inline elements, marks kept",
      "<a href='/x'><div><h3>a</h3>b</div></a>",
      '<h3><a href="/x">a</a></h3><p><a href="/x">b</a></p>',
    ],
    [
      "hoists blocks out of headings",
      "<h2>a<ul><li>b</ul>c</h2>",
      "<h2>a</h2><ul><li><p>b</p></li></ul><h2>c</h2>",
    ],
    [
      "hoists frames out of paragraphs",
      "<p>a<iframe src='//e.com/v'></iframe>b</p>",
      '<p>a</p><p><a href="https://e.com/v" data-embed>https://e.com/v</a></p><p>b</p>',
    ],
    [
      "takes one source of a video",
      "<video><source src=/a.mp4><source src=/b.webm>no video</video>",
      '<p><a href="/a.mp4" data-embed>/a.mp4</a></p>',
    ],
    ["gives stray items a list", "<li>a<li>b</li>c", "<ul><li><p>a</p></li><li><p>b</p></li></ul><p>c</p>"],
    [
      "gives stray cells a table",
      "<td>a<td>b<tr><td>c",
      "<table><tbody><tr><td><p>a</p></td><td><p>b</p></td></tr><tr><td><p>c</p></td></tr></tbody></table>",
    ],
    [
      "makes headers of cells in thead",
      "<table><thead><tr><td>a</thead><tr><td>b</table>",
      "<table><thead><tr><th><p>a</p></th></tr></thead><tbody><tr><td><p>b</p></td></tr></tbody></table>",
    ],
    [
      "puts a table's caption beside it",
      "<table><caption>a</caption><tr><td>b</table>",
      "<figure><table><tbody><tr><td><p>b</p></td></tr></tbody></table><figcaption>a</figcaption></figure>",
    ],
    [
      "takes blocks out of a table's caption",
      "<table><caption>a<hr>b</caption><tr><td>c</table>",
      "<table><tbody><tr><td><p>c</p></td></tr></tbody></table><p>a</p><hr><p>b</p>",
    ],
    [
      "goes on outside of all that cannot hold it",
      "<h2>a<pre>b<hr>c</pre>d",
      "<h2>a</h2><pre><code>b\n</code></pre><hr><pre><code>c</code></pre><h2>d</h2>",
    ],
    [
      "takes figures with other content apart",
      "<figure><blockquote>a</blockquote><figcaption>b</figcaption></figure>",
      "<blockquote><p>a</p></blockquote><p>b</p>",
    ],
    [
      "keeps one image of a figure's paragraph",
      "<figure><p><img src=/a></p><figcaption>b</figcaption></figure>",
      '<figure><img src="/a" alt=""><figcaption>b</figcaption></figure>',
    ],
    [
      "inherits the alignment of divisions",
      "<center>a<p style='text-align: right'>b</p></center>c",
      '<p style="text-align:center">a</p><p style="text-align:right">b</p><p>c</p>',
    ],
    [
      "reads WordPress' alignment classes",
      "<p class='has-text-align-center'>a</p><img class='x alignright' src=/a>",
      '<p style="text-align:center">a</p><p><img src="/a" alt="" class="alignright"></p>',
    ],
    [
      "makes an embed of a URL that stands alone",
      "<p> https://youtu.be/x </p><p>see https://youtu.be/x</p>",
      '<p><a href="https://youtu.be/x" data-embed>https://youtu.be/x</a></p><p>see https://youtu.be/x</p>',
    ],
    ["flattens blocks inside of pre", "<pre>\n\na<div>b</div>c</pre>", "<pre>\n<code>\na\nb\nc</code></pre>"],
    ["keeps no-break spaces", "<p>&nbsp;</p>", "<p>\u00a0</p>"],
    ["flattens headings in terms", "<dl><dt><h3>a</h3><dd>b</dl>", "<dl><dt>a</dt><dd><p>b</p></dd></dl>"],
  ])("%s", (_, html, expected) => {
    expect(convert(html).html).toBe(expected);
  });
});

describe("htmlToRichText reads WordPress", () => {
  it.each([
    [
      "makes paragraphs of blank lines",
      "a\nb\n\n\nc <em>d\n\ne</em>",
      "<p>a<br>b</p><p>c <em>d</em></p><p><em>e</em></p>",
    ],
    [
      "breaks no line between blocks",
      "a\n<ul>\n\t<li>b\nc</li>\n\n</ul>\nd",
      "<p>a</p><ul><li><p>b<br>c</p></li></ul><p>d</p>",
    ],
    ["breaks once for a br and its newline", "a<br />\nb\n<br>c", "<p>a<br>b<br>c</p>"],
    ["leaves pre alone", "<pre>a\n\nb [gallery]</pre>", "<pre><code>a\n\nb [gallery]</code></pre>"],
    [
      "keeps the blanks of code",
      "<code>a {\n\tb;\n}</code>",
      "<p><code>a {</code><br><code>\tb;</code><br><code>}</code></p>",
    ],
    [
      "makes no paragraphs inside of Gutenberg blocks",
      "<!-- wp:paragraph -->\n<p>a\n\nb</p>\n<!-- /wp:paragraph -->\n\nc\nd",
      "<p>a b</p><p>c<br>d</p>",
    ],
  ])("%s", (_, html, expected) => {
    expect(convert(html, true).html).toBe(expected);
  });

  it("turns captions into figures", () => {
    const image = { type: "image", attrs: { src: "/a", alt: "" } };
    const caption = (...content: RichTextNode[]) => ({ type: "figcaption", content });
    const figure = (attrs: object, ...content: RichTextNode[]) => [{ type: "figure", ...attrs, content }];
    expect(
      convert('[caption id="x" align="alignleft" width="3"]<img src="/a"> b <b>c</b>[/caption]').content,
    ).toEqual(
      figure(
        { attrs: { align: "left" } },
        image,
        caption({ type: "text", text: "b " }, { type: "text", text: "c", marks: [{ type: "bold" }] }),
      ),
    );
    expect(convert('x [caption caption="a <i>b</i>"]<img src="/a">[/caption]').content).toEqual([
      { type: "paragraph", content: [{ type: "text", text: "x" }] },
      ...figure(
        {},
        image,
        caption({ type: "text", text: "a " }, { type: "text", text: "b", marks: [{ type: "italic" }] }),
      ),
    ]);
    expect(convert('[caption id="1"] never closed').html).toBe(
      "<p>[caption id=&quot;1&quot;] never closed</p>",
    );
    expect(convert("closed [/caption] never opened").html).toBe("<p>closed [/caption] never opened</p>");
  });

  it("turns shortcodes and page marks into nodes", () => {
    const shortcode = (name: string, attrs = {}, text = "") => ({
      type: "shortcode",
      attrs: { name, attrs, text },
    });
    const html = `[gallery ids="1,2" columns=3 link='file']<!--more Read on-->[audio http://e.com/a.mp3]

[embed width="5"]https://e.com/v?a=1&amp;b=2[/embed]
<p>[video]/a.mp4[/video]</p><!--nextpage-->

[contact-form to="me"]

[[gallery]] and [not alone] and [1]`;
    expect(convert(html, true).content).toEqual([
      shortcode("gallery", { ids: "1,2", columns: "3", link: "file" }),
      shortcode("more", {}, "Read on"),
      shortcode("audio", { "0": "http://e.com/a.mp3" }),
      { type: "embed", attrs: { url: "https://e.com/v?a=1&b=2" } },
      shortcode("video", {}, "/a.mp4"),
      shortcode("nextpage"),
      shortcode("contact-form", { to: "me" }),
      { type: "paragraph", content: [{ type: "text", text: "[gallery] and [not alone] and [1]" }] },
    ]);
  });
});

describe("htmlToRichText leaves out what is unsafe", () => {
  it("and says so, once each", () => {
    const html = `<script>a</script><script>b</script><style>c</style><p onclick="d()" ONCLICK='x'>e</p><blink>f</blink><blink>g</blink>
      <a href="javascript:h()">i</a><img src="data:image/png,x"><iframe src="javascript:x"></iframe>`;
    const { html: out, notes } = convert(html);
    expect(out).toBe("<p>e</p><p>fg i</p>");
    expect(notes).toEqual([
      "dropped <script>",
      "dropped <style>",
      "dropped the attribute onclick",
      "unwrapped <blink>",
      "dropped an unsafe URL",
      "dropped an image without a safe URL",
      "dropped <iframe> without a URL",
    ]);
  });

  it("and formatting that code cannot have", () => {
    const { html, notes } = convert('<pre>a <b>b</b> <a href="/x">c</a></pre>');
    expect(html).toBe("<pre><code>a b c</code></pre>");
    expect(notes).toEqual(["unwrapped <b> inside of <pre>", "unwrapped <a> inside of <pre>"]);
  });

  it.each(UNSAFE_URLS)("such as %j", (url) => {
    const value = url.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    const html = convert(
      `<a href="${value}">a</a><img src="${value}"><iframe src="${value}"></iframe><p>[embed]${value}[/embed]</p>`,
    ).html;
    expect(html).not.toMatch(/(?:href|src)=/);
  });

  it.each([
    "<svg><script>alert(1)</script><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<img src=x onerror=alert(1)//",
    "<a href='&#106;avascript&colon;alert(1)'>x</a>",
    "<div data-shortcode='x' data-attrs='not json'>x</div>",
    "<div data-shortcode='x' data-attrs='[1]'>x</div><div data-entry='javascript:x'>x</div><a data-entry='x'>x</a>",
    "<a data-embed href='javascript:alert(1)'>x</a>",
    "<input data-entry=x><object data='javascript:x'><param value=x></object>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "[gallery x='\"><script>alert(1)</script>']",
    '[caption caption="<script>alert(1)</script>"]<img src=/x>[/caption]',
  ])("whatever way it comes: %s", (html) => {
    expect(convert(html, true).html).not.toMatch(/<script|(?:href|src)="(?:javascript|data)|<[^>]*\son/i);
  });
});

describe("htmlToRichText takes any input", () => {
  it.each([
    "<div>",
    "<blockquote>",
    "<ul><li>",
    "<b>",
    "<table><tr><td>",
    "<table><caption>x<tr><td>",
    "<figure>",
    "<i></b>",
    "<p>a</p>",
    "<td>",
    "[caption]",
    "[audio]",
    "[a ",
    "<!--more",
    "a\n",
    "https://e.com/x\n",
    "<b>x",
    "&lt;",
    "\n \n",
  ])("%j again and again takes work that grows with its length", { timeout: 120_000 }, (piece) => {
    const growth = growthOf((times) => void convert(piece.repeat(times) + "end", true), 2_500, 40_000);
    expect(growth).toBeLessThan(1.5);
  });

  it("keeps the text of what nests too deep or is too much", () => {
    expect(convert("<blockquote>".repeat(10_000) + "deep" + "</blockquote>".repeat(10_000)).html).toContain(
      "deep",
    );
    const { content, notes } = convert("<p>a</p>".repeat(30_000));
    expect(content!.map(textOf).join("").replaceAll(" ", "")).toBe("a".repeat(30_000));
    expect(notes).toEqual(["kept only the text after 20,000 nodes"]);
  });

  const TAGS = [
    "p",
    "div",
    "b",
    "a href=/x",
    "h2",
    "ul",
    "li",
    "dl",
    "dt",
    "dd",
    "pre",
    "code",
    "blockquote",
    "figure",
    "figcaption",
  ];
  const MORE = [
    "table",
    "caption",
    "tr",
    "td",
    "thead",
    "span",
    "foo",
    "br",
    "hr",
    "img src=/x",
    "iframe src=/x",
    "video",
    "svg",
    "script",
  ];
  const soup = fc.array(
    fc.oneof(
      fc.constantFrom(...TAGS, ...MORE).map((tag) => `<${tag}>`),
      fc.constantFrom(...TAGS, ...MORE).map((tag) => `</${tag.split(" ")[0]}>`),
      fc.constantFrom(
        "text",
        "\n",
        "\n\n",
        " ",
        "&amp;",
        "<",
        ">",
        "\0",
        "[gallery]",
        "[caption]",
        "[/caption]",
        "[x a=b]",
        "<!--more-->",
        "<!--",
        "<!-- wp:p -->",
      ),
      fc.constantFrom(...SAFE_URLS, ...UNSAFE_URLS).map((url) => `<a href="${url}">`),
      fc.string({ unit: "binary" }),
    ),
    { maxLength: 60 },
  );

  it("and always gives a document that validates", () => {
    fc.assert(
      fc.property(soup, fc.boolean(), (pieces, autop) => void convert(pieces.join(""), autop)),
      { numRuns: 1500 },
    );
  });

  it("and keeps all text in its order", () => {
    const tags = TAGS.concat("span", "td", "tr", "table");
    const word = fc.constantFrom("one", "two", " ", "\n", "three\n\nfour", "fünf", "&lt;");
    const open = fc.constantFrom(...tags).map((tag) => `<${tag}>`);
    const close = fc.constantFrom(...tags).map((tag) => `</${tag.split(" ")[0]}>`);
    fc.assert(
      fc.property(fc.array(fc.oneof(word, open, close), { maxLength: 60 }), fc.boolean(), (pieces, autop) => {
        const html = pieces.join("");
        const expected = html
          .replace(/<[^>]*>/g, "")
          .replaceAll("&lt;", "<")
          .replace(/\s/g, "");
        expect(convert(html, autop).content!.map(textOf).join("").replace(/\s/g, "")).toBe(expected);
      }),
      { numRuns: 1500 },
    );
  });
});
