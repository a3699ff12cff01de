import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { connect } from "../../src/db/client.ts";
import {
  aggregateEntries,
  createEntry,
  getEntry,
  listEntries,
  parseAggregateQuery,
  parseListQuery,
  parseViewQuery,
  publishEntry,
  updateEntry,
} from "../../src/domain/content/entries/index.ts";
import {
  addItems,
  createRelease,
  previewOf,
  publishRelease,
} from "../../src/domain/content/releases/index.ts";
import { indexEntries } from "../../src/domain/content/search/index.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();

const POST = {
  id: "post",
  name: "Post",
  fields: [
    { id: "title", type: "short_text", localized: true },
    { id: "slug", type: "slug", unique: true },
    { id: "price", type: "integer" },
    { id: "kind", type: "enum", options: ["a", "b"] },
    { id: "next", type: "reference", to: ["post"] },
    { id: "parts", type: "component", multiple: true, fields: [{ id: "label", type: "short_text" }] },
  ],
  back_references: [{ id: "before", type: "post", field: "next" }],
};

const LISTS = [
  "",
  "limit=2&total=exact",
  "limit=2&page=2",
  "sort=price&limit=3",
  "sort=-title&fields=title,price",
  "sort=slug",
  "filter[kind]=a",
  "filter[price][gte]=2&sort=price",
  "filter[title]=new 1",
  "filter[parts][label]=new",
  "filter[next][kind]=b",
  "filter[next][exists]=true",
  "filter[before][kind]=a",
  "filter[price][null]=true",
  "include=next,before&sort=slug",
  "facets=kind,price&limit=1",
  "q=new",
  "q=nwe",
  "q=old&facets=kind",
  "locale=fr&sort=title",
  "locale=fr&filter[title]=neuf 1",
  "locale=*&sort=slug",
  "locale=*&q=neuf",
];

describe.runIf(isReachable)("previews of releases on a real Postgres", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  /** Entries of every kind in a release, and some beside it. */
  async function newWorld() {
    const ctx = await postgres.newContext();
    await connect(postgres.ownerUrl).query(
      `update environments set locales = '[{"code":"en"},{"code":"fr","fallback":"en"}]',
        schema_version = schema_version + 1 where tenant_id = $1`,
      [ctx.tenantId],
    );
    await createType(ctx, { definition: POST });
    const create = async (name: string, more: object = {}) =>
      (
        await createEntry(ctx, {
          type: "post",
          locale: "*",
          body: { title: { en: name, fr: `${name} fr` }, slug: name.replace(" ", "-"), ...more } as never,
        })
      ).entry.id;
    const ids: Record<string, string> = {};
    for (const [i, name] of ["old 1", "old 2", "old 3", "old 4", "old 5"].entries())
      ids[name] = await create(name, {
        price: i,
        kind: i % 2 ? "a" : "b",
        ...(i > 0 ? { next: ids[`old ${i}`] } : {}),
        parts: [{ label: name }],
      });
    for (const id of Object.values(ids)) await publishEntry(ctx, { id });
    const change = (name: string, body: object) =>
      updateEntry(ctx, { type: "post", id: ids[name]!, locale: "*", body: body as never });
    await change("old 1", {
      title: { en: "new 1", fr: "neuf 1" },
      slug: "new-1",
      price: 9,
      parts: [{ label: "new" }],
    });
    await change("old 2", { title: { en: "new 2", fr: "neuf 2" }, next: ids["old 5"] });
    await change("old 5", { title: { en: "not yet" } });
    ids["new 6"] = await create("new 6", { kind: "a", next: ids["old 1"] });
    ids["new 7"] = await create("new 7", { kind: "b", price: 3 });
    const { id } = await createRelease(ctx, { name: "Spring", allow_broken_references: true });
    await addItems(ctx, {
      id,
      items: [
        { entry: ids["old 1"]!, action: "publish" },
        { entry: ids["old 2"]!, action: "publish", locales: ["fr"] },
        { entry: ids["old 3"]!, action: "unpublish" },
        { entry: ids["new 6"]!, action: "publish" },
        { entry: ids["new 7"]!, action: "publish", locales: ["en"] },
      ],
    });
    const index = () => indexEntries(ctx, { ids: Object.values(ids) });
    await index();
    return { ctx, ids, id, index };
  }

  /** All that readers may ask, without moments that the release sets. */
  async function answers(ctx: Context, ids: string[]) {
    const told: Record<string, unknown> = {};
    for (const query of LISTS) {
      const list = parseListQuery(new URLSearchParams(query));
      const page = await listEntries(ctx, { type: "post", query: list });
      const items = page.items.map((one) => JSON.parse(one));
      told[query] = { items, total: page.total, facets: page.facets };
    }
    for (const one of [...ids, "old-1", "new-1", "new-6", "old-3"]) {
      const query = parseViewQuery(new URLSearchParams("include=next,before"));
      told[one] = await getEntry(ctx, { type: "post", idOrSlug: one, query }).then(
        ({ item, moved }) => ({ item: JSON.parse(item), moved }),
        (error: Error) => error.message,
      );
    }
    for (const query of [
      "",
      "group_by=kind&sum=price",
      "q=new",
      "filter[kind]=a&max=price",
      "group_by=title",
    ])
      told[`aggregate ${query}`] = (
        await aggregateEntries(ctx, { type: "post", query: parseAggregateQuery(new URLSearchParams(query)) })
      ).groups;
    return JSON.parse(JSON.stringify(told).replace(/"published_at":"[^"]*"/g, '"published_at":"then"'));
  }

  it("answers every query as readers are answered after the release, and leaves theirs as they are", async () => {
    const { ctx, ids, id, index } = await newWorld();
    const before = await answers(ctx, Object.values(ids));
    const preview = await answers(await previewOf(ctx, id), Object.values(ids));
    expect(await answers(ctx, Object.values(ids))).toEqual(before);
    expect(preview).not.toEqual(before);
    await publishRelease(ctx, { id });
    await index();
    const after = await answers(ctx, Object.values(ids));
    for (const query of Object.keys(after)) expect(preview[query], query).toEqual(after[query]);
  });

  it("follows the newest versions, the types and the items", async () => {
    const { ctx, ids, id } = await newWorld();
    const titles = async () => {
      const page = await listEntries(await previewOf(ctx, id), {
        type: "post",
        query: parseListQuery(new URLSearchParams("sort=slug&fields=title")),
      });
      return page.items.map((one) => (JSON.parse(one) as { title: string }).title);
    };
    expect(await titles()).toEqual(["new 1", "new 6", "new 7", "old 2", "old 4", "old 5"]);
    await updateEntry(ctx, { type: "post", id: ids["new 6"]!, body: { title: "newest 6" } });
    expect(await titles()).toContain("newest 6");
    await addItems(ctx, { id, items: [{ entry: ids["old 4"]!, action: "unpublish" }] });
    expect(await titles()).not.toContain("old 4");
  });

  it("has every column of the tables that it stands for", async () => {
    const ctx = await postgres.newContext();
    const { results } = await ctx.db.run([
      sql`select view.table_name, string_agg(view.column_name, ' ' order by view.ordinal_position),
          (select string_agg(own.column_name, ' ' order by own.ordinal_position) from information_schema.columns own
            where own.table_schema = 'public' and own.table_name = view.table_name)
        from information_schema.columns view where view.table_schema = 'flow_preview' group by 1 order by 1`,
    ]);
    expect(results[0]!.length).toBe(6);
    for (const [table, shown, own] of results[0]!) expect(shown, table as string).toBe(own);
  });
});
