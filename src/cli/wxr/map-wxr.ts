import { decodeEntities, head, isoOf, timeOf } from "./item-values.ts";
import { mapMenus } from "./map-menus.ts";
import { countsOf, type ImportReport } from "../import/report.ts";
import { slugOf, toSlug } from "../import/slug.ts";
import { stableId } from "../import/stable-id.ts";
import type { WxrFile, WxrItem } from "./read-wxr.ts";

/** One thing to write. Steps of a later wave may refer to those of an earlier one. */
export type Step = {
  wave: number;
  kind: string;
  sourceId: string;
  title: string;
  id: string;
  fields: Record<string, unknown>;
  /** When WordPress published it; undefined for what stays a draft. */
  publishedAt?: string | undefined;
};

const MAPPED_META = new Set([
  "_thumbnail_id",
  "_wp_page_template",
  "_wp_attached_file",
  "_wp_attachment_metadata",
  "_wp_attachment_image_alt",
]);
type Ids = {
  authors: Map<string, string>;
  categories: Map<string, string>;
  tags: Map<string, string>;
  items: Map<string, { id: string; type: string }>;
  assets: Map<string, string>;
};

/** The plan of an import: what becomes of every author, term and item of the file. Nothing is left out without a note. */
export function mapWxr(wxr: WxrFile, report: ImportReport): Step[] {
  const site = wxr.baseUrl;
  const ids: Ids = {
    authors: new Map(),
    categories: new Map(),
    tags: new Map(),
    items: new Map(),
    assets: new Map(),
  };
  const steps: Step[] = [...mapAuthors(wxr, site, ids), ...mapTerms(wxr, site, ids, report)];
  for (const item of wxr.items) {
    const { type, id } = head(item);
    const kind = type === "attachment" ? "asset" : type;
    const stable = stableId(kind === "asset" ? "ast" : "cnt", site, type, id, timeOf(item) ?? 0);
    ids.items.set(id, { id: stable, type });
    if (type === "attachment") ids.assets.set(item.fields["wp:attachment_url"] ?? "", stable);
  }
  const slugs = new Map<string, Set<string>>();
  const menus = new Map<string, WxrItem[]>();
  for (const item of wxr.items) {
    const { type } = head(item);
    if (type === "attachment") steps.push(mapAsset(item, ids));
    else if (type === "post" || type === "page") steps.push(mapArticle(item, wxr, ids, slugs, report));
    else if (type === "nav_menu_item") {
      const menu = item.terms.find((term) => term.taxonomy === "nav_menu")?.slug ?? "";
      menus.set(menu, [...(menus.get(menu) ?? []), item]);
    } else skip(report, item, `the post type "${type}" has no counterpart here`);
  }
  steps.push(...mapMenus(menus, wxr, site, ids.items, report));
  return steps;
}

function mapAuthors(wxr: WxrFile, site: string, ids: Ids): Step[] {
  const known = new Set(wxr.authors.map((author) => author["wp:author_login"]!));
  const unlisted = [...new Set(wxr.items.map((item) => item.fields["dc:creator"] ?? ""))].filter(
    (login) => login !== "" && !known.has(login),
  );
  const all = [
    ...wxr.authors,
    ...unlisted.map((login): Record<string, string> => ({ "wp:author_login": login })),
  ];
  return all.map((author) => {
    const login = author["wp:author_login"]!;
    const id = stableId("cnt", site, "author", login, 0);
    ids.authors.set(login, id);
    const fields = {
      name: author["wp:author_display_name"] || login,
      login,
      first_name: author["wp:author_first_name"] || null,
      last_name: author["wp:author_last_name"] || null,
    };
    return { wave: 0, kind: "author", sourceId: login, title: login, id, fields, publishedAt: EPOCH };
  });
}

/** Things without a date of their own are published as of the beginning of time. */
const EPOCH = "1970-01-01T00:00:00.000Z";

