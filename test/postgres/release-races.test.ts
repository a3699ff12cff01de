import { sql } from "drizzle-orm";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor, Context } from "../../src/core/context.ts";
import type { AppError } from "../../src/core/errors.ts";
import { connect } from "../../src/db/client.ts";
import { deleteEntry, publishEntry, updateEntry } from "../../src/domain/content/entries/index.ts";
import {
  addItems,
  cancelRelease,
  publishRelease,
  readRelease,
  runDueReleases,
  scheduleRelease,
} from "../../src/domain/content/releases/index.ts";
import { eventually } from "../support/eventually.ts";
import { notes, read, releaseOf, state } from "../support/releases.ts";
import { findPostgres, openPostgres, outcomes, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();

describe.runIf(isReachable)("releases among others on a real Postgres", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  const asOwner = (ctx: Context, statement: string) =>
    connect(postgres.ownerUrl).query(statement, [ctx.tenantId]);

  it("leaves nothing behind when the database stops in the middle", async () => {
    const ctx = await postgres.newContext();
    const ids = await notes(ctx, 20);
    const id = await releaseOf(
      ctx,
      ids.map((entry) => ({ entry })),
    );
    const before = await state(ctx);
    const owner = new pg.Client({ connectionString: postgres.databaseUrl });
    await owner.connect();
    await owner.query("begin");
    await owner.query("lock table schedules in access exclusive mode");
    const publishing = publishRelease(ctx, { id }).catch((error: AppError) => error.code);
    await eventually(async () => {
      const { rows } = await owner.query(
        `select pg_cancel_backend(waiting.pid) from pg_locks waiting
          where not waiting.granted and waiting.relation = 'schedules'::regclass`,
      );
      return rows.length > 0;
    }).finally(() => owner.query("rollback"));
    expect(await publishing).toBe("UNAVAILABLE");
    await owner.end();
    expect(await state(ctx)).toEqual(before);
    expect(await read(ctx, sql`select count(*)::int from outbox where event like '%published'`)).toEqual([
      [0],
    ]);
    expect(await publishRelease(ctx, { id })).toMatchObject({ state: "published" });
  });

  it("publishes one of two releases that race over an entry first, and then the other", async () => {
    const ctx = await postgres.newContext();
    const ids = await notes(ctx, 30);
    const two = await Promise.all([
      releaseOf(
        ctx,
        ids.map((entry) => ({ entry })),
      ),
      releaseOf(
        ctx,
        ids.map((entry) => ({ entry, action: "unpublish" as const })),
      ),
    ]);
    const { won } = await outcomes(two.map((id) => publishRelease(ctx, { id })));
    expect(won).toBe(2);
    const [[count]] = (await read(ctx, sql`select count(*)::int from published_entries`)) as [[number]];
    expect([0, 30]).toContain(count);
    expect(await outcomes([1, 2, 3].map(() => publishRelease(ctx, { id: two[0] })))).toEqual({
      won: 0,
      reasons: new Set(["CONFLICT"]),
    });
  });

  it("is published once of several that publish it at once, with what others save and publish meanwhile", async () => {
    const ctx = await postgres.newContext();
    const ids = await notes(ctx, 40);
    const id = await releaseOf(
      ctx,
      ids.map((entry) => ({ entry })),
    );
    const write = async (entry: string) => {
      for (let i = 0; i < 5; i++)
        await updateEntry(ctx, { type: "note", id: entry, body: { title: `w${i}` } });
      await publishEntry(ctx, { id: entry });
    };
    const [published] = await Promise.all([
      outcomes(Array.from({ length: 4 }, () => publishRelease(ctx, { id }))),
      ...ids.slice(0, 5).map(write),
    ]);
    expect(published).toEqual({ won: 1, reasons: new Set(["CONFLICT"]) });
    expect(await read(ctx, sql`select count(*)::int from outbox where event = 'release.published'`)).toEqual([
      [1],
    ]);
    const torn = await read(
      ctx,
      sql`select shown.entry_id from published_entries shown join entry_versions kept on kept.entry_id = shown.entry_id
        and kept.version = shown.version join entry_fields row on row.entry_id = shown.entry_id and row.perspective = 1
        and row.field = 'title'
        where kept.data ->> 'title' <> shown.doc::jsonb ->> 'title' or row.text_value <> kept.data ->> 'title'`,
    );
    expect(torn).toEqual([]);
  });

  it("shows readers all of it or nothing of it", async () => {
    const ctx = await postgres.newContext();
    const ids = await notes(ctx, 200);
    const id = await releaseOf(
      ctx,
      ids.map((entry) => ({ entry })),
    );
    const state = { isOver: false };
    const seen = new Set<number>();
    const reader = async () => {
      while (!state.isOver)
        seen.add(
          ((await ctx.db.read(sql`select count(*)::int from published_entries`)).rows[0] as [number])[0],
        );
    };
    const readers = [reader(), reader()];
    await publishRelease(ctx, { id }).finally(() => (state.isOver = true));
    await Promise.all(readers);
    expect([...seen].every((count) => count === 0 || count === 200)).toBe(true);
    expect(seen.has(0)).toBe(true);
  });

  it("carries a schedule out once, as who planned it, and tells them when it fails", async () => {
    const ctx = await postgres.newContext();
    const ids = await notes(ctx, 3);
    const good = await releaseOf(
      ctx,
      ids.slice(0, 2).map((entry) => ({ entry })),
    );
    const bad = await releaseOf(ctx, [{ entry: ids[2]! }]);
    const cancelled = await releaseOf(ctx, [{ entry: ids[2]! }]);
    const planned = { at: "2099-03-29T02:30", time_zone: "Europe/Berlin" };
    expect(await scheduleRelease(ctx, { id: good, ...planned })).toMatchObject({
      state: "scheduled",
      due_at: "2099-03-29T01:30:00.000Z",
      time_zone: "Europe/Berlin",
    });
    for (const id of [bad, cancelled]) await scheduleRelease(ctx, { id, ...planned });
    await expect(
      addItems(ctx, { id: bad, items: [{ entry: ids[0]!, action: "publish" }] }),
    ).rejects.toMatchObject({
      reason: "releases/wrong-state",
    });
    expect(await cancelRelease(ctx, { id: cancelled })).toMatchObject({ state: "open", due_at: null });
    await deleteEntry(ctx, { type: "note", id: ids[2]! });
    await asOwner(
      ctx,
      "update releases set due_at = now() - interval '1 minute' where due_at is not null and tenant_id = $1",
    );
    const as = (person: string): Context => ({
      ...ctx,
      actor: { kind: "token", id: person, scopes: ["write"] } satisfies Actor,
    });
    const tried = await Promise.all(Array.from({ length: 5 }, () => runDueReleases(ctx, as)));
    expect(tried.reduce((sum, one) => sum + one, 0)).toBe(2);
    expect(await readRelease(ctx, { id: good })).toMatchObject({
      state: "published",
      published_by: "tok_test",
    });
    expect(await readRelease(ctx, { id: bad })).toMatchObject({
      state: "failed",
      failure: { reason: "releases/not-publishable", details: [{ reason: "content/not-found" }] },
    });
    expect(await readRelease(ctx, { id: cancelled })).toMatchObject({ state: "open" });
    const told = await read(
      ctx,
      sql`select person, subject from notifications where kind = 'release.failed'`,
    );
    expect(told).toEqual([["tok_test", `release:${bad}`]]);
  });
});
