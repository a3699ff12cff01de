import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Context, StoragePort } from "../../src/core/context.ts";
import { connect } from "../../src/db/client.ts";
import { migrate } from "../../src/db/migrate.ts";
import { postgresBackend } from "../../src/dev/postgres-backend.ts";
import { readMigrations } from "../../src/dev/read-migrations.ts";
import { listenSql } from "../../src/dev/sql-endpoint.ts";
import { expireFiles } from "../../src/domain/media/assets/index.ts";
import { putAsset } from "../../src/domain/media/assets/save-asset.ts";
import { leaveRebuild, startRebuilds, takeRebuild } from "../../src/domain/content/entries/index.ts";
import {
  createEntry,
  deleteEntry,
  publishEntry,
  unpublishEntry,
  updateEntry,
} from "../../src/domain/content/entries/index.ts";
import { indexEntries } from "../../src/domain/content/search/index.ts";
import { createType } from "../../src/domain/content/types/index.ts";
import { findPostgres, newDatabase, openPostgres, type RealPostgres } from "../support/postgres.ts";

const isReachable = await findPostgres();

describe.runIf(isReachable)("search on a real Postgres", () => {
  let postgres: RealPostgres;
  beforeAll(async () => {
    postgres = await openPostgres();
  });
  afterAll(() => postgres.close());

  const rows = async (ctx: Context, statement: ReturnType<typeof sql>) =>
    (await ctx.db.run([statement])).results[0]!;
  /** Words by what the index says, and by what the texts say. */
  const words = (ctx: Context) =>
    rows(
      ctx,
      sql`select perspective::int, type, word, texts from search_words order by 1, 2, word collate "C"`,
    );
  const counted = (ctx: Context) =>
    rows(
      ctx,
      sql`select perspective::int, type, word.lexeme, count(*)::int from search_texts, unnest(document) word
        where length(word.lexeme) between 3 and 40 and word.lexeme !~ '[0-9_./@:-]'
          and word.weights <> array['C'] group by 1, 2, 3 order by 1, 2, word.lexeme collate "C"`,
    );

  it("counts words rightly while many write the same ones", async () => {
    const ctx = await postgres.newContext();
    const titles = ["alpha beta", "beta gamma", "gamma alpha delta", "alpha"];
    const ids = await Promise.all(
      Array.from({ length: 24 }, async (_, i) => {
        const { id } = (await createEntry(ctx, { type: "note", body: { title: titles[i % 4]! } })).entry;
        await publishEntry(ctx, { id });
        return id;
      }),
    );
    const inParts = (size: number) =>
      Promise.all(
        Array.from({ length: Math.ceil(ids.length / size) }, (_, i) =>
          indexEntries(ctx, { ids: ids.slice(i * size, (i + 1) * size) }),
        ),
      );
    expect((await inParts(3)).flat()).toEqual([]);
    expect(await words(ctx)).toEqual(await counted(ctx));
    expect(await words(ctx)).toContainEqual([1, "note", "alpha", 18]);
    await Promise.all([
      ...ids
        .slice(0, 8)
        .map((id, i) => updateEntry(ctx, { type: "note", id, body: { title: `zeta ${titles[i % 4]}` } })),
      ...ids.slice(8, 16).map((id) => unpublishEntry(ctx, { id })),
      ...ids.slice(16).map((id) => deleteEntry(ctx, { type: "note", id })),
    ]);
    await Promise.all([inParts(5), inParts(2), inParts(24)]);
    expect(await words(ctx)).toEqual(await counted(ctx));
    expect((await words(ctx)).some(([, , , texts]) => (texts as number) <= 0)).toBe(false);
  });

  it("forgives typos by the words of texts, and finds slugs and addresses as they are written", async () => {
    const ctx = await postgres.newContext();
    await createType(ctx, {
      definition: {
        id: "page",
        name: "Page",
        fields: [
          { id: "title", type: "short_text" },
          { id: "slug", type: "slug" },
          {
            id: "parts",
            type: "blocks",
            components: [
              {
                id: "link",
                fields: [
                  { id: "label", type: "short_text" },
                  { id: "anchor", type: "email", multiple: true },
                  { id: "owner", type: "component", fields: [{ id: "mail", type: "email" }] },
                ],
              },
            ],
          },
        ],
      },
    });
    const body = {
      title: "Lighthouse 2041 keeper",
      slug: "harbour-beacon-7f3a",
      parts: [
        {
          type: "link",
          label: "Sailing",
          anchor: ["quayside@example.org"],
          owner: { mail: "mermaid@example.com" },
        },
      ],
    };
    const { id } = (await createEntry(ctx, { type: "page", body })).entry;
    await indexEntries(ctx, { ids: [id] });
    const found = async (q: string, perspective = 0) =>
      (
        await rows(
          ctx,
          sql`select entry_id from cms_search(${ctx.environmentId}::uuid, 'page', ${perspective}::smallint, 'en', ${q})`,
        )
      ).length;
    expect(await words(ctx)).toEqual([
      [0, "page", "keeper", 1],
      [0, "page", "lighthouse", 1],
      [0, "page", "sailing", 1],
    ]);
    const right = ["harbour", "harb", "beacon", "7f3", "quaysi", "mermaid@example.com", "mermaid", "2041"];
    for (const q of [...right, "lighthuose", "sialing", "harbour lighthuose"])
      expect([q, await found(q)]).toEqual([q, 1]);
    for (const q of ["harbuor", "quaisyde", "merniad", "204", "2040", "beacon nothing"])
      expect([q, await found(q)]).toEqual([q, 0]);
    // What only a draft has shapes no public search.
    await publishEntry(ctx, { id });
    await updateEntry(ctx, { type: "page", id, body: { title: "Windmill" } });
    await indexEntries(ctx, { ids: [id] });
    expect(await words(ctx)).toEqual(await counted(ctx));
    expect([await found("windmil", 1), await found("widnmill", 1), await found("widnmill")]).toEqual([
      0, 0, 1,
    ]);
    expect([await found("lighthuose", 1), await found("lighthuose")]).toEqual([1, 0]);
    await deleteEntry(ctx, { type: "page", id });
    await indexEntries(ctx, { ids: [id] });
    expect(await words(ctx)).toEqual([]);
  });

  it("cuts what exceeds a tsvector, however it comes to", async () => {
    const ctx = await postgres.newContext();
    const many = Array.from({ length: 60_000 }, (_, i) => `wörd${i}-pärt${i}`).join(" ");
    for (const [name, short, long] of [
      [many, many, many],
      ["", "", many],
      ["㎯ ﷺ ⑽ ".repeat(100_000), "", ""],
      ["w".repeat(500_000), "x", "y"],
      ["e" + "\u0301".repeat(300_000), "", ""],
    ] as const) {
      const [row] = await rows(
        ctx,
        sql`select length(cms_document(${name}, ${short}, ${long}, ${long}))::int`,
      );
      expect(row![0]).toBeGreaterThanOrEqual(0);
    }
  });

  it("indexes all but the one entry that cannot be, and says which", async () => {
    const ctx = await postgres.newContext();
    const ids = await Promise.all(
      Array.from({ length: 60 }, async (_, i) =>
        createEntry(ctx, { type: "note", body: { title: `word${i} shared` } }).then(({ entry }) => entry.id),
      ),
    );
    // Refuses one row, as a limit of the server would.
    await connect(postgres.ownerUrl).query(
      `create function refuse_one() returns trigger language plpgsql as $$ begin
        if new.document @@ 'word41'::tsquery then raise exception 'too much' using errcode = '54000'; end if; return new; end $$`,
    );
    await connect(postgres.ownerUrl).query(
      "create trigger refuse_one before insert on search_texts for each row execute function refuse_one()",
    );
    const unindexed = await indexEntries(ctx, { ids });
    await connect(postgres.ownerUrl).query("drop trigger refuse_one on search_texts");
    expect(unindexed.map(({ id }) => id)).toEqual([ids[41]]);
    const [found] = await rows(ctx, sql`select count(*)::int from search_texts`);
    expect(found![0]).toBe(59);
  });

  it("gives a type that is to be made anew to one worker at a time", async () => {
    const ctx = await postgres.newContext();
    await startRebuilds(ctx, { type: undefined });
    const taken = await Promise.all(Array.from({ length: 8 }, () => takeRebuild(ctx.db, ctx.tenantId)));
    const [mine, ...others] = taken.filter((one) => one !== undefined);
    expect(others).toEqual([]);
    // Started over meanwhile: how far the first one is counts no more.
    await startRebuilds(ctx, { type: "note" });
    await leaveRebuild(ctx, mine!, { after: undefined, attempts: 0 });
    const again = await takeRebuild(ctx.db, ctx.tenantId);
    expect(again).toMatchObject({ type: "note", after: "" });
    await leaveRebuild(ctx, again!, { after: "cnt_m", attempts: 0 });
    expect(await takeRebuild(ctx.db, ctx.tenantId)).toMatchObject({ after: "cnt_m" });
  });

  it("never deletes a file that an asset comes to have at the same moment", async () => {
    const ctx = await postgres.newContext();
    const files = new Map<string, ArrayBuffer>();
    const storage: StoragePort = {
      put: async (key, bytes) => void files.set(key, bytes),
      get: async () => undefined,
      has: async (key) => files.has(key),
      async delete(keys) {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
        for (const key of keys) files.delete(key);
      },
    };
    const own = { ...ctx, storage };
    const upload = (id: string) =>
      putAsset(own, { id, asset: { file: new File(["same"], "a.txt", { type: "text/plain" }), facts: {} } });
    for (let round = 0; round < 15; round++) {
      const id = (n: number) => `ast_01jd3f0b6vfs8t4z9c7q2m${String(round).padStart(2, "0")}${n}x`;
      await upload(id(1));
      await rows(ctx, sql`delete from assets where tenant_id = ${ctx.tenantId}::uuid`);
      await rows(ctx, sql`update unused_files set since = now() - interval '31 days'`);
      await Promise.all([expireFiles(own), upload(id(2)), expireFiles(own), upload(id(3))]);
      const stored = await rows(ctx, sql`select distinct storage_key from assets`);
      expect([...files.keys()]).toEqual(stored.map(([key]) => key));
    }
  });

  it("writes what has changed of an entry, and nothing where nothing has", async () => {
    const ctx = await postgres.newContext();
    const { id } = (await createEntry(ctx, { type: "note", body: { title: "first words" } })).entry;
    await publishEntry(ctx, { id });
    await indexEntries(ctx, { ids: [id] });
    const owner = connect(postgres.ownerUrl);
    await owner.query(
      "create function refuse_any() returns trigger language plpgsql as $$ begin raise exception 'no write was due'; end $$",
    );
    await owner.query(
      "create trigger refuse_any before insert on search_texts for each statement execute function refuse_any()",
    );
    expect(await indexEntries(ctx, { ids: [id] })).toEqual([]);
    await owner.query("drop trigger refuse_any on search_texts");
    await owner.query("drop function refuse_any");
    const documents = () =>
      rows(
        ctx,
        sql`select perspective::int, document::text, xmin::text from search_texts
        where entry_id = ${id} order by 1`,
      );
    const [, published] = await documents();
    await updateEntry(ctx, { id, type: "note", body: { title: "second words" } });
    await indexEntries(ctx, { ids: [id] });
    const changed = await documents();
    expect(changed[0]![1]).toContain("'second'");
    expect(changed[1]).toEqual(published);
    // Rows of before there were digests are made anew when their entry is written next.
    await ctx.db.run([
      sql`update search_texts set digest = null, document = '' where entry_id = ${id} and perspective = 1`,
    ]);
    await indexEntries(ctx, { ids: [id] });
    expect((await documents())[1]![1]).toBe(published![1]);
    expect(await words(ctx)).toEqual(await counted(ctx));
  });

  it("takes over the words of a database of an older version", async () => {
    const database = await newDatabase();
    const { username, password, hostname, port } = database.url;
    const endpoint = await listenSql({
      backend: postgresBackend({ host: hostname, port: Number(port || 5432) }),
    });
    const url = `postgres://${username}:${password || "x"}@127.0.0.1:${endpoint.port}/${database.name}`;
    try {
      const isOlder = ({ name }: { name: string }) => name < "0014";
      await migrate(url, readMigrations().filter(isOlder));
      await connect(url)
        .query(`insert into search_texts (tenant_id, environment_id, entry_id, perspective, locale, type, document)
        select gen_random_uuid(), gen_random_uuid(), 'cnt_' || perspective, perspective, '', 'note', to_tsvector('simple', 'draft word x-12y 12 of ' || perspective)
        from generate_series(0, 1) perspective`);
      await migrate(url, readMigrations());
      const found = await connect(url).query(
        "select perspective, word, texts from search_words order by 1, 2",
      );
      expect(found.rows).toEqual([
        [0, "draft", 1],
        [0, "word", 1],
        [1, "draft", 1],
        [1, "word", 1],
      ]);
    } finally {
      await endpoint.close();
      await database.drop();
    }
  });
});
