import { grows, reads, sliceRange, toFloat, toInteger, type CommandTable } from "./redis-commands.ts";
import { scoresAt, SYNTAX, type Keyspace, type RedisReply } from "./redis-keyspace.ts";

type Scored = [member: string, score: number];

export const sortedSetCommands: CommandTable = {
  ZADD: grows(-4, addScores),
  ZUNIONSTORE: grows(-4, storeUnion),
  ZINCRBY: grows(4, (space, [key, by, member]) => addScores(space, [key!, "INCR", by!, member!])),
  ZREM: reads(-3, (space, [key, ...members]) => removeMembers(space, key!, members)),
  ZSCORE: reads(3, (space, [key, member]) => formatScore(scoresAt(space, key!)?.get(member!))),
  ZCARD: reads(2, (space, [key]) => scoresAt(space, key!)?.size ?? 0),
  ZRANGE: reads(-4, range),
  ZCOUNT: reads(4, (space, [key, min, max]) => membersBetween(space, key!, min!, max!).length),
  ZREMRANGEBYSCORE: reads(4, (space, [key, min, max]) => {
    const members = membersBetween(space, key!, min!, max!).map(([member]) => member);
    return removeMembers(space, key!, members);
  }),
};

function formatScore(score: number | undefined): string | null {
  if (score === undefined) return null;
  if (Number.isFinite(score)) return Object.is(score, -0) ? "-0" : String(score);
  return score > 0 ? "inf" : "-inf";
}

function addScores(space: Keyspace, [key, ...args]: string[]): RedisReply {
  const words = new Set<string>();
  while (args.length > 0 && /^(?:nx|xx|gt|lt|ch|incr)$/i.test(args[0]!))
    words.add(args.shift()!.toUpperCase());
  const pairs = readPairs(args, words);
  const known = scoresAt(space, key!);
  if (!known && words.has("XX")) return words.has("INCR") ? null : 0;
  const scores = known ?? new Map<string, number>();
  let added = 0;
  let changed = 0;
  let latest: number | null = null;
  for (const [member, given] of pairs) {
    const old = scores.get(member);
    const score = words.has("INCR") ? (old ?? 0) + given : given;
    if (Number.isNaN(score)) throw new Error("ERR resulting score is not a number (NaN)");
    if (!isAllowed(words, old, score)) continue;
    if (!space.live(key!)) space.put(key!, { scores });
    if (old === undefined) {
      added++;
      space.resize(key!, 1, member.length);
    } else if (old !== score) changed++;
    scores.set(member, score);
    latest = score;
  }
  if (words.has("INCR")) return latest === null ? null : formatScore(latest);
  return words.has("CH") ? added + changed : added;
}

type Aggregate = (a: number, b: number) => number;
const AGGREGATES: Record<string, Aggregate> = { SUM: (a, b) => a + b, MIN: Math.min, MAX: Math.max };

/** ZUNIONSTORE destination count key… [AGGREGATE SUM|MIN|MAX], of sorted sets. */
function storeUnion(space: Keyspace, [destination, count, ...rest]: string[]): RedisReply {
  const size = toInteger(count);
  if (size < 1) throw new Error("ERR at least 1 input key is needed for 'zunionstore' command");
  const [keys, words] = [rest.slice(0, size), rest.slice(size)];
  const aggregate = AGGREGATES[words.length === 0 ? "SUM" : (words[1] ?? "").toUpperCase()];
  const isKnown = words.length === 0 || (words.length === 2 && words[0]!.toUpperCase() === "AGGREGATE");
  if (keys.length < size || !isKnown || !aggregate) throw new Error(SYNTAX);
  const scores = new Map<string, number>();
  for (const key of keys)
    for (const [member, score] of scoresAt(space, key) ?? []) {
      const known = scores.get(member);
      scores.set(member, known === undefined ? score : aggregate(known, score));
    }
  space.remove(destination!);
  if (scores.size > 0) {
    space.put(destination!, { scores });
    space.resize(destination!, scores.size, [...scores.keys()].join("").length);
  }
  return scores.size;
}

