import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import {
  createEntry,
  publishEntry,
  rebuildReadModel,
  updateEntry,
} from "../../src/domain/content/entries/index.ts";
import { putType } from "../../src/domain/content/types/index.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isThere = await findPostgres();
const text = (id: string) => ({ id, type: "short_text" });
const PRODUCT = {
  id: "product",
  name: "Product",
  unique: [["sku", "shop"]],
  rules: [{ expression: "size(parts) <= 3", message: "At most three." }],
  fields: [
    text("sku"),
    text("shop"),
    { id: "parts", type: "short_text", multiple: true },
    { id: "count", type: "integer", computed: "size(parts)" },
    { id: "a", type: "integer" },
    { id: "b", type: "integer" },
    { id: "sum", type: "integer", computed: "a + b" },
  ],
};
const WRITERS = 16;
const reasonsOf = (results: PromiseSettledResult<unknown>[]) =>
  results
    .map((one) => (one.status === "fulfilled" ? "ok" : (one.reason as { reason: string }).reason))
    .sort();

describe.skipIf(!isThere)("rules on a real Postgres", { timeout: 120_000 }, () => {
  let pg: RealPostgres;
  let ctx: Context;
  beforeAll(async () => {
    pg = await openPostgres();
    ctx = await pg.newContext();
    await putType(ctx, { id: "product", definition: PRODUCT, allowDataLoss: false });
  }, 120_000);
  afterAll(() => pg.close());

  const create = (body: object) =>
    createEntry(ctx, { type: "product", body }).then(({ entry }) => entry as { id: string });
  const update = (id: string, body: object) => updateEntry(ctx, { type: "product", id, body });

  it("lets one of several writers have values that are unique together", async () => {
    const made = await Promise.allSettled(
      Array.from({ length: WRITERS }, () => create({ sku: "1", shop: "a" })),
    );
    expect(reasonsOf(made)).toEqual([...Array(WRITERS - 1).fill("content/not-unique"), "ok"]);
  });

  it("lets one of several changes make values the same, each of another entry", async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, (_, i) => create({ sku: `p${i}`, shop: "b" })));
    const moved = await Promise.allSettled(ids.map(({ id }) => update(id, { sku: "same" })));
    expect(reasonsOf(moved)).toEqual([...Array(5).fill("content/not-unique"), "ok"]);
  });

  it("computes from the values that are stored, however changes meet", async () => {
    const { id } = await create({ a: 0, b: 0 });
    const changes = Array.from({ length: 8 }, (_, i) => update(id, i % 2 === 0 ? { a: i } : { b: i }));
    expect(reasonsOf(await Promise.allSettled(changes))).toEqual(Array(8).fill("ok"));
    const { entry } = await update(id, {});
    const { a, b, sum } = entry as unknown as { a: number; b: number; sum: number };
    expect(sum).toBe(a + b);
  });

  it("publishes nothing that breaks a rule, also while it is changed", async () => {
    const { id } = await create({ parts: ["a"] });
    await putType(ctx, {
      id: "product",
      definition: { ...PRODUCT, rules: [{ expression: "size(parts) <= 1", message: "One." }] },
      allowDataLoss: false,
    });
    const two = await create({});
    await expect(update(two.id, { parts: ["a", "b"] })).rejects.toMatchObject({
      reason: "content/rule-violated",
    });
    const races = await Promise.allSettled([
      ...Array.from({ length: 4 }, (_, i) => update(id, { parts: [`${i}`] })),
      ...Array.from({ length: 4 }, () => publishEntry(ctx, { id })),
    ]);
    // Of publishers at once, all but one may find that it is done.
    expect(reasonsOf(races).filter((one) => one !== "content/already-published")).toContain("ok");
    expect(new Set(reasonsOf(races))).not.toContain("content/rule-violated");
    await putType(ctx, {
      id: "product",
      definition: { ...PRODUCT, rules: [{ expression: "size(parts) == 0", message: "None." }] },
      allowDataLoss: false,
    });
    await expect(publishEntry(ctx, { id })).rejects.toMatchObject({ reason: "content/rule-violated" });
  });

  it("computes entries again in pages when a type changes, and again without a difference", async () => {
    const { id } = await create({ a: 2, b: 3 });
    const fields = PRODUCT.fields.map((one) => (one.id === "sum" ? { ...one, computed: "a * b" } : one));
    await putType(ctx, { id: "product", definition: { ...PRODUCT, fields }, allowDataLoss: false });
    for (let round = 0; round < 2; round++) {
      for (let after: string | undefined = ""; after !== undefined;)
        after = (await rebuildReadModel(ctx, { type: "product", after, size: 5 })).next;
      const { rows } = await ctx.db.read(
        sql`select data ->> 'sum', version from entries where tenant_id = ${ctx.tenantId}::uuid and id = ${id}`,
      );
      expect(rows).toEqual([["6", 1]]);
    }
  });
});
