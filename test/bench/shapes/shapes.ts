import type { Context } from "../../../src/core/context.ts";
import {
  aggregateEntries,
  getEntry,
  listEntries,
  parseAggregateQuery,
  parseListQuery,
  parseViewQuery,
} from "../../../src/domain/content/entries/index.ts";

/**
 * What delivery is asked for, each with SQL that somebody who knows the tables would write by hand for
 * the same page and, where the answer says it, the same total up to 10,001. The next feature adds its
 * shape here; `npm run bench -- --shapes` and test/postgres/shapes.test.ts take it from here.
 */
export type Shape = {
  name: string;
  /** The path behind `/content/`, with its query. */
  path: string;
  kind: "list" | "get" | "aggregate";
  /** `$1` the tenant, `$2` the environment; undefined where a hand would write what the product does. */
  hand?: string;
};

const MINE = "tenant_id = $1::uuid and environment_id = $2::uuid";
const IN = (alias: string) => `${alias}.tenant_id = $1::uuid and ${alias}.environment_id = $2::uuid`;
const DOC = `join published_entries base on ${IN("base")} and base.entry_id = page.entry_id and base.locale = 'en'`;
const of = (field: string, condition: string) =>
  `${IN("hit")} and hit.type = 'article' and hit.perspective = 1 and hit.field = '${field}' and hit.locale = '' and ${condition}`;
/** The newest ten with one value, and how many there are. */
const newest = (field: string, condition: string) => `with ids as materialized (select published_at, entry_id
    from entry_fields hit where ${of(field, condition)} limit 10001),
  page as (select published_at, entry_id from entry_fields hit where ${of(field, condition)}
    order by published_at desc, entry_id desc limit 11)
  select (select count(*) from ids), page.entry_id, base.doc from page ${DOC} order by page.published_at desc`;
/** The newest ten of a range that few indexes order. */
const inRange = (field: string, condition: string) => `with page as (select published_at, entry_id
    from entry_fields hit where ${of(field, condition)} order by published_at desc, entry_id desc limit 11)
  select (select count(*) from (select 1 from entry_fields hit where ${of(field, condition)} limit 10001) c),
    page.entry_id, base.doc from page ${DOC} order by page.published_at desc`;
const both = (one: [string, string], other: [string, string]) => {
  const ids = `select hit.published_at, hit.entry_id from entry_fields hit where ${of(...one)}
    and hit.entry_id in (select hit.entry_id from entry_fields hit where ${of(...other)})`;
  return `with page as (${ids} order by published_at desc, entry_id desc limit 11)
  select (select count(*) from (${ids} limit 10001) c), page.entry_id, base.doc from page ${DOC}
  order by page.published_at desc`;
};
const COUNT = `(select sum(total) from published_counts where ${MINE} and type = 'article' and locale = 'en')`;
const list = (name: string, query: string, hand?: string): Shape => ({
  name,
  path: `article?limit=10${query}`,
  kind: "list",
  ...(hand ? { hand } : {}),
});
const text = (value: string) => `hit.text_value collate "cms_und" = '${value}'`;

const topic = (n: number) => `cnt_01jc${String(n).padStart(22, "0")}`;

