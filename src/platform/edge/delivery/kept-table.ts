import { KEEP_MS, type CachedAnswer, type KeptItem } from "./answer-cache.ts";

/** What a row may hold is 2 MB. */
const PART_BYTES = 1024 * 1024;
const OVERHEAD_BYTES = 1000;
/** Longer than any fill takes. */
const PURGE_MEMORY_MS = 300_000;
const TABLES = [
  `create table if not exists answers (key text primary key, etag text not null, headers text not null,
    stored_at integer not null, served_at integer not null, bytes integer not null) without rowid`,
  "create index if not exists answers_by_use on answers (served_at)",
  "create index if not exists answers_by_age on answers (stored_at)",
  "create table if not exists parts (key text, n integer, body blob not null, primary key (key, n)) without rowid",
  "create table if not exists tags (tag text, key text, primary key (tag, key)) without rowid",
  "create index if not exists tags_by_key on tags (key)",
];

/** What is used of a Durable Object's SQLite. */
export type Sql = {
  exec<Row extends Record<string, SqlStorageValue>>(
    query: string,
    ...values: (string | number | ArrayBuffer)[]
  ): { toArray(): Row[] };
};

/**
 * Answers on the disk, bounded in bytes, the longest unused out first. A fill that began before one of
 * its tags was purged is not taken any more.
 */
export class KeptTable {
  readonly #sql: Sql;
  readonly #maxBytes: number;
  readonly #purgedAt = new Map<string, number>();
  #bytes: number;

  constructor(sql: Sql, maxBytes: number) {
    this.#sql = sql;
    this.#maxBytes = maxBytes;
    for (const table of TABLES) sql.exec(table);
    const [sum] = sql.exec<{ n: number }>("select coalesce(sum(bytes), 0) as n from answers").toArray();
    this.#bytes = sum!.n;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Keeps answers, and marks the keys in `served` as used by now. */
  keep(items: KeptItem[], served: string[], now: number): void {
    for (const key of served) this.#sql.exec("update answers set served_at = ? where key = ?", now, key);
    for (const item of items) if (!this.#wasPurgedSince(item)) this.#put(item, now);
    const old = this.#sql.exec<{ key: string }>("select key from answers where stored_at < ?", now - KEEP_MS);
    this.#drop(old.toArray());
    while (this.#bytes > this.#maxBytes) {
      const unused = this.#sql.exec<{ key: string }>("select key from answers order by served_at limit 20");
      this.#drop(unused.toArray(), true);
    }
  }

  /** The answer under a key, which is at most a day old. */
  async find(key: string, now: number): Promise<CachedAnswer | null> {
    type Row = { etag: string; headers: string; stored_at: number; bytes: number };
    const [row] = this.#sql
      .exec<Row>(
        "select etag, headers, stored_at, bytes from answers where key = ? and stored_at >= ?",
        key,
        now - KEEP_MS,
      )
      .toArray();
    if (!row) return null;
    const parts = this.#sql.exec<{ body: ArrayBuffer }>(
      "select body from parts where key = ? order by n",
      key,
    );
    const body = await new Blob(parts.toArray().map((part) => part.body)).arrayBuffer();
    const tags = this.#sql.exec<{ tag: string }>("select tag from tags where key = ?", key).toArray();
    return {
      body,
      headers: JSON.parse(row.headers) as [string, string][],
      etag: row.etag,
      tags: tags.map(({ tag }) => tag),
      storedAt: row.stored_at,
      freshUntil: 0,
      staleUntil: 0,
      keptUntil: row.stored_at + KEEP_MS,
      bytes: body.byteLength,
    };
  }

  /** Drops every answer with one of the tags. */
  purge(tags: string[], now: number): void {
    for (const tag of tags) {
      this.#purgedAt.set(tag, now);
      this.#drop(this.#sql.exec<{ key: string }>("select key from tags where tag = ?", tag).toArray());
    }
    for (const [tag, at] of this.#purgedAt) if (at < now - PURGE_MEMORY_MS) this.#purgedAt.delete(tag);
  }

  #wasPurgedSince({ askedAt, answer }: KeptItem): boolean {
    return answer.tags.some((tag) => (this.#purgedAt.get(tag) ?? -1) >= askedAt);
  }

  #put({ key, answer }: KeptItem, now: number): void {
    this.#drop([{ key }]);
    const bytes = answer.bytes + OVERHEAD_BYTES;
    if (bytes > this.#maxBytes / 8) return;
    this.#sql.exec(
      "insert into answers (key, etag, headers, stored_at, served_at, bytes) values (?, ?, ?, ?, ?, ?)",
      ...[key, answer.etag, JSON.stringify(answer.headers), answer.storedAt, now, bytes],
    );
    for (let at = 0, n = 0; at === 0 || at < answer.bytes; at += PART_BYTES, n++)
      this.#sql.exec(
        "insert into parts (key, n, body) values (?, ?, ?)",
        ...[key, n, answer.body.slice(at, at + PART_BYTES)],
      );
    for (const tag of new Set(answer.tags))
      this.#sql.exec("insert into tags (tag, key) values (?, ?)", tag, key);
    this.#bytes += bytes;
  }

  /** Drops rows; with `isToFit` only until the rest has room. */
  #drop(rows: { key: string }[], isToFit = false): void {
    for (const { key } of rows) {
      if (isToFit && this.#bytes <= this.#maxBytes) return;
      const [gone] = this.#sql
        .exec<{ bytes: number }>("delete from answers where key = ? returning bytes", key)
        .toArray();
      if (!gone) continue;
      this.#sql.exec("delete from parts where key = ?", key);
      this.#sql.exec("delete from tags where key = ?", key);
      this.#bytes -= gone.bytes;
    }
  }
}
