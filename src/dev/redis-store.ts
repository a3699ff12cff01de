/** One Redis command and its answer; errors are thrown with the server's own text. */
export interface RedisStore {
  call(command: string[]): Promise<RedisReply>;
  close(): Promise<void>;
}
export type RedisReply = string | number | null | RedisReply[];

type Entry = { value: string | Map<string, string>; expiresAt: number | undefined };

const MAX_BYTES = 64 * 1024 * 1024;
const NOT_INTEGER = "ERR value is not an integer or out of range";
const WRONG_TYPE = "WRONGTYPE Operation against a key holding the wrong kind of value";

/** The embedded store: what FlowCMS uses of Redis, in memory, as the real server answers it. */
export function embeddedRedis(now: () => number = Date.now): RedisStore {
  const entries = new Map<string, Entry>();
  let bytes = 0;

  const sizeOf = (key: string, entry: Entry) => {
    if (typeof entry.value === "string") return key.length + entry.value.length;
    let size = key.length;
    for (const [field, value] of entry.value) size += field.length + value.length;
    return size;
  };
  const remove = (key: string): number => {
    const entry = entries.get(key);
    if (!entry) return 0;
    bytes -= sizeOf(key, entry);
    entries.delete(key);
    return 1;
  };
  const live = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry?.expiresAt !== undefined && entry.expiresAt <= now()) {
      remove(key);
      return undefined;
    }
    return entry;
  };
  const put = (key: string, entry: Entry): void => {
    remove(key);
    entries.set(key, entry);
    bytes += sizeOf(key, entry);
    if (bytes > MAX_BYTES) evict(key);
  };
  /** Like the policy volatile-ttl: what expires goes first; what never expires stays. */
  const evict = (kept: string): void => {
    const expiring = [...entries].filter(([key, entry]) => key !== kept && entry.expiresAt !== undefined);
    expiring.sort(([, a], [, b]) => a.expiresAt! - b.expiresAt!);
    for (const [key] of expiring) {
      if (bytes <= MAX_BYTES * 0.9) return;
      remove(key);
    }
    if (bytes > MAX_BYTES) {
      remove(kept);
      throw new Error("OOM command not allowed when used memory > 'maxmemory'.");
    }
  };
  const text = (key: string): string | null => {
    const entry = live(key);
    if (!entry) return null;
    if (typeof entry.value !== "string") throw new Error(WRONG_TYPE);
    return entry.value;
  };
  const hash = (key: string): Map<string, string> | undefined => {
    const entry = live(key);
    if (entry && typeof entry.value === "string") throw new Error(WRONG_TYPE);
    return entry?.value as Map<string, string> | undefined;
  };
  const add = (key: string, by: number): number => {
    const sum = toInteger(text(key) ?? "0") + by;
    put(key, { value: String(sum), expiresAt: entries.get(key)?.expiresAt });
    return sum;
  };
  const expireAt = (key: string, at: number, option?: string): number => {
    const entry = live(key);
    const word = option?.toUpperCase();
    if (!entry || (word === "NX" && entry.expiresAt !== undefined) || (word === "XX" && entry.expiresAt === undefined)) return 0;
    if (at <= now()) remove(key);
    else entry.expiresAt = at;
    return 1;
  };

  const commands: Record<string, (...args: string[]) => RedisReply> = {
    PING: (message) => message ?? "PONG",
    GET: (key) => text(key!),
    MGET: (...keys) => keys.map((key) => (typeof live(key)?.value === "string" ? text(key) : null)),
    SET: (key, value, ...options) => {
      const set = readSetOptions(options, now());
      const before = live(key!);
      const old = set.get ? text(key!) : null;
      if ((set.nx && before) || (set.xx && !before)) return set.get ? old : null;
      put(key!, { value: value!, expiresAt: set.keepTtl ? before?.expiresAt : set.expiresAt });
      return set.get ? old : "OK";
    },
    DEL: (...keys) => keys.reduce((sum, key) => sum + (live(key) ? remove(key) : 0), 0),
    EXISTS: (...keys) => keys.filter((key) => live(key)).length,
    INCR: (key) => add(key!, 1),
    DECR: (key) => add(key!, -1),
    INCRBY: (key, by) => add(key!, toInteger(by!)),
    DECRBY: (key, by) => add(key!, -toInteger(by!)),
    EXPIRE: (key, seconds, option) => expireAt(key!, now() + toInteger(seconds!) * 1000, option),
    PEXPIRE: (key, ms, option) => expireAt(key!, now() + toInteger(ms!), option),
    PTTL: (key) => {
      const entry = live(key!);
      if (!entry) return -2;
      return entry.expiresAt === undefined ? -1 : entry.expiresAt - now();
    },
    TTL: (key) => {
      const ms = commands["PTTL"]!(key!) as number;
      return ms < 0 ? ms : Math.round(ms / 1000);
    },
    HSET: (key, ...pairs) => {
      const map = new Map(hash(key!) ?? []);
      const before = map.size;
      for (let i = 0; i + 1 < pairs.length; i += 2) map.set(pairs[i]!, pairs[i + 1]!);
      put(key!, { value: map, expiresAt: entries.get(key!)?.expiresAt });
      return map.size - before;
    },
    HGET: (key, field) => hash(key!)?.get(field!) ?? null,
    HGETALL: (key) => [...(hash(key!) ?? [])].flat(),
    HDEL: (key, ...fields) => {
      const map = new Map(hash(key!) ?? []);
      const count = fields.filter((field) => map.delete(field)).length;
      if (map.size === 0) remove(key!);
      else put(key!, { value: map, expiresAt: entries.get(key!)?.expiresAt });
      return count;
    },
    DBSIZE: () => [...entries.keys()].filter((key) => live(key)).length,
    FLUSHDB: () => {
      entries.clear();
      bytes = 0;
      return "OK";
    },
  };

  return {
    async call([name = "", ...args]) {
      const command = commands[name.toUpperCase()];
      if (!command) throw new Error(`ERR unknown command '${name}', with args beginning with: `);
      return command(...args);
    },
    async close() {},
  };
}

function toInteger(value: string): number {
  const number = Number(value);
  if (!/^[-+]?\d+$/.test(value) || !Number.isSafeInteger(number)) throw new Error(NOT_INTEGER);
  return number;
}

function readSetOptions(options: string[], now: number) {
  const set = { nx: false, xx: false, get: false, keepTtl: false, expiresAt: undefined as number | undefined };
  for (let i = 0; i < options.length; i++) {
    const word = options[i]!.toUpperCase();
    if (word === "NX") set.nx = true;
    else if (word === "XX") set.xx = true;
    else if (word === "GET") set.get = true;
    else if (word === "KEEPTTL") set.keepTtl = true;
    else if (word === "EX") set.expiresAt = now + toInteger(options[++i] ?? "") * 1000;
    else if (word === "PX") set.expiresAt = now + toInteger(options[++i] ?? "");
    else throw new Error("ERR syntax error");
  }
  return set;
}
