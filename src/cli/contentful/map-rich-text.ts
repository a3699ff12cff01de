import { cutText } from "../cut-text.ts";
import type { Link } from "./export-file.ts";

export type CtfNode = {
  nodeType: string;
  value?: string;
  marks?: { type: string }[];
  data?: { target?: Link; uri?: string; colspan?: number; rowspan?: number };
  content?: CtfNode[];
};
type Mark = { type: string; attrs?: Record<string, unknown> };
export type DocNode = {
  type: string;
  attrs?: Record<string, unknown>;
  content?: DocNode[];
  marks?: Mark[];
  text?: string;
};
export type AssetTarget = { id: string; isImage: boolean; title: string | null; alt: string | null };
export type RichTextContext = {
  entryOf: (id: string) => string | undefined;
  assetOf: (id: string) => AssetTarget | undefined;
  say: (reason: string) => void;
};

const MAX_DEPTH = 60;
const MAX_NODES = 20_000;
const MAX_URL = 4000;
const BLOCKS: Record<string, string> = {
  paragraph: "paragraph",
  "ordered-list": "orderedList",
  "unordered-list": "bulletList",
  "list-item": "listItem",
  blockquote: "blockquote",
  table: "table",
  "table-row": "tableRow",
};
const MARKS: Record<string, string> = {
  bold: "bold",
  italic: "italic",
  underline: "underline",
  code: "code",
  superscript: "superscript",
  subscript: "subscript",
  strikethrough: "strike",
};

/**
 * Contentful's rich text as a FlowCMS document; nodes without a counterpart keep their text and are
 * reported.
 */
export function mapRichText(document: unknown, context: RichTextContext): DocNode | null {
  if (!isNode(document) || document.nodeType !== "document") {
    context.say("is not a rich text document: left out");
    return null;
  }
  let nodes = 0;
  const visit = (node: CtfNode, marks: Mark[], depth: number): DocNode[] => {
    if (depth > MAX_DEPTH) throw new TooLarge(`is nested deeper than ${MAX_DEPTH} levels`);
    if (++nodes > MAX_NODES) throw new TooLarge(`has more than ${MAX_NODES} nodes`);
    const inside = (more: Mark[] = marks) =>
      (node.content ?? []).filter(isNode).flatMap((child) => visit(child, more, depth + 1));
    return mapNode(node, marks, inside, context);
  };
  try {
    const content = (document.content ?? []).filter(isNode).flatMap((node) => visit(node, [], 1));
    return { type: "doc", content: inBlocks(content) };
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    context.say(`${error.message}: left out`);
    return null;
  }
}

class TooLarge extends Error {}

type Inside = (marks?: Mark[]) => DocNode[];

function mapNode(node: CtfNode, marks: Mark[], inside: Inside, context: RichTextContext): DocNode[] {
  const { nodeType, data = {} } = node;
  if (nodeType === "text") return mapText(node, marks, context);
  const block = Object.hasOwn(BLOCKS, nodeType) ? BLOCKS[nodeType] : undefined;
  if (block) return [holding(block, inside())];
  const level = /^heading-([1-6])$/.exec(nodeType)?.[1];
  if (level) return [{ type: "heading", attrs: { level: Number(level) }, content: inside() }];
  switch (nodeType) {
    case "hr":
      return [{ type: "horizontalRule" }];
    case "table-cell":
    case "table-header-cell": {
      const type = nodeType === "table-cell" ? "tableCell" : "tableHeader";
      const attrs = spansOf(data);
      return [{ ...holding(type, inside()), ...(Object.keys(attrs).length > 0 ? { attrs } : {}) }];
    }
    case "hyperlink":
      return inside(linkTo(data.uri, marks, context));
    case "entry-hyperlink": {
      const entry = targetOf(data.target, context.entryOf, "entry", context);
      return inside(entry ? withLink(marks, `entry:${entry}`) : marks);
    }
    case "asset-hyperlink": {
      const asset = targetOf(data.target, context.assetOf, "asset", context);
      return inside(asset ? withLink(marks, fileOf(asset)) : marks);
    }
    case "embedded-entry-block":
    case "embedded-entry-inline": {
      const entry = targetOf(data.target, context.entryOf, "entry", context);
      return entry ? [{ type: "entryEmbed", attrs: { entry } }] : [];
    }
    case "embedded-asset-block":
      return embedAsset(targetOf(data.target, context.assetOf, "asset", context));
    default:
      context.say(
        `has a node ${nodeType}${data.target ? ` (${data.target.sys?.id})` : ""}, which has no counterpart: its text is kept`,
      );
      return inside();
  }
}

