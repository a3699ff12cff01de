import { NODES, ruleOf, type RichTextNode } from "./schema.ts";

/** Whether a name can be that of a custom node: it is none of those that every document may have. */
export const isCustomName = (name: string): boolean => ruleOf(NODES, name) === undefined;

/** The custom nodes of a document, with their paths in it. */
export function customNodes(
  node: RichTextNode,
  names: ReadonlySet<string>,
  path = "",
): { node: RichTextNode; path: string }[] {
  if (names.has(node.type)) return [{ node, path }];
  const at = path === "" ? "content" : `${path}.content`;
  return (node.content ?? []).flatMap((child, i) => customNodes(child, names, `${at}[${i}]`));
}

/** A document with other attributes in its custom nodes. */
export function withCustomAttrs<Node extends RichTextNode>(
  node: Node,
  names: ReadonlySet<string>,
  change: (node: RichTextNode, path: string) => unknown,
  path = "",
): Node {
  if (names.has(node.type)) return { ...node, attrs: change(node, path) };
  if (!node.content) return node;
  const at = path === "" ? "content" : `${path}.content`;
  return {
    ...node,
    content: node.content.map((child, i) => withCustomAttrs(child, names, change, `${at}[${i}]`)),
  };
}

/** A document without some custom nodes, which `note` is told of; what would be empty has an empty paragraph. */
export function withoutCustomNodes<Node extends RichTextNode>(
  node: Node,
  isGone: (name: string) => boolean,
  note: (name: string, path: string) => void,
  path = "",
): Node {
  if (!Array.isArray(node.content)) return node;
  const at = path === "" ? "content" : `${path}.content`;
  const kept = node.content.flatMap((child, i) => {
    const here = `${at}[${i}]`;
    if (!isGone(child.type)) return [withoutCustomNodes(child, isGone, note, here)];
    note(child.type, here);
    return [];
  });
  return {
    ...node,
    content: kept.length > 0 ? kept : node.content.length > 0 ? [{ type: "paragraph" }] : [],
  };
}
