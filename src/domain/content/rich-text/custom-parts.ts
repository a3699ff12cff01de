import { sortedText } from "../../../core/same-value.ts";
import { MARKS, NODES, ruleOf, type RichTextMark, type RichTextNode } from "./schema.ts";

/** The names of a field's own blocks, and of its own marks. */
export type CustomNames = { nodes: ReadonlySet<string>; marks: ReadonlySet<string> };
/** A block or a mark of a field's own, and its path in the document. */
export type CustomPart = { part: RichTextNode | RichTextMark; kind: keyof CustomNames; path: string };
/** What a mark is on, and the node before that in the same parent. */
export type MarkedNode = { on?: RichTextNode; behind?: RichTextNode | undefined };

export const NO_NAMES: CustomNames = { nodes: new Set(), marks: new Set() };

/** Whether a name can be that of a custom block or mark: it is none of those that every document may have. */
export const isCustomName = (name: string, kind: keyof CustomNames): boolean =>
  ruleOf<unknown>(kind === "nodes" ? NODES : MARKS, name) === undefined;

/** The custom blocks and marks of a document, with their paths in it. */
export function customParts(
  node: RichTextNode,
  names: CustomNames,
  path = "",
  behind?: RichTextNode,
): (CustomPart & MarkedNode)[] {
  if (names.nodes.has(node.type)) return [{ part: node, kind: "nodes", path }];
  const found: (CustomPart & MarkedNode)[] = [];
  node.marks?.forEach((mark, i) => {
    if (names.marks.has(mark.type))
      found.push({ part: mark, kind: "marks", path: at(path, `marks[${i}]`), on: node, behind });
  });
  node.content?.forEach((child, i) => {
    found.push(...customParts(child, names, at(path, `content[${i}]`), node.content![i - 1]));
  });
  return found;
}

/** A document with other attributes in its custom blocks and marks. */
export function withCustomAttrs<Node extends RichTextNode>(
  node: Node,
  names: CustomNames,
  change: (part: CustomPart) => unknown,
  path = "",
): Node {
  if (names.nodes.has(node.type)) return { ...node, attrs: change({ part: node, kind: "nodes", path }) };
  const marks = node.marks?.map((mark, i) =>
    names.marks.has(mark.type)
      ? { ...mark, attrs: change({ part: mark, kind: "marks", path: at(path, `marks[${i}]`) }) }
      : mark,
  );
  const content = node.content?.map((child, i) =>
    withCustomAttrs(child, names, change, at(path, `content[${i}]`)),
  );
  return { ...node, ...(marks ? { marks } : {}), ...(content ? { content } : {}) };
}

type IsGone = (name: string, kind: keyof CustomNames) => boolean;
type Note = (name: string, path: string) => void;

/**
 * A document without some custom blocks and marks, which `note` is told of; what would be empty has an
 * empty paragraph, and text stays without its marks.
 */
export function withoutCustomParts<Node extends RichTextNode>(
  node: Node,
  isGone: IsGone,
  note: Note,
  path = "",
): Node {
  const marks = Array.isArray(node.marks) ? keptMarks(node.marks, isGone, note, path) : undefined;
  const own = marks && marks.length < node.marks!.length ? withMarks(node, marks) : node;
  if (!Array.isArray(node.content)) return own;
  const kept = node.content.flatMap((child, i) => {
    const here = at(path, `content[${i}]`);
    if (!isGone(child.type, "nodes")) return [withoutCustomParts(child, isGone, note, here)];
    note(child.type, here);
    return [];
  });
  return {
    ...own,
    content: kept.length > 0 ? kept : node.content.length > 0 ? [{ type: "paragraph" }] : [],
  };
}

function withMarks<Node extends RichTextNode>(node: Node, marks: RichTextMark[]): Node {
  const { marks: _before, ...rest } = node;
  return { ...rest, ...(marks.length > 0 ? { marks } : {}) } as Node;
}

/** A document in which text with the same marks is one node, wherever it was split. */
export function withWholeTexts<Node extends RichTextNode>(node: Node): Node {
  const own = node.marks ? withMarks(node, node.marks) : node;
  if (!node.content) return own;
  const content: RichTextNode[] = [];
  let runs: string[] = [];
  let marks = "";
  const end = () => {
    if (runs.length > 1) content.push({ ...content.pop()!, text: runs.join("") });
    runs = [];
  };
  for (const child of node.content.map((one) => withWholeTexts(one))) {
    const here = sortedText([child.marks, child.attrs]);
    const isText = child.type === "text";
    if (!isText || here !== marks) end();
    if (!isText || runs.length === 0) content.push(child);
    if (isText) runs.push(child.text!);
    marks = here;
  }
  end();
  return { ...own, content };
}

const keptMarks = (marks: readonly RichTextMark[], isGone: IsGone, note: Note, path: string) =>
  marks.filter((mark, i) => {
    const isLost = isGone(mark?.type, "marks");
    if (isLost) note(mark.type, at(path, `marks[${i}]`));
    return !isLost;
  });

const at = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