function mapText({ value, marks: given = [] }: CtfNode, outer: Mark[], { say }: RichTextContext): DocNode[] {
  const own = given.flatMap(({ type }): Mark[] => {
    if (Object.hasOwn(MARKS, type)) return [{ type: MARKS[type]! }];
    say(`has text marked ${type}, which has no counterpart: the mark is left out`);
    return [];
  });
  const unique = [...new Map([...own, ...outer].map((mark) => [mark.type, mark])).values()];
  const lines = (value ?? "").replaceAll("\0", "").toWellFormed().split(/\r?\n/);
  return lines.flatMap((text, i): DocNode[] => [
    ...(i > 0 ? [{ type: "hardBreak" }] : []),
    ...(text === "" ? [] : [{ type: "text", text, ...(unique.length > 0 ? { marks: unique } : {}) }]),
  ]);
}

const INLINE = ["text", "hardBreak"];

/** Wraps text between blocks in paragraphs. */
function inBlocks(nodes: DocNode[]): DocNode[] {
  const out: DocNode[] = [];
  let open: DocNode | undefined;
  for (const node of nodes) {
    if (!INLINE.includes(node.type)) open = undefined;
    else if (open) open.content!.push(node);
    if (!INLINE.includes(node.type)) out.push(node);
    else if (!open) out.push((open = { type: "paragraph", content: [node] }));
  }
  return out.length > 0 ? out : [{ type: "paragraph" }];
}

function holding(type: string, content: DocNode[]): DocNode {
  if (type === "paragraph") return content.length > 0 ? { type, content } : { type };
  if (["listItem", "blockquote", "tableCell", "tableHeader"].includes(type))
    return { type, content: inBlocks(content) };
  return { type, content };
}

function spansOf({ colspan, rowspan }: NonNullable<CtfNode["data"]>): Record<string, number> {
  const isSpan = (value: unknown): value is number =>
    Number.isInteger(value) && Number(value) > 1 && Number(value) <= 1000;
  return { ...(isSpan(colspan) ? { colspan } : {}), ...(isSpan(rowspan) ? { rowspan } : {}) };
}

function linkTo(uri: string | undefined, marks: Mark[], { say }: RichTextContext): Mark[] {
  const href = (uri ?? "").trim();
  const scheme = /^([^/?#]*?):/.exec(href.replace(/[\p{C}\p{Z}]/gu, ""))?.[1]?.toLowerCase();
  const isSafe = scheme === undefined || ["http", "https", "mailto", "tel"].includes(scheme);
  if (isSafe && href.length <= MAX_URL && !href.includes("\0") && href.isWellFormed())
    return withLink(marks, href);
  say(`has a link to ${cutText(href, 100)}, which is not a web URL: its text is kept`);
  return marks;
}

const withLink = (marks: Mark[], href: string): Mark[] => [
  ...marks.filter(({ type }) => type !== "link"),
  { type: "link", attrs: { href } },
];

const fileOf = ({ id }: AssetTarget) => `/api/v3/assets/${id}/file`;

function embedAsset(asset: AssetTarget | undefined): DocNode[] {
  if (!asset) return [];
  if (!asset.isImage) {
    const text = asset.title || "File";
    return [{ type: "paragraph", content: [{ type: "text", text, marks: withLink([], fileOf(asset)) }] }];
  }
  const texts = {
    ...(asset.alt ? { alt: cutText(asset.alt, 2000) } : {}),
    ...(asset.title ? { title: cutText(asset.title, 2000) } : {}),
  };
  return [{ type: "image", attrs: { asset: asset.id, ...texts } }];
}

function targetOf<T>(
  target: Link | undefined,
  find: (id: string) => T | undefined,
  kind: string,
  { say }: RichTextContext,
): T | undefined {
  const id = target?.sys?.id;
  const found = id === undefined ? undefined : find(id);
  if (found === undefined)
    say(`points to the ${kind} ${id ?? "?"}, which the export does not have: left out`);
  return found;
}

const isNode = (value: unknown): value is CtfNode =>
  typeof value === "object" && value !== null && typeof (value as CtfNode).nodeType === "string";
