import { MAX_DEPTH, type RichTextNode } from "./schema.ts";

/** A document as plain text: blocks apart by an empty line, list items by bullets, table cells by tabs. */
export function renderText(doc: RichTextNode | null | undefined): string {
  return blocks(doc, 0).join("\n\n");
}

function childrenOf(node: RichTextNode | null | undefined, depth: number): RichTextNode[] {
  if (!Array.isArray(node?.content) || depth > MAX_DEPTH) return [];
  return node.content.filter((child) => typeof child === "object" && child !== null);
}

function blocks(node: RichTextNode | null | undefined, depth: number): string[] {
  return childrenOf(node, depth)
    .map((child) => block(child, depth + 1))
    .filter((text) => text !== "");
}

function block(node: RichTextNode, depth: number): string {
  const items = () => childrenOf(node, depth).map((item) => indent(blocks(item, depth + 1).join("\n")));
  switch (node.type) {
    case "bulletList":
      return items()
        .map((item) => `• ${item}`)
        .join("\n");
    case "orderedList": {
      const start = Number.isInteger(node.attrs?.["start"]) ? (node.attrs!["start"] as number) : 1;
      return items()
        .map((item, i) => `${start + i}. ${item}`)
        .join("\n");
    }
    case "table":
      return childrenOf(node, depth)
        .map((row) =>
          childrenOf(row, depth + 1)
            .map((cell) => cellText(cell, depth + 2))
            .join("\t"),
        )
        .join("\n");
    case "horizontalRule":
      return "—";
    case "image":
      return textOf(node.attrs?.["alt"]);
    case "embed":
      return textOf(node.attrs?.["url"]);
    case "shortcode":
      return textOf(node.attrs?.["text"]);
    case "blockquote":
      return blocks(node, depth).join("\n\n");
    case "figure":
    case "definitionList":
    case "definitionDescription":
    case "listItem":
      return blocks(node, depth).join("\n");
    default:
      return inline(node, depth);
  }
}

function inline(node: RichTextNode, depth: number): string {
  return childrenOf(node, depth)
    .map((child) => {
      if (child.type === "text") return textOf(child.text);
      return child.type === "hardBreak" ? "\n" : child.type === "image" ? textOf(child.attrs?.["alt"]) : "";
    })
    .join("");
}

const cellText = (cell: RichTextNode, depth: number) =>
  blocks(cell, depth)
    .join(" ")
    .replace(/[\t\n]+/g, " ");
const textOf = (value: unknown) => (typeof value === "string" ? value : "");
const indent = (text: string) => text.replaceAll("\n", "\n  ");