function mapTerms(wxr: WxrFile, site: string, ids: Ids, report: ImportReport): Step[] {
  const steps: Step[] = [];
  const add = (
    kind: "category" | "tag",
    slug: string,
    name: string,
    more: Record<string, unknown>,
    wave: number,
    sourceId: string,
  ) => {
    const id = stableId("cnt", site, kind, slug, 0);
    const note = (reason: string) => report.notes.push({ kind, id: sourceId, title: name, reason });
    (kind === "category" ? ids.categories : ids.tags).set(slug, id);
    steps.push({
      wave,
      kind,
      sourceId,
      title: name,
      id,
      fields: {
        name: name || slug,
        slug: slugOf(slug, note) || `${kind}-${sourceId}`,
        source_id: sourceId,
        ...more,
      },
      publishedAt: EPOCH,
    });
  };
  const parents = new Map(
    wxr.categories.map((one) => [one["wp:category_nicename"]!, one["wp:category_parent"] ?? ""]),
  );
  const depthOf = (slug: string, seen = 0): number =>
    parents.get(slug) && seen < 20 ? 1 + depthOf(parents.get(slug)!, seen + 1) : 0;
  for (const one of wxr.categories) {
    const slug = one["wp:category_nicename"]!;
    const parent = parents.get(slug);
    const hasParent = parent !== undefined && parent !== "" && parents.has(parent);
    if (parent && !hasParent)
      report.notes.push({
        kind: "category",
        id: one["wp:term_id"] ?? slug,
        title: slug,
        reason: `its parent "${parent}" is not in the file`,
      });
    const more = {
      description: one["wp:category_description"] || null,
      parent: hasParent ? stableId("cnt", site, "category", parent, 0) : null,
    };
    add("category", slug, one["wp:cat_name"] ?? slug, more, depthOf(slug), one["wp:term_id"] ?? slug);
  }
  for (const one of wxr.tags) {
    const slug = one["wp:tag_slug"]!;
    add(
      "tag",
      slug,
      one["wp:tag_name"] ?? slug,
      { description: one["wp:tag_description"] || null },
      0,
      one["wp:term_id"] ?? slug,
    );
  }
  for (const { taxonomy, slug, name } of wxr.items.flatMap((item) => item.terms)) {
    if (taxonomy === "category" && !ids.categories.has(slug))
      add("category", slug, name, { parent: null }, 0, slug);
    if (taxonomy === "post_tag" && !ids.tags.has(slug)) add("tag", slug, name, {}, 0, slug);
  }
  return steps;
}

function mapAsset(item: WxrItem, ids: Ids): Step {
  const { id, title } = head(item);
  const alt = item.meta.find((one) => one.key === "_wp_attachment_image_alt")?.value;
  const created = timeOf(item);
  const fields = {
    source_url: item.fields["wp:attachment_url"] || item.fields["guid"] || "",
    title: title || null,
    alt: alt || null,
    caption: item.fields["excerpt:encoded"] || null,
    description: item.fields["content:encoded"] || null,
    ...(created === undefined ? {} : { created_at: new Date(created).toISOString() }),
  };
  return { wave: 0, kind: "asset", sourceId: id, title, id: ids.items.get(id)!.id, fields };
}

function mapArticle(
  item: WxrItem,
  wxr: WxrFile,
  ids: Ids,
  slugs: Map<string, Set<string>>,
  report: ImportReport,
): Step {
  const { id, type, title } = head(item);
  const note = (reason: string) => report.notes.push({ kind: type, id, title, reason });
  const { fields } = item;
  const time = timeOf(item);
  const status = fields["wp:status"] ?? "draft";
  const isProtected = (fields["wp:post_password"] ?? "") !== "";
  if (isProtected) note("password-protected: kept as a draft, the password is not imported");
  else if (status === "future")
    note(
      `scheduled for ${time === undefined ? "an unknown time" : new Date(time).toISOString()}: kept as a draft`,
    );
  else if (status !== "publish") note(`is ${status} in WordPress: kept as a draft`);
  const isPublished = status === "publish" && !isProtected;
  if (isPublished && time !== undefined && time > Date.now())
    note("is dated in the future: published with today's date");
  const author = ids.authors.get(fields["dc:creator"] ?? "");
  const thumbnail = item.meta.find((one) => one.key === "_thumbnail_id")?.value;
  const featured = thumbnail === undefined ? undefined : ids.items.get(thumbnail);
  if (thumbnail !== undefined && featured?.type !== "attachment")
    note(`its featured image ${thumbnail} is not in the file`);
  const created = time === undefined ? {} : { created_at: new Date(time).toISOString() };
  const values: Record<string, unknown> = {
    ...created,
    title: decodeEntities(title).slice(0, 1000) || null,
    slug: uniqueSlug(item, type, slugs, note),
    body: { html: linkAssets(fields["content:encoded"] ?? "", ids.assets), autop: true },
    excerpt: fields["excerpt:encoded"] || null,
    author: author ?? null,
    date: time === undefined ? null : new Date(time).toISOString(),
    featured_image: featured?.type === "attachment" ? featured.id : null,
    comment_status: fields["wp:comment_status"] || null,
    comments: mapComments(item, report),
    password_protected: isProtected,
    source_status: status,
    source_url: fields["link"]?.slice(0, 1000) || null,
    source_id: id,
    meta: mapMeta(item),
  };
  let wave = 50;
  if (type === "page") {
    const parent = ids.items.get(fields["wp:post_parent"] ?? "");
    if (parent?.type === "page") {
      values["parent"] = parent.id;
      wave = 50 + depthOf(wxr, id);
    }
    values["menu_order"] = Number(fields["wp:menu_order"] ?? 0) || 0;
    const template = item.meta.find((one) => one.key === "_wp_page_template")?.value;
    if (template) values["template"] = template;
  } else {
    const of = (taxonomy: string, known: Map<string, string>) => [
      ...new Set(
        item.terms.filter((term) => term.taxonomy === taxonomy).map((term) => known.get(term.slug)!),
      ),
    ];
    values["categories"] = of("category", ids.categories);
    values["tags"] = of("post_tag", ids.tags);
    values["sticky"] = fields["wp:is_sticky"] === "1";
    const format = item.terms.find((term) => term.taxonomy === "post_format");
    if (format) values["format"] = format.slug.replace(/^post-format-/, "");
    const others = item.terms.filter(
      (term) => !["category", "post_tag", "post_format"].includes(term.taxonomy),
    );
    if (others.length > 0) values["other_terms"] = others;
  }
  return {
    wave,
    kind: type,
    sourceId: id,
    title,
    id: ids.items.get(id)!.id,
    fields: values,
    publishedAt: isPublished ? new Date(Math.min(time ?? Date.now(), Date.now())).toISOString() : undefined,
  };
}

