import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { encodeCursor } from "../../src/core/cursors.ts";
import {
  createEntry,
  parseListQuery,
  placeEntry,
  publishEntry,
  rebuildReadModel,
  unpublishEntry,
} from "../../src/domain/content/entries/index.ts";
import type { Bounds } from "../../src/domain/content/entries/query/index.ts";
import { planList, TOTAL_COLUMNS } from "../../src/domain/content/entries/read/plan-list.ts";
import { createDefinitions } from "../../src/domain/content/types/create-definitions.ts";
import { schemaOf } from "../../src/domain/content/types/index.ts";
import { updateEnvironment } from "../../src/domain/tenant/tenants/environments.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

/**
 * Every way that a list may be found by: few looked at one by one, the newest of one condition or the
 * order walked, with what that leaves out, all gathered.
 */
const WAYS: Record<string, Bounds | undefined> = {
  usual: undefined,
  "the order, walked far": { counted: 0, walked: 40 },
  "the order, left soon": { counted: 0, walked: 2 },
  "everything gathered": { counted: 0, walked: -1000 },
  "the fewest of two": { counted: 12, walked: 5 },
};
type Row = {
  id: string;
  kind: string | null;
  price: number | null;
  day: string | null;
  tags: string[];
  name: { en?: string; de?: string };
  author: number | null;
  /** What is inside of components: one, a list of them, one by locale. */
  rank: number | null;
  parts: { kind: string; size: number }[];
  meta: { en?: string | null; de?: string | null };
  /** What it stands below, by its place among all. */
  up: number | null;
  locales: string[];
};
const isReachable = await findPostgres();

