import { RE2JS } from "re2js";
import type { Budget } from "./budget.ts";
import { ExpressionError } from "./expression-error.ts";
import { roundExact, textOfExact, toExact, truncated, type Decimal, type Numeric } from "./decimal.ts";
import { calculate, isNumeric, numericKind, order } from "./operators.ts";
import { Duration, kindOfValue, listOf, type Kind, type Value, type ValueType } from "./values.ts";

/** What a function takes in each place; `number` is an integer, a double or a decimal. */
export type Taken = Kind | "number" | "any";
export type Overload = {
  takes: Taken[];
  gives: Kind | ValueType | ((types: ValueType[]) => ValueType);
  run(args: never[], budget: Budget): Value;
};

const overload = <A extends Value[]>(
  takes: Taken[],
  gives: Overload["gives"],
  run: (args: A, budget: Budget) => Value,
): Overload => ({ takes, gives, run: run as unknown as Overload["run"] });

const TEXTS = listOf({ kind: "string" });
/** Steps of a pattern for each character: as those of fields. */
const MAX_PATTERN_STEPS = 2500;

/** A pattern in RE2 syntax, compiled; throws ExpressionError. */
export function compilePattern(text: string): RE2JS {
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(text);
  } catch (error) {
    throw new ExpressionError(
      `has a pattern that is not valid in RE2 syntax: ${String((error as Error).message).slice(0, 100)}`,
    );
  }
  if (pattern.programSize() > MAX_PATTERN_STEPS)
    throw new ExpressionError(
      `has a pattern that is too large: ${pattern.programSize()} steps, at most ${MAX_PATTERN_STEPS} are allowed`,
    );
  return pattern;
}

/** Whether a text contains what a pattern describes; takes time for each step of it and each character. */
export function isMatch(text: string, pattern: RE2JS, budget: Budget): boolean {
  budget.spend(1 + Math.ceil((pattern.programSize() * (text.length + 1)) / 32));
  return pattern.matcher(text).find();
}

