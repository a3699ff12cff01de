import { isSafeUrl, MARKS, NODES, type RichTextNode } from "./schema.ts";

const BLOCK_TAGS: Record<string, string> = {
  paragraph: "p",
  blockquote: "blockquote",
  bulletList: "ul",
  listItem: "li",
  table: "table",
  tableRow: "tr",
  tableHeader: "th",
  tableCell: "td",
  figure: "figure",
  figcaption: "figcaption",
  definitionList: "dl",
  definitionTerm: "dt",
  definitionDescription: "dd",
};
const MARK_TAGS: Record<string, string> = {
  bold: "strong",
  italic: "em",
  underline: "u",
  strike: "s",
  code: "code",
  subscript: "sub",
  superscript: "sup",
  highlight: "mark",
  small: "small",
  abbr: "abbr",
  cite: "cite",
  quote: "q",
  inserted: "ins",
  kbd: "kbd",
  variable: "var",
  teletype: "tt",
};
const MAX_DEPTH = 100;

/** A document as HTML. Everything is escaped; nodes, marks, attributes and URLs that are not ours are left out. */
export function renderHtml(doc: RichTextNode | null | undefined): string {
  return doc ? children(doc, 0) : "";
}

function children(node: RichTextNode, depth: number): string {
  if (!Array.isArray(node.content) || depth > MAX_DEPTH) return "";
  return node.content.map((child) => render(child, depth + 1)).join("");
}

function render(node: RichTextNode, depth: number): string {
  if (!node || !Object.hasOwn(NODES, node.type)) return "";
  const attrs = node.attrs ?? {};
  switch (node.type) {
    case "text":
      return withMarks(escapeHtml(String(node.text ?? "")), node.marks);
    case "heading": {
      const level = Math.min(6, Math.max(1, Number(attrs["level"]) || 1));
      return `<h${level}${align(attrs)}>${children(node, depth)}</h${level}>`;
    }
    case "paragraph":
      return `<p${align(attrs)}>${children(node, depth)}</p>`;
    case "orderedList":
      return `<ol${Number.isInteger(attrs["start"]) && attrs["start"] !== 1 ? ` start="${Number(attrs["start"])}"` : ""}>${children(node, depth)}</ol>`;
    case "codeBlock":
      return `<pre><code${attribute("class", attrs["language"] ? `language-${String(attrs["language"])}` : null)}>${children(node, depth)}</code></pre>`;
    case "horizontalRule":
      return "<hr>";
    case "hardBreak":
      return "<br>";
    case "image":
      return withMarks(image(attrs), node.marks);
    case "tableHeader":
    case "tableCell": {
      const tag = BLOCK_TAGS[node.type]!;
      return `<${tag}${span("colspan", attrs)}${span("rowspan", attrs)}>${children(node, depth)}</${tag}>`;
    }
    case "table":
      return `<table><tbody>${children(node, depth)}</tbody></table>`;
    case "embed":
      return isSafe(attrs["url"])
        ? `<p><a${attribute("href", attrs["url"])}>${escapeHtml(String(attrs["url"]))}</a></p>`
        : "";
    case "entryEmbed":
      return `<div${attribute("data-entry", attrs["entry"])}></div>`;
    case "shortcode":
      return `<div${attribute("data-shortcode", attrs["name"])}${attribute("data-attrs", JSON.stringify(attrs["attrs"] ?? {}))}>${escapeHtml(String(attrs["text"] ?? ""))}</div>`;
    default: {
      const tag = BLOCK_TAGS[node.type];
      return tag ? `<${tag}>${children(node, depth)}</${tag}>` : children(node, depth);
    }
  }
}

function image(attrs: Record<string, unknown>): string {
  const src = isSafe(attrs["src"]) ? attribute("src", attrs["src"]) : "";
  const size = attribute("width", attrs["width"]) + attribute("height", attrs["height"]);
  if (src === "" && !attrs["asset"]) return "";
  return `<img${src}${attribute("alt", attrs["alt"] ?? "")}${attribute("title", attrs["title"])}${size}${attribute("data-asset", attrs["asset"])}>`;
}

function withMarks(html: string, marks: RichTextNode["marks"]): string {
  let out = html;
  for (const mark of (marks ?? []).toReversed()) {
    if (!mark || !Object.hasOwn(MARKS, mark.type)) continue;
    if (mark.type === "link") out = link(out, mark.attrs ?? {});
    else {
      const tag = MARK_TAGS[mark.type]!;
      out = `<${tag}${attribute("title", mark.attrs?.["title"])}>${out}</${tag}>`;
    }
  }
  return out;
}

function link(html: string, attrs: Record<string, unknown>): string {
  const href = attrs["href"];
  if (typeof href === "string" && href.startsWith("entry:"))
    return `<a${attribute("data-entry", href.slice(6))}>${html}</a>`;
  if (!isSafe(href)) return html;
  const isNewTab = attrs["target"] === "_blank";
  const rel = isNewTab ? "noopener noreferrer" : attrs["rel"];
  return `<a${attribute("href", href)}${attribute("title", attrs["title"])}${isNewTab ? ' target="_blank"' : ""}${attribute("rel", rel)}>${html}</a>`;
}

const isSafe = (value: unknown): boolean => typeof value === "string" && isSafeUrl(value);
const align = (attrs: Record<string, unknown>) =>
  ["center", "right", "justify"].includes(String(attrs["textAlign"]))
    ? ` style="text-align:${String(attrs["textAlign"])}"`
    : "";
const span = (name: string, attrs: Record<string, unknown>) =>
  Number(attrs[name]) > 1 ? ` ${name}="${Number(attrs[name])}"` : "";

function attribute(name: string, value: unknown): string {
  return value === null || value === undefined || typeof value === "object"
    ? ""
    : ` ${name}="${escapeHtml(String(value))}"`;
}

/** Escapes a text for element content and for attributes in double quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
