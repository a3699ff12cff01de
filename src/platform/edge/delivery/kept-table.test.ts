import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { KEEP_MS, type KeptItem } from "./answer-cache.ts";
import { KeptTable, type Sql } from "./kept-table.ts";

const MB = 1024 * 1024;

function newSql(): Sql {
  const database = new DatabaseSync(":memory:");
  return {
    exec: (query, ...values) => {
      const given = values.map((value) => (value instanceof ArrayBuffer ? new Uint8Array(value) : value));
      const rows = database.prepare(query).all(...given);
      return { toArray: () => rows as never };
    },
  };
}

function item(key: string, tags: string[], askedAt: number, bytes = 10): KeptItem {
  const body = new Uint8Array(bytes).map((_, i) => i % 251).buffer;
  const answer = {
    ...{ body, headers: [["etag", key]] as [string, string][], etag: key, tags, bytes },
    ...{ storedAt: askedAt, freshUntil: askedAt + 1, staleUntil: askedAt + 2, keptUntil: askedAt + 3 },
  };
  return { key, askedAt, answer };
}

describe("answers on the disk", () => {
  it("come back whole, as old ones, for a day, after a restart too", async () => {
    const sql = newSql();
    const large = item("large", ["a", "b", "a"], 1000, 3 * MB + 7);
    new KeptTable(sql, 100 * MB).keep([large, item("empty", ["a"], 1000, 0)], [], 1000);
    const table = new KeptTable(sql, 100 * MB);
    const found = (await table.find("large", 2000))!;
    expect(Buffer.from(found.body).equals(Buffer.from(large.answer.body))).toBe(true);
    expect(found).toMatchObject({ etag: "large", headers: [["etag", "large"]], storedAt: 1000 });
    expect([found.freshUntil, found.staleUntil, found.keptUntil]).toEqual([0, 0, 1000 + KEEP_MS]);
    expect(found.tags.sort()).toEqual(["a", "b"]);
    expect((await table.find("empty", 2000))!.body.byteLength).toBe(0);
    expect(await table.find("large", 1001 + KEEP_MS)).toBeNull();
    table.keep([], [], 1001 + KEEP_MS);
    expect(table.bytes).toBe(0);
  });

  it("are gone by tag, and a fill from before the purge is not taken", async () => {
    const table = new KeptTable(newSql(), 100 * MB);
    table.keep([item("one", ["a"], 10), item("two", ["b"], 10)], [], 11);
    table.purge(["a"], 20);
    expect([await table.find("one", 21), (await table.find("two", 21))?.etag]).toEqual([null, "two"]);
    table.keep([item("one", ["a"], 20)], [], 22);
    expect(await table.find("one", 23)).toBeNull();
    table.keep([item("one", ["a"], 21)], [], 24);
    expect((await table.find("one", 25))?.etag).toBe("one");
  });

  it("stay gone after a restart, for as long as they could be shown", async () => {
    const sql = newSql();
    const table = new KeptTable(sql, 100 * MB);
    table.keep([item("one", ["a", "'); drop table kept; --"], 10)], [], 11);
    table.purge(["'); drop table kept; --"], 20);
    const again = new KeptTable(sql, 100 * MB);
    expect(await again.find("one", 30)).toBeNull();
    again.keep([item("late", ["'); drop table kept; --"], 15)], [], KEEP_MS + 10);
    expect(await again.find("late", 20)).toBeNull();
    again.keep([], [], 2 * KEEP_MS);
    expect(again.bytes).toBe(0);
    expect(sql.exec("select * from purges").toArray()).toEqual([]);
  });

  it("stay within their bytes, the longest unused out first", async () => {
    const table = new KeptTable(newSql(), 20 * MB);
    for (let i = 0; i < 30; i++) table.keep([item(`k${i}`, ["t"], i, MB)], ["k0"], 1000 + i);
    expect(table.bytes).toBeLessThanOrEqual(20 * MB);
    const there = async (key: string) => (await table.find(key, 2000)) !== null;
    expect([await there("k0"), await there("k1"), await there("k29")]).toEqual([true, false, true]);
    table.keep([item("too large", ["t"], 50, 3 * MB)], [], 2000);
    expect(await there("too large")).toBe(false);
    const none = new KeptTable(newSql(), 0);
    none.keep([item("a", [], 1)], [], 1);
    expect(await none.find("a", 2)).toBeNull();
  });
});
