import {
  isList,
  itemOf,
  nestItems,
  nestLevels,
  readMarker,
  withoutBareItems,
  type ListParagraph,
} from "./list-items.ts";
import {
  FIGURE_BODIES,
  holdsInline,
  isSafeUrl,
  MAX_URL_LENGTH,
  mayHold,
  type RichTextNode,
} from "./schema.ts";
import { readShortcode } from "./wordpress-shortcodes.ts";

type Nodes = Set<RichTextNode>;

/** What the builder knows of nodes and a document does not say. */
export type Remembered = {
  /** Breaks made of newlines. */
  softBreaks: Nodes;
  /** The nodes next to a table: its caption, and blocks that were in the caption. */
  captions: Map<RichTextNode, RichTextNode>;
  /** Items that nobody wrote, or that show no bullet. */
  bare: Nodes;
  /** Paragraphs that are items of a list. */
  listParagraphs: Map<RichTextNode, ListParagraph>;
  /** Items that say their level. */
  levels: Map<RichTextNode, number>;
};

const NEEDS_PARAGRAPH = ["doc", "listItem", "tableCell", "tableHeader", "definitionDescription"];
const TAKES_EMBEDS = ["doc", "blockquote", "figure"];
const ONLY_URL = /^https?:\/\/[^\s<>"]{4,}$/;

/**
 * Finishes what the builder made, in place: blanks at line ends and empty nodes go, a line that is
 * only a URL becomes an embed and one that is only a shortcode a shortcode, table captions and
 * figures get their final shape.
 */
export function tidyDocument(doc: RichTextNode, remembered: Remembered): void {
  const { softBreaks, captions, bare, levels, listParagraphs } = remembered;
  const tidied = (node: RichTextNode, parent: string): RichTextNode[] => {
    if (!node.content) return [node];
    if (node.type === "codeBlock") return node.content.length > 0 ? [node] : [];
    if (holdsInline(node.type)) {
      trim(node, softBreaks);
      if (node.content.length === 0) return node.type === "definitionTerm" ? [node] : [];
      return node.type === "paragraph" ? splitLines(node, parent, softBreaks) : [node];
    }
    node.content = childrenOf(node);
    if (node.type === "figure") return figure(node, parent);
    if (bare.has(node) && node.content.length === 0) return [];
    if (isList(node)) return withoutBareItems(node, bare);
    const kept = node.content.length > 0 || NEEDS_PARAGRAPH.includes(node.type) ? [node] : [];
    if (node.content.length === 0) node.content.push({ type: "paragraph" });
    const beside = captions.get(node)?.content!.flatMap((part) => tidied(part, "figure"));
    if (!beside) return kept;
    const parts = [...kept, ...beside];
    return parent === "figure" ? parts : figure({ type: "figure", content: parts }, parent);
  };
  /** The children of a node that holds blocks, paragraphs and lists that belong together as one list. */
  const childrenOf = (node: RichTextNode): RichTextNode[] => {
    const out: RichTextNode[] = [];
    let items: ReturnType<typeof itemOf>[] = [];
    let lists: RichTextNode[] = [];
    const flush = () => {
      if (items.length > 0) out.push(...nestItems(items));
      if (lists.length > 0) out.push(...nestLevels(lists, levels));
      items = [];
      lists = [];
    };
    for (const child of node.content!) {
      const item = mayHold(node.type, "bulletList") ? listParagraphs.get(child) : undefined;
      if (item && readMarker(child, item)) {
        const content = tidied(child, "listItem");
        if (lists.length > 0) flush();
        if (content.length > 0) items.push(itemOf(item, content));
        continue;
      }
      const done = tidied(child, node.type);
      if (items.length > 0 && done.length > 0) flush();
      for (const one of done) {
        if (levels.size > 0 && isList(one)) lists.push(one);
        else {
          if (lists.length > 0) flush();
          out.push(one);
        }
      }
    }
    flush();
    return out;
  };
  tidied(doc, "");
}

/** One image, embed or table with at most one caption stays a figure; anything else is taken apart. */
function figure(node: RichTextNode, parent: string): RichTextNode[] {
  const parts = node.content!.map((part) => {
    const only = part.type === "paragraph" && part.content?.length === 1 ? part.content[0]! : part;
    return only.type === "image" ? only : part;
  });
  const bodies = parts.filter((part) => part.type !== "figcaption");
  const isFigure = bodies.length === 1 && FIGURE_BODIES.includes(bodies[0]!.type) && parts.length <= 2;
  if (isFigure) return [{ ...node, content: parts }];
  return parts.flatMap((part) => {
    if (part.type === "figcaption") return [asParagraph(part)];
    if (part.type !== "image" || parent === "figure") return [part];
    const align = node.attrs?.["align"];
    const attrs = align && !part.attrs?.["align"] ? { ...part.attrs, align } : part.attrs;
    return [{ type: "paragraph", content: [{ ...part, attrs }] }];
  });
}

const asParagraph = (node: RichTextNode): RichTextNode => ({ ...node, type: "paragraph" });

/** Takes away blanks around breaks and at both ends, and soft breaks at both ends. */
function trim(node: RichTextNode, softBreaks: Nodes): void {
  const kept: RichTextNode[] = [];
  const trimEnd = () => {
    for (let last = kept.at(-1); last?.type === "text"; last = kept.at(-1)) {
      last.text = last.text!.replace(BLANK_END, "");
      if (last.text !== "") return;
      kept.pop();
    }
  };
  for (const child of node.content!) {
    if (child.type === "hardBreak") trimEnd();
    if (softBreaks.has(child) && (kept.length === 0 || kept.at(-1)!.type === "hardBreak")) continue;
    kept.push(child);
  }
  trimEnd();
  while (kept.length > 0 && softBreaks.has(kept.at(-1)!)) {
    kept.pop();
    trimEnd();
  }
  node.content = kept.every((child) => child.type === "hardBreak") ? [] : kept;
}

const BLANK_END = /(?<![ \t\n\r\f])[ \t\n\r\f]+$/;

/** A paragraph whose lines can be URLs or shortcodes on their own; only soft breaks end such a line. */
function splitLines(paragraph: RichTextNode, parent: string, softBreaks: Nodes): RichTextNode[] {
  const lines: RichTextNode[][] = [[]];
  for (const child of paragraph.content!) {
    if (softBreaks.has(child)) lines.push([]);
    else lines.at(-1)!.push(child);
  }
  const blocks = lines.map((line) => lineBlock(line, parent, lines.length === 1));
  if (!blocks.some(Boolean)) return [paragraph];
  const out: RichTextNode[] = [];
  let open: RichTextNode | undefined;
  lines.forEach((line, i) => {
    if (blocks[i]) {
      out.push(blocks[i]);
      open = undefined;
    } else if (open) open.content!.push({ type: "hardBreak" }, ...line);
    else if (line.length > 0) out.push((open = { ...paragraph, content: line }));
  });
  return out;
}

function lineBlock(line: RichTextNode[], parent: string, isWhole: boolean): RichTextNode | undefined {
  const [only] = line;
  if (line.length !== 1 || only!.type !== "text") return undefined;
  const text = only!.text!.trim();
  const isOwnLink =
    parent === "figure" && only!.marks?.length === 1 && only!.marks[0]!.attrs?.["href"] === text;
  if (only!.marks && !isOwnLink) return undefined;
  const isUrl = text.length <= MAX_URL_LENGTH && ONLY_URL.test(text) && isSafeUrl(text);
  if (isUrl && TAKES_EMBEDS.includes(parent)) return { type: "embed", attrs: { url: text } };
  const attrs = isWhole && parent !== "figure" ? readShortcode(text) : undefined;
  return attrs && { type: "shortcode", attrs };
}
