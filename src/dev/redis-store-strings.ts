import {
  addIntegers,
  grows,
  reads,
  toBigInteger,
  toInteger,
  wrongArity,
  type CommandTable,
} from "./redis-commands.ts";
import { stringAt, SYNTAX, type Keyspace, type RedisReply } from "./redis-keyspace.ts";

type SetOptions = { nx: boolean; xx: boolean; get: boolean; keepTtl: boolean; expiresAt?: number };

export const stringCommands: CommandTable = {
  GET: reads(2, (space, [key]) => stringAt(space, key!) ?? null),
  MGET: reads(-2, (space, keys) => keys.map((key) => textOrNull(space, key))),
  STRLEN: reads(2, (space, [key]) => Buffer.byteLength(stringAt(space, key!) ?? "")),
  GETDEL: reads(2, (space, [key]) => {
    const value = stringAt(space, key!) ?? null;
    space.remove(key!);
    return value;
  }),
  GETEX: reads(-2, getAndExpire),
  SET: grows(-3, set),
  SETNX: grows(3, (space, [key, value]) => (set(space, [key!, value!, "NX"]) === "OK" ? 1 : 0)),
  SETEX: grows(4, (space, [key, seconds, value]) => {
    space.put(key!, value!, expiryOf(space, "EX", seconds, "setex"));
    return "OK";
  }),
  PSETEX: grows(4, (space, [key, ms, value]) => {
    space.put(key!, value!, expiryOf(space, "PX", ms, "psetex"));
    return "OK";
  }),
  MSET: grows(-3, (space, pairs) => {
    if (pairs.length % 2) throw wrongArity("mset");
    for (let i = 0; i < pairs.length; i += 2) space.put(pairs[i]!, pairs[i + 1]!);
    return "OK";
  }),
  APPEND: grows(3, (space, [key, more]) => {
    const value = (stringAt(space, key!) ?? "") + more!;
    keepExpiry(space, key!, value);
    return Buffer.byteLength(value);
  }),
  INCR: grows(2, (space, [key]) => add(space, key!, 1n)),
  DECR: grows(2, (space, [key]) => add(space, key!, -1n)),
  INCRBY: grows(3, (space, [key, by]) => add(space, key!, toBigInteger(by!))),
  DECRBY: grows(3, (space, [key, by]) => add(space, key!, -toBigInteger(by!))),
};

function textOrNull(space: Keyspace, key: string): string | null {
  const value = space.live(key)?.value;
  return typeof value === "string" ? value : null;
}

function keepExpiry(space: Keyspace, key: string, value: string): void {
  space.put(key, value, space.live(key)?.expiresAt);
}

function add(space: Keyspace, key: string, by: bigint): number {
  const sum = addIntegers(toBigInteger(stringAt(space, key) ?? "0"), by);
  keepExpiry(space, key, String(sum));
  return Number(sum);
}

function set(space: Keyspace, [key, value, ...words]: string[]): RedisReply {
  const options = readSetOptions(space, words);
  const old = options.get ? (stringAt(space, key!) ?? null) : null;
  const before = space.live(key!);
  if ((options.nx && before) || (options.xx && !before)) return old;
  space.put(key!, value!, options.keepTtl ? before?.expiresAt : options.expiresAt);
  return options.get ? old : "OK";
}

function readSetOptions(space: Keyspace, words: string[]): SetOptions {
  const options: SetOptions = { nx: false, xx: false, get: false, keepTtl: false };
  let lifetimes = 0;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.toUpperCase();
    if (word === "NX") options.nx = true;
    else if (word === "XX") options.xx = true;
    else if (word === "GET") options.get = true;
    else if (word === "KEEPTTL") {
      options.keepTtl = true;
      lifetimes++;
    } else {
      options.expiresAt = expiryOf(space, word, words[++i], "set");
      lifetimes++;
    }
  }
  if (lifetimes > 1 || (options.nx && options.xx)) throw new Error(SYNTAX);
  return options;
}

function expiryOf(space: Keyspace, unit: string, amount: string | undefined, command: string): number {
  if (amount === undefined || !["EX", "PX", "EXAT", "PXAT"].includes(unit)) throw new Error(SYNTAX);
  const count = toInteger(amount);
  if (count <= 0) throw new Error(`ERR invalid expire time in '${command}' command`);
  const ms = unit.startsWith("EX") ? count * 1000 : count;
  return unit.endsWith("AT") ? ms : space.now() + ms;
}

function getAndExpire(space: Keyspace, [key, unit, amount, ...rest]: string[]): RedisReply {
  const value = stringAt(space, key!) ?? null;
  if (unit === undefined) return value;
  const word = unit.toUpperCase();
  const isPersist = word === "PERSIST";
  if (rest.length > 0 || (isPersist && amount !== undefined)) throw new Error(SYNTAX);
  const expiresAt = isPersist ? undefined : expiryOf(space, word, amount, "getex");
  const entry = space.live(key!);
  if (entry) entry.expiresAt = expiresAt;
  return value;
}
