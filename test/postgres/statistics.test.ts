import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { analyzeGrown } from "../../src/db/analyze-grown.ts";
import { connect } from "../../src/db/client.ts";
import { inEnvironment } from "../../src/db/in-environment.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isHere = await findPostgres();

describe.skipIf(!isHere)("statistics of tables that are filled", () => {
  let postgres: RealPostgres;
  let ctx: Context;

  beforeAll(async () => {
    postgres = await openPostgres();
    ctx = await postgres.newContext();
    // Autovacuum would be in the way of what is counted here.
    await connect(postgres.ownerUrl).query("alter table entries set (autovacuum_enabled = off)");
  });
  afterAll(() => postgres.close());

  const fill = (from: number, count: number) =>
    ctx.db.run([
      sql`insert into entries (tenant_id, environment_id, id, type, data, created_by, updated_by)
        select ${ctx.tenantId}::uuid, ${ctx.environmentId}::uuid, 'cnt_' || lpad(n::text, 26, '0'), 'page',
          jsonb_build_object('title', md5(n::text)), 'test', 'test'
        from generate_series(${from}::int, ${from + count - 1}::int) n`,
    ]);
  const analyzed = () => analyzeGrown(connect(postgres.appUrl));
  const planOf = async () => {
    const { rows } = await ctx.db.read(
      sql`explain select entry.version from entries entry
        where ${inEnvironment(ctx, "entry")} and entry.id = ${"cnt_00000000000000000000000007"}`,
    );
    return rows.flat().join("\n");
  };

  it("are taken when a table has grown to twice its size, and not again before it does", async () => {
    await analyzed();
    await fill(1, 2000);
    expect(await analyzed()).toContain("entries");
    expect(await analyzed()).toEqual([]);
    await fill(2001, 500);
    expect(await analyzed()).toEqual([]);
    await fill(2501, 4000);
    expect(await analyzed()).toEqual(["entries"]);
  });

  it("let an entry be looked up by its key, past all others of the tenant", async () => {
    expect(await planOf()).toContain("entries_pkey");
  });

  it("are taken by one at a time", async () => {
    await fill(10_001, 20_000);
    const all = await Promise.all([analyzed(), analyzed(), analyzed()]);
    expect(all.flat()).toEqual(["entries"]);
  });
});
