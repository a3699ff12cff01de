import type { RichTextDocument, RichTextMark, RichTextNode } from "./schema.ts";

/** Nodes that a field may do without; the others hold them together. */
export const LIMITED_NODES = [
  ...[
    "heading",
    "blockquote",
    "bulletList",
    "orderedList",
    "codeBlock",
    "horizontalRule",
    "hardBreak",
    "image",
  ],
  ...["table", "figure", "definitionList", "embed", "entryEmbed", "shortcode"],
] as const;
/** Where a link leads: to an entry, without a scheme, or by one. */
export const LINK_PROTOCOLS = ["http", "https", "mailto", "tel", "relative", "entry"] as const;

/** What of rich text a field takes; all of what is absent. */
export type RichTextLimits = {
  nodes?: readonly string[] | undefined;
  marks?: readonly string[] | undefined;
  headings?: readonly number[] | undefined;
  protocols?: readonly string[] | undefined;
};
type Issue = { path: string; message: string };

const isLimited = (type: string) => (LIMITED_NODES as readonly string[]).includes(type);
const levelOf = (node: RichTextNode) => node.attrs?.["level"] as number;

function allowsNode({ nodes, headings }: RichTextLimits, { type }: RichTextNode): boolean {
  if (type === "heading" && headings?.length === 0) return false;
  return nodes === undefined || !isLimited(type) || nodes.includes(type);
}

function protocolOf(href: unknown): string {
  const scheme = /^\s*([a-z]+):/i.exec(String(href))?.[1]?.toLowerCase();
  return scheme ?? "relative";
}

/** What is wrong with a mark; undefined for one that is allowed. */
function markProblem({ marks, protocols }: RichTextLimits, mark: RichTextMark): string | undefined {
  if (marks && !marks.includes(mark.type)) return `must be one of ${marks.join(", ") || "none"}`;
  const isLink = mark.type === "link" && protocols && !protocols.includes(protocolOf(mark.attrs?.["href"]));
  return isLink ? `must lead to one of ${protocols.join(", ")}` : undefined;
}

const MAX_ISSUES = 20;

/** What a valid document has that its field does not take. */
export function limitProblems(doc: RichTextDocument, limits: RichTextLimits): Issue[] {
  const issues: Issue[] = [];
  const visit = (node: RichTextNode, path: string): void => {
    if (issues.length >= MAX_ISSUES) return;
    const at = (name: string) => (path === "" ? name : `${path}.${name}`);
    const allowed = (limits.nodes ?? LIMITED_NODES).filter(
      (name) => name !== "heading" || limits.headings?.length !== 0,
    );
    if (!allowsNode(limits, node))
      issues.push({
        path: at("type"),
        message: `${node.type} is not allowed in this field: use paragraph, ${allowed.join(", ")}`,
      });
    else if (node.type === "heading" && limits.headings && !limits.headings.includes(levelOf(node)))
      issues.push({ path: at("attrs.level"), message: `must be one of ${limits.headings.join(", ")}` });
    node.marks?.forEach((mark, i) => {
      const message = markProblem(limits, mark);
      if (message) issues.push({ path: at(`marks[${i}]`), message });
    });
    node.content?.forEach((child, i) => visit(child, at(`content[${i}]`)));
  };
  visit(doc, "");
  return issues;
}

/** A valid document without what its field does not take: its text stays. `notes` says what went, and how often. */
export function reduceToLimits(
  doc: RichTextDocument,
  limits: RichTextLimits,
): { doc: RichTextDocument; notes: ReadonlyMap<string, number> } {
  const notes = new Map<string, number>();
  const note = (message: string) => notes.set(message, (notes.get(message) ?? 0) + 1);
  const content = doc.content && reduceAll(doc.content, { limits, note });
  return { doc: { ...doc, ...(content ? { content } : {}) }, notes };
}

type Reducer = { limits: RichTextLimits; note(message: string): void };

const reduceAll = (nodes: readonly RichTextNode[], reducer: Reducer): RichTextNode[] =>
  nodes.flatMap((node) => reduceNode(node, reducer));

function reduceNode(node: RichTextNode, reducer: Reducer): RichTextNode[] {
  const { limits, note } = reducer;
  const marks = node.marks?.filter((mark) => {
    const isAllowed = markProblem(limits, mark) === undefined;
    if (!isAllowed) note(`dropped the mark ${mark.type}`);
    return isAllowed;
  });
  const content = node.content && reduceAll(node.content, reducer);
  const reduced: RichTextNode = { ...node, ...(marks ? { marks } : {}), ...(content ? { content } : {}) };
  if (!allowsNode(limits, node)) {
    note(`unwrapped or dropped ${node.type}`);
    return inPlaceOf(reduced);
  }
  if (node.type === "figure" && !content?.some(({ type }) => type !== "figcaption")) return blocksOf(reduced);
  const { headings } = limits;
  if (node.type !== "heading" || !headings || headings.includes(levelOf(node))) return [reduced];
  const level = headings.toSorted((a, b) => Math.abs(a - levelOf(node)) - Math.abs(b - levelOf(node)))[0]!;
  note(`changed a heading of level ${levelOf(node)} to ${level}`);
  return [{ ...reduced, attrs: { ...node.attrs, level } }];
}

/** What stays of a node that is not allowed. */
function inPlaceOf(node: RichTextNode): RichTextNode[] {
  switch (node.type) {
    case "heading":
    case "codeBlock":
      return [paragraph(node.content)];
    case "hardBreak":
      return [{ type: "text", text: " " }];
    case "embed":
      return [paragraph([{ type: "text", text: String(node.attrs?.["url"]) }])];
    case "blockquote":
    case "bulletList":
    case "orderedList":
    case "table":
    case "figure":
    case "definitionList":
      return blocksOf(node);
    default:
      return [];
  }
}

/** The blocks inside a node, out of what holds them. */
function blocksOf(node: RichTextNode): RichTextNode[] {
  return (node.content ?? []).flatMap((child) => {
    if (child.type === "figcaption" || child.type === "definitionTerm") return [paragraph(child.content)];
    const isHolder = ["listItem", "tableRow", "tableCell", "tableHeader", "definitionDescription"].includes(
      child.type,
    );
    return isHolder ? blocksOf(child) : [child];
  });
}

const paragraph = (content: RichTextNode[] | undefined): RichTextNode => ({
  type: "paragraph",
  ...(content ? { content } : {}),
});
