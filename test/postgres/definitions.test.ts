import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { createEntry, publishEntry, updateEntry } from "../../src/domain/content/entries/index.ts";
import {
  createComponent,
  createType,
  deleteComponent,
  deleteType,
  putComponent,
  putType,
} from "../../src/domain/content/types/index.ts";
import { findPostgres, openPostgres, outcomes, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const uses = (id: string, field = id) => ({ id: field, type: "component", component: id });
const component = (id: string, ...fields: object[]) => ({ id, name: id, fields });
const type = (id: string, ...fields: object[]) => ({ id, name: id, fields: [text("name"), ...fields] });

describe.runIf(isReachable)("definitions that change at once", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  const put = (ctx: Context, definition: { id: string }) =>
    putComponent(ctx, { id: definition.id, definition, allowDataLoss: false, dryRun: false });
  const usesOf = async (ctx: Context) => {
    const { rows } = await ctx.db.read(sql`select id, definition from components
      where tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid`);
    return new Map(
      (rows as [string, { fields: { component?: string }[] }][]).map(([id, { fields }]) => [
        id,
        fields.flatMap((field) => field.component ?? []),
      ]),
    );
  };

  it("components make no circle, however two changes race", async () => {
    for (let round = 0; round < 10; round++) {
      const ctx = await postgres.newContext();
      for (const id of ["a", "b", "c"]) await createComponent(ctx, { definition: component(id, text("t")) });
      await outcomes([
        put(ctx, component("a", text("t"), uses("b"))),
        put(ctx, component("b", text("t"), uses("c"))),
        put(ctx, component("c", text("t"), uses("a"))),
      ]);
      const used = await usesOf(ctx);
      const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
        (used.get(from) ?? []).some((id) => id === to || (!seen.has(id) && reaches(id, to, seen.add(id))));
      expect(["a", "b", "c"].filter((id) => reaches(id, id))).toEqual([]);
    }
  });

  it("a component is not deleted under a type that begins to use it, nor a type under one that refers to it", async () => {
    for (let round = 0; round < 10; round++) {
      const ctx = await postgres.newContext();
      await createComponent(ctx, { definition: component("seo", text("t")) });
      await createType(ctx, { definition: type("author") });
      await outcomes([
        deleteComponent(ctx, { id: "seo" }),
        createType(ctx, { definition: type("page", uses("seo")) }),
      ]);
      await outcomes([
        deleteType(ctx, { id: "author" }),
        createType(ctx, { definition: type("post", { id: "by", type: "reference", to: ["author"] }) }),
      ]);
      const { rows } = await ctx.db.read(sql`select
        (select count(*)::int from components where id = 'seo' and ${inEnvironment(ctx)}),
        (select count(*)::int from content_types where id = 'page' and ${inEnvironment(ctx)}),
        (select count(*)::int from content_types where id = 'author' and ${inEnvironment(ctx)}),
        (select count(*)::int from content_types where id = 'post' and ${inEnvironment(ctx)})`);
      const [seo, page, author, post] = rows[0] as number[];
      expect(page! <= seo! && post! <= author!, JSON.stringify(rows[0])).toBe(true);
    }
  });

  it.each([
    ["unique", { type: "short_text" }, { type: "short_text", unique: true }, "a", "b", {}],
    ["unique", { type: "integer" }, { type: "integer", unique: true }, 1, 2, {}],
    [
      "unique in each locale",
      { type: "short_text", localized: true },
      { type: "short_text", localized: true, unique: true },
      "a",
      "b",
      {},
    ],
    [
      "a unique decimal",
      { type: "integer", unique: true },
      { type: "decimal", scale: 2, unique: true },
      1,
      2,
      {},
    ],
    ["a slug", { type: "short_text" }, { type: "slug" }, "a", "b", {}],
    ["a localised slug", { type: "slug" }, { type: "slug", localized: true }, "a", "b", { localize: "all" }],
  ] as const)(
    "a field becomes %s: what is there is kept from then on, before anything is rebuilt",
    async (_what, before, after, one, other, rules) => {
      const ctx = await postgres.newContext();
      const code = (field: object) => type("coded", { id: "code", ...field });
      await createType(ctx, { definition: code(before) });
      const make = async (value: unknown) => {
        const { entry } = await createEntry(ctx, { type: "coded", body: { name: "n", code: value } });
        await publishEntry(ctx, { id: entry.id });
        return entry.id;
      };
      const first = await make(one);
      await make(other);
      await putType(ctx, { id: "coded", definition: code(after), allowDataLoss: false, ...rules });
      await expect(make(one)).rejects.toMatchObject({ code: "CONFLICT" });
      const free = typeof one === "number" ? 7 : "c";
      await updateEntry(ctx, { type: "coded", id: first, body: { code: free } });
      // The working copy is free now, what is published is not.
      const { entry } = await createEntry(ctx, { type: "coded", body: { name: "n", code: one } });
      await expect(publishEntry(ctx, { id: entry.id })).rejects.toMatchObject({ code: "CONFLICT" });
    },
  );

  it("a type and a component do not get one name", async () => {
    for (let round = 0; round < 10; round++) {
      const ctx = await postgres.newContext();
      const done = await outcomes([
        createType(ctx, { definition: type("seo") }),
        createComponent(ctx, { definition: component("seo", text("t")) }),
      ]);
      expect(done.won).toBe(1);
    }
  });

  it("a component changes under running writes, and every entry fits afterwards", async () => {
    const ctx = await postgres.newContext();
    await createComponent(ctx, { definition: component("seo", text("t", { max: 10 }), text("gone")) });
    await createType(ctx, { definition: type("page", uses("seo")) });
    const writes = Array.from({ length: 24 }, async (_, i) => {
      const { entry } = await createEntry(ctx, {
        type: "page",
        body: { name: `${i}`, seo: { t: "x", gone: "g" } },
      });
      await publishEntry(ctx, { id: entry.id });
    });
    const changes = [
      putComponent(ctx, {
        id: "seo",
        definition: component("seo", text("t", { max: 10 })),
        allowDataLoss: true,
        dryRun: false,
      }),
      putType(ctx, { id: "page", definition: type("page", uses("seo"), text("more")), allowDataLoss: false }),
    ];
    const results = await Promise.allSettled([...writes, ...changes]);
    const reasons = results.flatMap((one) =>
      one.status === "rejected" ? [(one.reason as { reason?: string }).reason] : [],
    );
    for (const reason of reasons)
      expect(["content/invalid-entry", "types/changing"], String(reason)).toContain(reason);
    const { rows } = await ctx.db.read(sql`select
      (select version from components where id = 'seo' and ${inEnvironment(ctx)}),
      (select count(*)::int from entries where ${inEnvironment(ctx)} and data #> '{seo,gone}' is not null)`);
    if (rows[0]![0] === 2) expect(rows[0]![1]).toBe(0);
  });

  it("200 types that use one component change with it in one transaction", async () => {
    const ctx = await postgres.newContext();
    await createComponent(ctx, { definition: component("seo", text("t")) });
    for (let i = 0; i < 200; i++) await createType(ctx, { definition: type(`page_${i}`, uses("seo")) });
    for (let i = 0; i < 20; i++)
      await createEntry(ctx, { type: `page_${i}`, body: { name: "n", seo: { t: "value" } } });
    const schemaVersion = async () => (await ctx.db.run([])).schemaVersion!;
    const before = await schemaVersion();
    const startedAt = performance.now();
    const added = await put(ctx, component("seo", text("t"), text("more")));
    const middle = performance.now();
    const narrowed = await putComponent(ctx, {
      id: "seo",
      definition: component("seo", text("t", { max: 3 }), text("more")),
      allowDataLoss: false,
      dryRun: false,
    }).catch((error: unknown) => error);
    const end = performance.now();
    console.log(
      `200 types: a field more ${Math.round(middle - startedAt)} ms, a refused rule ${Math.round(end - middle)} ms`,
    );
    expect(added.touched).toHaveLength(200);
    expect(await schemaVersion()).toBe(before + 1);
    expect(narrowed).toMatchObject({ reason: "types/violated" });
    const { rows } = await ctx.db.read(sql`select count(*)::int, min(version), max(version) from content_types
      where ${inEnvironment(ctx)} and id like 'page%' and definition::text like '%"more"%'`);
    expect(rows[0]).toEqual([200, 2, 2]);
  }, 120_000);
});

const inEnvironment = (ctx: Context) =>
  sql`tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid`;
