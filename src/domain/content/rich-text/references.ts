import type { RichTextNode } from "./schema.ts";

/** The entries and assets a document refers to, in order, each once. */
export function collectReferences(doc: RichTextNode): { kind: "entry" | "asset"; id: string }[] {
  const found = new Map<string, "entry" | "asset">();
  const open: RichTextNode[] = [doc];
  for (let node = open.pop(); node; node = open.pop()) {
    const { entry, asset } = node.attrs ?? {};
    if (node.type === "entryEmbed" && typeof entry === "string") found.set(entry, "entry");
    if (node.type === "image" && typeof asset === "string") found.set(asset, "asset");
    for (const mark of node.marks ?? []) {
      const href = mark.attrs?.["href"];
      if (typeof href === "string" && href.startsWith("entry:")) found.set(href.slice(6), "entry");
    }
    for (let i = (node.content?.length ?? 0) - 1; i >= 0; i--) open.push(node.content![i]!);
  }
  return [...found].map(([id, kind]) => ({ kind, id }));
}
