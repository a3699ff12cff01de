import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import {
  createEntry,
  publishEntry,
  rebuildReadModel,
  startRebuilds,
  takeRebuild,
  updateEntry,
} from "../../src/domain/content/entries/index.ts";
import { createPolicy } from "../../src/domain/content/policies/policies.ts";
import { createType, putType } from "../../src/domain/content/types/index.ts";
import { rebuildPiece } from "../../src/http/rebuild-pieces.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const text = (id: string, more: object = {}) => ({ id, type: "short_text", ...more });
const page = (...fields: object[]) => ({ id: "page", name: "Page", fields });
const inEnvironment = (ctx: Context, alias: string) =>
  sql`${sql.raw(alias)}.tenant_id = ${ctx.tenantId}::uuid and ${sql.raw(alias)}.environment_id = ${ctx.environmentId}::uuid`;

describe.runIf(isReachable)("fields that get another id", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  const rename = (ctx: Context, from: string, to: string) =>
    putType(ctx, {
      id: "page",
      definition: { ...page(text(to, { unique: true })), renames: { [from]: to } },
      allowDataLoss: false,
    });
  const countOf = async (ctx: Context, query: ReturnType<typeof sql>) =>
    (await ctx.db.read(query)).rows[0]![0] as number;

  it("under running writes lose no value, and each entry has it once", async () => {
    const ctx = await postgres.newContext();
    await createType(ctx, { definition: page(text("one", { unique: true })) });
    const ids: string[] = [];
    let field = "one";
    const write = async (i: number) => {
      // Whoever planned with the old id is told so, and writes again.
      for (;;) {
        try {
          const { entry } = await createEntry(ctx, { type: "page", body: { [field]: `v${i}` } });
          await publishEntry(ctx, { id: entry.id });
          return ids.push(entry.id);
        } catch (error) {
          expect(["content/invalid-entry", "types/changing"]).toContain((error as { reason: string }).reason);
        }
      }
    };
    const writers = Array.from({ length: 16 }, (_, i) => write(i));
    const names = ["two", "three", "four"];
    for (const to of names) {
      await rename(ctx, field, to);
      field = to;
    }
    await Promise.all(writers);
    const whole = await countOf(
      ctx,
      sql`select count(*)::int from entries entry where ${inEnvironment(ctx, "entry")} and entry.type = 'page'
        and entry.data - 'four' = '{}' and entry.data ? 'four'
        and (entry.published_data is null or (entry.published_data ? 'four' and entry.published_data - 'four' = '{}'))`,
    );
    const rows = await countOf(
      ctx,
      sql`select count(*)::int from entry_fields field where ${inEnvironment(ctx, "field")} and field.type = 'page'
        and field.field = 'four' and field.unique_value is not null`,
    );
    expect([ids.length, whole, rows]).toEqual([16, 16, 32]);
  });

  it("leave no policy behind that names the old type, however one is written meanwhile", async () => {
    for (let round = 0; round < 8; round++) {
      const ctx = await postgres.newContext();
      await createType(ctx, { definition: page(text("t")) });
      const policy = (name: string) =>
        createPolicy(ctx, {
          name,
          grants: [{ effect: "allow", actions: ["content:read"], types: ["page"] }],
        });
      const definition = { ...page(text("t")), id: "story" };
      const [renamed] = await Promise.allSettled([
        putType(ctx, { id: "story", definition, from: "page", allowDataLoss: false }),
        ...["a", "b", "c"].map(policy),
      ]);
      expect(renamed.status).toBe("fulfilled");
      const { rows } = await ctx.db.read(
        sql`select grants::text from policies where tenant_id = ${ctx.tenantId}::uuid`,
      );
      expect(rows.flat().filter((grants) => (grants as string).includes("page"))).toEqual([]);
    }
  });

  it("are in every answer at last, though who updates them dies in between", async () => {
    const ctx = await postgres.newContext();
    await createType(ctx, { definition: page(text("old", { unique: true })) });
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) {
      const { entry } = await createEntry(ctx, { type: "page", body: { old: `v${i}` } });
      await publishEntry(ctx, { id: entry.id });
      ids.push(entry.id);
    }
    await updateEntry(ctx, { type: "page", id: ids[0]!, body: { old: "changed" } });
    await rename(ctx, "old", "now");
    const stale = () =>
      countOf(
        ctx,
        sql`select count(*)::int from published_entries shown where ${inEnvironment(ctx, "shown")}
          and shown.type = 'page' and shown.doc::jsonb ? 'old'`,
      );
    expect(await stale()).toBe(12);
    await startRebuilds(ctx, { type: "page" });
    // The worker takes it on, gets through a page, and is killed before it can say how far it came.
    expect((await takeRebuild(ctx.db, ctx.tenantId))?.type).toBe("page");
    await rebuildReadModel(ctx, { type: "page", after: "", size: 5 });
    expect(await stale()).toBe(7);
    const work = () => rebuildPiece(ctx.tenantId, () => ctx, ctx);
    expect(await work()).toBe(false);
    await ctx.db.run([
      sql`update rebuilds set leased_until = now() - interval '1 second' where tenant_id = ${ctx.tenantId}::uuid`,
    ]);
    while (await work());
    expect(await stale()).toBe(0);
    const shown = await countOf(
      ctx,
      sql`select count(*)::int from published_entries shown where ${inEnvironment(ctx, "shown")}
        and shown.type = 'page' and shown.doc::jsonb ->> 'now' like 'v%'`,
    );
    expect(shown).toBe(12);
  });
});
