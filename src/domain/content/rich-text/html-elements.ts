export const MARK_OF_TAG: Readonly<Record<string, string>> = {
  ...{ strong: "bold", b: "bold", em: "italic", i: "italic", u: "underline", s: "strike", strike: "strike" },
  ...{ del: "strike", code: "code", samp: "code", sub: "subscript", sup: "superscript", mark: "highlight" },
  ...{ small: "small", abbr: "abbr", acronym: "abbr", cite: "cite", q: "quote", ins: "inserted", kbd: "kbd" },
  ...{ var: "variable", tt: "teletype" },
};
export const NODE_OF_TAG: Readonly<Record<string, string>> = {
  ...{ p: "paragraph", blockquote: "blockquote", ul: "bulletList", ol: "orderedList", li: "listItem" },
  ...{
    menu: "bulletList",
    dir: "bulletList",
    pre: "codeBlock",
    table: "table",
    tr: "tableRow",
    figure: "figure",
  },
  ...{
    th: "tableHeader",
    td: "tableCell",
    figcaption: "figcaption",
    dl: "definitionList",
    dt: "definitionTerm",
  },
  ...{ dd: "definitionDescription", listing: "codeBlock", xmp: "codeBlock" },
};
export const PLAIN = new Set([
  ...[
    "div",
    "section",
    "article",
    "header",
    "footer",
    "main",
    "aside",
    "nav",
    "address",
    "center",
    "details",
  ],
  ...["summary", "fieldset", "legend", "form", "hgroup", "thead", "tbody", "tfoot", "body", "html", "option"],
]);
/** Known elements that say nothing a document could keep; only the text in them counts. */
export const QUIET = new Set([
  "span",
  "font",
  "colgroup",
  "col",
  "big",
  "bdo",
  "bdi",
  "time",
  "wbr",
  "label",
  "picture",
  "object",
  "o:p",
]);
export const NOTED = new Set(["form", "option", "fieldset", "legend"]);
/** What a page says of itself: nothing is lost without it. */
export const NEVER_CONTENT = new Set(["head", "title", "link", "meta", "base"]);
export const DROPPED = new Set([
  "script",
  "style",
  "noscript",
  "template",
  "noembed",
  "noframes",
  ...NEVER_CONTENT,
]);
export const VOID = new Set([
  "br",
  "hr",
  "img",
  "embed",
  "input",
  "source",
  "track",
  "param",
  "area",
  "col",
  "wbr",
  "link",
  "meta",
  "base",
]);
