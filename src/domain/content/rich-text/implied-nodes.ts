import { isInline, mayHold } from "./schema.ts";

/** What a node needs around it, from the outside in, where its parent cannot hold it. */
const AROUND: Record<string, string[]> = {
  listItem: ["bulletList"],
  tableRow: ["table"],
  tableHeader: ["table", "tableRow"],
  tableCell: ["table", "tableRow"],
  definitionTerm: ["definitionList"],
  definitionDescription: ["definitionList"],
};
/** What a parent opens to take in something that it cannot hold itself. */
const INSIDE: Record<string, string> = {
  bulletList: "listItem",
  orderedList: "listItem",
  table: "tableRow",
  tableRow: "tableCell",
  definitionList: "definitionDescription",
};

/**
 * The nodes to open between a parent and a child, from the outside in: `[]` when it can hold the
 * child, undefined when nothing makes it fit. A figure takes any block here; one that ends up with
 * the wrong ones is taken apart later.
 */
export function implied(parent: string, child: string): string[] | undefined {
  const between: string[] = [];
  for (let at = parent; between.length < 6;) {
    if (holdsWhileBuilding(at, child)) return between;
    const around = isInline(child) ? ["paragraph"] : (AROUND[child] ?? []);
    const next =
      at === "figure" && isInline(child)
        ? "figcaption"
        : (around.findLast((type) => type !== at && holdsWhileBuilding(at, type)) ?? INSIDE[at]);
    if (next === undefined) return undefined;
    between.push(next);
    at = next;
  }
  return undefined;
}

function holdsWhileBuilding(parent: string, child: string): boolean {
  if (parent === "figure") return mayHold("figure", child) || mayHold("doc", child);
  // An image is allowed next to paragraphs, but that would separate it from its text.
  return mayHold(parent, child) && !(child === "image" && mayHold(parent, "paragraph"));
}