function readPairs(args: string[], words: Set<string>): Scored[] {
  if (args.length === 0 || args.length % 2) throw new Error(SYNTAX);
  if (words.has("NX") && words.has("XX"))
    throw new Error("ERR XX and NX options at the same time are not compatible");
  if ([words.has("NX"), words.has("GT"), words.has("LT")].filter(Boolean).length > 1)
    throw new Error("ERR GT, LT, and/or NX options at the same time are not compatible");
  if (words.has("INCR") && args.length > 2)
    throw new Error("ERR INCR option supports a single increment-element pair");
  const pairs: Scored[] = [];
  for (let i = 0; i < args.length; i += 2) pairs.push([args[i + 1]!, toFloat(args[i]!)]);
  return pairs;
}

function isAllowed(words: Set<string>, old: number | undefined, score: number): boolean {
  if (old === undefined) return !words.has("XX");
  return !(words.has("NX") || (words.has("GT") && score <= old) || (words.has("LT") && score >= old));
}

function removeMembers(space: Keyspace, key: string, members: string[]): number {
  const scores = scoresAt(space, key);
  if (!scores) return 0;
  const before = scores.size;
  for (const member of members) if (scores.delete(member)) space.resize(key, -1, -member.length);
  if (scores.size === 0) space.remove(key);
  return before - scores.size;
}

function sorted(space: Keyspace, key: string): Scored[] {
  // Compared, not subtracted: two infinities differ by NaN.
  const isBefore = (a: Scored, b: Scored) => (a[1] === b[1] ? a[0] < b[0] : a[1] < b[1]);
  return [...(scoresAt(space, key) ?? [])].sort((a, b) => (isBefore(a, b) ? -1 : 1));
}

/** A leading "(" leaves the bound itself out. */
function readBound(text: string): { score: number; isOpen: boolean } {
  const isOpen = text.startsWith("(");
  return { score: toFloat(isOpen ? text.slice(1) : text, "ERR min or max is not a float"), isOpen };
}

function membersBetween(space: Keyspace, key: string, min: string, max: string): Scored[] {
  const [low, high] = [readBound(min), readBound(max)];
  return sorted(space, key).filter(
    ([, score]) =>
      (low.isOpen ? score > low.score : score >= low.score) &&
      (high.isOpen ? score < high.score : score <= high.score),
  );
}

function range(space: Keyspace, [key, start, stop, ...words]: string[]): RedisReply {
  const options = readRangeOptions(words);
  let found: Scored[];
  if (options.byScore) {
    found = options.rev
      ? membersBetween(space, key!, stop!, start!).toReversed()
      : membersBetween(space, key!, start!, stop!);
    const { offset, count } = options;
    if (offset < 0) found = [];
    else found = found.slice(offset, count < 0 ? undefined : offset + count);
  } else {
    const [from, to] = [toInteger(start), toInteger(stop)];
    const all = sorted(space, key!);
    found = sliceRange(options.rev ? all.toReversed() : all, from, to);
  }
  return options.withScores
    ? found.flatMap(([member, score]) => [member, formatScore(score)])
    : found.map(([member]) => member);
}

function readRangeOptions(words: string[]) {
  const options = { byScore: false, rev: false, withScores: false, offset: 0, count: -1 };
  let isLimited = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.toUpperCase();
    if (word === "BYSCORE") options.byScore = true;
    else if (word === "REV") options.rev = true;
    else if (word === "WITHSCORES") options.withScores = true;
    else if (word === "LIMIT") {
      options.offset = toInteger(words[++i]);
      options.count = toInteger(words[++i]);
      isLimited = true;
    } else throw new Error(SYNTAX);
  }
  if (isLimited && !options.byScore)
    throw new Error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX");
  return options;
}
