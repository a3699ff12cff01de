import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import { connect, tenantDatabase } from "../../src/db/client.ts";
import { storedResponseIn } from "../../src/db/idempotency.ts";
import {
  createEntry,
  deleteEntry,
  expireContent,
  publishEntry,
  updateEntry,
} from "../../src/domain/content/entries/index.ts";
import { bulkEntries } from "../../src/domain/content/entries/write/bulk-entries.ts";
import { nameVersion } from "../../src/domain/content/entries/versions/read-versions.ts";
import { BulkInput } from "../../src/domain/content/entries/bulk-schemas.ts";
import { runDueSchedules } from "../../src/domain/content/schedules/index.ts";
import { createSchedule } from "../../src/domain/content/schedules/schedules.ts";
import { findPostgres, openPostgres, outcomes, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();

describe.runIf(isReachable)("editorial verbs on a real Postgres", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  const count = async (ctx: Context, from: ReturnType<typeof sql>) =>
    (await ctx.db.run([sql`select count(*)::int from ${from}`])).results[0]![0]![0] as number;
  const asOwner = (ctx: Context, statement: string) =>
    connect(postgres.ownerUrl).query(statement, [ctx.tenantId]);

  it("lets one of several atomic bulks that want the same slug do all its work, the others none", async () => {
    const ctx = await postgres.newContext();
    const bulk = (who: number) => ({
      operations: Array.from({ length: 100 }, (_, i) => ({
        op: "create",
        type: "note",
        fields: { title: `${who}`, slug: i === 50 ? "shared" : `${who}-${i}` },
      })),
    });
    const { won, reasons } = await outcomes(
      Array.from({ length: 6 }, (_, who) => bulkEntries(ctx, BulkInput.parse(bulk(who)))),
    );
    expect([won, [...reasons]]).toEqual([1, ["CONFLICT"]]);
    expect(await count(ctx, sql`entries`)).toBe(100);
    expect(await count(ctx, sql`entry_versions`)).toBe(100);
    expect(await count(ctx, sql`outbox where event = 'entry.created'`)).toBe(100);
    expect(await count(ctx, sql`(select distinct data ->> 'title' from entries) titles`)).toBe(1);
  });

  it("tells every item of racing bulks that need not be atomic what became of it", async () => {
    const ctx = await postgres.newContext();
    const ids = await Promise.all(
      Array.from({ length: 20 }, async (_, i) =>
        createEntry(ctx, { type: "note", body: { title: `n${i}` } }).then(({ entry }) => entry.id),
      ),
    );
    const update = (who: number) => ({
      atomic: false,
      operations: ids.map((id) => ({
        op: "update",
        type: "note",
        id,
        version: 1,
        fields: { title: `by ${who}` },
      })),
    });
    const answers = await Promise.all(
      Array.from({ length: 5 }, (_, who) => bulkEntries(ctx, BulkInput.parse(update(who)))),
    );
    expect(answers.reduce((sum, one) => sum + one.succeeded, 0)).toBe(20);
    expect(answers.reduce((sum, one) => sum + one.failed, 0)).toBe(80);
    for (const { items } of answers)
      for (const item of items)
        if (item.outcome === "failed") expect(item.error!.reason).toBe("content/version-conflict");
    expect(await count(ctx, sql`entry_versions where version = 2`)).toBe(20);
  });

  it("carries each schedule out once, however many workers look", async () => {
    const ctx = await postgres.newContext();
    for (let i = 0; i < 30; i++) {
      const {
        entry: { id },
      } = await createEntry(ctx, { type: "note", body: { title: `s${i}` } });
      await createSchedule(ctx, { id, action: "publish", at: "2099-01-01T00:00:00Z", time_zone: "UTC" });
    }
    await asOwner(ctx, "update schedules set due_at = now() - interval '1 minute' where tenant_id = $1");
    const as = (person: string): Context => ({
      ...ctx,
      actor: { kind: "token", id: person, scopes: ["write"] },
    });
    const tried = await Promise.all(Array.from({ length: 8 }, () => runDueSchedules(ctx, as)));
    expect(tried.reduce((sum, one) => sum + one, 0)).toBe(30);
    expect(await count(ctx, sql`schedules where state = 'done'`)).toBe(30);
    expect(await count(ctx, sql`outbox where event = 'entry.published'`)).toBe(30);
    expect(await runDueSchedules(ctx, as)).toBe(0);
  });

  it("does a write once under an idempotency key, however many send it", async () => {
    const ctx = await postgres.newContext();
    const { tenantId, environmentId } = ctx;
    const settled = await Promise.allSettled(
      Array.from({ length: 12 }, (_, i) => {
        const requestId = `req_${i}`;
        const once = { key: "same", fingerprint: "print", requestId };
        const db = tenantDatabase(connect(postgres.appUrl), tenantId, environmentId, once);
        return createEntry({ ...ctx, requestId, db }, { type: "note", body: { title: "once" } });
      }),
    );
    expect(settled.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    for (const one of settled)
      if (one.status === "rejected")
        expect(storedResponseIn(one.reason)).toMatchObject({ fingerprint: "print" });
    expect(await count(ctx, sql`entries`)).toBe(1);
  });

  it("forgets versions after a year, but none that is named, newest or published, and the trash after 30 days", async () => {
    const ctx = await postgres.newContext();
    const {
      entry: { id },
    } = await createEntry(ctx, { type: "note", body: { title: "1" } });
    for (let i = 2; i <= 5; i++) {
      await updateEntry(ctx, { type: "note", id, body: { title: `${i}` } });
      if (i === 3) await publishEntry(ctx, { id });
    }
    await nameVersion(ctx, { type: "note", id, version: 2, name: "kept" });
    const { entry: gone } = await createEntry(ctx, { type: "note", body: { title: "gone" } });
    await deleteEntry(ctx, { type: "note", id: gone.id });
    expect(await expireContent(ctx)).toEqual({ versions: 0, entries: 0 });
    await asOwner(
      ctx,
      "update entry_versions set created_at = now() - interval '366 days' where tenant_id = $1",
    );
    await asOwner(ctx, "update trash set deleted_at = now() - interval '31 days' where tenant_id = $1");
    expect(await expireContent(ctx)).toEqual({ versions: 2, entries: 1 });
    const { results } = await ctx.db.run([
      sql`select version from entry_versions where entry_id = ${id} order by version`,
      sql`select count(*)::int from entry_versions where entry_id = ${gone.id}`,
      sql`select count(*)::int from trash`,
    ]);
    expect(results).toEqual([[[2], [3], [5]], [[0]], [[0]]]);
  });
});
