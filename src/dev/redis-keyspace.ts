/** What Redis answers; inside a transaction's answers an item may be an error. */
export type RedisReply = string | number | null | RedisReply[];

export type SortedSet = { scores: Map<string, number> };
export type RedisValue = string | string[] | Map<string, string> | Set<string> | SortedSet;
export type Entry = { value: RedisValue; expiresAt: number | undefined; bytes: number };

export const MAX_STORE_BYTES = 64 * 1024 * 1024;
const KEY_BYTES = 96;
const ELEMENT_BYTES = 48;

export const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";
export const SYNTAX = "ERR syntax error";
export const OUT_OF_MEMORY = "OOM command not allowed when used memory > 'maxmemory'.";

/** The keys, their expiry and estimated memory; all commands use it and have no map of their own. */
export type Keyspace = ReturnType<typeof createKeyspace>;

export function createKeyspace(now: () => number = Date.now, maxBytes = MAX_STORE_BYTES) {
  const entries = new Map<string, Entry>();
  let bytes = 0;

  const remove = (key: string): boolean => {
    const entry = entries.get(key);
    if (!entry) return false;
    bytes -= entry.bytes;
    return entries.delete(key);
  };
  const live = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry?.expiresAt === undefined || entry.expiresAt > now()) return entry;
    remove(key);
    return undefined;
  };
  /** Replaces a key's value; a key written last is evicted last. */
  const put = (key: string, value: RedisValue, expiresAt?: number): void => {
    remove(key);
    const size = KEY_BYTES + key.length + (typeof value === "string" ? value.length : 0);
    entries.set(key, { value, expiresAt, bytes: size });
    bytes += size;
  };
  /** Corrects the estimate after a collection gained or lost elements of this many characters altogether. */
  const resize = (key: string, elements: number, characters: number): void => {
    const entry = entries.get(key);
    if (!entry) return;
    const change = elements * ELEMENT_BYTES + characters;
    entry.bytes += change;
    bytes += change;
  };
  /** What has expired goes first, then the oldest keys that would expire; keys without a TTL stay. */
  const makeRoom = (needed: number): boolean => {
    if (bytes + needed <= maxBytes) return true;
    for (const key of entries.keys()) live(key);
    const target = Math.min(maxBytes - needed, maxBytes * 0.9);
    for (const [key, entry] of entries) {
      if (bytes <= target) break;
      if (entry.expiresAt !== undefined) remove(key);
    }
    return bytes + needed <= maxBytes;
  };

  return {
    now,
    live,
    put,
    remove,
    resize,
    makeRoom,
    /** Live keys, oldest write first. */
    keys: (): string[] => [...entries.keys()].filter((key) => live(key)),
    usedBytes: () => bytes,
    clear: () => {
      entries.clear();
      bytes = 0;
    },
  };
}

export function stringAt(space: Keyspace, key: string): string | undefined {
  const value = space.live(key)?.value;
  if (value !== undefined && typeof value !== "string") throw new Error(WRONG_TYPE);
  return value;
}
export function listAt(space: Keyspace, key: string): string[] | undefined {
  const value = space.live(key)?.value;
  if (value !== undefined && !Array.isArray(value)) throw new Error(WRONG_TYPE);
  return value;
}
export function hashAt(space: Keyspace, key: string): Map<string, string> | undefined {
  const value = space.live(key)?.value;
  if (value !== undefined && !(value instanceof Map)) throw new Error(WRONG_TYPE);
  return value;
}
export function setAt(space: Keyspace, key: string): Set<string> | undefined {
  const value = space.live(key)?.value;
  if (value !== undefined && !(value instanceof Set)) throw new Error(WRONG_TYPE);
  return value;
}
export function scoresAt(space: Keyspace, key: string): Map<string, number> | undefined {
  const value = space.live(key)?.value;
  if (value === undefined) return undefined;
  if (typeof value === "string" || !("scores" in value)) throw new Error(WRONG_TYPE);
  return value.scores;
}
