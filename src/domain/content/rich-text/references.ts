import type { RichTextNode } from "./schema.ts";

/** How a document refers to something. */
export type Use = { by: "link" | "embed" | "image"; id: string };

/** What a document refers to and how, in order, each once. */
export function usesOf(doc: RichTextNode): Use[] {
  const found = new Map<string, Use>();
  const add = (by: Use["by"], id: string) => found.set(`${by} ${id}`, { by, id });
  const open: RichTextNode[] = [doc];
  for (let node = open.pop(); node; node = open.pop()) {
    const { entry, asset } = node.attrs ?? {};
    if (node.type === "entryEmbed" && typeof entry === "string") add("embed", entry);
    if (node.type === "image" && typeof asset === "string") add("image", asset);
    for (const mark of node.marks ?? []) {
      const href = mark.attrs?.["href"];
      if (typeof href === "string" && href.startsWith("entry:")) add("link", href.slice(6));
    }
    for (let i = (node.content?.length ?? 0) - 1; i >= 0; i--) open.push(node.content![i]!);
  }
  return [...found.values()];
}

/** The entries and assets a document refers to, in order, each once. */
export function collectReferences(doc: RichTextNode): { kind: "entry" | "asset"; id: string }[] {
  const found = new Map(usesOf(doc).map(({ by, id }) => [id, by === "image" ? "asset" : "entry"] as const));
  return [...found].map(([id, kind]) => ({ kind, id }));
}
