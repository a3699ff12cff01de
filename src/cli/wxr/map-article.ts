import { cutText } from "../cut-text.ts";
import type { ImportReport } from "../import/report.ts";
import { slugOf, toSlug } from "../import/slug.ts";
import type { Known } from "./identify-items.ts";
import {
  decodeEntities,
  fit,
  isBadTime,
  isoOf,
  MAX_ELEMENTS,
  MAX_LONG_TEXT,
  numberOf,
  timeOf,
} from "./item-values.ts";
import { linkAssets } from "./link-assets.ts";
import type { Lookup } from "./look-up.ts";
import { mapComments } from "./map-comments.ts";
import type { Terms } from "./map-terms.ts";
import { metaOf, type Ref, type Say, type Step } from "./step.ts";
import type { UniqueSlugs } from "./unique-slugs.ts";

export type ArticlePlan = {
  site: string;
  authors: Map<string, string>;
  terms: Terms;
  lookup: Lookup;
  slugs: UniqueSlugs;
  /** Whether a page has a parent in the file. */
  parents: Map<Known, Known>;
  /** Pages whose parent would hang below them. */
  loops: Set<Known>;
  report: ImportReport;
};
const MAPPED_META = new Set([
  "_thumbnail_id",
  "_wp_page_template",
  "_wp_attached_file",
  "_wp_attachment_metadata",
  "_wp_attachment_image_alt",
]);

/** A post or a page with all its references; what cannot be imported is reported. */
export function mapArticle(one: Known, plan: ArticlePlan): Step {
  const { item, type, sourceId, title, id } = one;
  const { fields } = item;
  const say: Say = (reason) => plan.report.notes.push({ kind: type, id: sourceId, title, reason });
  const time = timeOf(item);
  for (const name of ["wp:post_date_gmt", "wp:post_date", "wp:post_modified_gmt"])
    if (isBadTime(fields[name])) say(`its ${name.slice(3)} "${fields[name]}" is not a date: left out`);
  const refs: Ref[] = [];
  const refer = (field: string, to: string | undefined, what: string) => {
    if (to !== undefined) refs.push({ field, id: to, what });
    return to ?? null;
  };
  const login = (fields["dc:creator"] ?? "").trim();
  const body = linkAssets(fields["content:encoded"] ?? "", plan.lookup, plan.site);
  for (const asset of body.ids) refer("body", asset, "an image of its text");
  const date = time === undefined ? null : new Date(time).toISOString();
  const wanted =
    slugOf(fields["wp:post_name"] ?? "", say) ||
    toSlug(title) ||
    `${type}-${cutText(toSlug(sourceId), 40) || id.slice(-8)}`;
  const values: Record<string, unknown> = {
    ...(date === null ? {} : { created_at: date }),
    title: fit(decodeEntities(title), 1000, "title", say),
    slug: plan.slugs.take(type, wanted, one, say),
    body: { html: body.html, autop: true },
    excerpt: fit(fields["excerpt:encoded"], MAX_LONG_TEXT, "excerpt", say),
    author: refer("author", plan.authors.get(login), `its author ${login}`),
    date,
    modified: isoOf(fields["wp:post_modified_gmt"]) ?? isoOf(fields["wp:post_modified"]) ?? null,
    featured_image: featuredImage(one, plan, refer, say),
    comment_status: fields["wp:comment_status"] || null,
    comments: mapComments(one, plan.report),
    password_protected: isProtected(one),
    source_status: cutText(fields["wp:status"] ?? "", 1000) || "draft",
    source_url: fit(fields["link"]?.trim(), 1000, "address", say),
    source_id: sourceId,
    meta: metaOf(item.meta.filter(({ key }) => !MAPPED_META.has(key) && !key.startsWith("_edit_"))),
    ...(type === "page" ? ofPage(one, plan, refer, say) : ofPost(one, plan, refs, say)),
  };
  const comments = (values["comments"] as object[] | null) ?? [];
  const holds = { kind: "comment", count: comments.length };
  return { kind: type, sourceId, title, id, fields: values, refs, holds, publishedAt: publishedAt(one, say) };
}

type Refer = (field: string, to: string | undefined, what: string) => string | null;

const isProtected = ({ item }: Known) => (item.fields["wp:post_password"] ?? "") !== "";

/** When it was published; undefined for a draft, which is reported. */
function publishedAt(one: Known, say: Say): string | undefined {
  const status = one.item.fields["wp:status"]?.trim() || "draft";
  const time = timeOf(one.item);
  if (isProtected(one)) say("password-protected: imported as a draft, without the password");
  else if (status === "future")
    say(
      `scheduled for ${time === undefined ? "an unknown time" : new Date(time).toISOString()}: imported as a draft`,
    );
  else if (status !== "publish") say(`is ${status} in WordPress: imported as a draft`);
  if (status !== "publish" || isProtected(one)) return undefined;
  const now = Date.now();
  if (time !== undefined && time > now) say("is dated in the future: published with today's date");
  return new Date(Math.min(time ?? now, now)).toISOString();
}

function featuredImage({ item }: Known, { lookup }: ArticlePlan, refer: Refer, say: Say): string | null {
  const given = item.meta.find((one) => one.key === "_thumbnail_id")?.value.trim() ?? "";
  const number = numberOf(given);
  const asset = lookup.asset(number);
  const what = `its featured image ${number || given}`;
  if (given !== "" && number !== "-1" && number !== "" && !asset)
    say(`${what} is not in the file: imported without it`);
  return refer("featured_image", asset, what);
}

function ofPage(one: Known, { parents, loops, lookup }: ArticlePlan, refer: Refer, say: Say) {
  const { item } = one;
  const number = numberOf(item.fields["wp:post_parent"]);
  const what = `its parent page ${number}`;
  const parent = loops.has(one) ? undefined : (parents.get(one)?.id ?? lookup.entry("page", number));
  if (loops.has(one)) say(`${what} is its own ancestor: imported without it`);
  else if (number !== "" && !parent) say(`${what} is not in the file: imported without it`);
  const template = item.meta.find(({ key }) => key === "_wp_page_template")?.value;
  const order = Number(item.fields["wp:menu_order"] ?? 0);
  return {
    parent: refer("parent", parent, what),
    menu_order: Number.isSafeInteger(order) ? order : 0,
    ...(template ? { template: fit(template, 1000, "template", say) } : {}),
  };
}

function ofPost({ item }: Known, { terms }: ArticlePlan, refs: Ref[], say: Say) {
  const idsOf = (field: string, kind: "category" | "tag") => {
    const all = terms.of(item, kind);
    if (all.length > MAX_ELEMENTS)
      say(`has ${all.length} ${field}: the first ${MAX_ELEMENTS} are imported, the limit of a list`);
    return all.slice(0, MAX_ELEMENTS).map(({ id, name }) => {
      refs.push({ field, id, what: `its ${kind} “${name}”` });
      return id;
    });
  };
  const format = item.terms.find((term) => term.taxonomy === "post_format");
  const others = item.terms.filter(
    ({ taxonomy }) => !["category", "post_tag", "tag", "post_format"].includes(taxonomy),
  );
  return {
    categories: idsOf("categories", "category"),
    tags: idsOf("tags", "tag"),
    sticky: item.fields["wp:is_sticky"]?.trim() === "1",
    ...(format ? { format: cutText(format.slug.replace(/^post-format-/, ""), 1000) } : {}),
    ...(others.length > 0 ? { other_terms: others } : {}),
  };
}
