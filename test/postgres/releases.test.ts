import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { connect } from "../../src/db/client.ts";
import {
  createEntry,
  deleteEntry,
  publishEntry,
  unpublishEntry,
  updateEntry,
} from "../../src/domain/content/entries/index.ts";
import {
  dryRunRelease,
  publishRelease,
  readRelease,
  rollBackRelease,
} from "../../src/domain/content/releases/index.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { notes, read, releaseOf, state } from "../support/releases.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();

const PAGE = {
  id: "page",
  name: "Page",
  fields: [
    { id: "title", type: "short_text", localized: true, required: true },
    { id: "slug", type: "slug", localized: true, unique: true },
    { id: "price", type: "integer" },
    { id: "next", type: "reference", to: ["page"] },
    { id: "parts", type: "component", multiple: true, fields: [{ id: "label", type: "short_text" }] },
  ],
};

describe.runIf(isReachable)("releases on a real Postgres", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  const asOwner = (ctx: Context, statement: string) =>
    connect(postgres.ownerUrl).query(statement, [ctx.tenantId]);

  async function newWorld(): Promise<Context> {
    const ctx = await postgres.newContext();
    await asOwner(
      ctx,
      `update environments set locales = '[{"code":"en"},{"code":"fr","fallback":"en"},{"code":"de"}]',
        schema_version = schema_version + 1 where tenant_id = $1`,
    );
    await createType(ctx, { definition: PAGE });
    return ctx;
  }
  const page = async (ctx: Context, body: object) =>
    (await createEntry(ctx, { type: "page", body: body as never, locale: "*" })).entry.id;
  const change = (ctx: Context, id: string, body: object) =>
    updateEntry(ctx, { type: "page", id, body: body as never, locale: "*" });
  const both = (text: string) => ({
    title: { en: text, fr: `${text} fr` },
    slug: { en: text, fr: `${text}-fr` },
  });
  const tryOut = (ctx: Context, id: string) => dryRunRelease(ctx, { id, changed: "refuse" });
  const reasons = async (ctx: Context, id: string) =>
    (await tryOut(ctx, id)).findings.map(({ severity, reason }) => `${severity} ${reason}`).sort();

  it("publishes as publishing one by one does: whole entries, locales, old versions, and none any more", async () => {
    const [one, other] = [await newWorld(), await newWorld()];
    const outcome = [];
    for (const [ctx, isReleased] of [
      [one, true],
      [other, false],
    ] as const) {
      const whole = await page(ctx, { ...both("whole"), price: 1, parts: [{ label: "a" }, { label: "b" }] });
      const part = await page(ctx, { ...both("part"), next: whole });
      const gone = await page(ctx, both("gone"));
      const narrowed = await page(ctx, both("narrowed"));
      for (const id of [part, gone, narrowed]) await publishEntry(ctx, { id });
      await change(ctx, part, { title: { en: "part 2", fr: "part 2 fr" }, price: 7 });
      if (isReleased) {
        const id = await releaseOf(ctx, [
          { entry: whole },
          { entry: part, locales: ["fr"] },
          { entry: gone, action: "unpublish" },
          { entry: narrowed, action: "unpublish", locales: ["fr"] },
        ]);
        await publishRelease(ctx, { id });
      } else {
        await publishEntry(ctx, { id: whole });
        await publishEntry(ctx, { id: part, locales: ["fr"] });
        await unpublishEntry(ctx, { id: gone });
        await unpublishEntry(ctx, { id: narrowed, locales: ["fr"] });
      }
      // Ids and moments differ.
      const names = new Map([whole, part, gone, narrowed].map((id, i) => [id, `#${i}`]));
      const text = JSON.stringify(await state(ctx)).replace(/\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|\+00)?/g, "then");
      outcome.push(JSON.parse([...names].reduce((all, [id, name]) => all.replaceAll(id, name), text)));
    }
    expect(outcome[0]).toEqual(outcome[1]);
    const events = await read(
      one,
      sql`select event, count(*)::int from outbox where event like '%publish%' and payload ? 'release' group by 1 order by 1`,
    );
    expect(events).toEqual([
      ["entry.published", 2],
      ["entry.unpublished", 2],
    ]);
  });

  it("publishes an old version, and brings back by a rollback all that was there", async () => {
    const ctx = await newWorld();
    const first = await page(ctx, both("first"));
    await change(ctx, first, { title: { en: "second", fr: "second fr" } });
    await publishEntry(ctx, { id: first });
    const part = await page(ctx, both("part"));
    await publishEntry(ctx, { id: part, locales: ["en"] });
    await change(ctx, part, { title: { en: "part 2" } });
    const fresh = await page(ctx, both("fresh"));
    const gone = await page(ctx, both("gone"));
    await publishEntry(ctx, { id: gone });
    const before = await state(ctx);
    const id = await releaseOf(ctx, [
      { entry: first, version: 1 },
      { entry: part },
      { entry: fresh },
      { entry: gone, action: "unpublish" },
    ]);
    await publishRelease(ctx, { id });
    const shown = await read(
      ctx,
      sql`select doc::jsonb ->> 'title', version from published_entries where entry_id = ${first} and locale = 'en'`,
    );
    expect(shown).toEqual([["first", 1]]);
    const after = await state(ctx);
    expect(after).not.toEqual(before);
    expect(await tryOut(ctx, id)).toMatchObject({ of: "rollback", publishable: true });
    const inverse = await rollBackRelease(ctx, { id, changed: "refuse" });
    expect(inverse).toMatchObject({ state: "published", inverse_of: id, items: 4 });
    expect(await state(ctx)).toEqual(before);
    expect(await readRelease(ctx, { id })).toMatchObject({
      state: "rolled_back",
      rolled_back_by: inverse.id,
    });
    // The way back leads forward again.
    await rollBackRelease(ctx, { id: inverse.id, changed: "refuse" });
    expect((await state(ctx)).docs.map((row) => row.slice(0, 3))).toEqual(
      after.docs.map((row) => row.slice(0, 3)),
    );
  });

  it("rolls nothing back over what others published since, unless that is said", async () => {
    const ctx = await postgres.newContext();
    const [a, b] = (await notes(ctx, 2)) as [string, string];
    await publishEntry(ctx, { id: a });
    await updateEntry(ctx, { type: "note", id: a, body: { title: "new" } });
    const id = await releaseOf(ctx, [{ entry: a }, { entry: b }]);
    await publishRelease(ctx, { id });
    await updateEntry(ctx, { type: "note", id: a, body: { title: "newer" } });
    await publishEntry(ctx, { id: a });
    expect(await reasons(ctx, id)).toEqual(["error releases/changed-since"]);
    await expect(rollBackRelease(ctx, { id, changed: "refuse" })).rejects.toMatchObject({
      reason: "releases/not-publishable",
      details: [{ entry: a, reason: "releases/changed-since" }],
    });
    expect(await read(ctx, sql`select count(*)::int from releases`)).toEqual([[1]]);
    expect(await rollBackRelease(ctx, { id, changed: "skip" })).toMatchObject({ items: 1 });
    const shown = () => read(ctx, sql`select entry_id, doc::jsonb ->> 'title' from published_entries`);
    expect(await shown()).toEqual([[a, "newer"]]);
  });

  it("says before what would keep it from being published, and publishes nothing then", async () => {
    const ctx = await newWorld();
    const [twin, target, gone] = [
      await page(ctx, both("twin")),
      await page(ctx, both("target")),
      await page(ctx, both("gone")),
    ];
    const bare = (
      await createEntry(ctx, { type: "page", body: { price: 1 } as never, allowIncomplete: true })
    ).entry.id;
    const pointing = await page(ctx, { ...both("pointing"), next: target });
    await publishEntry(ctx, { id: target });
    await publishEntry(ctx, { id: pointing });
    const id = await releaseOf(ctx, [
      { entry: bare },
      { entry: gone },
      { entry: target, action: "unpublish" },
      { entry: twin, locales: ["en"] },
    ]);
    await change(ctx, twin, { price: 2 });
    await deleteEntry(ctx, { type: "page", id: gone });
    expect(await reasons(ctx, id)).toEqual([
      "error content/incomplete",
      "error content/not-found",
      "error content/referenced",
      "warning releases/changed",
      "warning releases/not-translated",
      "warning releases/not-translated",
      "warning releases/not-translated",
    ]);
    const before = await state(ctx);
    await expect(publishRelease(ctx, { id })).rejects.toMatchObject({ reason: "releases/not-publishable" });
    expect(await state(ctx)).toEqual(before);
  });

  it("swaps values that must be unique, and refuses those that two would have", async () => {
    const ctx = await newWorld();
    const [a, b, c] = [await page(ctx, both("a")), await page(ctx, both("b")), await page(ctx, both("c"))];
    for (const id of [a, b]) await publishEntry(ctx, { id });
    await change(ctx, a, { slug: { en: "x", fr: "x-fr" } });
    await change(ctx, b, { slug: { en: "a", fr: "a-fr" } });
    await change(ctx, a, { slug: { en: "b", fr: "b-fr" } });
    const id = await releaseOf(ctx, [{ entry: a }, { entry: b }]);
    await publishRelease(ctx, { id });
    const slugs = await read(
      ctx,
      sql`select entry_id, slug from published_entries where locale = 'en' order by 1`,
    );
    expect(slugs).toEqual([
      [a, "b"],
      [b, "a"],
    ]);
    await change(ctx, c, { slug: { en: "free", fr: "free-fr" } });
    await change(ctx, b, { slug: { en: "c", fr: "c-fr" } });
    const clash = await releaseOf(ctx, [{ entry: b }, { entry: c, version: 1 }]);
    expect((await reasons(ctx, clash)).filter((one) => one.startsWith("error"))).toEqual(
      Array(4).fill("error content/not-unique"),
    );
  });

  it("refuses what breaks a tree, as it would be after all of the release", async () => {
    const ctx = await postgres.newContext();
    await createType(ctx, {
      definition: {
        id: "part",
        name: "Part",
        parent: "up",
        fields: [
          { id: "name", type: "short_text" },
          { id: "up", type: "reference", to: ["part"] },
        ],
      },
    });
    const part = async (up?: string) =>
      (await createEntry(ctx, { type: "part", body: { name: "x", ...(up ? { up } : {}) } })).entry.id;
    const a = await part();
    const b = await part(a);
    for (const id of [a, b]) await publishEntry(ctx, { id });
    await updateEntry(ctx, { type: "part", id: b, body: { up: null } });
    await updateEntry(ctx, { type: "part", id: a, body: { up: b } });
    const half = await releaseOf(ctx, [{ entry: a }]);
    expect(await reasons(ctx, half)).toEqual(["error content/tree-cycle"]);
    await expect(publishRelease(ctx, { id: half })).rejects.toMatchObject({
      reason: "releases/not-publishable",
      details: [{ entry: a, reason: "content/tree-cycle" }],
    });
    const whole = await releaseOf(ctx, [{ entry: a }, { entry: b }]);
    expect(await publishRelease(ctx, { id: whole })).toMatchObject({ state: "published" });
  });
});
