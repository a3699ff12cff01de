import * as fc from "fast-check";
import type { RichTextDocument, RichTextMark, RichTextNode } from "./schema.ts";

/** Texts and URLs that break out of what does not escape them. */
export const HOSTILE_TEXTS = [
  '"><script>alert(1)</script>',
  "</pre></code><script>alert(1)</script>",
  '" onerror="alert(1)',
  "' onmouseover='alert(1)",
  "<img src=x onerror=alert(1)>",
  "&lt;script&gt;",
  "<!--",
  "]]>",
];
export const UNSAFE_URLS = [
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "java\nscript:alert(1)",
  "java\tscript:alert(1)",
  "\u0001javascript:alert(1)",
  "javascript\u0000:alert(1)",
  "java\u200bscript:alert(1)",
  "javascript :alert(1)",
  "\u00a0javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "vbscript:msgbox(1)",
  "file:///etc/passwd",
  "blob:https://example.com/1",
  "view-source:javascript:alert(1)",
  "feed:javascript:alert(1)",
  "entry:javascript:alert(1)",
];
export const SAFE_URLS = [
  "https://example.com/a?b=c&d=1#e",
  "http://example.com",
  "HTTPS://EXAMPLE.COM",
  "mailto:a@example.com",
  "tel:+49301234",
  "/a:b",
  "a/b",
  "?a=b:c",
  "#top",
  "//cdn.example.com/x.png",
];
export const ASSET_ID = "ast_01jd0000000000000000000000";
export const ENTRY_ID = "cnt_01jd0000000000000000000000";

const words = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\0") && text.isWellFormed()),
  fc.constantFrom(...HOSTILE_TEXTS),
);
const url = fc.constantFrom(...SAFE_URLS);
const mark: fc.Arbitrary<RichTextMark> = fc.oneof(
  fc.constantFrom("bold", "italic", "code", "quote", "variable").map((type) => ({ type })),
  fc
    .record({ href: url, title: words, target: fc.constantFrom("_blank", "_self", null) })
    .map((attrs) => ({ type: "link", attrs })),
);
const marks = fc.uniqueArray(mark, { maxLength: 3, selector: ({ type }) => type });
const text = fc.record({ type: fc.constant("text"), text: words, marks });
const image = fc.record({ src: url, alt: words, title: words }).map((attrs) => ({ type: "image", attrs }));
const inline: fc.Arbitrary<RichTextNode[]> = fc.array(
  fc.oneof(text, image, fc.constant({ type: "hardBreak" })),
  { maxLength: 4 },
);
const node = (type: string, content: fc.Arbitrary<RichTextNode[]>, attrs: Record<string, unknown> = {}) =>
  content.map((nodes): RichTextNode => ({ type, attrs, content: nodes }));

const { blocks } = fc.letrec<{ block: RichTextNode; blocks: RichTextNode[] }>((tie) => ({
  blocks: fc.array(tie("block"), { minLength: 1, maxLength: 3 }),
  block: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    node("paragraph", inline, { textAlign: "center" }),
    node("heading", inline, { level: 2 }),
    node(
      "codeBlock",
      words.map((code) => [{ type: "text", text: code }]),
      { language: "ts" },
    ),
    url.map((href) => ({ type: "embed", attrs: { url: href } })),
    fc
      .dictionary(
        words.map((name) => name.slice(0, 20).toWellFormed()),
        words,
        { maxKeys: 3 },
      )
      .map((attrs) => ({ type: "shortcode", attrs: { name: "gallery", attrs, text: "" } })),
    fc.constant({ type: "entryEmbed", attrs: { entry: ENTRY_ID } }),
    fc.tuple(image, node("figcaption", inline)).map((content) => ({ type: "figure", content })),
    node("blockquote", tie("blocks")),
    node("bulletList", fc.array(node("listItem", tie("blocks")), { minLength: 1, maxLength: 2 })),
    node(
      "table",
      fc.array(
        node("tableRow", fc.array(node("tableCell", tie("blocks"), { colspan: 2 }), { maxLength: 2 })),
        { maxLength: 2 },
      ),
    ),
    node(
      "definitionList",
      fc.tuple(node("definitionTerm", inline), node("definitionDescription", tie("blocks"))),
    ),
  ),
}));

/** Any document that validates, hostile texts included. */
export const anyDocument: fc.Arbitrary<RichTextDocument> = blocks.map((content) => ({
  type: "doc",
  content,
}));
