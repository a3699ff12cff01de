import { head } from "./item-values.ts";
import type { Step } from "./map-wxr.ts";
import type { WxrFile, WxrItem } from "./read-wxr.ts";
import { countsOf, type ImportReport } from "../import/report.ts";
import { slugOf } from "../import/slug.ts";
import { stableId } from "../import/stable-id.ts";

type KnownItems = ReadonlyMap<string, { id: string; type: string }>;

/** Each menu as one entry that holds its items as a tree. */
export function mapMenus(
  menus: Map<string, WxrItem[]>,
  wxr: WxrFile,
  site: string,
  known: KnownItems,
  report: ImportReport,
): Step[] {
  return [...menus].map(([slug, items]) => {
    const name =
      wxr.terms.find((term) => term["wp:term_slug"] === slug)?.["wp:term_name"] ??
      items[0]?.terms.find((term) => term.taxonomy === "nav_menu")?.name ??
      (slug || "Menu");
    const metaOf = (item: WxrItem, key: string) =>
      item.meta.find((one) => one.key === `_menu_item_${key}`)?.value ?? "";
    const under = (parent: string): object[] =>
      items
        .filter((item) => metaOf(item, "menu_item_parent") === parent)
        .sort((a, b) => Number(a.fields["wp:menu_order"]) - Number(b.fields["wp:menu_order"]))
        .map((item) => {
          countsOf(report, "menu_item").created++;
          const target = known.get(metaOf(item, "object_id"));
          const { id, title } = head(item);
          return {
            source_id: id,
            label: title || null,
            url: metaOf(item, "url") || null,
            kind: metaOf(item, "object") || metaOf(item, "type"),
            entry: target?.id.startsWith("cnt_") ? target.id : null,
            children: under(id),
          };
        });
    const tree = under("0");
    const counts = countsOf(report, "menu_item");
    counts.seen += items.length;
    const placed = JSON.stringify(tree).split('"source_id":').length - 1;
    for (const item of items) {
      if (JSON.stringify(tree).includes(`"source_id":"${head(item).id}"`)) continue;
      counts.skipped++;
      report.notes.push({
        kind: "menu_item",
        id: head(item).id,
        title: head(item).title,
        reason: "hangs below an item that is not in the menu: left out",
      });
    }
    const note = (reason: string) => report.notes.push({ kind: "menu", id: slug, title: name, reason });
    const fields = { name, slug: slugOf(slug, note) || "menu", items: tree };
    return {
      wave: 200,
      kind: "menu",
      sourceId: slug,
      title: `${name} (${placed} items)`,
      id: stableId("cnt", site, "menu", slug, 0),
      fields,
      publishedAt: new Date(0).toISOString(),
    };
  });
}
