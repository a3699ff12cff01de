import { addIntegers, grows, reads, toBigInteger, wrongArity, type CommandTable } from "./redis-commands.ts";
import { hashAt, setAt, type Keyspace, type RedisReply } from "./redis-keyspace.ts";

export const hashCommands: CommandTable = {
  HSET: grows(-4, setFields),
  HGET: reads(3, (space, [key, field]) => hashAt(space, key!)?.get(field!) ?? null),
  HMGET: reads(-3, (space, [key, ...fields]) => {
    const hash = hashAt(space, key!);
    return fields.map((field) => hash?.get(field) ?? null);
  }),
  HGETALL: reads(2, (space, [key]) => [...(hashAt(space, key!) ?? [])].flat()),
  HKEYS: reads(2, (space, [key]) => [...(hashAt(space, key!)?.keys() ?? [])]),
  HVALS: reads(2, (space, [key]) => [...(hashAt(space, key!)?.values() ?? [])]),
  HLEN: reads(2, (space, [key]) => hashAt(space, key!)?.size ?? 0),
  HEXISTS: reads(3, (space, [key, field]) => (hashAt(space, key!)?.has(field!) ? 1 : 0)),
  HDEL: reads(-3, removeFields),
  HINCRBY: grows(4, (space, [key, field, by]) => {
    const amount = toBigInteger(by!);
    const before = hashAt(space, key!)?.get(field!) ?? "0";
    const sum = addIntegers(toBigInteger(before, "ERR hash value is not an integer"), amount);
    setFields(space, [key!, field!, String(sum)]);
    return Number(sum);
  }),
};

export const setCommands: CommandTable = {
  SADD: grows(-3, addMembers),
  SREM: reads(-3, removeMembers),
  SMEMBERS: reads(2, (space, [key]) => [...(setAt(space, key!) ?? [])]),
  SISMEMBER: reads(3, (space, [key, member]) => (setAt(space, key!)?.has(member!) ? 1 : 0)),
  SCARD: reads(2, (space, [key]) => setAt(space, key!)?.size ?? 0),
};

function setFields(space: Keyspace, [key, ...pairs]: string[]): RedisReply {
  if (pairs.length % 2) throw wrongArity("hset");
  let hash = hashAt(space, key!);
  if (!hash) space.put(key!, (hash = new Map()));
  const before = hash.size;
  for (let i = 0; i < pairs.length; i += 2) {
    const [field, value] = [pairs[i]!, pairs[i + 1]!];
    const old = hash.get(field);
    space.resize(
      key!,
      old === undefined ? 1 : 0,
      value.length - (old === undefined ? -field.length : old.length),
    );
    hash.set(field, value);
  }
  return hash.size - before;
}

function removeFields(space: Keyspace, [key, ...fields]: string[]): RedisReply {
  const hash = hashAt(space, key!);
  if (!hash) return 0;
  const before = hash.size;
  for (const field of fields) {
    const old = hash.get(field);
    if (old !== undefined && hash.delete(field)) space.resize(key!, -1, -field.length - old.length);
  }
  if (hash.size === 0) space.remove(key!);
  return before - hash.size;
}

function addMembers(space: Keyspace, [key, ...members]: string[]): RedisReply {
  let set = setAt(space, key!);
  if (!set) space.put(key!, (set = new Set()));
  const before = set.size;
  for (const member of members) {
    if (!set.has(member)) space.resize(key!, 1, member.length);
    set.add(member);
  }
  return set.size - before;
}

function removeMembers(space: Keyspace, [key, ...members]: string[]): RedisReply {
  const set = setAt(space, key!);
  if (!set) return 0;
  const before = set.size;
  for (const member of members) if (set.delete(member)) space.resize(key!, -1, -member.length);
  if (set.size === 0) space.remove(key!);
  return before - set.size;
}
