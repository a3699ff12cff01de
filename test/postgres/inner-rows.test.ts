import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { connect } from "../../src/db/client.ts";
import {
  createEntry,
  listEntries,
  MAX_INNER_ROWS,
  parseListQuery,
  publishEntry,
  sweepRebuilds,
} from "../../src/domain/content/entries/index.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { rebuildPiece } from "../../src/http/rebuild-pieces.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const WORDS = { id: "words", type: "short_text", multiple: true };

describe.runIf(isReachable)("what is inside components has rows", () => {
  let postgres: RealPostgres;
  let ctx: Context;
  let owner: pg.Client;
  beforeAll(async () => {
    postgres = await openPostgres();
    ctx = await postgres.newContext();
    owner = new pg.Client({ connectionString: postgres.databaseUrl });
    await owner.connect();
    const fields = [{ id: "parts", type: "component", multiple: true, fields: [WORDS] }];
    await createType(ctx, { definition: { id: "page", name: "Page", fields } });
  });
  afterAll(async () => {
    await owner.end();
    await postgres.close();
  });

  const found = async (query: string) =>
    (await listEntries({ ...ctx }, { type: "page", query: parseListQuery(new URLSearchParams(query)) }))
      .total;
  const rebuild = async () => {
    while (await rebuildPiece(ctx.tenantId, () => ctx, ctx));
  };

  it("also in entries that were stored before there were any, once they are rebuilt", async () => {
    for (const word of ["a", "b"]) {
      const { entry } = await createEntry(ctx, { type: "page", body: { parts: [{ words: [word] }] } });
      await publishEntry(ctx, { id: entry.id });
    }
    expect(await found("filter[parts][words]=a")).toBe(1);
    // As an older version left it.
    await owner.query("delete from entry_fields where type = 'page'");
    await owner.query("update content_types set is_inner_indexed = false where id = 'page'");
    await owner.query("update environments set schema_version = schema_version + 1");
    for (const query of ["filter[parts][words]=a", "filter[parts][words][ne]=a", "facets=parts.words"])
      await expect(found(query), query).rejects.toMatchObject({
        code: "UNAVAILABLE",
        reason: "content/being-indexed",
      });
    expect(await found("filter[parts][exists]=true")).toBe(2);
    // A rebuild that an older version began writes no such rows: another one follows.
    await owner.query(
      `insert into rebuilds (tenant_id, environment_id, type) values ('${ctx.tenantId}', '${ctx.environmentId}', 'page')`,
    );
    await rebuildPiece(ctx.tenantId, () => ctx, ctx);
    await expect(found("filter[parts][words]=a")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(await sweepRebuilds(connect(postgres.appUrl))).toContain(ctx.tenantId);
    await rebuild();
    expect(await found("filter[parts][words]=a")).toBe(1);
    expect(await found("filter[parts][words]=a&perspective=draft")).toBe(1);
    expect(await sweepRebuilds(connect(postgres.appUrl))).not.toContain(ctx.tenantId);
  });

  it("no more of an entry than are bounded", async () => {
    const parts = Array.from({ length: 500 }, (_, i) => ({
      words: Array.from({ length: 9 }, () => `w${i}`),
    }));
    const { entry } = await createEntry(ctx, { type: "page", body: { parts } });
    const { rows } = await owner.query(
      "select count(*)::int as count from entry_fields where entry_id = $1",
      [entry.id],
    );
    expect(rows[0].count).toBe(MAX_INNER_ROWS);
    expect(await found("filter[parts][words]=w100&perspective=draft")).toBe(1);
    expect(await found("filter[parts][words]=w400&perspective=draft")).toBe(0);
  });
});
