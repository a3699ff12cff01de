import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import type { AppError } from "../../src/core/errors.ts";
import {
  createEntry,
  listEntries,
  parseListQuery,
  publishEntry,
  updateEntry,
} from "../../src/domain/content/entries/index.ts";
import { createType, putType } from "../../src/domain/content/types/index.ts";
import { eventually } from "../support/eventually.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const page = (id: string, number: object, more: object = {}) => ({
  id: "page",
  name: "Page",
  fields: [
    { id, type: "short_text", ...more },
    { id: "n", ...number },
  ],
});
const INTEGER = { type: "integer" };
const DECIMAL = { type: "decimal", scale: 2 };

describe.runIf(isReachable)("changes of types under steady writers", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  const put = (ctx: Context, definition: object) =>
    putType(ctx, { id: "page", definition, allowDataLoss: false });
  const hold = (ctx: Context, until: ReturnType<typeof sql>) =>
    ctx.db.run([
      sql`update environments set held_by = 'somebody', held_until = ${until}
        where tenant_id = ${ctx.tenantId}::uuid and id = ${ctx.environmentId}::uuid`,
    ]);

  it("win against 16 of them, and no write is lost", async () => {
    const ctx = await postgres.newContext();
    await createType(ctx, { definition: page("one", INTEGER) });
    const state = { isRunning: true, field: "one" };
    const written = new Map<string, number>();
    const refused = new Set<string>();
    // Each goes on without a pause; whoever planned with the old definition is told so.
    const write = async (i: number) => {
      for (let n = 0; state.isRunning; n++) {
        const body = { [state.field]: `w${i}`, n: 100 * i + (n % 100) };
        try {
          const { entry } = await createEntry(ctx, { type: "page", body });
          written.set(entry.id, body.n as number);
          await publishEntry(ctx, { id: entry.id });
          const n2 = 5000 + i;
          await updateEntry(ctx, { type: "page", id: entry.id, body: { n: n2 } });
          written.set(entry.id, n2);
        } catch (error) {
          refused.add((error as AppError).reason);
        }
      }
    };
    const writers = Array.from({ length: 16 }, (_, i) => write(i));
    await eventually(async () => written.size > 40);
    for (const [field, number, more] of [
      ["one", DECIMAL, {}],
      ["one", INTEGER, {}],
      ["two", DECIMAL, { max: 50 }],
      ["three", INTEGER, { max: 40 }],
    ] as const) {
      const renames = field === state.field ? {} : { renames: { [state.field]: field } };
      const size = written.size;
      await put(ctx, { ...page(field, number, more), ...renames });
      state.field = field;
      await eventually(async () => written.size > size + 20);
    }
    state.isRunning = false;
    await Promise.all(writers);
    const { rows } = await ctx.db.read(sql`select id, (data ->> 'n')::int, data ->> 'three',
        (select count(*)::int from jsonb_object_keys(data)) from entries entry
      where tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid and type = 'page'`);
    expect(rows.length).toBe(written.size);
    const wrong = (rows as [string, number, string, number][]).filter(
      ([id, n, name, keys]) => written.get(id) !== n || !name.startsWith("w") || keys !== 2,
    );
    expect(wrong).toEqual([]);
    expect([...refused].filter((one) => !["content/invalid-entry", "types/changing"].includes(one))).toEqual(
      [],
    );
  });

  it("types get another id meanwhile, and each entry is of the one that is there", async () => {
    const ctx = await postgres.newContext();
    await createType(ctx, { definition: page("one", INTEGER, { unique: true }) });
    const state = { isRunning: true, type: "page" };
    const written: string[] = [];
    const refused = new Set<string>();
    const write = async (i: number) => {
      for (let n = 0; state.isRunning; n++) {
        const { type } = state;
        try {
          const { entry } = await createEntry(ctx, { type, body: { one: `w${i}.${n}`, n } });
          written.push(entry.id);
          await publishEntry(ctx, { id: entry.id });
          await updateEntry(ctx, { type, id: entry.id, body: { n: n + 1 } });
        } catch (error) {
          refused.add((error as AppError).reason);
        }
      }
    };
    const writers = Array.from({ length: 16 }, (_, i) => write(i));
    for (const id of ["story", "page", "text"]) {
      const size = written.length;
      await eventually(async () => written.length > size + 20);
      const definition = { ...page("one", INTEGER, { unique: true }), id };
      await putType(ctx, { id, definition, from: state.type, allowDataLoss: false });
      state.type = id;
    }
    const size = written.length;
    await eventually(async () => written.length > size + 20);
    state.isRunning = false;
    await Promise.all(writers);
    const here = sql`tenant_id = ${ctx.tenantId}::uuid and environment_id = ${ctx.environmentId}::uuid`;
    const tables = ["entries", "entry_versions", "entry_fields", "published_entries"];
    for (const table of tables) {
      const { rows } = await ctx.db.read(
        sql`select distinct type from ${sql.raw(table)} where ${here} and type <> 'note'`,
      );
      expect(rows, table).toEqual([["text"]]);
    }
    const { rows } = await ctx.db.read(sql`select
      (select count(*)::int from entries where ${here}),
      (select count(*)::int from published_entries where ${here}),
      (select count(*)::int from published_entries where ${here} and doc::jsonb ->> 'type' = 'text'),
      (select sum(total)::int from published_counts where ${here} and type = 'text'),
      (select count(*)::int from entry_fields where ${here} and unique_value is not null and perspective = 0)`);
    const [entries, published, named, counted, unique] = rows[0] as number[];
    expect([entries, unique]).toEqual([written.length, written.length]);
    expect([named, counted]).toEqual([published, published]);
    const known = ["content/unknown-type", "content/not-found", "content/wrong-type", "types/changing"];
    expect([...refused].filter((one) => !known.includes(one))).toEqual([]);
  });

  it("and whoever reads meanwhile finds all entries, under the one id or the other", async () => {
    const ctx = await postgres.newContext();
    await createType(ctx, { definition: page("one", INTEGER) });
    for (let i = 0; i < 30; i++) {
      const { entry } = await createEntry(ctx, { type: "page", body: { one: `v${i}`, n: i } });
      await publishEntry(ctx, { id: entry.id });
    }
    const state = { isRunning: true, whole: 0, unknown: 0 };
    const wrong = new Set<string>();
    const query = parseListQuery(new URLSearchParams("perspective=published&limit=50&filter[n][gte]=0"));
    const read = async (type: string) => {
      while (state.isRunning)
        try {
          const { items } = await listEntries(ctx, { type, query });
          const found = items.filter((one) => (JSON.parse(one) as { type: string }).type === type);
          if (found.length === 30) state.whole++;
          else wrong.add(`${found.length} of ${type}`);
        } catch (error) {
          const { reason } = error as AppError;
          if (reason === "content/unknown-type") state.unknown++;
          else wrong.add(reason);
        }
    };
    const readers = ["page", "page", "text", "text"].map(read);
    for (let i = 0; i < 12; i++) {
      const [from, id] = i % 2 === 0 ? ["page", "text"] : ["text", "page"];
      const definition = { ...page("one", INTEGER), id };
      await putType(ctx, { id, definition, from, allowDataLoss: false });
      const { whole } = state;
      await eventually(async () => state.whole > whole + 5);
    }
    state.isRunning = false;
    await Promise.all(readers);
    expect([...wrong]).toEqual([]);
    expect(state.unknown).toBeGreaterThan(0);
  });

  it("that are cut off hold writers for a while only, who are refused and lose nothing", async () => {
    const ctx = await postgres.newContext();
    await hold(ctx, sql`clock_timestamp() + interval '1 hour'`);
    const create = () => createEntry(ctx, { type: "note", body: { title: "t" } });
    const errors = await Promise.all(
      [create(), createType(ctx, { definition: page("one", INTEGER) })].map((one) =>
        one.then(
          () => undefined,
          (error: AppError) => [error.status, error.reason, error.headers["retry-after"]],
        ),
      ),
    );
    const changing = [503, "types/changing", "1"];
    expect(errors).toEqual([changing, changing]);
    await hold(ctx, sql`clock_timestamp() + interval '0.3 seconds'`);
    expect((await create()).entry.version).toBe(1);
    await createType(ctx, { definition: page("one", INTEGER) });
  }, 30_000);
});
