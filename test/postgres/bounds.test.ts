import pg from "pg";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context } from "../../src/core/context.ts";
import type { AppError } from "../../src/core/errors.ts";
import { connect } from "../../src/db/client.ts";
import {
  aggregateEntries,
  listEntries,
  parseAggregateQuery,
  parseListQuery,
} from "../../src/domain/content/entries/index.ts";
import { collationOf } from "../../src/domain/content/entries/query/collation.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { findPostgres, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();
const ENTRIES = 100_000;

describe.runIf(isReachable)("bounds of work on a real Postgres", () => {
  let postgres: RealPostgres;
  let large: Context;
  let small: Context;

  beforeAll(async () => {
    postgres = await openPostgres();
    large = await postgres.newContext();
    small = await postgres.newContext();
    await fill(large, ENTRIES);
    await fill(small, 200);
  }, 180_000);
  afterAll(() => postgres.close());

  /** Published notes with a title each, in one statement. */
  async function fill({ tenantId, environmentId }: Context, count: number) {
    const owner = connect(postgres.ownerUrl);
    const id = "'cnt_' || lpad(n::text, 26, '0')";
    const title = "'Title ' || md5(n::text) || ' of a note'";
    const scope = [tenantId, environmentId, String(count)];
    const rows = "from generate_series(1, $3::int) n";
    for (const statement of [
      `insert into entries (tenant_id, environment_id, id, type, published_version, published_at, data, created_by, updated_by)
        select $1::uuid, $2::uuid, ${id}, 'note', 1, now(), jsonb_build_object('title', ${title}), 'test', 'test' ${rows}`,
      `insert into published_entries (tenant_id, environment_id, entry_id, locale, type, published_at, created_at, updated_at, version, doc)
        select $1::uuid, $2::uuid, ${id}, 'en', 'note', now(), now(), now(), 1, json_build_object('id', ${id}, 'title', ${title})::text ${rows}`,
      `insert into entry_fields (tenant_id, environment_id, entry_id, perspective, field, type, text_value)
        select $1::uuid, $2::uuid, ${id}, perspective, 'title', 'note', ${title} ${rows}, unnest(array[0, 1]) perspective`,
    ])
      await owner.query(statement, scope);
    await owner.query("analyze entries, published_entries, entry_fields", []);
  }

  /** A request of its own: what its queries may cost is counted by its context. */
  const list = (ctx: Context, query: string) =>
    listEntries({ ...ctx }, { type: "note", query: parseListQuery(new URLSearchParams(query)) });
  const fifty = (perspective: string, words = 50) =>
    `perspective=${perspective}&filter=${encodeURIComponent(
      JSON.stringify({ or: Array.from({ length: words }, (_, i) => ({ title: { contains: `zz${i}` } })) }),
    )}`;
  const outcome = (work: Promise<unknown>) =>
    work.then(
      () => "done",
      (error: AppError) => error.reason,
    );
  const activeQueries = async () => {
    const client = new pg.Client({ connectionString: postgres.databaseUrl });
    await client.connect();
    const { rows } = await client.query(
      "select query from pg_stat_activity where usename = 'cms_app' and datname = current_database() and state <> 'idle'",
    );
    await client.end();
    return rows.length;
  };

  it("a question that no index serves is refused over many entries, and answered over few", async () => {
    for (const perspective of ["published", "draft"]) {
      expect((await list(small, fifty(perspective))).items).toEqual([]);
      const refused = await list(large, fifty(perspective)).catch((error: AppError) => error);
      expect(refused).toMatchObject({ code: "INVALID", reason: "content/too-costly", status: 400 });
      expect((refused as AppError).details[0]!.path).toContain("title");
    }
    const one = await list(large, "filter[title][contains]=Title 0a");
    expect(one.total).toBeGreaterThan(100);
    expect(
      await outcome(list(large, `filter[id][eq]=cnt_${"1".padStart(26, "0")}&${fifty("published")}`)),
    ).toBe("done");
    const grouped = parseAggregateQuery(new URLSearchParams("group_by=title"));
    expect(await outcome(aggregateEntries({ ...large }, { type: "note", query: grouped }))).toMatch(
      /^(?:done|db\/aggregate-timeout)$/,
    );
  }, 60_000);

  it("what takes too long ends, and other tenants are answered meanwhile", async () => {
    // Queries whose cost the rule lets pass, but not together.
    const slow = Array.from({ length: 20 }, () => outcome(list(large, fifty("draft", 4))));
    const others = [];
    for (let i = 0; i < 20; i++) others.push((await list(small, "sort=title")).items.length);
    expect(others).toEqual(Array.from({ length: 20 }, () => 20));
    const reasons = new Set(await Promise.all(slow));
    reasons.delete("done");
    for (const reason of reasons) expect(["db/editing-timeout", "db/costly-share"]).toContain(reason);
    await expect.poll(activeQueries, { timeout: 10_000 }).toBe(0);
  }, 120_000);

  it("each kind of work has its limit in the same batch", async () => {
    const sleep = sql`select pg_sleep(30)`;
    for (const [kind, work] of [
      ["delivery", () => small.db.read(sleep)],
      ["editing", () => small.db.read(sleep, { kind: "editing" })],
      ["aggregate", () => small.db.read(sleep, { kind: "aggregate" })],
      ["write", () => small.db.run([sql`select 1`, sleep], { write: true })],
    ] as const)
      await expect(work(), kind).rejects.toMatchObject({ code: "UNAVAILABLE", reason: `db/${kind}-timeout` });
    await expect.poll(activeQueries, { timeout: 10_000 }).toBe(0);
    const { rows } = await connect(postgres.appUrl).query(
      "select current_setting('statement_timeout'), current_setting('jit')",
      [],
    );
    expect(rows[0]).toEqual(["1min", "off"]);
  }, 90_000);

  it("sixty new types, four at a time, all succeed", async () => {
    const ctx = await postgres.newContext();
    const wanted = Array.from({ length: 60 }, (_, i) => `type_${i}`);
    const made: string[] = [];
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let id = wanted.shift(); id !== undefined; id = wanted.shift()) {
          const fields = [{ id: "title", type: "short_text" }];
          made.push((await createType(ctx, { definition: { id, name: id, fields } })).id);
        }
      }),
    );
    expect(made).toHaveLength(60);
  }, 60_000);

  it("texts are sorted by the alphabet of the locale", async () => {
    const words = "values ('z'), ('ä'), ('a'), ('B'), ('A'), ('č'), ('c'), ('d'), ('chata')";
    const sorted = async (locale: string) => {
      const { rows } = await connect(postgres.appUrl).query(
        `select column1 from (${words}) words order by column1 collate "${collationOf(locale)}"`,
        [],
      );
      return rows.map(([word]) => word).join(" ");
    };
    expect(await sorted("en")).toBe("a A ä B c č chata d z");
    expect(await sorted("fr-FR")).toBe("a A ä B c č chata d z");
    expect(await sorted("sv")).toBe("a A B c č chata d z ä");
    expect(await sorted("cs")).toBe("a A ä B c č d chata z");
  });
});
