import { writeNumber } from "../decimals.ts";
import { ExpressionError } from "./expression-error.ts";

/** Digits that a result may have, more than those of any stored decimal by another. */
const MAX_DIGITS = 100;
/** Places behind the point of a division that does not come out even. */
const DIVIDED_PLACES = 18;

const EXACT_DIGITS = 15;

/** An exact decimal: `digits` with the point so many `places` from their end. */
export class Decimal {
  readonly digits: bigint;
  readonly places: number;
  constructor(digits: bigint, places: number) {
    this.digits = digits;
    this.places = places;
  }
}

/** A number of any kind. */
export type Numeric = bigint | number | Decimal;

/** A decimal in plain notation, such as `-12.50`; null for any other text. */
export function readExact(text: string): Decimal | null {
  const parts = text.length <= 400 ? /^(-?\d+)(?:\.(\d+))?$/.exec(text) : null;
  if (!parts) return null;
  const [, whole, fraction = ""] = parts;
  return new Decimal(BigInt(`${whole}${fraction}`), fraction.length);
}

/** A double counts with the digits that it is exact to, so that `0.1` is a tenth and `3 * 0.1` three. */
export function toExact(value: Numeric): Decimal {
  if (value instanceof Decimal) return value;
  if (typeof value === "bigint") return new Decimal(value, 0);
  const exact = readExact(
    writeNumber(Number.isSafeInteger(value) ? value : Number(value.toPrecision(EXACT_DIGITS))),
  );
  if (!exact) throw new ExpressionError("makes a number that is too large");
  return exact;
}

const power = (places: number): bigint => 10n ** BigInt(places);

/** Both with as many places. */
function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const places = Math.max(a.places, b.places);
  return [a.digits * power(places - a.places), b.digits * power(places - b.places), places];
}

/** Negative, zero or positive. */
export function compareExact(a: Decimal, b: Decimal): number {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** What `+ - * / %` make of two decimals: exact but for `/`, which has 18 places at most. */
export function calculateExact(operator: string, a: Decimal, b: Decimal): Decimal {
  if (operator === "*") return bounded(new Decimal(a.digits * b.digits, a.places + b.places));
  const [left, right, places] = aligned(a, b);
  if (operator === "+") return bounded(new Decimal(left + right, places));
  if (operator === "-") return bounded(new Decimal(left - right, places));
  if (operator === "%") return bounded(new Decimal(left % right, places));
  return bounded(shortened(new Decimal(dividedAway(left * power(DIVIDED_PLACES), right), DIVIDED_PLACES)));
}

/** Divides and rounds halves away from zero. */
function dividedAway(a: bigint, b: bigint): bigint {
  const isNegative = a < 0n !== b < 0n;
  const [left, right] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const result = (2n * left + right) / (2n * right);
  return isNegative ? -result : result;
}

/** So many places at most, halves away from zero, as prices are rounded. */
export const roundExact = (value: Decimal, places: number): Decimal =>
  value.places <= places
    ? value
    : new Decimal(dividedAway(value.digits, power(value.places - places)), places);

/** Without what is behind the point. */
export const truncated = ({ digits, places }: Decimal): bigint => digits / power(places);

/** The text of a decimal; with `places` it has that many, otherwise no zeros at its end. */
export function textOfExact(value: Decimal, places?: number): string {
  const { digits, places: own } = places === undefined ? shortened(value) : roundExact(value, places);
  const sign = digits < 0n ? "-" : "";
  const wanted = places ?? own;
  const all = String((digits < 0n ? -digits : digits) * power(wanted - own)).padStart(wanted + 1, "0");
  return wanted === 0 ? sign + all : `${sign}${all.slice(0, -wanted)}.${all.slice(-wanted)}`;
}

function shortened({ digits, places }: Decimal): Decimal {
  while (places > 0 && digits % 10n === 0n) {
    digits /= 10n;
    places--;
  }
  return new Decimal(digits, places);
}

function bounded(value: Decimal): Decimal {
  if (String(value.digits).length > MAX_DIGITS || value.places > MAX_DIGITS)
    throw new ExpressionError(`makes a decimal of more than ${MAX_DIGITS} digits`);
  return value;
}
