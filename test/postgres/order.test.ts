import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { listEntries, parseListQuery, placeEntry } from "../../src/domain/content/entries/index.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const SIBLINGS = 10_000;
const WRITERS = 16;
const MOVES = 40;
/** The id of an entry; each type has its own. */
const idOf = (i: number, of = "0") => `cnt_0${of}${String(i).padStart(24, "0")}`;

describe.runIf(isReachable)("the manual order of a type", () => {
  let postgres: RealPostgres;
  let ctx: Context;
  let client: pg.Client;
  beforeAll(async () => {
    postgres = await openPostgres();
    ctx = await postgres.newContext();
    client = new pg.Client({ connectionString: postgres.databaseUrl });
    await client.connect();
  }, 120_000);
  afterAll(async () => {
    await client.end();
    await postgres.close();
  });

  /** Published entries of a type, in the order of their numbers. */
  async function seed(type: string, count: number, own = "0"): Promise<void> {
    const fields = [{ id: "title", type: "short_text" }];
    await createType(ctx, { definition: { id: type, name: type, ordered: true, fields } });
    const of = [ctx.tenantId, ctx.environmentId, type, count, own];
    await client.query(
      `insert into entries (tenant_id, environment_id, id, type, data, created_by, updated_by, published_version, published_at, order_key)
        select $1, $2, 'cnt_0' || $5::text || lpad(i::text, 24, '0'), $3, '{}', 'tok', 'tok', 1, now(), i * 2147483648 from generate_series(1, $4::int) i`,
      of,
    );
    await client.query(
      `insert into published_entries (tenant_id, environment_id, entry_id, locale, type, published_at, created_at, updated_at, version, doc, order_key)
        select tenant_id, environment_id, id, 'en', type, now(), now(), now(), 1, '{"id":"' || id || '"}', order_key
        from entries where tenant_id = $1 and environment_id = $2 and type = $3`,
      of.slice(0, 3),
    );
  }

  /** The ids of all pages. */
  async function idsOf(type: string, query: string): Promise<string[]> {
    const ids: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const next: string = cursor ? `&cursor=${cursor}` : "";
      const page = await listEntries(ctx, {
        type,
        query: parseListQuery(new URLSearchParams(`limit=100&${query}${next}`)),
      });
      ids.push(...page.items.map((item) => (JSON.parse(item) as { id: string }).id));
      cursor = page.nextCursor;
    }
    return ids;
  }

  async function keysOf(type: string): Promise<{ different: number; same: number }> {
    const { rows } = await client.query<{ different: number; same: number }>(
      `select count(distinct entry.order_key)::int as different,
        count(*) filter (where shown.order_key = entry.order_key)::int as same
        from entries entry join published_entries shown on shown.entry_id = entry.id and shown.type = entry.type
        where entry.tenant_id = $1 and entry.type = $2`,
      [ctx.tenantId, type],
    );
    return rows[0]!;
  }

  it("is total after 16 writers have reordered 10,000 siblings, most of them into the same gap", async () => {
    await seed("sibling", SIBLINGS);
    let seed0 = 5;
    const below = (n: number) => (seed0 = (seed0 * 1_103_515_245 + 12_345) % 2_147_483_648) % n;
    const work = Array.from({ length: WRITERS }, () =>
      Array.from({ length: MOVES }, () => {
        const id = idOf(1 + below(SIBLINGS));
        const beside = idOf(below(3) === 0 ? 1 + below(SIBLINGS) : 5000 + below(2));
        return { id, beside, isBefore: below(2) === 0 };
      }).filter(({ id, beside }) => id !== beside),
    );
    await Promise.all(
      work.map(async (moves) => {
        for (const { id, beside, isBefore } of moves)
          await placeEntry(ctx, {
            type: "sibling",
            id,
            ...(isBefore ? { before: beside } : { after: beside }),
          });
      }),
    );
    const [published, drafts, backwards] = await Promise.all(
      ["", "perspective=draft", "sort=-order"].map((query) => idsOf("sibling", query)),
    );
    expect(new Set(published).size).toBe(SIBLINGS);
    expect(published).toHaveLength(SIBLINGS);
    expect(drafts).toEqual(published);
    expect(backwards!.toReversed()).toEqual(published);
    const { different, same } = await keysOf("sibling");
    expect([different, same]).toEqual([SIBLINGS, SIBLINGS]);
  }, 300_000);

  it("has short keys and every entry in its place after hostile moves into one gap", async () => {
    await seed("step", 300, "1");
    const order = Array.from({ length: 300 }, (_, i) => idOf(i + 1, "1"));
    const move = async (id: string, beside: string, isBefore: boolean) => {
      order.splice(order.indexOf(id), 1);
      order.splice(order.indexOf(beside) + (isBefore ? 0 : 1), 0, id);
      await placeEntry(ctx, { type: "step", id, ...(isBefore ? { before: beside } : { after: beside }) });
    };
    // Each goes between the two before it.
    for (let i = 0; i < 220; i++) {
      const [last, other] = [order[(150 + i) % 300]!, order[150]!];
      if (last !== other) await move(last, other, i % 2 === 0);
    }
    for (let i = 0; i < 90; i++) await move(order[i % 2 === 0 ? 151 : 149]!, order[150]!, i % 2 === 0);
    await move(order[10]!, order[0]!, true);
    await move(order[10]!, order.at(-1)!, false);
    expect(await idsOf("step", "")).toEqual(order);
    const { different, same } = await keysOf("step");
    expect([different, same]).toEqual([300, 300]);
  }, 120_000);
});
