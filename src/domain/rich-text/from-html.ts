import { Parser } from "htmlparser2";
import { DocumentBuilder } from "./document-builder.ts";
import { isSafeUrl, type RichTextDocument } from "./schema.ts";
import { expandShortcodes, SHORTCODE_TAG } from "./wordpress-html.ts";

const MARK_OF_TAG: Record<string, string> = {
  strong: "bold",
  b: "bold",
  em: "italic",
  i: "italic",
  u: "underline",
  s: "strike",
  strike: "strike",
  del: "strike",
  code: "code",
  samp: "code",
  sub: "subscript",
  sup: "superscript",
  mark: "highlight",
  small: "small",
  abbr: "abbr",
  acronym: "abbr",
  cite: "cite",
  q: "quote",
  ins: "inserted",
  kbd: "kbd",
  var: "variable",
  tt: "teletype",
};
const CONTAINER_OF_TAG: Record<string, string> = {
  p: "paragraph",
  blockquote: "blockquote",
  ul: "bulletList",
  ol: "orderedList",
  li: "listItem",
  pre: "codeBlock",
  table: "table",
  tr: "tableRow",
  th: "tableHeader",
  td: "tableCell",
  figure: "figure",
  figcaption: "figcaption",
  dl: "definitionList",
  dt: "definitionTerm",
  dd: "definitionDescription",
};
const DROPPED = new Set([
  "script",
  "style",
  "noscript",
  "template",
  "head",
  "title",
  "object",
  "form",
  "input",
  "button",
  "select",
  "textarea",
]);
const EMBEDS = new Set(["iframe", "video", "audio", "embed", "source"]);
const PLAIN_BLOCKS = new Set([
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
  "summary",
  "caption",
  "fieldset",
]);
const QUIET = new Set([
  "span",
  "font",
  "tbody",
  "thead",
  "tfoot",
  "colgroup",
  "col",
  "html",
  "body",
  "big",
  "bdo",
  "time",
  "wbr",
  "label",
  "picture",
]);

type Attributes = Record<string, string>;

/**
 * HTML as a rich text document that always validates. Structure is kept; scripts, styles, handlers and unsafe URLs are
 * not, and `notes` says what was left out, once each. `autop` makes paragraphs of blank lines and breaks of newlines, as
 * WordPress does when it shows a post.
 */
export function htmlToRichText(
  html: string,
  options: { autop?: boolean } = {},
): { doc: RichTextDocument; notes: string[] } {
  const notes = new Set<string>();
  const builder = new DocumentBuilder(options.autop === true);
  let droppedDepth = 0;
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        if (droppedDepth > 0 || DROPPED.has(name)) {
          droppedDepth++;
          if (droppedDepth === 1) notes.add(`dropped <${name}>`);
          return;
        }
        for (const key of Object.keys(attributes))
          if (key.startsWith("on")) notes.add(`dropped the attribute ${key}`);
        openTag(builder, name, attributes, notes);
      },
      onclosetag(name) {
        if (droppedDepth > 0) droppedDepth--;
        else if (name === "br" || name === "hr" || name === "img") return;
        else if (MARK_OF_TAG[name] || name === "a") builder.closeMark(name);
        else if (CONTAINER_OF_TAG[name] || /^h[1-6]$/.test(name)) builder.close(name);
        else if (PLAIN_BLOCKS.has(name)) builder.endParagraph();
      },
      ontext(text) {
        if (droppedDepth === 0) builder.text(text);
      },
      oncomment(text) {
        const name = text.trim().split(/\s/)[0]!;
        if (name === "more" || name === "nextpage")
          builder.leaf("shortcode", { name, attrs: {}, text: text.trim().slice(name.length).trim() });
      },
    },
    { decodeEntities: true, lowerCaseTags: true, recognizeSelfClosing: false },
  );
  parser.write((options.autop ? expandShortcodes(html) : html).replaceAll("\r\n", "\n").replaceAll("\0", ""));
  parser.end();
  return { doc: builder.finish(), notes: [...notes] };
}

