import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { AppError } from "../../src/core/errors.ts";
import {
  createEntry,
  listEntries,
  parseListQuery,
  placeEntry,
  publishEntry,
  updateEntry,
} from "../../src/domain/content/entries/index.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const PAGE = {
  id: "page",
  name: "Page",
  ordered: true,
  parent: "up",
  fields: [
    { id: "title", type: "short_text" },
    { id: "up", type: "reference", to: ["page"] },
  ],
};

describe.runIf(isReachable)("a tree under writers at once", () => {
  let postgres: RealPostgres;
  let ctx: Context;
  let client: pg.Client;
  beforeAll(async () => {
    postgres = await openPostgres();
    ctx = await postgres.newContext();
    await createType(ctx, { definition: PAGE });
    client = new pg.Client({ connectionString: postgres.databaseUrl });
    await client.connect();
  }, 120_000);
  afterAll(async () => {
    await client.end();
    await postgres.close();
  });

  const made = async (title: string, up: string | null) => {
    const { entry } = await createEntry(ctx, { type: "page", body: { title, up } });
    await publishEntry(ctx, { id: entry.id });
    return entry.id;
  };

  /** How many entries of a perspective are above themselves. */
  async function circles(perspective: 0 | 1): Promise<number> {
    const { rows } = await client.query<{ n: number }>(
      `with recursive up (start, id, level) as (
          select entry_id, target_id, 1 from entry_refs where tenant_id = $1 and field = 'up' and perspective = $2
          union select up.start, ref.target_id, level + 1 from up join entry_refs ref on ref.tenant_id = $1
            and ref.entry_id = up.id and ref.field = 'up' and ref.perspective = $2 where level < 40)
        select count(*)::int as n from up where start = id`,
      [ctx.tenantId, perspective],
    );
    return rows[0]!.n;
  }

  it("has no circle after racing moves, and loses no entry", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 12; i++) ids.push(await made(`${i}`, null));
    let seed = 3;
    const below = (n: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % n;
    const reasons = new Set<string>();
    const allowed = async (work: Promise<unknown>) => {
      try {
        await work;
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        reasons.add(error.reason);
      }
    };
    for (let round = 0; round < 12; round++)
      await Promise.all(
        Array.from({ length: 16 }, async (_, i) => {
          const [id, parent] = [ids[below(ids.length)]!, ids[below(ids.length)]!];
          if (i % 2 === 0) await allowed(placeEntry(ctx, { type: "page", id, parent }));
          else
            await allowed(
              updateEntry(ctx, { type: "page", id, body: { up: below(4) === 0 ? null : parent } }),
            );
          await allowed(publishEntry(ctx, { id }));
        }),
      );
    expect([await circles(0), await circles(1)]).toEqual([0, 0]);
    expect([...reasons]).toContain("content/tree-cycle");
    const others = [
      "content/tree-cycle",
      "content/tree-too-deep",
      "content/changed-meanwhile",
      "content/already-published",
      "db/contended",
    ];
    expect([...reasons].filter((reason) => !others.includes(reason))).toEqual([]);
    const shown = await listEntries(ctx, {
      type: "page",
      query: parseListQuery(new URLSearchParams("limit=100")),
    });
    expect(shown.items).toHaveLength(ids.length);
  }, 240_000);

  it("has no circle of two that each go below the other at the same moment", async () => {
    for (let round = 0; round < 12; round++) {
      const [a, b] = [await made("a", null), await made("b", null)];
      const done = await Promise.allSettled([
        placeEntry(ctx, { type: "page", id: a, parent: b }),
        placeEntry(ctx, { type: "page", id: b, parent: a }),
      ]);
      expect(done.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    }
    expect(await circles(0)).toBe(0);
  }, 120_000);
});
