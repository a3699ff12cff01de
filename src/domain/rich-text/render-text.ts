import type { RichTextNode } from "./schema.ts";

const MAX_DEPTH = 100;

/** A document as plain text: blocks apart by an empty line, list items by bullets, table cells by tabs. */
export function renderText(doc: RichTextNode | null | undefined): string {
  return doc ? blocks(doc.content, 0).join("\n\n") : "";
}

function blocks(nodes: RichTextNode[] | undefined, depth: number): string[] {
  if (!Array.isArray(nodes) || depth > MAX_DEPTH) return [];
  return nodes.map((node) => block(node, depth)).filter((text) => text !== "");
}

function block(node: RichTextNode, depth: number): string {
  switch (node.type) {
    case "bulletList":
      return (node.content ?? [])
        .map((item) => `• ${indent(blocks(item.content, depth + 1).join("\n"))}`)
        .join("\n");
    case "orderedList": {
      const start = Number(node.attrs?.["start"] ?? 1) || 1;
      return (node.content ?? [])
        .map((item, i) => `${start + i}. ${indent(blocks(item.content, depth + 1).join("\n"))}`)
        .join("\n");
    }
    case "table":
      return (node.content ?? [])
        .map((row) => (row.content ?? []).map((cell) => blocks(cell.content, depth + 1).join(" ")).join("\t"))
        .join("\n");
    case "horizontalRule":
      return "—";
    case "image":
      return String(node.attrs?.["alt"] ?? "");
    case "embed":
      return String(node.attrs?.["url"] ?? "");
    case "shortcode":
      return String(node.attrs?.["text"] ?? "");
    case "blockquote":
    case "figure":
    case "definitionList":
    case "definitionDescription":
    case "listItem":
      return blocks(node.content, depth + 1).join("\n");
    default:
      return inline(node.content, depth + 1);
  }
}

function inline(nodes: RichTextNode[] | undefined, depth: number): string {
  if (!Array.isArray(nodes) || depth > MAX_DEPTH) return "";
  return nodes
    .map((node) =>
      node.type === "text"
        ? (node.text ?? "")
        : node.type === "hardBreak"
          ? "\n"
          : String(node.attrs?.["alt"] ?? ""),
    )
    .join("");
}

const indent = (text: string) => text.replaceAll("\n", "\n  ");