function openTag(builder: DocumentBuilder, name: string, attributes: Attributes, notes: Set<string>): void {
  if (name === "br") return builder.lineBreak();
  if (name === "hr") return builder.leaf("horizontalRule");
  if (name === "img") return builder.image(imageAttributes(attributes, notes));
  if (name === "a") return builder.openMark("a", linkMark(attributes, notes));
  if (name === SHORTCODE_TAG) return shortcode(builder, attributes);
  if (EMBEDS.has(name)) return embed(builder, attributes, notes);
  const mark = MARK_OF_TAG[name];
  if (mark) {
    const title = mark === "abbr" && attributes["title"] ? { attrs: { title: attributes["title"] } } : {};
    return builder.openMark(name, { type: mark, ...title });
  }
  const level = /^h([1-6])$/.exec(name)?.[1];
  if (level) return builder.open(name, "heading", { level: Number(level), ...alignment(attributes) });
  const container = CONTAINER_OF_TAG[name];
  if (container) return builder.open(name, container, containerAttributes(name, attributes));
  if (PLAIN_BLOCKS.has(name)) return builder.endParagraph();
  if (!QUIET.has(name)) notes.add(`unwrapped <${name.slice(0, 40)}>`);
}

function shortcode(builder: DocumentBuilder, attributes: Attributes): void {
  const name = attributes["data-name"]!;
  const text = attributes["data-text"] ?? "";
  if (name === "embed" && isSafeUrl(text) && /^https?:/i.test(text))
    return builder.leaf("embed", { url: text });
  builder.leaf("shortcode", { name, attrs: JSON.parse(attributes["data-attrs"]!) as object, text });
}

function embed(builder: DocumentBuilder, attributes: Attributes, notes: Set<string>): void {
  const source = attributes["src"];
  const url = source?.startsWith("//") ? `https:${source}` : source;
  if (url === undefined) return;
  if (isSafeUrl(url)) builder.leaf("embed", { url });
  else notes.add("dropped an unsafe URL");
}

function imageAttributes(attributes: Attributes, notes: Set<string>): Record<string, unknown> | undefined {
  const src = attributes["src"] ?? "";
  const asset = /^ast_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(attributes["data-asset"] ?? "")
    ? attributes["data-asset"]
    : undefined;
  if (src === "" || !isSafeUrl(src)) {
    notes.add("dropped an image without a safe URL");
    if (!asset) return undefined;
  }
  const size = (name: string) =>
    /^\d{1,5}$/.test(attributes[name] ?? "") && Number(attributes[name]) > 0
      ? { [name]: Number(attributes[name]) }
      : {};
  const align = /\balign(left|right|center)\b/.exec(attributes["class"] ?? "")?.[1];
  return {
    ...(isSafeUrl(src) && src !== "" ? { src } : {}),
    alt: (attributes["alt"] ?? "").slice(0, 2000),
    ...(attributes["title"] ? { title: attributes["title"].slice(0, 2000) } : {}),
    ...size("width"),
    ...size("height"),
    ...(align ? { align } : {}),
    ...(asset ? { asset } : {}),
  };
}

function linkMark(
  attributes: Attributes,
  notes: Set<string>,
): { type: string; attrs?: Record<string, unknown> } | undefined {
  const href = attributes["href"];
  if (href === undefined) return undefined;
  if (!isSafeUrl(href) || href.length > 4000) {
    notes.add("dropped an unsafe URL");
    return undefined;
  }
  const title = attributes["title"] ? { title: attributes["title"].slice(0, 2000) } : {};
  return {
    type: "link",
    attrs: { href, ...title, ...(attributes["target"] === "_blank" ? { target: "_blank" } : {}) },
  };
}

function alignment(attributes: Attributes): Record<string, string> {
  const value =
    /text-align\s*:\s*(left|center|right|justify)/i.exec(attributes["style"] ?? "")?.[1] ??
    attributes["align"] ??
    "";
  return ["left", "center", "right", "justify"].includes(value.toLowerCase())
    ? { textAlign: value.toLowerCase() }
    : {};
}

function containerAttributes(name: string, attributes: Attributes): Record<string, unknown> {
  if (name === "p") return alignment(attributes);
  if (name === "ol")
    return /^-?\d{1,6}$/.test(attributes["start"] ?? "") ? { start: Number(attributes["start"]) } : {};
  if (name === "figure") {
    const align = /\balign(left|right|center|none)\b/.exec(attributes["class"] ?? "")?.[1];
    return align ? { align } : {};
  }
  if (name === "th" || name === "td") {
    const span = (key: string) =>
      /^[1-9]\d{0,2}$/.test(attributes[key] ?? "") ? { [key]: Number(attributes[key]) } : {};
    return { ...span("colspan"), ...span("rowspan") };
  }
  if (name === "pre") {
    const language = /\blang(?:uage)?-([\w+#-]{1,50})/.exec(attributes["class"] ?? "")?.[1];
    return language ? { language } : {};
  }
  return {};
}
