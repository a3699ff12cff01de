import { createHash } from "node:crypto";
import { countsOf, type ImportReport } from "../import/report.ts";
import { stableId } from "../import/stable-id.ts";
import { head, timeOf } from "./item-values.ts";
import type { WxrItem } from "./read-wxr.ts";

/** An item of the file under the id that it gets. */
export type Known = { item: WxrItem; type: string; sourceId: string; title: string; id: string };

/**
 * Every item once, with an id that the same item gets again. It follows from type and number; of
 * several items with one number all but the first, and those without, are known by their guid,
 * address or slug.
 */
export function identifyItems(items: WxrItem[], site: string, report: ImportReport): Known[] {
  const known: Known[] = [];
  const byNumber = new Map<string, Known>();
  const byLikeness = new Map<string, Known>();
  const sources = new Set<string>();
  for (const item of items) {
    const { type, id: number, title } = head(item);
    const group = JSON.stringify([type, number]);
    const likenesses = likenessesOf(item).map((one) => `${group}${one}`);
    const same = likenesses
      .map((one) => byLikeness.get(one))
      .find((one) => one && !contradicts(one.item, item));
    const say = (id: string, reason: string) => report.notes.push({ kind: kindOf(type), id, title, reason });
    if (same) {
      countsOf(report, kindOf(type)).seen++;
      countsOf(report, kindOf(type)).skipped++;
      say(same.sourceId, `is in the file twice: ${keepOne(same, item)}`);
      continue;
    }
    const first = number === "" ? undefined : byNumber.get(group);
    let sourceId = number === "" || first ? otherSource(item, number, first !== undefined) : number;
    while (sources.has(`${type}\n${sourceId}`))
      sourceId = `${sourceId}#${hashOf(contentOf(item)).slice(0, 16)}`;
    sources.add(`${type}\n${sourceId}`);
    if (first) say(sourceId, `has the same number ${number} as “${first.title}”: imported separately`);
    else if (number === "") say(sourceId, "has no number: identified by its guid, URL or slug");
    if (/\ufffd/.test(contentOf(item)))
      say(sourceId, "has bytes that are invalid in the file's encoding: replaced by \ufffd");
    const prefix = type === "attachment" ? "ast" : "cnt";
    const one = {
      item,
      type,
      sourceId,
      title,
      id: stableId(prefix, site, type, sourceId, timeOf(item) ?? 0),
    };
    known.push(one);
    if (number !== "" && !first) byNumber.set(group, one);
    for (const likeness of likenesses) byLikeness.set(likeness, one);
  }
  return known;
}

/** What the report calls items of a post type. */
export const kindOf = (type: string): string =>
  type === "attachment" ? "asset" : type === "nav_menu_item" ? "menu_item" : type;

/** By which two items of one type and number are the same: the guid, or all that a reader sees. */
function likenessesOf(item: WxrItem): string[] {
  const guid = item.fields["guid"]?.trim();
  return [...(guid ? [`guid ${guid}`] : []), `hash ${hashOf(contentOf(item))}`];
}

function contradicts(a: WxrItem, b: WxrItem): boolean {
  return ["guid", "link", "wp:post_name"].some((name) => {
    const [one, other] = [a.fields[name]?.trim(), b.fields[name]?.trim()];
    return one && other && one !== other;
  });
}

/** Keeps the last modified one, at its position in the file. */
function keepOne(kept: Known, item: WxrItem): string {
  if (JSON.stringify(kept.item) === JSON.stringify(item)) return "imported once";
  const modified = (one: WxrItem) => one.fields["wp:post_modified_gmt"] ?? "";
  if (modified(item) > modified(kept.item)) {
    kept.item = item;
    kept.title = head(item).title;
  }
  return "they differ, the one modified last is imported";
}

function contentOf({ fields }: WxrItem): string {
  const names = [
    "title",
    "guid",
    "link",
    "wp:post_name",
    "wp:post_date_gmt",
    "wp:post_date",
    "wp:attachment_url",
  ];
  return JSON.stringify([...names, "content:encoded", "excerpt:encoded"].map((name) => fields[name] ?? ""));
}

function otherSource(item: WxrItem, number: string, isTaken: boolean): string {
  const { fields } = item;
  const key =
    fields["guid"] || fields["link"] || fields["wp:post_name"] || hashOf(contentOf(item)).slice(0, 16);
  const short = key.trim().length > 500 ? hashOf(key) : key.trim();
  return isTaken ? `${number}#${short}` : short;
}

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
