import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import type { AppError } from "../../src/core/errors.ts";
import { createEntry, publishEntry, updateEntry } from "../../src/domain/content/entries/index.ts";
import { createType, putType } from "../../src/domain/content/types/index.ts";
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
    await expect.poll(() => written.size).toBeGreaterThan(40);
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
      await expect.poll(() => written.size).toBeGreaterThan(size + 20);
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
