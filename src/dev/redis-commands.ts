import { SYNTAX, type Keyspace, type RedisReply } from "./redis-keyspace.ts";

/**
 * `arity` as Redis counts it: the name included, negative for "at least". `grows`: refused when memory
 * is full.
 */
export type RedisCommand = { arity: number; grows?: true; run(space: Keyspace, args: string[]): RedisReply };
export type CommandTable = Record<string, RedisCommand>;

const INT64_MAX = 2n ** 63n - 1n;

export function reads(arity: number, run: RedisCommand["run"]): RedisCommand {
  return { arity, run };
}
export function grows(arity: number, run: RedisCommand["run"]): RedisCommand {
  return { arity, grows: true, run };
}

export function toBigInteger(text: string, problem = "ERR value is not an integer or out of range"): bigint {
  if (!/^(?:0|-?[1-9]\d{0,18})$/.test(text)) throw new Error(problem);
  const value = BigInt(text);
  if (value > INT64_MAX || value < -INT64_MAX - 1n) throw new Error(problem);
  return value;
}
export function toInteger(text: string | undefined): number {
  if (text === undefined) throw new Error(SYNTAX);
  return Number(toBigInteger(text));
}
export function addIntegers(a: bigint, b: bigint): bigint {
  const sum = a + b;
  if (sum > INT64_MAX || sum < -INT64_MAX - 1n) throw new Error("ERR increment or decrement would overflow");
  return sum;
}

export function toFloat(text: string, problem = "ERR value is not a valid float"): number {
  const infinite = /^([-+]?)inf(?:inity)?$/i.exec(text);
  if (infinite) return infinite[1] === "-" ? -Infinity : Infinity;
  const value = Number(text);
  if (text.trim() !== text || text === "" || Number.isNaN(value)) throw new Error(problem);
  return value;
}

/** A range as Redis gives it: both ends included, negative from the end. */
export function sliceRange<T>(items: T[], start: number, stop: number): T[] {
  const from = start < 0 ? Math.max(0, items.length + start) : start;
  const to = stop < 0 ? items.length + stop : stop;
  return items.slice(from, Math.max(from, to + 1));
}

export function wrongArity(name: string): Error {
  return new Error(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
}
