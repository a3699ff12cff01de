import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { createEntry, publishEntry, updateEntry } from "../../src/domain/content/entries/index.ts";
import { bulkEntries } from "../../src/domain/content/entries/write/bulk-entries.ts";
import { BulkInput } from "../../src/domain/content/entries/bulk-schemas.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const POST = {
  id: "post",
  name: "Post",
  fields: [
    { id: "title", type: "short_text" },
    { id: "slug", type: "slug", from: ["title"], required: true },
  ],
};

describe.runIf(isReachable)("slugs that are made at once on a real Postgres", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  const newContext = async () => {
    const ctx = await postgres.newContext();
    await createType(ctx, { definition: POST });
    return ctx;
  };
  const create = (ctx: Context, title: string) =>
    createEntry(ctx, { type: "post", body: { title } }).then(
      ({ entry }) => entry as { id: string; slug?: string },
    );
  const slugsOf = async (ctx: Context, order = sql`slug`) =>
    (
      await ctx.db.run([
        sql`select slug from (select data ->> 'slug' as slug from entries) kept order by ${order}`,
      ])
    ).results[0]!.map(([slug]) => slug as string);

  it("gives 1,000 entries of the same title by 16 writers a number each, and refuses none", async () => {
    const ctx = await newContext();
    let left = 1000;
    const writer = async () => {
      while (left-- > 0) await create(ctx, "Breaking news");
    };
    await Promise.all(Array.from({ length: 16 }, writer));
    const slugs = await slugsOf(ctx, sql`length(slug), slug`);
    expect(slugs).toEqual(
      Array.from({ length: 1000 }, (_, i) => (i === 0 ? "breaking-news" : `breaking-news-${i + 1}`)),
    );
  });

  it("keeps apart titles that end in numbers, and slugs that are written, all at once", async () => {
    const ctx = await newContext();
    const titles = Array.from({ length: 96 }, (_, i) => ["Top", "Top 2", "Top 2 2", "Top 3"][i % 4]!);
    await Promise.all(titles.map((title) => create(ctx, title)));
    const slugs = await slugsOf(ctx);
    expect(new Set(slugs).size).toBe(96);
    for (const slug of slugs) expect(slug).toMatch(/^top(?:-[0-9]+)*$/);
  });

  it("makes them in racing bulks, and for patches of the same entry", async () => {
    const ctx = await newContext();
    const bulk = BulkInput.parse({
      operations: Array.from({ length: 50 }, () => ({
        op: "create",
        type: "post",
        fields: { title: "Bulk" },
      })),
    });
    const done = await Promise.all(Array.from({ length: 6 }, () => bulkEntries(ctx, bulk)));
    expect(done.map(({ succeeded }) => succeeded)).toEqual(Array.from({ length: 6 }, () => 50));
    expect(new Set(await slugsOf(ctx)).size).toBe(300);
    const words = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const mixed = Array.from({ length: 8 }, (_, turn) =>
      BulkInput.parse({
        operations: words.map((_, i) => ({
          op: "create",
          type: "post",
          fields: { title: words[(turn % 2 ? words.length - i : i + turn) % words.length] },
        })),
      }),
    );
    const outcome = await Promise.all(mixed.map((one) => bulkEntries(ctx, one)));
    expect(outcome.map(({ succeeded }) => succeeded)).toEqual(Array.from({ length: 8 }, () => 8));
    const { id } = await create(ctx, "One");
    const patches = Array.from({ length: 12 }, (_, i) =>
      updateEntry(ctx, { type: "post", id, body: { title: `Title ${i}` } }),
    );
    await Promise.all(patches);
    const { results } = await ctx.db.run([sql`select data, made_slugs from entries where id = ${id}`]);
    const [data, marks] = results[0]![0] as [{ title: string; slug: string }, object];
    expect(data.slug).toBe(data.title.toLowerCase().replace(" ", "-"));
    expect(marks).toEqual({ "slug:": data.slug });
  });

  it("never changes one that is published meanwhile", async () => {
    const ctx = await newContext();
    for (let round = 0; round < 20; round++) {
      const { id } = await create(ctx, `Before ${round}`);
      await Promise.all([
        updateEntry(ctx, { type: "post", id, body: { title: `After ${round}` } }),
        publishEntry(ctx, { id }),
      ]);
      const { results } = await ctx.db.run([
        sql`select entry.data ->> 'slug', shown.slug, entry.version, entry.published_version from entries entry
          join published_entries shown on shown.entry_id = entry.id where entry.id = ${id}`,
      ]);
      const [draft, shown] = results[0]![0] as string[];
      expect(draft).toBe(shown);
    }
  });
});
