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
