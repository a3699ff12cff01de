import {
  goodAttrs,
  holdsInline,
  isInline,
  isStorable,
  MARKS,
  MAX_DEPTH,
  MAX_MARKS,
  NODES,
  ruleOf,
  type RichTextMark,
  type RichTextNode,
} from "./schema.ts";

type Attrs = Record<string, unknown>;
type MarkTags = { start: string; end: string };

const TAG_OF_NODE: Readonly<Record<string, string>> = {
  paragraph: "p",
  blockquote: "blockquote",
  bulletList: "ul",
  orderedList: "ol",
  listItem: "li",
  tableRow: "tr",
  tableHeader: "th",
  tableCell: "td",
  figure: "figure",
  figcaption: "figcaption",
  definitionList: "dl",
  definitionTerm: "dt",
  definitionDescription: "dd",
};
const TAG_OF_MARK: Readonly<Record<string, string>> = {
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

/**
 * A document as HTML. Everything is escaped; nodes, marks, attributes and URLs that the schema does
 * not know are left out.
 */
export function renderHtml(doc: RichTextNode | null | undefined): string {
  return children(doc, 0);
}

function childrenOf(node: RichTextNode | null | undefined): RichTextNode[] {
  return Array.isArray(node?.content)
    ? node.content.filter((child) => ruleOf(NODES, child?.type) || isCustom(child))
    : [];
}

/** The children one after the other; marks that neighbours share are written around them once. */
function children(node: RichTextNode | null | undefined, depth: number): string {
  if (depth > MAX_DEPTH) return "";
  let out = "";
  let open: MarkTags[] = [];
  const close = (count: number) => {
    for (const tags of open.splice(count).toReversed()) out += tags.end;
  };
  for (const child of childrenOf(node)) {
    const html = render(child, depth + 1, holdsInline(node!.type));
    if (html === "") continue;
    const marks = isInline(child.type) ? markTags(child.marks) : [];
    const differs = marks.findIndex((tags, i) => tags.start !== open[i]?.start);
    const shared = differs === -1 ? marks.length : differs;
    close(shared);
    for (const tags of marks.slice(shared)) out += tags.start;
    open = marks;
    out += html;
  }
  close(0);
  return out;
}

/** A component of the field: named like one, with the values of its fields. */
const isCustom = (node: RichTextNode | null | undefined): boolean =>
  isOwn(node) && !ruleOf(NODES, node?.type);

const isOwn = (part: RichTextNode | RichTextMark | null | undefined): boolean =>
  typeof part?.type === "string" &&
  /^[a-z][a-z0-9_]{0,62}$/.test(part.type) &&
  typeof part.attrs === "object" &&
  part.attrs !== null;

const ownTag = (tag: string, { type, attrs }: RichTextNode | RichTextMark): string =>
  `<${tag}${attribute("data-component", type)}${attribute("data-values", JSON.stringify(attrs))}>`;

function render(node: RichTextNode, depth: number, isInLine: boolean): string {
  if (isCustom(node)) return `${ownTag("div", node)}</div>`;
  const attrs = goodAttrs(NODES[node.type], node.attrs);
  switch (node.type) {
    case "text":
      return typeof node.text === "string" ? escapeHtml(node.text.toWellFormed()) : "";
    case "heading": {
      const tag = `h${(attrs["level"] as number | undefined) ?? 1}`;
      return `<${tag}${alignment(attrs)}>${children(node, depth)}</${tag}>`;
    }
    case "codeBlock": {
      const language = attrs["language"] ? `language-${String(attrs["language"])}` : undefined;
      const code = children(node, depth);
      // A parser drops the first newline inside of pre, so one more is written where the code begins
      // with one.
      return `<pre>${code.startsWith("\n") ? "\n" : ""}<code${attribute("class", language)}>${code}</code></pre>`;
    }
    case "horizontalRule":
      return "<hr>";
    case "hardBreak":
      return "<br>";
    case "image":
      return image(attrs);
    case "table":
      return table(node, depth);
    case "embed":
      return attrs["url"]
        ? `<p><a${attribute("href", attrs["url"])} data-embed>${escapeHtml(String(attrs["url"]))}</a></p>`
        : "";
    case "entryEmbed":
      return attrs["entry"] ? entryEmbed(attrs, isInLine ? "span" : "div") : "";
    case "shortcode":
      return shortcode(attrs);
    default: {
      const tag = ruleOf(TAG_OF_NODE, node.type);
      return tag ? `<${tag}${ownAttributes(attrs)}>${children(node, depth)}</${tag}>` : "";
    }
  }
}

function ownAttributes(attrs: Attrs): string {
  const start = attrs["start"] === 1 ? undefined : attrs["start"];
  const span = (name: string) => (attrs[name] === 1 ? "" : attribute(name, attrs[name]));
  const side = attrs["align"] ? `align${String(attrs["align"])}` : undefined;
  return (
    attribute("class", side) +
    attribute("start", start) +
    attribute("type", attrs["type"]) +
    span("colspan") +
    span("rowspan") +
    alignment(attrs)
  );
}

function table(node: RichTextNode, depth: number): string {
  const rows = childrenOf(node).filter((row) => row.type === "tableRow");
  const isHeader = (row: RichTextNode) => childrenOf(row).every((cell) => cell.type === "tableHeader");
  const found = rows.findIndex((row) => childrenOf(row).length === 0 || !isHeader(row));
  const heads = found === -1 ? rows.length : found;
  const part = (tag: string, some: RichTextNode[]) =>
    some.length > 0 ? `<${tag}>${some.map((row) => render(row, depth + 1, false)).join("")}</${tag}>` : "";
  return depth > MAX_DEPTH
    ? ""
    : `<table>${part("thead", rows.slice(0, heads))}${part("tbody", rows.slice(heads))}</table>`;
}

function image(attrs: Attrs): string {
  if (!attrs["src"] && !attrs["asset"]) return "";
  const names = ["title", "width", "height"];
  const rest = names.map((name) => attribute(name, attrs[name])).join("");
  const side = attrs["align"] ? `align${String(attrs["align"])}` : undefined;
  return `<img${attribute("src", attrs["src"])}${attribute("alt", attrs["alt"] ?? "")}${rest}${attribute("class", side)}${attribute("data-asset", attrs["asset"])}>`;
}

function entryEmbed(attrs: Attrs, tag: string): string {
  return `<${tag}${attribute("data-entry", attrs["entry"])}></${tag}>`;
}

function shortcode(attrs: Attrs): string {
  if (!attrs["name"]) return "";
  const name = attribute("data-shortcode", attrs["name"]);
  const given = attribute("data-attrs", JSON.stringify(attrs["attrs"] ?? {}));
  return `<div${name}${given}>${escapeHtml(String(attrs["text"] ?? ""))}</div>`;
}

function markTags(marks: unknown): MarkTags[] {
  return (Array.isArray(marks) ? (marks as RichTextMark[]) : []).slice(0, MAX_MARKS).flatMap((mark) => {
    const rule = ruleOf(MARKS, mark?.type);
    if (!rule) return isOwn(mark) ? [{ start: ownTag("span", mark), end: "</span>" }] : [];
    const attrs = goodAttrs(rule, mark.attrs);
    if (mark.type === "link") return linkTags(attrs);
    const tag = TAG_OF_MARK[mark.type]!;
    const given = attribute("title", attrs["title"]) + attribute("data-color", attrs["color"]);
    return [{ start: `<${tag}${given}>`, end: `</${tag}>` }];
  });
}

function linkTags({ href, title, target, rel }: Attrs): MarkTags[] {
  if (typeof href !== "string") return [];
  const to = href.startsWith("entry:") ? attribute("data-entry", href.slice(6)) : attribute("href", href);
  const isNewTab = target === "_blank";
  const opens = isNewTab ? ' target="_blank"' : "";
  const safeRel = attribute("rel", isNewTab ? "noopener noreferrer" : rel);
  return [{ start: `<a${to}${attribute("title", title)}${opens}${safeRel}>`, end: "</a>" }];
}

const alignment = (attrs: Attrs) =>
  attrs["textAlign"] ? ` style="text-align:${String(attrs["textAlign"])}"` : "";

function attribute(name: string, value: unknown): string {
  const isWritten = typeof value === "number" || (typeof value === "string" && isStorable(value));
  return isWritten ? ` ${name}="${escapeHtml(String(value))}"` : "";
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    .replaceAll("\0", "");
}