function moment(text: string): Date {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  if (!isDay && !/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/.test(text))
    throw new ExpressionError("has a text that is no timestamp");
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new ExpressionError("has a text that is no timestamp");
  return date;
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function duration(text: string): Duration {
  const parts = text.length <= 50 ? [...text.matchAll(/(\d{1,20}(?:\.\d{1,20})?)(ms|s|m|h|d)/g)] : [];
  const sign = text.startsWith("-") ? -1 : 1;
  if (parts.length === 0 || parts.map(([all]) => all).join("") !== text.replace(/^-/, ""))
    throw new ExpressionError('has a text that is no duration such as "36h" or "30d"');
  return new Duration(sign * parts.reduce((sum, [, n, unit]) => sum + Number(n) * UNITS[unit!]!, 0));
}

function integer(text: string): bigint {
  if (!/^-?\d{1,18}$/.test(text)) throw new ExpressionError("has a text that is no integer");
  return BigInt(text);
}

function double(text: string): number {
  if (!/^-?\d{1,300}(?:\.\d{1,300})?(?:e[+-]?\d{1,3})?$/i.test(text))
    throw new ExpressionError("has a text that is no number");
  return Number(text);
}

function whole(n: number): bigint {
  if (!Number.isFinite(n) || Math.abs(n) > 9e18) throw new ExpressionError("has a number that is too large");
  return BigInt(Math.trunc(n));
}

function placesOf(digits: number): number {
  if (digits < 0 || digits > 12) throw new ExpressionError("rounds to fewer than 0 or more than 12 digits");
  return digits;
}

/** Rounds halves away from zero, as prices are. */
function rounded(n: number, digits: number): number {
  const shifted = Number(`${Math.abs(n)}e${placesOf(digits)}`);
  const result = Number.isNaN(shifted) ? Math.abs(n) : Number(`${Math.round(shifted)}e-${digits}`);
  return n < 0 ? -result : result;
}

const sizeOf = (text: string): bigint => BigInt([...text].length);

function substring([text, from, to]: [string, bigint, bigint?]): string {
  const [start, end] = [Number(from), to === undefined ? text.length : Number(to)];
  if (start < 0 || end < start || end > text.length)
    throw new ExpressionError("takes a part of a text that is not there");
  return text.slice(start, end);
}

function joined(list: Value[], separator: string, budget: Budget): string {
  if (!list.every((one) => typeof one === "string"))
    throw new ExpressionError("joins a list that has other values than texts");
  budget.spendText(...list, separator.repeat(Math.min(list.length, 1000)));
  return budget.made(list.join(separator));
}

/** What is missing does not count. */
function total(all: Value[], budget: Budget): Value {
  budget.spend(all.length);
  const list = all.filter((one) => one !== null);
  if (!list.every((one) => isNumeric(kindOfValue(one))))
    throw new ExpressionError("adds up a list that has other values than numbers");
  return list.reduce((sum, one) => calculate("+", sum, one, budget), 0n as Value);
}

const together = (types: ValueType[]): ValueType => {
  const kinds = types.map(({ kind }) => kind);
  return { kind: kinds.every(isNumeric) ? numericKind(kinds) : "any" };
};

/** One of two numbers, in the kind of both together. */
const least = (isFirst: (order: number) => boolean) => [
  overload<[Numeric, Numeric]>(["number", "number"], together, ([a, b]) => {
    const found = isFirst(order(a, b)) ? a : b;
    const kind = numericKind([kindOfValue(a), kindOfValue(b)]);
    if (kind === "decimal") return toExact(found);
    return kind === "double" ? Number(found) : found;
  }),
];

const sizes = [
  overload<[string]>(["string"], "int", ([text], budget) => (budget.spendText(text), sizeOf(text))),
  overload<[Value[]]>(["list"], "int", ([list]) => BigInt(list.length)),
  overload<[Map<string, Value>]>(["map"], "int", ([map]) => BigInt(map.size)),
];

const texts = (run: (text: string, other: string) => boolean) => [
  overload<[string, string]>(["string", "string"], "bool", ([text, other], budget) => {
    budget.spendText(text, other);
    return run(text, other);
  }),
];

const changed = (run: (text: string) => string) => [
  overload<[string]>(["string"], "string", ([text], budget) => budget.made(run(text))),
];

const part = (run: (date: Date) => number) => [
  overload<[Date]>(["timestamp"], "int", ([date]) => BigInt(run(date))),
];

const elementOf = ([list]: ValueType[]): ValueType => (list?.kind === "list" ? list.of : { kind: "any" });
const numbersOf = (types: ValueType[]): ValueType => {
  const { kind } = elementOf(types);
  return { kind: isNumeric(kind) ? (kind as "int" | "double" | "decimal") : "any" };
};

/** Functions by name. */
export const FUNCTIONS: Readonly<Record<string, Overload[]>> = {
  size: sizes,
  sum: [overload<[Value[]]>(["list"], numbersOf, ([list], budget) => total(list, budget))],
  min: least((one) => one <= 0),
  max: least((one) => one >= 0),
  round: [
    overload<[Decimal]>(["decimal"], "int", ([n]) => truncated(roundExact(n, 0))),
    overload<[Decimal, bigint]>(["decimal", "int"], "decimal", ([n, digits]) =>
      roundExact(n, placesOf(Number(digits))),
    ),
    overload<[number]>(["number"], "int", ([n]) => whole(rounded(Number(n), 0))),
    overload<[number, bigint]>(["number", "int"], "double", ([n, digits]) =>
      rounded(Number(n), Number(digits)),
    ),
  ],
  int: [
    overload<[bigint]>(["int"], "int", ([n]) => n),
    overload<[number]>(["double"], "int", ([n]) => whole(n)),
    overload<[Decimal]>(["decimal"], "int", ([n]) => truncated(n)),
    overload<[string]>(["string"], "int", ([text]) => integer(text)),
  ],
  double: [
    overload<[Decimal]>(["decimal"], "double", ([n]) => Number(textOfExact(n))),
    overload<[number]>(["number"], "double", ([n]) => Number(n)),
    overload<[string]>(["string"], "double", ([text]) => double(text)),
  ],
  string: [
    overload<[string]>(["string"], "string", ([text]) => text),
    overload<[Decimal]>(["decimal"], "string", ([n]) => textOfExact(n)),
    overload<[bigint]>(["number"], "string", ([n]) => String(n)),
    overload<[boolean]>(["bool"], "string", ([is]) => String(is)),
    overload<[Date]>(["timestamp"], "string", ([date]) => date.toISOString()),
  ],
  timestamp: [
    overload<[string]>(["string"], "timestamp", ([text]) => moment(text)),
    overload<[Date]>(["timestamp"], "timestamp", ([date]) => date),
  ],
  duration: [overload<[string]>(["string"], "duration", ([text]) => duration(text))],
  date: [
    overload<[Date]>(["timestamp"], "string", ([date]) => date.toISOString().slice(0, 10)),
    overload<[string]>(["string"], "string", ([text]) => moment(text).toISOString().slice(0, 10)),
  ],
  uuid: [overload<[]>([], "string", () => crypto.randomUUID())],
};

/** Functions of a value, by name: their first place is the value. */
export const METHODS: Readonly<Record<string, Overload[]>> = {
  size: sizes,
  contains: texts((text, other) => text.includes(other)),
  startsWith: texts((text, other) => text.startsWith(other)),
  endsWith: texts((text, other) => text.endsWith(other)),
  lowerAscii: changed((text) => text.replace(/[A-Z]+/g, (one) => one.toLowerCase())),
  upperAscii: changed((text) => text.replace(/[a-z]+/g, (one) => one.toUpperCase())),
  trim: changed((text) => text.trim()),
  substring: [
    overload<[string, bigint]>(["string", "int"], "string", substring as never),
    overload<[string, bigint, bigint]>(["string", "int", "int"], "string", substring as never),
  ],
  split: [
    overload<[string, string]>(["string", "string"], TEXTS, ([text, separator], budget) => {
      budget.spendText(text);
      return budget.madeList(text.split(separator, 10_001));
    }),
  ],
  join: [
    overload<[Value[]]>(["list"], "string", ([list], budget) => joined(list, "", budget)),
    overload<[Value[], string]>(["list", "string"], "string", ([list, separator], budget) =>
      joined(list, separator, budget),
    ),
  ],
  getFullYear: part((date) => date.getUTCFullYear()),
  getMonth: part((date) => date.getUTCMonth()),
  getDate: part((date) => date.getUTCDate()),
  getDayOfWeek: part((date) => date.getUTCDay()),
  getHours: part((date) => date.getUTCHours()),
  getMinutes: part((date) => date.getUTCMinutes()),
};