describe.runIf(isReachable)("every way to find a list answers the same", () => {
  let postgres: RealPostgres;
  let ctx: Context;
  const rows: Row[] = [];
  const authors: string[] = [];
  /** The ids in the order that was made by hand. */
  const byHand: string[] = [];
  const upOf = (id: string) => rows.find((one) => one.id === id)!.up;

  beforeAll(async () => {
    postgres = await openPostgres();
    ctx = await postgres.newContext();
    const locales = [{ code: "en" }, { code: "de", fallback: "en" }];
    await updateEnvironment(ctx, { name: "main", change: { locales } });
    const definitions = [
      { id: "team", name: "Team", fields: [{ id: "city", type: "short_text" }] },
      {
        id: "author",
        name: "Author",
        fields: [
          { id: "label", type: "short_text" },
          { id: "team", type: "reference", to: ["team"] },
        ],
        back_references: [{ id: "articles", type: "article", field: "author" }],
      },
      {
        id: "article",
        name: "Article",
        ordered: true,
        parent: "up",
        fields: [
          { id: "kind", type: "short_text" },
          { id: "price", type: "number" },
          { id: "day", type: "date" },
          { id: "tags", type: "short_text", multiple: true },
          { id: "name", type: "short_text", localized: true },
          { id: "author", type: "reference", to: ["author"] },
          { id: "seo", type: "component", fields: [{ id: "rank", type: "number" }] },
          {
            id: "parts",
            type: "component",
            multiple: true,
            fields: [
              { id: "kind", type: "short_text" },
              { id: "size", type: "number" },
            ],
          },
          { id: "meta", type: "component", localized: true, fields: [{ id: "word", type: "short_text" }] },
          { id: "up", type: "reference", to: ["article"] },
        ],
      },
    ];
    await createDefinitions(ctx, { definitions: { types: definitions } });
    let seed = 11;
    const below = (n: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % n;
    const teams = [await published("team", { city: "d" }), await published("team", { city: "e" })];
    for (const [i, label] of ["a", "b", "c"].entries())
      authors.push(await published("author", { label, team: teams[i % 2]! }));
    for (let i = 0; i < 90; i++)
      rows.push({
        id: "",
        kind: [null, "news", "news", "story", "Éclair"][below(5)]!,
        price: [null, 1, 2, 2, 2.5, 10][below(6)]!,
        day: [null, "2026-01-01", "2026-01-02", "2026-02-01"][below(4)]!,
        tags: [[], ["x"], ["x", "y"], ["y", "x", "x"], ["z"]][below(5)]!,
        name: [{}, { en: "a" }, { en: "b", de: "ä" }, { de: "c" }][below(4)]!,
        author: [null, 0, 1, 2][below(4)]!,
        rank: [null, 1, 2, 2, 3][below(5)]!,
        parts: Array.from({ length: below(4) }, () => ({ kind: ["a", "b"][below(2)]!, size: below(3) })),
        meta: [{}, { en: "a" }, { en: "b", de: "ä" }, { de: "c", en: null }, { en: "b", de: null }][
          below(5)
        ]!,
        up: i % 9 === 0 ? null : Math.floor((i - 1) / 3),
        locales: [["en", "de"], ["en", "de"], ["en"], ["de"], []][below(5)]!,
      });
    for (const row of rows) {
      const { kind, price, day, tags, name } = row;
      const author = row.author === null ? null : authors[row.author];
      const up = row.up === null ? null : rows[row.up]!.id;
      const byLocale = Object.entries(row.meta).map(([locale, word]) => [locale, { word }] as const);
      const body = {
        ...{ kind, price, day, tags, author, up, name: Object.keys(name).length === 0 ? null : name },
        ...{ seo: { rank: row.rank }, parts: row.parts },
        meta: byLocale.length === 0 ? null : Object.fromEntries(byLocale),
      };
      row.id = (await createEntry(ctx, { type: "article", locale: "*", body })).entry.id;
      if (row.locales.length === 0) continue;
      const publishedAt = new Date(Date.UTC(2026, 0, 1 + below(9))).toISOString();
      const some = row.locales.length === 2 ? undefined : row.locales;
      await publishEntry(ctx, { id: row.id, publishedAt, locales: some });
      // Publishing again, or another locale, with another datetime moves all that is published.
      if (below(3) === 0)
        await publishEntry(ctx, {
          id: row.id,
          publishedAt: new Date(Date.UTC(2026, 1, 1 + below(3))).toISOString(),
          locales: [row.locales.at(-1)!],
        });
      if (below(12) === 0) {
        await unpublishEntry(ctx, { id: row.id, onReference: { kind: "keep" } });
        row.locales = [];
      }
    }
    byHand.push(...rows.map(({ id }) => id));
    for (let i = 0; i < 40; i++) {
      const [id, beside] = [byHand[below(byHand.length)]!, byHand[below(byHand.length)]!];
      const isSibling = upOf(id) === upOf(beside);
      if (id === beside || !isSibling) continue;
      const isBefore = below(2) === 0;
      await placeEntry(ctx, { type: "article", id, ...(isBefore ? { before: beside } : { after: beside }) });
      byHand.splice(byHand.indexOf(id), 1);
      byHand.splice(byHand.indexOf(beside) + (isBefore ? 0 : 1), 0, id);
    }
  }, 180_000);
  afterAll(() => postgres.close());

  async function published(type: string, body: object): Promise<string> {
    const { entry } = await createEntry(ctx, { type, body });
    await publishEntry(ctx, { id: entry.id });
    return entry.id;
  }

  /** Whether the author of an article has one that is shown and meets a condition. */
  const byAuthor = ({ author }: Row, shown: Row[], holds: (other: Row) => boolean): boolean =>
    author !== null && shown.some((other) => other.author === author && holds(other));
  /** Whether an article stands below another one, by way of those that the perspective has. */
  function isBelow({ up }: Row, above: number): boolean {
    if (up === null || up === above) return up === above;
    return isPassable(rows[up]!) && isBelow(rows[up]!, above);
  }
  let isPassable = (_row: Row): boolean => true;
  /** `@3` is the id of an article. */
  const FILTERS: [
    string,
    (row: Row, name: string | undefined, shown: Row[], word: string | null) => boolean,
  ][] = [
    ["", () => true],
    ["filter[kind]=news", ({ kind }) => kind === "news"],
    ["filter[up][within]=@1", (row) => isBelow(row, 1)],
    [
      "filter[up][within]=@2,@4&filter[kind]=news",
      (row) => row.kind === "news" && (isBelow(row, 2) || isBelow(row, 4)),
    ],
    ["filter[not][up][within]=@3&filter[price]=2", (row) => row.price === 2 && !isBelow(row, 3)],
    [
      "filter[or][0][up][within]=@5&filter[or][1][kind]=story",
      (row) => row.kind === "story" || isBelow(row, 5),
    ],
    ["filter[kind][in]=news,story", ({ kind }) => kind === "news" || kind === "story"],
    ["filter[price][gte]=2&filter[price][lt]=10", ({ price }) => price !== null && price >= 2 && price < 10],
    ["filter[price]=2&filter[kind]=news", ({ price, kind }) => price === 2 && kind === "news"],
    ["filter[tags]=x", ({ tags }) => tags.includes("x")],
    ["filter[tags][eq]=x&filter[tags][ne]=y", ({ tags }) => tags.includes("x") && !tags.includes("y")],
    [
      "filter[tags][gt]=x&filter[tags][lt]=y",
      ({ tags }) => tags.some((one) => one > "x") && tags.some((one) => one < "y"),
    ],
    [
      "filter[day][gte]=2026-01-02&filter[tags]=x",
      ({ day, tags }) => day !== null && day >= "2026-01-02" && tags.includes("x"),
    ],
    ["filter[name]=a", (_, name) => name === "a"],
    [
      "filter[name][in]=ä,c&filter[price]=2",
      ({ price }, name) => (name === "ä" || name === "c") && price === 2,
    ],
    ["filter[author][label]=b", ({ author }) => author === 1],
    [
      "filter[author][label]=b&filter[kind]=news&filter[price][lte]=2.5",
      ({ author, kind, price }) => author === 1 && kind === "news" && price !== null && price <= 2.5,
    ],
    [
      "filter[or][0][kind]=story&filter[or][1][price]=10",
      ({ kind, price }) => kind === "story" || price === 10,
    ],
    [
      "filter[or][0][kind]=story&filter[or][1][not][price]=2",
      ({ kind, price }) => kind === "story" || price !== 2,
    ],
    ["filter[not][kind]=news", ({ kind }) => kind !== "news"],
    ["filter[kind][ne]=news&filter[price]=2", ({ kind, price }) => kind !== "news" && price === 2],
    ["filter[price][exists]=false", ({ price }) => price === null],
    ["filter[kind]=none", () => false],
    ["filter[kind]=news&filter[id][ne]=cnt_01jd0000000000000000000000", ({ kind }) => kind === "news"],
    ["filter[kind][ne]=news", ({ kind }) => kind !== "news"],
    ["filter[not][price]=2", ({ price }) => price !== 2],
    ["filter[author][exists]=false", ({ author }) => author === null],
    ["filter[name][exists]=false", (_, name) => name === undefined],
    ["filter[name][ne]=a", (_, name) => name !== "a"],
    [
      "filter[kind][nin]=news,story&filter[tags]=x&filter[author][exists]=true",
      ({ kind, tags, author }) =>
        kind !== "news" && kind !== "story" && tags.includes("x") && author !== null,
    ],
    [
      "filter[kind]=news&filter[tags]=x&filter[price][gte]=1",
      ({ kind, tags, price }) => kind === "news" && tags.includes("x") && price !== null,
    ],
    ["filter[author][team][city]=d", ({ author }) => author === 0 || author === 2],
    ["filter[seo][rank][ne]=2&filter[kind]=news", ({ rank, kind }) => rank !== 2 && kind === "news"],
    ["filter[seo][rank][exists]=false", ({ rank }) => rank === null],
    [
      "filter[parts][kind]=a&filter[parts][size]=2",
      ({ parts }) => parts.some(({ kind, size }) => kind === "a" && size === 2),
    ],
    ["filter[parts][kind][ne]=a", ({ parts }) => parts.some(({ kind }) => kind !== "a")],
    ["filter[not][parts][kind]=a", ({ parts }) => !parts.some(({ kind }) => kind === "a")],
    ["filter[meta][word]=b", (_row, _name, _shown, word) => word === "b"],
    [
      "filter[meta][word][in]=ä,c&filter[price]=2",
      ({ price }, _name, _shown, word) => /^[äc]$/.test(word ?? "") && price === 2,
    ],
    ["filter[meta][word][exists]=false", (_row, _name, _shown, word) => word === null],
    ["filter[author][label][ne]=b", ({ author }) => author === 0 || author === 2],
    [
      "filter[author][articles][price]=10",
      (row, _, shown) => byAuthor(row, shown, ({ price }) => price === 10),
    ],
    [
      "filter[author][articles][tags]=z&filter[kind]=news",
      (row, _, shown) => row.kind === "news" && byAuthor(row, shown, ({ tags }) => tags.includes("z")),
    ],
    [
      "filter[author][articles][kind][ne]=news&filter[price][gte]=2",
      (row, _, shown) => Number(row.price) >= 2 && byAuthor(row, shown, ({ kind }) => kind !== "news"),
    ],
    [
      "filter[author][articles][kind]=story&filter[author][articles][price]=10",
      (row, _, shown) => byAuthor(row, shown, ({ kind, price }) => kind === "story" && price === 10),
    ],
    [
      "filter[not][author][articles][kind]=Éclair",
      (row, _, shown) => !byAuthor(row, shown, ({ kind }) => kind === "Éclair"),
    ],
  ];
  const SORTS = [
    "",
    "order",
    "-order",
    "-published_at",
    "price",
    "-price",
    "kind",
    "-kind",
    "day",
    "name",
    "-name",
    "price,-kind",
    "price:nulls_first",
    "published_at",
    "-updated_at",
    "-seo.rank",
    "meta.word",
    "author.label",
  ];

  /** The word of the component that is shown: another locale's only where this one has no component. */
  function wordIn({ meta, locales }: Row, locale: string, perspective: string): string | null {
    const isThere = (code: "en" | "de") =>
      (perspective === "draft" || locales.includes(code)) && meta[code] !== undefined;
    const code = locale === "de" && isThere("de") ? "de" : "en";
    return isThere(code) ? meta[code]! : null;
  }

  /** The name that is shown: in the locale, or in the one that it falls back to. */
  function nameIn({ name, locales }: Row, locale: string, perspective: string): string | undefined {
    const shown = (code: "en" | "de") =>
      perspective === "draft" || locales.includes(code) ? name[code] : undefined;
    return locale === "de" ? (shown("de") ?? shown("en")) : shown("en");
  }

  const PLACES = (["published", "draft"] as const).flatMap((perspective) =>
    ["en", "de"].map((locale) => ({ perspective, locale })),
  );
  it.each(PLACES)("$perspective, $locale", compare, 360_000);
  it("when everything was made anew", async () => {
    for (const type of ["author", "article"])
      for (let after: string | undefined = ""; after !== undefined;)
        after = (await rebuildReadModel(ctx, { type, after })).next;
    await compare({ perspective: "published", locale: "en" });
  }, 240_000);

  async function compare({ perspective, locale }: (typeof PLACES)[number]): Promise<void> {
    const schema = await schemaOf(ctx);
    const wrong: unknown[] = [];
    isPassable = ({ locales }) => perspective === "draft" || locales.length > 0;
    for (const [filter, holds] of FILTERS) {
      const shown = rows.filter(
        (row) =>
          perspective === "draft" ||
          row.locales.includes(locale) ||
          (locale === "de" && row.locales.includes("en")),
      );
      const expected = shown
        .filter((row) =>
          holds(row, nameIn(row, locale, perspective), shown, wordIn(row, locale, perspective)),
        )
        .map(({ id }) => id);
      for (const sort of SORTS) {
        let first: string[] | undefined;
        for (const [way, bounds] of Object.entries(WAYS)) {
          const found: string[] = [];
          const totals = new Set<number>();
          let isCounted = true;
          let cursor: string | undefined;
          do {
            const text = [
              filter.replace(/@(\d+)/g, (_, i) => rows[Number(i)]!.id),
              sort && `sort=${sort}`,
              `locale=${locale}`,
              `perspective=${perspective}`,
              "limit=13",
              cursor && `cursor=${cursor}`,
            ];
            const query = parseListQuery(new URLSearchParams(text.filter(Boolean).join("&")));
            const { page, count, order } = planList({ ...ctx }, schema, "article", query, { bounds });
            const [read, counted] = await Promise.all([ctx.db.read(page), count && ctx.db.read(count)]);
            const first = TOTAL_COLUMNS + order.length;
            const total = Number(counted?.rows[0]?.[0] ?? read.rows[0]?.[0] ?? 0);
            const some = read.rows.filter((row) => row[first - 1] !== null);
            const isLeast = read.rows[0]?.[1] === true;
            // What may be less than there is says so, and is no less than what is shown.
            isCounted &&= isLeast
              ? total <= expected.length && (cursor !== undefined || total >= Math.min(13, some.length))
              : total === expected.length || total === (bounds?.counted ?? 1e6) + 1;
            found.push(...some.slice(0, 13).map((row) => row[first] as string));
            totals.add(total);
            cursor =
              some.length > 13
                ? encodeCursor(order.name, some[12]!.slice(TOTAL_COLUMNS, first) as string[])
                : undefined;
          } while (cursor !== undefined && found.length < 200);
          first ??= found;
          const places = found.map((id) => byHand.indexOf(id));
          if (sort === "-order") places.reverse();
          const isByHand = ["", "order", "-order"].includes(sort);
          const isInOrder = !isByHand || places.every((place, i) => i === 0 || place > places[i - 1]!);
          const isSame =
            found.join() === first.join() && found.toSorted().join() === expected.toSorted().join();
          if (!isSame || !isCounted || !isInOrder)
            wrong.push({
              filter,
              sort,
              way,
              found: found.length,
              expected: expected.length,
              totals: [...totals],
            });
        }
      }
    }
    expect(wrong).toEqual([]);
  }
});
