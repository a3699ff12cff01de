import { countsOf, type ImportReport } from "../import/report.ts";
import { slugOf } from "../import/slug.ts";
import { stableId } from "../import/stable-id.ts";
import { parentsOf } from "./hierarchy.ts";
import type { Known } from "./identify-items.ts";
import { decodeEntities, fit, numberOf } from "./item-values.ts";
import type { Lookup } from "./look-up.ts";
import type { WxrFile } from "./read-wxr.ts";
import { EPOCH, type Ref, type Say, type Step } from "./step.ts";
import { kindOfTaxonomy } from "./map-terms.ts";
import type { UniqueSlugs } from "./unique-slugs.ts";

type Node = { entry: string | null; children: Node[] };

/** Each menu as one entry that holds its items as a tree. */
export function mapMenus(
  items: Known[],
  wxr: WxrFile,
  lookup: Lookup,
  slugs: UniqueSlugs,
  report: ImportReport,
): Step[] {
  const menus = new Map<string, Known[]>();
  for (const one of items) {
    const of = one.item.terms.filter(({ taxonomy }) => taxonomy === "nav_menu").map(({ slug }) => slug);
    for (const slug of of.length > 0 ? of : [""]) menus.set(slug, [...(menus.get(slug) ?? []), one]);
  }
  return [...menus].map(([slug, own]) => {
    const name =
      wxr.terms.find(({ fields }) => fields["wp:term_slug"]?.trim() === slug && slug !== "")?.fields[
        "wp:term_name"
      ] ||
      own[0]!.item.terms.find((term) => term.taxonomy === "nav_menu")?.name ||
      slug ||
      "Menu";
    const id = stableId("cnt", wxr.baseUrl, "menu", slug, 0);
    const say: Say = (reason) => report.notes.push({ kind: "menu", id: slug, title: name, reason });
    const refs: Ref[] = [];
    const tree = treeOf(own, lookup, refs, report);
    const fields = {
      name: fit(decodeEntities(name), 1000, "name", say),
      slug: slugs.take("menu", slugOf(slug, say) || "menu", { sourceId: "", id }, say),
      items: tree,
    };
    const title = `${name} (${own.length} items)`;
    const holds = { kind: "menu_item", count: own.length };
    return { kind: "menu", sourceId: slug, title, id, fields, refs, holds, publishedAt: EPOCH };
  });
}

function treeOf(items: Known[], lookup: Lookup, refs: Ref[], report: ImportReport): Node[] {
  const byNumber = new Map<string, Known>();
  for (const one of items) if (!byNumber.has(one.sourceId)) byNumber.set(one.sourceId, one);
  const parentOf = (one: Known) => numberOf(menuMeta(one, "menu_item_parent"));
  const { parents, broken } = parentsOf(items, (one) => byNumber.get(parentOf(one)));
  const nodes = new Map<Known, Node>();
  const top: Node[] = [];
  const place = ({ item }: Known) => Number(item.fields["wp:menu_order"]) || 0;
  for (const one of items) {
    countsOf(report, "menu_item").seen++;
    const say: Say = (reason) =>
      report.notes.push({ kind: "menu_item", id: one.sourceId, title: one.title, reason });
    if (broken.has(one)) say("is its own ancestor: moved to the top level");
    else if (parentOf(one) !== "" && !parents.has(one))
      say(`is below the item ${parentOf(one)}, which is not in the menu: moved to the top level`);
    nodes.set(one, nodeOf(one, lookup, refs, say));
  }
  for (const one of [...items].sort((a, b) => place(a) - place(b))) {
    const parent = parents.get(one);
    (parent ? nodes.get(parent)!.children : top).push(nodes.get(one)!);
  }
  return top;
}

function nodeOf(one: Known, lookup: Lookup, refs: Ref[], say: Say): Node {
  const { sourceId, title } = one;
  const [object, number] = [menuMeta(one, "object"), numberOf(menuMeta(one, "object_id"))];
  const type = menuMeta(one, "type");
  const isCustom = type === "custom" || object === "custom" || (object === "" && menuMeta(one, "url") !== "");
  const kind = kindOfTaxonomy(object) ?? (type === "taxonomy" ? undefined : object);
  const id = isCustom || kind === undefined ? undefined : lookup.entry(kind, number);
  const what = `its target, the ${object || "entry"} ${number || "without a number"}`;
  if (id) refs.push({ field: "items", id, what });
  else if (!isCustom) say(`${what}, is not in the file: imported without it`);
  const node = {
    source_id: sourceId,
    label: decodeEntities(title) || null,
    url: menuMeta(one, "url") || null,
    kind: object || type,
    entry: id ?? null,
    children: [],
  };
  return node;
}

const menuMeta = ({ item }: Known, key: string) =>
  item.meta.find((one) => one.key === `_menu_item_${key}`)?.value.trim() ?? "";
