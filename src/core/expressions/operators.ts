import type { Budget } from "./budget.ts";
import { calculateExact, compareExact, Decimal, toExact, type Numeric } from "./decimal.ts";
import { ExpressionError, NoValue } from "./expression-error.ts";
import { Duration, kindInWords, kindOfValue, type Kind, type Value } from "./values.ts";

const MAX_INT = 2n ** 63n;

/** Whether two values are the same; numbers are by what they are worth. */
export function equals(a: Value, b: Value, budget: Budget): boolean {
  budget.spend(1);
  if (typeof a === "string" && typeof b === "string") {
    budget.spendText(a);
    return a === b;
  }
  if (isNumber(a) && isNumber(b)) return order(a, b) === 0;
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime();
  if (a instanceof Duration && b instanceof Duration) return a.ms === b.ms;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => equals(one, b[i]!, budget));
  if (a instanceof Map && b instanceof Map)
    return (
      a.size === b.size && [...a].every(([name, one]) => b.has(name) && equals(one, b.get(name)!, budget))
    );
  return a === b;
}

const isNumber = (value: Value): value is Numeric =>
  typeof value === "bigint" || typeof value === "number" || value instanceof Decimal;

/** Negative, zero or positive: integers and doubles by what they are worth, decimals exactly. */
export const order = (a: Numeric, b: Numeric): number =>
  a instanceof Decimal || b instanceof Decimal
    ? compareExact(toExact(a), toExact(b))
    : a < b
      ? -1
      : a > b
        ? 1
        : 0;

/** Negative, zero or positive. */
export function compare(a: Value, b: Value, operator: string, budget: Budget): number {
  if (a === null || b === null) throw new NoValue();
  if (isNumber(a) && isNumber(b)) return order(a, b);
  if (typeof a === "string" && typeof b === "string") {
    budget.spendText(a);
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a === "boolean" && typeof b === "boolean") return Number(a) - Number(b);
  if (a instanceof Date && b instanceof Date) return a.getTime() - b.getTime();
  if (a instanceof Duration && b instanceof Duration) return a.ms - b.ms;
  throw unusable(operator, a, b);
}

export function unusable(operator: string, a: Value, b: Value): ExpressionError {
  const [left, right] = [kindOfValue(a), kindOfValue(b)].map(kindInWords);
  return new ExpressionError(`cannot use ${operator} on ${left} and ${right}`);
}

const int = (n: bigint): bigint => {
  if (n >= MAX_INT || n < -MAX_INT) throw new ExpressionError("makes an integer that is too large");
  return n;
};

const float = (n: number): number => {
  if (!Number.isFinite(n)) throw new ExpressionError("makes a number that is too large");
  return n;
};

/** What `+ - * / %` make of two values. */
export function calculate(operator: string, a: Value, b: Value, budget: Budget): Value {
  if (a === null || b === null) throw new NoValue();
  if (isNumber(a) && isNumber(b)) return ofNumbers(operator, a, b);
  if (operator === "+") {
    if (typeof a === "string" && typeof b === "string") return budget.made(a + b);
    if (Array.isArray(a) && Array.isArray(b)) {
      budget.spend(a.length + b.length);
      return budget.madeList([...a, ...b]);
    }
    if (a instanceof Date && b instanceof Duration) return moved(a, b.ms);
    if (a instanceof Duration && b instanceof Date) return moved(b, a.ms);
    if (a instanceof Duration && b instanceof Duration) return new Duration(a.ms + b.ms);
  }
  if (operator === "-") {
    if (a instanceof Date && b instanceof Date) return new Duration(a.getTime() - b.getTime());
    if (a instanceof Date && b instanceof Duration) return moved(a, -b.ms);
    if (a instanceof Duration && b instanceof Duration) return new Duration(a.ms - b.ms);
  }
  throw unusable(operator, a, b);
}

function moved(date: Date, ms: number): Date {
  const to = new Date(date.getTime() + ms);
  const year = to.getUTCFullYear();
  if (!(year >= 1 && year <= 9999)) throw new ExpressionError("makes a moment that is too far away");
  return to;
}

function ofNumbers(operator: string, a: Numeric, b: Numeric): Numeric {
  if ((operator === "/" || operator === "%") && order(b, 0n) === 0)
    throw new ExpressionError("divides by zero");
  if (a instanceof Decimal || b instanceof Decimal) return calculateExact(operator, toExact(a), toExact(b));
  if (typeof a === "bigint" && typeof b === "bigint") {
    if (operator === "+") return int(a + b);
    if (operator === "-") return int(a - b);
    if (operator === "*") return int(a * b);
    return operator === "/" ? a / b : a % b;
  }
  const [x, y] = [Number(a), Number(b)];
  if (operator === "+") return float(x + y);
  if (operator === "-") return float(x - y);
  if (operator === "*") return float(x * y);
  return operator === "/" ? float(x / y) : x % y;
}

export const isNumeric = (kind: string): boolean => kind === "int" || kind === "double" || kind === "decimal";

/** What numbers of these kinds come to together. */
export const numericKind = (kinds: readonly string[]): "int" | "double" | "decimal" => {
  if (kinds.includes("decimal")) return "decimal";
  return kinds.every((kind) => kind === "int") ? "int" : "double";
};

/** The kind that `+ - * / %` make of two kinds; undefined for what they cannot be used on. */
export function calculatedKind(operator: string, a: Kind, b: Kind): Kind | undefined {
  if (isNumeric(a) && isNumeric(b)) return numericKind([a, b]);
  if (operator === "+" && a === b && (a === "string" || a === "list" || a === "duration")) return a;
  const isMoved = (one: Kind, other: Kind) => one === "timestamp" && other === "duration";
  if (operator === "+" && (isMoved(a, b) || isMoved(b, a))) return "timestamp";
  if (operator !== "-") return undefined;
  if (a === "timestamp" && b === "timestamp") return "duration";
  if (b !== "duration") return undefined;
  return a === "timestamp" || a === "duration" ? a : undefined;
}
