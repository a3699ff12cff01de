import { cutText } from "../cut-text.ts";
import { countsOf, type ImportReport } from "../import/report.ts";
import { parentsOf } from "./hierarchy.ts";
import { identifyItems, type Known } from "./identify-items.ts";
import { numberOf } from "./item-values.ts";
import { lookUpIn } from "./look-up.ts";
import { mapArticle, type ArticlePlan } from "./map-article.ts";
import { mapAsset } from "./map-asset.ts";
import { mapAuthors } from "./map-authors.ts";
import { mapMenus } from "./map-menus.ts";
import { mapTerms } from "./map-terms.ts";
import type { WxrFile } from "./read-wxr.ts";
import type { Elsewhere, Step } from "./step.ts";
import { UniqueSlugs } from "./unique-slugs.ts";

/**
 * The plan of an import: what becomes of every author, term and item of the file. Nothing is left out
 * without a note.
 */
export function mapWxr(wxr: WxrFile, elsewhere: Elsewhere, report: ImportReport): Step[] {
  const site = wxr.baseUrl;
  const slugs = new UniqueSlugs();
  noteRepaired(wxr, report);
  const known = identifyItems(wxr.items, site, report);
  const authors = mapAuthors(wxr, report);
  const terms = mapTerms(wxr, slugs, elsewhere, report);
  const of = (type: string) => known.filter((one) => one.type === type);
  const assets = of("attachment").flatMap((one) => mapAsset(one, site, report) ?? []);
  const kept = new Set(assets.map(({ id }) => id));
  const addresses = new Map<string, string>();
  for (const { id, fields } of assets) {
    const url = fields["source_url"] as string;
    if (!addresses.has(url)) addresses.set(url, id);
  }
  const referable = known.filter(({ type, id }) => type !== "attachment" || kept.has(id));
  const lookup = lookUpIn(referable, terms, addresses, elsewhere);
  const pages = of("page");
  const byNumber = new Map(pages.toReversed().map((page) => [page.sourceId, page]));
  const { parents, broken } = parentsOf(pages, ({ item }) =>
    byNumber.get(numberOf(item.fields["wp:post_parent"])),
  );
  const plan: ArticlePlan = {
    site,
    authors: authors.ids,
    terms,
    lookup,
    slugs,
    parents,
    loops: broken,
    report,
  };
  return [
    ...authors.steps,
    ...terms.steps,
    ...assets,
    ...known.flatMap((one) => stepsOf(one, plan)),
    ...mapMenus(of("nav_menu_item"), wxr, lookup, slugs, report),
  ];
}

function stepsOf(one: Known, plan: ArticlePlan): Step[] {
  const { type, sourceId, title } = one;
  if (type === "post" || type === "page") return [mapArticle(one, plan)];
  if (type === "attachment" || type === "nav_menu_item") return [];
  const counts = countsOf(plan.report, type);
  counts.seen++;
  counts.skipped++;
  const reason = `the post type "${type}" has no counterpart in FlowCMS`;
  plan.report.notes.push({ kind: type, id: sourceId, title, reason });
  return [];
}

function noteRepaired({ repaired }: WxrFile, report: ImportReport): void {
  const note = (reason: string) => report.notes.push({ kind: "file", id: "", title: "", reason });
  if (repaired.forbidden > 0)
    note(`${repaired.forbidden} control characters, which XML does not allow, were removed`);
  if (repaired.before !== "")
    note(`the text before the document is ignored: ${cutText(repaired.before, 100)}`);
}
