/** A cached response; `headers` are ready to be sent. Times are milliseconds since 1970. */
export type CachedAnswer = {
  body: ArrayBuffer;
  headers: [string, string][];
  etag: string;
  tags: string[];
  storedAt: number;
  freshUntil: number;
  staleUntil: number;
  /** Until when it is shown where no other is to be had. */
  keptUntil: number;
  /** Whether Workers Cache gave it for want of another. */
  isStale?: boolean;
  bytes: number;
};

/** An answer with the key that it is kept under; `askedAt` is when the fill that made it began. */
export type KeptItem = { key: string; askedAt: number; answer: CachedAnswer };

/** What is being loaded; whoever asked first is the leader. */
export type Filling =
  | { isLeader: true; answer: Promise<CachedAnswer | Response> }
  | { isLeader: false; answer: Promise<CachedAnswer | undefined> };

/** A day, and what an answer may have been fresh for when it was last shown. */
export const KEEP_MS = 25 * 3_600_000;

const MAX_BYTES = 64 * 1024 * 1024;
const PURGE_MEMORY_MS = 60_000;
const OVERHEAD_BYTES = 600;
/** A fill whose request was cut off never ends: after this long nobody joins it, or waits for it, any more. */
export const FILL_MAX_MS = 5000;

/**
 * Responses in the isolate's memory: limited in bytes, least recently used first out, purged by tag. A
 * fill that started before one of its tags was purged is not stored, and concurrent fills of one key
 * share one load.
 */
export class AnswerCache {
  #answers = new Map<string, CachedAnswer>();
  #keysOfTag = new Map<string, Set<string>>();
  #filling = new Map<string, { answer: Promise<CachedAnswer | undefined>; startedAt: number }>();
  #purgedAt = new Map<string, number>();
  #bytes = 0;
  readonly maxBytes: number;

  constructor(maxBytes = MAX_BYTES) {
    this.maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): CachedAnswer | undefined {
    return this.#answers.get(key);
  }

  /** Marks an answer as just used; called now and then, not on every hit. */
  touch(key: string): void {
    const answer = this.#answers.get(key);
    if (!answer) return;
    this.#answers.delete(key);
    this.#answers.set(key, answer);
  }

  /**
   * Runs `load` once for all concurrent callers. A response that is not cacheable is for the first one
   * alone, since its body belongs to that request; the others get undefined.
   */
  fill(key: string, now: () => number, load: () => Promise<CachedAnswer | Response>): Filling {
    const running = this.#filling.get(key);
    const startedAt = now();
    if (running && startedAt - running.startedAt < FILL_MAX_MS)
      return { isLeader: false, answer: running.answer };
    const answer = load()
      .then((loaded) => {
        if (!(loaded instanceof Response) && !this.#wasPurgedSince(loaded.tags, startedAt))
          this.#put(key, loaded);
        return loaded;
      })
      .finally(() => {
        if (this.#filling.get(key) === filling) this.#filling.delete(key);
      });
    const shared = answer.then((loaded) => (loaded instanceof Response ? undefined : loaded));
    // The first caller hears of it; there may be no other.
    shared.catch(() => {});
    const filling = { answer: shared, startedAt };
    this.#filling.set(key, filling);
    return { isLeader: true, answer };
  }

  /** Takes back an answer that was kept elsewhere, unless one of its tags was purged since it was asked for. */
  restore(key: string, answer: CachedAnswer, askedAt: number): boolean {
    if (this.#wasPurgedSince(answer.tags, askedAt)) return false;
    if (!this.#answers.has(key)) this.#put(key, answer);
    return true;
  }

  /** Drops every answer with one of the tags; answers how many. */
  purge(tags: string[], now: number): number {
    let count = 0;
    for (const tag of tags) {
      this.#purgedAt.set(tag, now);
      for (const key of this.#keysOfTag.get(tag) ?? []) count += this.#delete(key);
    }
    for (const [key] of this.#filling) this.#filling.delete(key);
    for (const [tag, at] of this.#purgedAt) if (at < now - PURGE_MEMORY_MS) this.#purgedAt.delete(tag);
    return count;
  }

  #wasPurgedSince(tags: string[], startedAt: number): boolean {
    return tags.some((tag) => (this.#purgedAt.get(tag) ?? -1) >= startedAt);
  }

  #put(key: string, answer: CachedAnswer): void {
    this.#delete(key);
    if (answer.bytes > this.maxBytes / 8) return;
    this.#answers.set(key, answer);
    this.#bytes += answer.bytes + OVERHEAD_BYTES;
    for (const tag of answer.tags) {
      const keys = this.#keysOfTag.get(tag);
      if (keys) keys.add(key);
      else this.#keysOfTag.set(tag, new Set([key]));
    }
    while (this.#bytes > this.maxBytes) this.#delete(this.#answers.keys().next().value!);
  }

  #delete(key: string): number {
    const answer = this.#answers.get(key);
    if (!answer) return 0;
    this.#answers.delete(key);
    this.#bytes -= answer.bytes + OVERHEAD_BYTES;
    for (const tag of answer.tags) {
      const keys = this.#keysOfTag.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysOfTag.delete(tag);
    }
    return 1;
  }
}
