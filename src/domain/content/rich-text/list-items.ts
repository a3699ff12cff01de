import type { HtmlAttributes } from "./html-attributes.ts";
import type { RichTextNode } from "./schema.ts";

/** A paragraph that is an item of a list, as Word writes it; `marker` is its bullet or number as text. */
export type ListParagraph = { level: number; list: string; marker: string; isCertain: boolean };
type Kind = { type: "bulletList" | "orderedList"; attrs?: Record<string, unknown> };
type Item = { level: number; list: string; kind: Kind; content: RichTextNode[] };

const MAX_LEVEL = 9;
const LISTS = ["bulletList", "orderedList"];
/** A bullet or a number in front of a text, and the blanks behind it that no writer types. */
const MARKER =
  /^[\s\u00a0]*([·•▪‣◦○■□●➢➤§oØüv–—*-]|[([]?(?:\d{1,4}\.){0,8}(?:\d{1,6}|[a-z]{1,2}|[ivxlcdm]{1,8})[.):\]])(?:[ \u00a0\t]*[\u00a0\t][\s\u00a0]*|$)/iu;

export const isList = (node: RichTextNode): boolean => LISTS.includes(node.type);

/** What the style and class of a paragraph say of its place in a list; undefined for all others. */
export function listParagraph(
  html: HtmlAttributes,
  styles: ReadonlyMap<string, string>,
): ListParagraph | undefined {
  const given = /^(l\d+)\s+level(\d{1,2})\s*(\S*)/.exec(styles.get("mso-list") ?? "");
  if (given)
    return {
      level: levelOf(given[2])!,
      list: `${given[1]} ${given[3]}`,
      marker: "",
      isCertain: true,
    };
  const named = /(?:^|\s)MsoList(Paragraph|Bullet|Number)(?:CxSp\w+|(\d))?(?:\s|$)/.exec(html["class"] ?? "");
  if (!named || styles.has("mso-list")) return undefined;
  const marker = { Paragraph: "", Bullet: "•", Number: "1." }[named[1]!]!;
  return { level: levelOf(named[2] ?? "1")!, list: named[1]!, marker, isCertain: marker !== "" };
}

export function levelOf(text: string | undefined): number | undefined {
  const level = /^\d{1,2}$/.test(text ?? "") ? Number(text) : 0;
  return level > 0 ? Math.min(level, MAX_LEVEL) : undefined;
}

/** Removes the marker from the text if it is there; false when it is not an item after all. */
export function readMarker(paragraph: RichTextNode, item: ListParagraph): boolean {
  const [first, second] = paragraph.content ?? [];
  const found = first?.type === "text" && item.marker.trim() === "" ? MARKER.exec(first.text!) : null;
  if (!found) return item.isCertain;
  item.marker = found[1]!;
  first!.text = first!.text!.slice(found[0].length);
  if (first!.text !== "") return true;
  paragraph.content!.shift();
  if (second?.type === "text") second.text = second.text!.replace(/^[\s\u00a0]+/, "");
  return true;
}

/** The list of a paragraph with that marker. */
export const itemOf = ({ level, list, marker }: ListParagraph, content: RichTextNode[]): Item => ({
  level,
  list,
  kind: kindOf(marker),
  content,
});

function kindOf(marker: string): Kind {
  const text = /^[([]?(?:\d{1,4}\.){0,8}(\d{1,6}|[a-z]{1,8})[.):\]、]/iu.exec(marker.trim())?.[1];
  if (text === undefined)
    return {
      type: /^[一二三四五六七八九十]{1,4}[、．.]/u.test(marker.trim()) ? "orderedList" : "bulletList",
    };
  if (/^\d/.test(text))
    return { type: "orderedList", ...(Number(text) > 1 ? { attrs: { start: Number(text) } } : {}) };
  const isRoman = /^(?:i|[ivxlcdm]{2,})$/i.test(text);
  const letter = isRoman ? "i" : "a";
  return {
    type: "orderedList",
    attrs: { type: text === text.toLowerCase() ? letter : letter.toUpperCase() },
  };
}

/** Consecutive items as nested lists; a skipped level is filled in. */
export function nestItems(items: Item[]): RichTextNode[] {
  const out: RichTextNode[] = [];
  const open: { level: number; key: string; list: RichTextNode }[] = [];
  for (const { level, list, kind, content } of items) {
    const key = `${list} ${kind.type} ${String(kind.attrs?.["type"] ?? "")}`;
    while (open.length > 1 && open.at(-1)!.level > level) open.pop();
    let top = open.at(-1);
    if (top && top.level >= level && top.key !== key) {
      open.pop();
      top = undefined;
    }
    if (!top || top.level < level) {
      const node: RichTextNode = {
        type: kind.type,
        ...(kind.attrs ? { attrs: kind.attrs } : {}),
        content: [],
      };
      (open.at(-1)?.list.content!.at(-1)!.content ?? out).push(node);
      open.push((top = { level, key, list: node }));
    }
    top.level = level;
    top.list.content!.push({ type: "listItem", content });
  }
  return out;
}

/**
 * Adjacent lists whose items have levels (`aria-level`), as nested lists; unchanged when they are nested
 * already or have no levels.
 */
export function nestLevels(lists: RichTextNode[], levels: ReadonlyMap<RichTextNode, number>): RichTextNode[] {
  const items: Item[] = [];
  let isNested = true;
  const read = (list: RichTextNode, depth: number): boolean =>
    list.content!.every((item) => {
      const level = levels.get(item);
      if (level === undefined) return false;
      if (level !== depth) isNested = false;
      const own = item.content!.findIndex(isList);
      const [content, rest] =
        own === -1 ? [item.content!, []] : [item.content!.slice(0, own), item.content!.slice(own)];
      const kind = { type: list.type, attrs: list.attrs } as Kind;
      items.push({ level, list: "", kind, content });
      return rest.every((inner) => isList(inner) && read(inner, depth + 1));
    });
  return lists.every((list) => read(list, 1)) && !isNested ? nestItems(items) : lists;
}

/** A list without items that only contain a list: that is moved to the previous item, or comes first. */
export function withoutBareItems(list: RichTextNode, bare: ReadonlySet<RichTextNode>): RichTextNode[] {
  const items: RichTextNode[] = [];
  const before: RichTextNode[] = [];
  for (const item of list.content!) {
    const lists = bare.has(item) ? item.content!.findIndex((node) => !isList(node)) : 0;
    const inner = lists === 0 ? [] : item.content!.splice(0, lists === -1 ? Infinity : lists);
    for (const one of inner) (items.at(-1)?.content ?? before).push(one);
    if (item.content!.length > 0) items.push(item);
  }
  const last = before.at(-1);
  if (last?.type === list.type && items.length > 0) items.unshift(...before.pop()!.content!);
  list.content = items;
  return items.length > 0 ? [...before, list] : before;
}
