import { KEEP_MS, type CachedAnswer, type KeptItem } from "./answer-cache.ts";

/** What a row may hold is 2 MB: an answer's first part is in its row, the others are in rows of their own. */
const PART_BYTES = 1024 * 1024;
const OVERHEAD_BYTES = 1000;
const TIDY_EVERY_MS = 60_000;
const TABLES = [
  // What an older release kept in another form.
  ...["answers", "parts", "tags"].map((name) => `drop table if exists ${name}`),
  `create table if not exists kept (key text primary key, etag text not null, headers text not null,
    tags text not null, asked_at integer not null, stored_at integer not null, served_at integer not null,
    bytes integer not null, body blob not null)`,
  "create index if not exists kept_by_use on kept (served_at)",
  "create index if not exists kept_by_age on kept (stored_at)",
  "create table if not exists kept_parts (key text, n integer, body blob not null, primary key (key, n)) without rowid",
  "create table if not exists purges (tag text primary key, at integer not null) without rowid",
];

/** What is used of a Durable Object's SQLite. */
export type Sql = {
  exec<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...values: (string | number | ArrayBuffer)[]
  ): { toArray(): Row[] };
};

type Kept = { key: string; bytes: number };
type Row = {
  etag: string;
  headers: string;
  tags: string;
  asked_at: number;
  stored_at: number;
  bytes: number;
  body: ArrayBuffer;
};

/**
 * Answers on the disk, bounded in bytes, the longest unused out first. What was asked for before one of
 * its tags was purged is not shown any more: a purge is one row a tag, and an answer one row, whatever
 * its tags are.
 */
export class KeptTable {
  readonly #sql: Sql;
  readonly #maxBytes: number;
  #bytes: number;
  #tidiedAt = 0;

  constructor(sql: Sql, maxBytes: number) {
    this.#sql = sql;
    this.#maxBytes = maxBytes;
    for (const table of TABLES) sql.exec(table);
    const [sum] = sql.exec<{ n: number }>("select coalesce(sum(bytes), 0) as n from kept").toArray();
    this.#bytes = sum!.n;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps answers, and marks the keys in `served` as used by now. */
  keep(items: KeptItem[], served: string[], now: number): void {
    for (const key of served) this.#sql.exec("update kept set served_at = ? where key = ?", now, key);
    this.#drop(items);
    for (const item of items) this.#put(item, now);
    if (now - this.#tidiedAt >= TIDY_EVERY_MS) this.#tidy(now);
    while (this.#bytes > this.#maxBytes) {
      const unused = this.#sql.exec<Kept>("select key, bytes from kept order by served_at limit 20");
      this.#drop(toFit(unused.toArray(), this.#bytes - this.#maxBytes));
    }
  }

  /** The answer under a key, which is at most a day old. */
  async find(key: string, now: number): Promise<CachedAnswer | null> {
    const [row] = this.#sql
      .exec<Row>("select * from kept where key = ? and stored_at >= ?", key, now - KEEP_MS)
      .toArray();
    if (!row) return null;
    const tags = JSON.parse(row.tags) as string[];
    if (this.#wasPurgedSince(row.asked_at, tags)) return null;
    const parts = this.#sql
      .exec<{ body: ArrayBuffer }>("select body from kept_parts where key = ? order by n", key)
      .toArray();
    const body = await new Blob([row.body, ...parts.map((part) => part.body)]).arrayBuffer();
    return {
      body,
      headers: JSON.parse(row.headers) as [string, string][],
      etag: row.etag,
      tags,
      storedAt: row.stored_at,
      freshUntil: 0,
      staleUntil: 0,
      keptUntil: row.stored_at + KEEP_MS,
      bytes: body.byteLength,
    };
  }

  /** Shows nothing any more that was asked for until now and has one of the tags. */
  purge(tags: string[], now: number): void {
    for (const tag of tags)
      this.#sql.exec(
        "insert into purges (tag, at) values (?, ?) on conflict (tag) do update set at = max(at, excluded.at)",
        ...[tag, now],
      );
  }

  #wasPurgedSince(askedAt: number, tags: string[]): boolean {
    const found = this.#sql.exec<{ n: number }>(
      "select count(*) as n from purges where at >= ? and tag in (select value from json_each(?))",
      ...[askedAt, JSON.stringify(tags)],
    );
    return found.toArray()[0]!.n > 0;
  }

  #put({ key, askedAt, answer }: KeptItem, now: number): void {
    const bytes = answer.bytes + OVERHEAD_BYTES;
    if (bytes > this.#maxBytes / 8) return;
    this.#sql.exec(
      `insert into kept (key, etag, headers, tags, asked_at, stored_at, served_at, bytes, body)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[key, answer.etag, JSON.stringify(answer.headers), JSON.stringify([...new Set(answer.tags)])],
      ...[askedAt, answer.storedAt, now, bytes, answer.body.slice(0, PART_BYTES)],
    );
    for (let at = PART_BYTES, n = 1; at < answer.bytes; at += PART_BYTES, n++)
      this.#sql.exec(
        "insert into kept_parts (key, n, body) values (?, ?, ?)",
        ...[key, n, answer.body.slice(at, at + PART_BYTES)],
      );
    this.#bytes += bytes;
  }

  /** Drops what is too old to be shown, and purges that nothing is left of to hide. */
  #tidy(now: number): void {
    this.#tidiedAt = now;
    const old = this.#sql.exec<{ key: string }>("select key from kept where stored_at < ?", now - KEEP_MS);
    this.#drop(old.toArray());
    // A fill takes a moment: what it was asked for is older than what it stored.
    this.#sql.exec("delete from purges where at < ?", now - KEEP_MS - TIDY_EVERY_MS);
  }

  #drop(rows: { key: string }[]): void {
    if (rows.length === 0) return;
    const keys = JSON.stringify(rows.map(({ key }) => key));
    const gone = this.#sql
      .exec<Kept>("delete from kept where key in (select value from json_each(?)) returning key, bytes", keys)
      .toArray();
    for (const { key, bytes } of gone) {
      if (bytes > PART_BYTES) this.#sql.exec("delete from kept_parts where key = ?", key);
      this.#bytes -= bytes;
    }
  }
}

/** As many of them, from the first one, as make so many bytes. */
function toFit(rows: Kept[], bytes: number): Kept[] {
  let sum = 0;
  return rows.filter((row) => {
    const isNeeded = sum < bytes;
    sum += row.bytes;
    return isNeeded;
  });
}
