import { connect } from "./connect.ts";

export const LOCALES = ["en", "de", "fr"] as const;
export type Locale = (typeof LOCALES)[number];
export type Named = { id: string; type?: string; name?: string; title?: string; slug: string; path?: string };
export type Block = { type: string; [field: string]: any };
export type Article = Named & {
  title: string;
  summary: string | null;
  day: string;
  kind: string;
  rating: number | null;
  category: Named;
  authors: Named[];
  body: Block[];
  seo: { title?: string; description?: string } | null;
};

const flow = connect("read");

/** What every page shows: the settings, and the menu with what it leads to. */
export async function frame(locale: Locale) {
  const [settings, navigation, placed] = await Promise.all([
    flow.content.single("settings", { locale }),
    flow.content.single("navigation", { locale }),
    places(locale),
  ]);
  const items = (navigation as any).items as Block[];
  return {
    settings: settings as any as { title: string; tagline: string; contact: string },
    menu: items.map((item) => ({
      label: item[`label_${locale}`] as string,
      href: hrefOf(locale, placed.get(item["target"])!),
    })),
  };
}

/** The pages and categories by their ids, each with its path. */
export async function places(locale: Locale): Promise<Map<string, Named>> {
  const of = async (type: "page" | "category") =>
    (await tree(type, locale)).map((one): [string, Named] => [one.id, { ...one, type }]);
  return new Map([...(await of("page")), ...(await of("category"))]);
}

/** The newest articles; `query` narrows them. */
export async function articles(locale: Locale, query: Record<string, unknown> = {}): Promise<Article[]> {
  const { data } = await flow.content.list("article", {
    locale,
    sort: ["-day"],
    include: ["authors", "category"],
    fields: ["title", "slug", "summary", "day", "kind", "rating", "authors.name", "category.name"],
    limit: 100,
    ...query,
  } as any);
  return data as any as Article[];
}

/** An article by its slug, as HTML, with the slugs of its other languages. */
export async function article(locale: Locale, slug: string): Promise<Article & { localizations: Elsewhere }> {
  const include = ["authors", "category", "localizations"];
  return (await flow.content.get("article", slug, { locale, include, rich_text: "html" } as any)) as any;
}

export type Elsewhere = { locale: Locale; slug: string }[];

/** A tree in the order of its editors, or what is below one of its entries. */
export async function tree(type: "page" | "category", locale: Locale, within?: string): Promise<Named[]> {
  const filter = within ? { filter: { parent: { within } } } : {};
  const fields = ["slug", "path", type === "page" ? "title" : "name"];
  const { data } = await flow.content.list(type, { locale, fields, limit: 100, ...filter } as any);
  return data as any;
}

/** A page or a category by its path, with what it stands below, and its paths in other languages. */
export async function byPath(type: "page" | "category", locale: Locale, path: string) {
  const include = ["ancestors", ...(type === "page" ? ["parts"] : [])];
  const shown = await flow.content.get(type, path, { locale, rich_text: "html", include } as any);
  const all = await flow.content.get(type, shown.id, { locale: "*", fields: ["path"] } as any);
  return { ...(shown as any), paths: (all as any).path } as Named & {
    ancestors: Named[];
    parts: Block[];
    seo: Article["seo"];
    paths: Record<Locale, string>;
  };
}

/** Who writes here, each with the newest of their articles. */
export async function authors(locale: Locale) {
  const { data } = await flow.content.list("author", {
    locale,
    sort: ["name"],
    include: ["articles"],
    related_limit: 3,
  } as any);
  return data as any as (Named & { bio: string; articles: { data: Article[]; total: number } })[];
}

/** What is sold, cheapest first, with what it is about. */
export async function products(locale: Locale) {
  const { data } = await flow.content.list("product", {
    locale,
    sort: ["price.amount"],
    include: ["about"],
  } as any);
  return data as any as Block[];
}

/** What was written near a place, the nearest first. */
export const near = (locale: Locale, lat: number, lon: number) =>
  articles(locale, { sort: [`place:near(${lat},${lon})`], limit: 3 });

/** How many articles there are of each month. */
export async function archive() {
  const rows = await flow.content.aggregate("article", { group_by: ["day:month"] } as any);
  return rows as any as Record<string, unknown>[];
}

/** Articles and products in one list, the newest first. */
export async function novelties(locale: Locale) {
  const { data } = await flow.content.listSeveral(["article", "product"], { locale, limit: 5 } as any);
  return data as any as (Named & { type: string })[];
}

const FOLDERS: Record<string, string> = { article: "articles/", category: "categories/", product: "shop#" };

/** Where the site shows an entry. */
export const hrefOf = (locale: Locale, { type = "page", path, slug }: Partial<Named>): string =>
  `/${locale}/${FOLDERS[type] ?? ""}${path ?? slug}`;
