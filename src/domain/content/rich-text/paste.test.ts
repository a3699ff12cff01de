import { describe, expect, it } from "vitest";
import { htmlToRichText, renderHtml, validateRichText } from "./index.ts";

const convert = (html: string, autop = false) => {
  const { doc, notes } = htmlToRichText(html, { autop });
  expect(validateRichText(doc)).toEqual([]);
  return { html: renderHtml(doc), notes };
};
const htmlOf = (html: string) => convert(html).html;
const ul = (...items: string[]) => `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
const ol = (attributes: string, ...items: string[]) =>
  `<ol${attributes}>${items.map((item) => `<li>${item}</li>`).join("")}</ol>`;
const p = (text: string) => `<p>${text}</p>`;

describe("marks by style", () => {
  it.each([
    ["bold", '<p>a<span style="font-weight: bold">b</span></p>', "<p>a<strong>b</strong></p>"],
    [
      "bold by number",
      '<p><span style="color:red;FONT-WEIGHT:700 !important">b</span></p>',
      "<p><strong>b</strong></p>",
    ],
    ["not bold by number", '<p><span style="font-weight:500">b</span></p>', "<p>b</p>"],
    ["bolder", '<p style="font-weight:bolder">b</p>', "<p><strong>b</strong></p>"],
    ["italic", '<p><font style="font-style:italic">b</font></p>', "<p><em>b</em></p>"],
    ["oblique", '<div style="font-style:oblique 10deg">b</div>', "<p><em>b</em></p>"],
    [
      "the font shorthand",
      '<p><span style="font:italic bold 12px Arial">b</span></p>',
      "<p><strong><em>b</em></strong></p>",
    ],
    ["the last declaration", '<p><span style="font-weight:bold;font-weight:normal">b</span></p>', "<p>b</p>"],
    ["underline", '<p><span style="text-decoration:underline">b</span></p>', "<p><u>b</u></p>"],
    ["strike", '<p><span style="text-decoration-line: line-through">b</span></p>', "<p><s>b</s></p>"],
    [
      "both lines",
      '<p><span style="text-decoration:underline line-through red">b</span></p>',
      "<p><u><s>b</s></u></p>",
    ],
    [
      "sub and sup",
      '<p><span style="vertical-align:sub">a</span><span style="vertical-align:super">b</span></p>',
      "<p><sub>a</sub><sup>b</sup></p>",
    ],
    [
      "what undoes a tag of its own",
      '<p><b style="font-weight:normal">a</b><u style="text-decoration:none">b</u></p>',
      "<p>ab</p>",
    ],
    [
      "what undoes one around it",
      '<p><b>a<span style="font-weight:400">b</span>c</b></p>',
      "<p><strong>a</strong>b<strong>c</strong></p>",
    ],
    [
      "what undoes italic",
      '<p><i>a<span style="font-style:normal">b<em>c</em></span></i></p>',
      "<p><em>a</em>b<em>c</em></p>",
    ],
    [
      "lighter",
      '<div style="font-weight:bold">a<p style="font-weight:lighter">b</p></div>',
      "<p><strong>a</strong></p><p>b</p>",
    ],
    [
      "again below",
      '<b style="font-weight:normal"><p><span style="font-weight:700">a</span>b</p></b>',
      "<p><strong>a</strong>b</p>",
    ],
    [
      "table cells",
      '<table><tr><td style="font-weight:bold;vertical-align:super">a</td></tr></table>',
      "<table><tbody><tr><td><p><strong>a</strong></p></td></tr></tbody></table>",
    ],
    ["headings are bold anyway", '<h2 style="font-weight:bold">a</h2>', "<h2>a</h2>"],
    [
      "links are underlined anyway",
      '<p><a href="/x" style="text-decoration:none"><span style="text-decoration:underline">a</span></a></p>',
      '<p><a href="/x">a</a></p>',
    ],
    [
      "not what only looks so",
      '<p><b style="mso-bidi-font-weight:normal">a</b><span style="-x-font-weight:bold;font-weight:inherit">b</span></p>',
      "<p><strong>a</strong>b</p>",
    ],
    ["not in code", '<pre><span style="font-weight:bold">a</span></pre>', "<pre><code>a</code></pre>"],
  ])("%s", (_, html, expected) => expect(htmlOf(html)).toBe(expected));

  it("reads what Google Docs puts on the clipboard", () => {
    const html = `<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><h1 dir="ltr" style="line-height:1.38"><span style="font-size:20pt;font-weight:400;font-style:normal;text-decoration:none;vertical-align:baseline">Title</span></h1>
      <p dir="ltr"><span style="font-weight:400;font-style:normal;text-decoration:none">plain </span><span style="font-weight:700;font-style:italic">both</span></p>
      <ul style="margin-top:0"><li dir="ltr" style="list-style-type:disc;font-weight:400" aria-level="1"><p dir="ltr" role="presentation"><span style="font-weight:400">one</span></p></li>
      <ul><li dir="ltr" aria-level="2"><p><span style="font-weight:700">two</span></p></li><ul><li aria-level="3"><p>three</p></li></ul></ul>
      <li dir="ltr" aria-level="1"><p>four</p></li></ul><ol><li aria-level="1"><p>five</p></li></ol></b><br class="Apple-interchange-newline">`;
    const { html: out } = convert(html);
    expect(out).toBe(
      `<h1>Title</h1><p>plain <strong><em>both</em></strong></p>${ul(
        p("one") + ul(p("<strong>two</strong>") + ul(p("three"))),
        p("four"),
      )}${ol("", p("five"))}`,
    );
  });
});

describe("lists in wrong places have no empty bullet", () => {
  it.each([
    [
      "a list right in a list",
      "<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>",
      ul(p("a") + ul(p("b")), p("c")),
    ],
    ["of another kind", "<ol><li>a</li><ul><li>b</li></ul></ol>", ol("", p("a") + ul(p("b")))],
    [
      "two of them",
      "<ul><li>a</li><ul><li>b</li></ul><ol><li>c</li></ol></ul>",
      ul(p("a") + ul(p("b")) + ol("", p("c"))),
    ],
    ["with no item before", "<ul><ul><li>a</li></ul><li>b</li></ul>", ul(p("a"), p("b"))],
    [
      "of another kind with no item before",
      "<ul><ol><li>a</li></ol><li>b</li></ul>",
      ol("", p("a")) + ul(p("b")),
    ],
    ["nothing but lists", "<ul><ul><ul><li>a</li></ul></ul></ul>", ul(p("a"))],
    ["an empty list", "<ul><li>a</li><ul></ul></ul>", ul(p("a"))],
    [
      "an item that shows no bullet",
      '<ul><li>a</li><li style="list-style-type:none"><ul><li>b</li></ul></li></ul>',
      ul(p("a") + ul(p("b"))),
    ],
    ["text stays an item", "<ul><li>a</li>b</ul>", ul(p("a"), p("b"))],
    ["a written item stays one", "<ul><li><ul><li>a</li></ul></li></ul>", ul(ul(p("a")))],
    [
      "levels in one flat list",
      '<ul><li aria-level="1">a</li><li aria-level="2">b</li><li aria-level="2">c</li><li aria-level="1">d</li></ul>',
      ul(p("a") + ul(p("b"), p("c")), p("d")),
    ],
    [
      "levels in lists beside each other",
      '<div><ul><li data-aria-level="1"><p>a</p></li></ul></div><div><ol><li data-aria-level="2"><p>b</p></li></ol></div><div><ul><li data-aria-level="1"><p>c</p></li></ul></div>',
      ul(p("a") + ol("", p("b")), p("c")),
    ],
  ])("%s", (_, html, expected) => expect(htmlOf(html)).toBe(expected));
});

describe("lists of Word", () => {
  const item = (level: number, marker: string, text: string, lfo = 1) =>
    `<p class=MsoListParagraphCxSpMiddle style='text-indent:-.25in;mso-list:l0 level${level} lfo${lfo}'><!--[if !supportLists]--><span style='font-family:Symbol'><span style='mso-list:Ignore'>${marker}<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><!--[endif]-->${text}<o:p></o:p></p>\n`;

  it("become lists in lists, bullets or numbers by their marker", () => {
    const html =
      item(1, "·", "a <b>b</b>") +
      item(2, "o", "c") +
      item(3, "§", "d") +
      item(1, "·", "e") +
      item(2, "1.", "f") +
      item(2, "2.", "g");
    const { html: out, notes } = convert(`<p class=MsoNormal>x</p>${html}<p class=MsoNormal>y</p>`);
    expect(out).toBe(
      `<p>x</p>${ul(p("a <strong>b</strong>") + ul(p("c") + ul(p("d"))), p("e") + ol("", p("f"), p("g")))}<p>y</p>`,
    );
    expect(notes).toEqual([]);
  });

  it.each([
    ["numbers that go on", item(1, "3.", "a") + item(1, "4.", "b"), ol(' start="3"', p("a"), p("b"))],
    ["letters", item(1, "a)", "a") + item(1, "b)", "b"), ol(' type="a"', p("a"), p("b"))],
    ["Roman numbers", item(1, "(i)", "a") + item(1, "(ii)", "b"), ol(' type="i"', p("a"), p("b"))],
    ["capitals", item(1, "A.", "a") + item(2, "II.", "b"), ol(' type="A"', p("a") + ol(' type="I"', p("b")))],
    ["a level left out", item(1, "·", "a") + item(3, "·", "b"), ul(p("a") + ul(p("b")))],
    ["a deeper one first", item(2, "·", "a") + item(1, "·", "b"), ul(p("a"), p("b"))],
    ["another list beside", item(1, "1.", "a") + item(1, "1.", "b", 2), ol("", p("a")) + ol("", p("b"))],
    [
      "the old conditional",
      "<p class=MsoListParagraph style='mso-list:l1 level1 lfo3'><![if !supportLists]>1.&nbsp;&nbsp; <![endif]>a</p>",
      ol("", p("a")),
    ],
    [
      "markers as text",
      "<p class=MsoListParagraph style='mso-list:l1 level1 lfo3'>·&nbsp;&nbsp;&nbsp;a</p><p class=MsoListParagraph>2.<span>&nbsp;&nbsp; </span>b</p>",
      ul(p("a")) + ol(' start="2"', p("b")),
    ],
    ["no list without a marker", "<p class=MsoListParagraph>just indented</p>", p("just indented")],
    [
      "a class alone",
      "<p class=MsoListBullet>a</p><p class=MsoListBullet2>b</p><p class=MsoListNumber>c</p>",
      ul(p("a") + ul(p("b"))) + ol("", p("c")),
    ],
    [
      "in a cell",
      `<table><tr><td>${item(1, "·", "a")}</td></tr></table>`,
      `<table><tbody><tr><td>${ul(p("a"))}</td></tr></tbody></table>`,
    ],
    [
      "a comment that never ends",
      "<p class=MsoListParagraph style='mso-list:l1 level1 lfo3'><!--[if !supportLists]-->words</p><p>more</p>",
      ul(p("words")) + p("more"),
    ],
    [
      "a marker that is none",
      "<p class=MsoListParagraph style='mso-list:l1 level1 lfo3'><span style='mso-list:Ignore'>many words that are no marker</p>",
      ul(p("many words that are no marker")),
    ],
    [
      "numbers of headings stay",
      "<h1 style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>1.</span> a</h1>",
      "<h1>1. a</h1>",
    ],
  ])("%s", (_, html, expected) => expect(htmlOf(html)).toBe(expected));
});

describe("the block editor of WordPress", () => {
  const VIDEO = "https://www.youtube.com/watch?v=x&amp;t=1";
  const embed = `<p><a href="${VIDEO}" data-embed>${VIDEO}</a></p>`;
  const json = JSON.stringify({
    url: VIDEO.replace("&amp;", "&"),
    type: "video",
    providerNameSlug: "youtube",
  });
  const block = (name: string, inside: string) =>
    `<!-- wp:${name} ${json} -->\n<figure class="wp-block-embed">${inside}</figure>\n<!-- /wp:${name} -->`;
  const wrapper = `<div class="wp-block-embed__wrapper">\n${VIDEO}\n</div>`;

  it.each([
    ["an embed", block("embed", wrapper), `<figure>${embed}</figure>`],
    ["an old embed", block("core-embed/youtube", wrapper), `<figure>${embed}</figure>`],
    [
      "an embed with a caption",
      block("embed", `${wrapper}<figcaption>a <b>b</b></figcaption>`),
      `<figure>${embed}<figcaption>a <strong>b</strong></figcaption></figure>`,
    ],
    [
      "an embed as a link",
      `<figure class="wp-block-embed"><div class="wp-block-embed__wrapper"><a href="${VIDEO}">${VIDEO}</a></div></figure>`,
      `<figure>${embed}</figure>`,
    ],
    [
      "an embed without its comment",
      `<figure class="wp-block-embed">${wrapper}</figure>`,
      `<figure>${embed}</figure>`,
    ],
    ["an embed without its markup", `<!-- wp:embed ${json} /-->`, embed],
    ["an embed with empty markup", block("embed", '<div class="wp-block-embed__wrapper"></div>'), embed],
    ["an embed without its wrapper", block("embed", VIDEO), `<figure>${embed}</figure>`],
    [
      "an embed that was shown",
      `<figure class="wp-block-embed"><div class="wp-block-embed__wrapper"><iframe src="https://www.youtube.com/embed/x"></iframe></div></figure>`,
      '<figure><p><a href="https://www.youtube.com/embed/x" data-embed>https://www.youtube.com/embed/x</a></p></figure>',
    ],
    [
      "a gallery",
      '<!-- wp:gallery {"ids":[1]} --><figure class="wp-block-gallery"><figure class="wp-block-image"><img src="/a" alt=""/><figcaption>b</figcaption></figure><figcaption>c</figcaption></figure><!-- /wp:gallery -->',
      '<figure><img src="/a" alt=""><figcaption>b</figcaption></figure><p>c</p>',
    ],
    [
      "an old gallery",
      '<ul class="wp-block-gallery blocks-gallery-grid"><li class="blocks-gallery-item"><figure><img src="/a"><figcaption>b</figcaption></figure></li></ul>',
      '<figure><img src="/a" alt=""><figcaption>b</figcaption></figure>',
    ],
  ])("%s", (_, html, expected) => {
    for (const autop of [false, true]) expect(convert(html, autop).html).toBe(expected);
  });

  it("says which blocks it leaves out", () => {
    expect(
      convert('<!-- wp:latest-posts {"n":5} /--><!-- wp:paragraph --><p>a</p><!-- /wp:paragraph -->'),
    ).toEqual({
      html: "<p>a</p>",
      notes: ["dropped the block latest-posts"],
    });
    expect(convert('<!-- wp:embed {"url":"javascript:x"} /--><!-- wp:embed {bad} /-->').notes).toEqual([
      "dropped the block embed",
    ]);
  });
});

describe("what is pasted takes work in proportion to its length", () => {
  /** CPU time of this thread alone: what else the machine does makes no difference. */
  const workOf = (html: string): number => {
    const takes = () => {
      const before = process.threadCpuUsage();
      htmlToRichText(html, { autop: true });
      const { user, system } = process.threadCpuUsage(before);
      return user + system;
    };
    return Math.min(takes(), takes(), takes());
  };
  const item =
    "<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><!--[if !supportLists]-->o&nbsp; <!--[endif]-->x</p>";

  it.each([
    ["nested styles", '<b style="font-weight:normal;font-style:italic">x'],
    ["lists in lists", "<ul><ul>x"],
    ["items of Word", item],
    ["items that never end", "<p style='mso-list:l0 level9 lfo1'><!--[if !supportLists]-->1."],
    ["items with levels", "<ul><li aria-level=3>x</ul>"],
    [
      "embed blocks",
      '<!-- wp:embed {"url":"https://e.com/v"} --><figure><div class="wp-block-embed__wrapper">x',
    ],
    ["declarations", `<p style="${"a:b;".repeat(200)}">x</p>`],
  ])("%s", (_, piece) => {
    const count = Math.floor(950_000 / piece.length);
    expect(workOf(piece.repeat(count)) / workOf(piece.repeat(count / 4))).toBeLessThan(10);
  });
});
