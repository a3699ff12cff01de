import { reads, toInteger, type CommandTable } from "./redis-commands.ts";
import { SYNTAX, type Keyspace, type RedisReply, type RedisValue } from "./redis-keyspace.ts";

export const keyCommands: CommandTable = {
  PING: reads(-1, (_, [message]) => message ?? "PONG"),
  ECHO: reads(2, (_, [message]) => message!),
  TIME: reads(1, (space) => [String(Math.floor(space.now() / 1000)), String((space.now() % 1000) * 1000)]),
  DBSIZE: reads(1, (space) => space.keys().length),
  FLUSHDB: reads(-1, flush),
  FLUSHALL: reads(-1, flush),
  DEL: reads(-2, removeKeys),
  UNLINK: reads(-2, removeKeys),
  EXISTS: reads(-2, (space, keys) => keys.filter((key) => space.live(key)).length),
  TYPE: reads(2, (space, [key]) => typeName(space.live(key!)?.value)),
  EXPIRE: reads(-3, (space, [key, seconds, ...words]) =>
    expireIn(space, key!, toInteger(seconds) * 1000, words),
  ),
  PEXPIRE: reads(-3, (space, [key, ms, ...words]) => expireIn(space, key!, toInteger(ms), words)),
  PTTL: reads(2, (space, [key]) => millisecondsLeft(space, key!)),
  TTL: reads(2, (space, [key]) => {
    const ms = millisecondsLeft(space, key!);
    return ms < 0 ? ms : Math.round(ms / 1000);
  }),
  PERSIST: reads(2, (space, [key]) => {
    const entry = space.live(key!);
    if (entry?.expiresAt === undefined) return 0;
    entry.expiresAt = undefined;
    return 1;
  }),
  KEYS: reads(2, (space, [pattern]) => matchingKeys(space, pattern!)),
  SCAN: reads(-2, scan),
};

function flush(space: Keyspace): RedisReply {
  space.clear();
  return "OK";
}

function removeKeys(space: Keyspace, keys: string[]): RedisReply {
  return keys.filter((key) => space.live(key) && space.remove(key)).length;
}

function typeName(value: RedisValue | undefined): string {
  if (value === undefined) return "none";
  if (typeof value === "string") return "string";
  if (Array.isArray(value)) return "list";
  if (value instanceof Map) return "hash";
  return value instanceof Set ? "set" : "zset";
}

function millisecondsLeft(space: Keyspace, key: string): number {
  const entry = space.live(key);
  if (!entry) return -2;
  return entry.expiresAt === undefined ? -1 : entry.expiresAt - space.now();
}

function expireIn(space: Keyspace, key: string, ms: number, words: string[]): number {
  const allows = readCondition(words);
  const entry = space.live(key);
  const expiresAt = space.now() + ms;
  if (!entry || !allows(entry.expiresAt, expiresAt)) return 0;
  if (ms <= 0) space.remove(key);
  else entry.expiresAt = expiresAt;
  return 1;
}

/** No TTL counts as forever: GT never shortens it, LT always does. */
function readCondition(words: string[]): (before: number | undefined, after: number) => boolean {
  const given = new Set(words.map((word) => word.toUpperCase()));
  for (const word of given) {
    if (!["NX", "XX", "GT", "LT"].includes(word))
      throw new Error(`ERR Unsupported option ${word.toLowerCase()}`);
  }
  if (given.has("NX") && given.size > 1)
    throw new Error("ERR NX and XX, GT or LT options at the same time are not compatible");
  if (given.has("GT") && given.has("LT"))
    throw new Error("ERR GT and LT options at the same time are not compatible");
  return (before, after) => {
    if (given.has("NX") && before !== undefined) return false;
    if (given.has("XX") && before === undefined) return false;
    if (given.has("GT") && after <= (before ?? Infinity)) return false;
    return !(given.has("LT") && after >= (before ?? Infinity));
  };
}

/** One page with everything: the store is small, and a cursor over a changing map could skip keys. */
function scan(space: Keyspace, [cursor, ...words]: string[]): RedisReply {
  if (!/^\d+$/.test(cursor!)) throw new Error("ERR invalid cursor");
  let pattern = "*";
  let type: string | undefined;
  for (let i = 0; i < words.length; i += 2) {
    const word = words[i]!.toUpperCase();
    const value = words[i + 1];
    if (value === undefined) throw new Error(SYNTAX);
    if (word === "MATCH") pattern = value;
    else if (word === "TYPE") type = value.toLowerCase();
    else if (word !== "COUNT" || toInteger(value) < 1) throw new Error(SYNTAX);
  }
  const keys = matchingKeys(space, pattern);
  return ["0", type === undefined ? keys : keys.filter((key) => typeName(space.live(key)?.value) === type)];
}

function matchingKeys(space: Keyspace, pattern: string): string[] {
  if (pattern === "*") return space.keys();
  const matches = globMatcher(pattern);
  return space.keys().filter((key) => matches.test(key));
}

/** Redis globs: `*`, `?`, `[abc]`, `[^a]`, `[a-z]`, and a backslash before a literal. */
export function globMatcher(pattern: string): RegExp {
  const source = pattern.replace(
    /\\([^])|\*+|\?|\[(\^?)((?:\\[^]|[^\]\\])*)\]?|([^])/g,
    (part, escaped, not, set, plain) => {
      if (escaped !== undefined) return escapeLiteral(escaped);
      if (set !== undefined)
        return set === "" ? (not ? "[^]" : "[]") : `[${not}${set.replace(/[[&~|]/g, "\\$&")}]`;
      if (plain !== undefined) return escapeLiteral(plain);
      return part === "?" ? "[^]" : "[^]*?";
    },
  );
  return new RegExp(`^${source}$`);
}

function escapeLiteral(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
