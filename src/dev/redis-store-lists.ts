import { grows, reads, sliceRange, toInteger, type CommandTable } from "./redis-commands.ts";
import { listAt, type Keyspace, type RedisReply } from "./redis-keyspace.ts";

export const listCommands: CommandTable = {
  LPUSH: grows(-3, (space, [key, ...items]) =>
    push(space, key!, items, (list) => list.unshift(...items.toReversed())),
  ),
  RPUSH: grows(-3, (space, [key, ...items]) => push(space, key!, items, (list) => list.push(...items))),
  LPOP: reads(-2, (space, args) => pop(space, args, (list, count) => list.splice(0, count))),
  RPOP: reads(-2, (space, args) =>
    pop(space, args, (list, count) => list.splice(-count, count).toReversed()),
  ),
  LLEN: reads(2, (space, [key]) => listAt(space, key!)?.length ?? 0),
  LRANGE: reads(4, (space, [key, start, stop]) =>
    sliceRange(listAt(space, key!) ?? [], toInteger(start), toInteger(stop)),
  ),
  LTRIM: reads(4, (space, [key, start, stop]) => {
    const list = listAt(space, key!);
    const [from, to] = [toInteger(start), toInteger(stop)];
    if (!list) return "OK";
    const kept = sliceRange(list, from, to);
    space.resize(key!, kept.length - list.length, characters(kept) - characters(list));
    list.splice(0, list.length, ...kept);
    if (list.length === 0) space.remove(key!);
    return "OK";
  }),
};

function push(space: Keyspace, key: string, items: string[], place: (list: string[]) => number): number {
  let list = listAt(space, key);
  if (!list) space.put(key, (list = []));
  space.resize(key, items.length, characters(items));
  return place(list);
}

/** Without a count one item, with a count a list of that many at most. */
function pop(
  space: Keyspace,
  [key, count]: string[],
  take: (list: string[], count: number) => string[],
): RedisReply {
  const wanted = count === undefined ? 1 : toInteger(count);
  if (wanted < 0) throw new Error("ERR value is out of range, must be positive");
  const list = listAt(space, key!);
  if (!list) return null;
  const taken = wanted === 0 ? [] : take(list, Math.min(wanted, list.length));
  space.resize(key!, -taken.length, -characters(taken));
  if (list.length === 0) space.remove(key!);
  return count === undefined ? taken[0]! : taken;
}

function characters(items: string[]): number {
  let sum = 0;
  for (const item of items) sum += item.length;
  return sum;
}
