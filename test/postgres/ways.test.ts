import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { encodeCursor } from "../../src/core/cursors.ts";
import {
  createEntry,
  parseListQuery,
  publishEntry,
  rebuildReadModel,
  unpublishEntry,
} from "../../src/domain/content/entries/index.ts";
import type { Bounds } from "../../src/domain/content/entries/query/index.ts";
import { planList } from "../../src/domain/content/entries/read/plan-list.ts";
import { createType, schemaOf } from "../../src/domain/content/types/index.ts";
import { updateEnvironment } from "../../src/domain/tenant/tenants/environments.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

/** Every way that a list may be found by: a few looked at one by one, the order walked, all gathered. */
const WAYS: Record<string, Bounds | undefined> = {
  usual: undefined,
  "the order, walked": { most: 0, walked: 1000 },
  "the order, left soon": { most: 0, walked: 2 },
  "everything gathered": { most: 0, walked: 0 },
  "the fewest of two": { most: 12, walked: 5 },
};
type Row = {
  id: string;
  kind: string | null;
  price: number | null;
  day: string | null;
  tags: string[];
  name: { en?: string; de?: string };
  author: number | null;
  locales: string[];
};
const isReachable = await findPostgres();

describe.runIf(isReachable)("every way to find a list answers the same", () => {
  let postgres: RealPostgres;
  let ctx: Context;
  const rows: Row[] = [];
  const authors: string[] = [];

  beforeAll(async () => {
    postgres = await openPostgres();
    ctx = await postgres.newContext();
    const locales = [{ code: "en" }, { code: "de", fallback: "en" }];
    await updateEnvironment(ctx, { name: "main", change: { locales } });
    const definitions = [
      { id: "author", name: "Author", fields: [{ id: "label", type: "short_text" }] },
      {
        id: "article",
        name: "Article",
        fields: [
          { id: "kind", type: "short_text" },
          { id: "price", type: "number" },
          { id: "day", type: "date" },
          { id: "tags", type: "short_text", multiple: true },
          { id: "name", type: "short_text", localized: true },
          { id: "author", type: "reference", to: ["author"] },
        ],
      },
    ];
    for (const definition of definitions) await createType(ctx, { definition });
    let seed = 11;
    const below = (n: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % n;
    for (const label of ["a", "b", "c"]) authors.push(await published("author", { label }));
    for (let i = 0; i < 90; i++)
      rows.push({
        id: "",
        kind: [null, "news", "news", "story", "Éclair"][below(5)]!,
        price: [null, 1, 2, 2, 2.5, 10][below(6)]!,
        day: [null, "2026-01-01", "2026-01-02", "2026-02-01"][below(4)]!,
        tags: [[], ["x"], ["x", "y"], ["y", "x", "x"], ["z"]][below(5)]!,
        name: [{}, { en: "a" }, { en: "b", de: "ä" }, { de: "c" }][below(4)]!,
        author: [null, 0, 1, 2][below(4)]!,
        locales: [["en", "de"], ["en", "de"], ["en"], ["de"], []][below(5)]!,
      });
    for (const row of rows) {
      const { kind, price, day, tags, name } = row;
      const author = row.author === null ? null : authors[row.author];
      const body = { kind, price, day, tags, author, name: Object.keys(name).length === 0 ? null : name };
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
        await unpublishEntry(ctx, { id: row.id });
        row.locales = [];
      }
    }
  }, 180_000);
  afterAll(() => postgres.close());

  async function published(type: string, body: object): Promise<string> {
    const { entry } = await createEntry(ctx, { type, body });
    await publishEntry(ctx, { id: entry.id });
    return entry.id;
  }

  const FILTERS: [string, (row: Row, name: string | undefined) => boolean][] = [
    ["", () => true],
    ["filter[kind]=news", ({ kind }) => kind === "news"],
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
  ];
  const SORTS = [
    "",
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
  ];

  /** The name that is shown: in the locale, or in the one that it falls back to. */
  function nameIn({ name, locales }: Row, locale: string, perspective: string): string | undefined {
    const shown = (code: "en" | "de") =>
      perspective === "draft" || locales.includes(code) ? name[code] : undefined;
    return locale === "de" ? (shown("de") ?? shown("en")) : shown("en");
  }

  const PLACES = (["published", "draft"] as const).flatMap((perspective) =>
    ["en", "de"].map((locale) => ({ perspective, locale })),
  );
  it.each(PLACES)("$perspective, $locale", compare, 240_000);
  it("when everything was made anew", async () => {
    for (const type of ["author", "article"])
      for (let after: string | undefined = ""; after !== undefined;)
        after = (await rebuildReadModel(ctx, { type, after })).next;
    await compare({ perspective: "published", locale: "en" });
  }, 240_000);

  async function compare({ perspective, locale }: (typeof PLACES)[number]): Promise<void> {
    const schema = await schemaOf(ctx);
    const wrong: unknown[] = [];
    const newestFirst = new Map<string, number>();
    for (const [filter, holds] of FILTERS) {
      const expected = rows
        .filter(
          (row) =>
            perspective === "draft" ||
            row.locales.includes(locale) ||
            (locale === "de" && row.locales.includes("en")),
        )
        .filter((row) => holds(row, nameIn(row, locale, perspective)))
        .map(({ id }) => id);
      for (const sort of SORTS) {
        let first: string[] | undefined;
        for (const [way, bounds] of Object.entries(WAYS)) {
          const found: string[] = [];
          const totals = new Set<number>();
          let cursor: string | undefined;
          do {
            const text = [
              filter,
              sort && `sort=${sort}`,
              `locale=${locale}`,
              `perspective=${perspective}`,
              "limit=13",
              cursor && `cursor=${cursor}`,
            ];
            const query = parseListQuery(new URLSearchParams(text.filter(Boolean).join("&")));
            const { page, count, order } = planList({ ...ctx }, schema, "article", query, bounds);
            const [read, counted] = await Promise.all([ctx.db.read(page), count && ctx.db.read(count)]);
            totals.add(Number(counted?.rows[0]?.[0] ?? read.rows[0]?.[0] ?? 0));
            const some = read.rows.filter((row) => row[order.length] !== null);
            found.push(...some.slice(0, 13).map((row) => row[order.length] as string));
            cursor =
              some.length > 13
                ? encodeCursor(order.name, some[12]!.slice(1, 1 + order.length) as string[])
                : undefined;
          } while (cursor !== undefined && found.length < 200);
          first ??= found;
          // Without a filter it is the order of the base table that all others agree with.
          if (filter === "" && sort === "" && bounds === undefined)
            found.forEach((id, i) => newestFirst.set(id, i));
          const places = found.map((id) => newestFirst.get(id)!);
          const isInOrder = sort !== "" || places.every((place, i) => i === 0 || place > places[i - 1]!);
          const isSame =
            found.join() === first.join() && found.toSorted().join() === expected.toSorted().join();
          const isCounted =
            bounds?.most === 0 ||
            [...totals].every(
              (one) =>
                one === Math.min(expected.length, (bounds?.most ?? 1e6) + 1) || one === expected.length,
            );
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