function depthOf(wxr: WxrFile, id: string): number {
  const parentOf = new Map(
    wxr.items.map((item) => [item.fields["wp:post_id"]!, item.fields["wp:post_parent"] ?? "0"]),
  );
  let depth = 0;
  for (let at = parentOf.get(id); at !== undefined && at !== "0" && depth < 50; at = parentOf.get(at))
    depth++;
  return depth;
}

function mapComments(item: WxrItem, report: ImportReport): object[] | null {
  const { id, title } = head(item);
  const counts = countsOf(report, "comment");
  const kept: object[] = [];
  for (const comment of item.comments) {
    counts.seen++;
    if (comment["wp:comment_approved"] !== "1") {
      counts.skipped++;
      report.notes.push({
        kind: "comment",
        id: comment["wp:comment_id"] ?? "?",
        title: `on ${id} ${title}`,
        reason: "is not approved in WordPress: left out",
      });
      continue;
    }
    counts.created++;
    kept.push({
      id: comment["wp:comment_id"],
      parent: comment["wp:comment_parent"] === "0" ? null : comment["wp:comment_parent"],
      author: comment["wp:comment_author"],
      url: comment["wp:comment_author_url"] || null,
      date: isoOf(comment["wp:comment_date_gmt"]) ?? comment["wp:comment_date"] ?? null,
      type: comment["wp:comment_type"] || "comment",
      content: comment["wp:comment_content"] ?? "",
    });
  }
  return kept.length > 0 ? kept : null;
}

function mapMeta(item: WxrItem): Record<string, string> | null {
  const kept = item.meta.filter(
    ({ key }) => key !== "" && !MAPPED_META.has(key) && !key.startsWith("_edit_"),
  );
  return kept.length > 0 ? Object.fromEntries(kept.map(({ key, value }) => [key, value])) : null;
}

function uniqueSlug(
  item: WxrItem,
  type: string,
  slugs: Map<string, Set<string>>,
  note: (reason: string) => void,
): string {
  const { id, title } = head(item);
  const taken = slugs.get(type) ?? new Set();
  slugs.set(type, taken);
  const wanted = slugOf(item.fields["wp:post_name"] ?? "", note) || toSlug(title) || `${type}-${id}`;
  const slug = taken.has(wanted) ? `${wanted}-${id}` : wanted;
  if (slug !== wanted) note(`the slug "${wanted}" is taken in the file: became "${slug}"`);
  taken.add(slug);
  return slug;
}

/** Marks the images of a body that are attachments of the site, in their resized forms too. */
function linkAssets(html: string, assets: Map<string, string>): string {
  return html.replace(
    /<img\b([^>]*?)\bsrc=(["'])([^"']+)\2/gi,
    (whole, before: string, quote: string, src: string) => {
      const id =
        assets.get(src) ??
        assets.get(src.replace(/-\d+x\d+(\.\w+)(?:\?.*)?$/, "$1")) ??
        assets.get(src.replace(/\?.*$/, ""));
      return id === undefined ? whole : `<img data-asset="${id}"${before}src=${quote}${src}${quote}`;
    },
  );
}

function skip(report: ImportReport, item: WxrItem, reason: string): void {
  const { id, type, title } = head(item);
  const counts = countsOf(report, type);
  counts.seen++;
  counts.skipped++;
  report.notes.push({ kind: type, id, title, reason });
}