export const SHAPES: Shape[] = [
  list(
    "newest 10",
    "",
    `select ${COUNT}, entry_id, doc from published_entries where ${MINE} and type = 'article'
    and locale = 'en' order by published_at desc, entry_id desc limit 11`,
  ),
  {
    name: "by id",
    path: "article/cnt_01jd0000000000000000004711",
    kind: "get",
    hand: `select doc from published_entries where ${MINE} and entry_id = 'cnt_01jd0000000000000000004711' and locale = 'en'`,
  },
  {
    name: "by slug",
    path: "article/article-4711",
    kind: "get",
    hand: `select doc from published_entries where ${MINE} and type = 'article' and locale = 'en' and slug = 'article-4711'`,
  },
  list(
    "page 1,000",
    "&page=1000",
    `select ${COUNT}, entry_id, doc from published_entries where ${MINE} and type = 'article'
    and locale = 'en' order by published_at desc, entry_id desc limit 11 offset 9990`,
  ),
  list("include author", "&include=author"),
  list("include two deep", "&include=author.team"),
  list("unique value", "&filter[slug]=article-815", newest("slug", text("article-815"))),
  list("common enum", "&filter[offer]=standard", newest("offer", text("standard"))),
  list("rare enum", "&filter[offer]=rare", newest("offer", text("rare"))),
  list("tag, common", "&filter[tags]=tag-0", newest("tags", text("tag-0"))),
  list("tag, rare", "&filter[tags]=tag-59", newest("tags", text("tag-59"))),
  list(
    "narrow range",
    "&filter[price][gte]=100&filter[price][lt]=110",
    inRange("price", "hit.number_value >= 100 and hit.number_value < 110"),
  ),
  list("wide range", "&filter[price][gte]=5000", inRange("price", "hit.number_value >= 5000")),
  list(
    "month of a date",
    "&filter[released][gte]=2019-03-01&filter[released][lt]=2019-04-01",
    inRange("released", "hit.time_value >= '2019-03-01' and hit.time_value < '2019-04-01'"),
  ),
  list(
    "two filters",
    "&filter[offer]=sale&filter[category]=category-3",
    both(["offer", text("sale")], ["category", text("category-3")]),
  ),
  list(
    "two common filters",
    "&filter[offer]=standard&filter[rating][gte]=3",
    both(["offer", text("standard")], ["rating", "hit.number_value >= 3"]),
  ),
  list("three filters", "&filter[offer]=sale&filter[category]=category-3&filter[rating]=5"),
  list(
    "two filters, few",
    "&filter[offer]=rare&filter[rating]=5",
    both(["offer", text("rare")], ["rating", "hit.number_value = 5"]),
  ),
  list(
    "sort by number",
    "&sort=price",
    `with page as (select number_value as k, published_at, entry_id from entry_fields hit
    where ${of("price", "number_value is not null")} order by number_value, published_at desc, entry_id desc limit 11)
    select ${COUNT}, page.entry_id, base.doc from page ${DOC} order by k`,
  ),
  list(
    "sort by text, descending",
    "&sort=-title",
    `with page as (select text_value collate "cms_und" as k, published_at, entry_id from entry_fields hit
    where ${of("title", "text_value is not null")} order by text_value collate "cms_und" desc, published_at, entry_id limit 11)
    select ${COUNT}, page.entry_id, base.doc from page ${DOC} order by k desc`,
  ),
  list("filter and sort", "&filter[offer]=sale&sort=price"),
  list("few and sort", "&filter[offer]=rare&sort=-price"),
  list(
    "reference",
    "&filter[author]=cnt_01jb0000000000000000000042",
    `with page as (select published_at, entry_id from entry_refs hit
    where ${IN("hit")} and target_id = 'cnt_01jb0000000000000000000042' and perspective = 1 and type = 'article' and field = 'author')
    select (select count(*) from page), page.entry_id, base.doc from page ${DOC} order by page.published_at desc limit 11`,
  ),
  list("through a reference", "&filter[author][name]=Author 42"),
  list("through two references", "&filter[author][team][name]=Team 7"),
  list("inside a component, common", "&filter[seo][kind]=kind-0", newest("seo.kind", text("kind-0"))),
  list("inside a component, rare", "&filter[seo][kind]=kind-39"),
  list("one element, two conditions", "&filter[parts][kind]=part-3&filter[parts][size]=17"),
  list("one element, one of them not", "&filter[parts][kind][ne]=part-3&filter[parts][size]=17"),
  list(
    "sort by an inner field",
    "&sort=seo.rank",
    `with page as (select number_value as k, published_at, entry_id from entry_fields hit
    where ${of("seo.rank", "number_value is not null")} order by number_value, published_at desc, entry_id desc limit 11)
    select ${COUNT}, page.entry_id, base.doc from page ${DOC} order by k`,
  ),
  list("few, sorted through a reference", "&filter[offer]=rare&sort=author.name"),
  list("few, in random order", "&filter[offer]=rare&sort=random:7"),
  list("fields through a reference", "&fields=title,seo.kind,author.name"),
  list("common enum, not counted", "&filter[offer]=standard&total=false"),
  list("facet of an inner field", "&facets=seo.kind"),
  { name: "group_by month", path: "article/aggregate?group_by=released:month", kind: "aggregate" },
  { name: "group_by a list", path: "article/aggregate?group_by=tags", kind: "aggregate" },
  list("not", "&filter[offer][ne]=standard"),
  list("exists=false", "&filter[price][exists]=false"),
  list("rare word", "&q=w186a0"),
  list("frequent word", "&q=night"),
  list("several words", "&q=night fire light"),
  list(
    "facet, all",
    "&facets=offer",
    `select hit.text_value, count(*) from entry_fields hit where ${of("offer", "text_value is not null")} group by 1 order by 2 desc`,
  ),
  list("facets, filtered", "&filter[category]=category-20&facets=offer,rating"),
  list("facets, common filter", "&filter[offer]=sale&facets=category"),
  {
    name: "aggregate, all",
    path: "article/aggregate?avg=price",
    kind: "aggregate",
    hand: `select count(*), avg(hit.number_value) from entry_fields hit where ${of("price", "number_value is not null")}`,
  },
  {
    name: "group_by",
    path: "article/aggregate?group_by=offer",
    kind: "aggregate",
    hand: `select hit.text_value, count(*) from entry_fields hit where ${of("offer", "text_value is not null")} group by 1 order by 2 desc`,
  },
  {
    name: "group_by with avg",
    path: "article/aggregate?group_by=offer&avg=price",
    kind: "aggregate",
    hand: `select hit.text_value, count(*), avg(price.number_value) from entry_fields hit join entry_fields price on ${IN("price")}
      and price.type = 'article' and price.perspective = 1 and price.field = 'price' and price.locale = '' and price.entry_id = hit.entry_id
      where ${of("offer", "hit.text_value is not null")} group by 1 order by 2 desc`,
  },
  { name: "aggregate, filtered", path: "article/aggregate?avg=price&filter[offer]=rare", kind: "aggregate" },
  list(
    "drafts, newest",
    "&perspective=draft",
    `select (select count(*) from (select 1 from entries where ${MINE} and type = 'article' limit 10001) c), id, data
    from entries where ${MINE} and type = 'article' order by updated_at desc, id desc limit 11`,
  ),
  list("drafts, common enum", "&perspective=draft&filter[offer]=standard"),
  list("drafts, rare enum", "&perspective=draft&filter[offer]=rare"),
  list("drafts by number", "&perspective=draft&sort=price"),
  { name: "in manual order", path: "topic?limit=10", kind: "list" },
  { name: "in manual order, page 500", path: "topic?limit=10&page=500", kind: "list" },
  { name: "in manual order, filtered", path: "topic?limit=10&filter[kind]=kind-3", kind: "list" },
  { name: "drafts in manual order", path: "topic?limit=10&perspective=draft", kind: "list" },
  { name: "roots of a tree", path: "topic?limit=10&filter[above][exists]=false", kind: "list" },
  {
    name: "drafts, roots of a tree",
    path: "topic?limit=10&filter[above][exists]=false&perspective=draft",
    kind: "list",
  },
  { name: "below the roots", path: "topic?limit=10&filter[above][exists]=true", kind: "list" },
  list("reference is there", "&filter[author][exists]=true"),
  list("reference is missing", "&filter[author][exists]=false"),
  list("drafts, reference is there", "&perspective=draft&filter[author][exists]=true"),
  list("drafts, reference is missing", "&perspective=draft&filter[author][exists]=false"),
  { name: "children", path: `topic?limit=10&filter[above]=${topic(12)}`, kind: "list" },
  { name: "within a tree, few", path: `topic?limit=10&filter[above][within]=${topic(12)}`, kind: "list" },
  { name: "within a tree, many", path: `topic?limit=10&filter[above][within]=${topic(1)}`, kind: "list" },
  list("referring within a tree", `&filter[topic][within]=${topic(12)}`),
  list("referring within a tree, filtered", `&filter[topic][within]=${topic(1)}&filter[offer]=rare`),
  { name: "ancestors", path: `topic/${topic(1234)}?include=ancestors`, kind: "get" },
  { name: "descendants", path: `topic/${topic(12)}?include=descendants`, kind: "get" },
];

/** What a request for a shape does behind its checks. */
export function askShape(ctx: Context, { path, kind }: Pick<Shape, "path" | "kind">): Promise<unknown> {
  const [way, query = ""] = path.split("?") as [string, string?];
  const [type, id] = way.split("/") as [string, string?];
  const params = new URLSearchParams(query);
  if (kind === "aggregate") return aggregateEntries(ctx, { type, query: parseAggregateQuery(params) });
  if (kind === "get") return getEntry(ctx, { type, idOrSlug: id!, query: parseViewQuery(params) });
  return listEntries(ctx, { type, query: parseListQuery(params) });
}
