import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Budget, evaluate, parseExpression, readExact, textOfExact, toJson, type Value } from "./index.ts";

const result = (text: string, values: Record<string, Value> = {}) =>
  toJson(evaluate(parseExpression(text), (name) => values[name], new Budget(10_000)));
const decimal = (text: string) => readExact(text)!;

/** A decimal as a whole number of 10^-20. */
const wholeOf = (text: string): bigint => {
  const [whole, fraction = ""] = text.replace("-", "").split(".");
  const size = BigInt(`${whole}${fraction.padEnd(20, "0")}`);
  return text.startsWith("-") ? -size : size;
};
const anyDecimal = fc
  .tuple(fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }), fc.integer({ min: 0, max: 10 }))
  .map(([digits, places]) => {
    const all = String(digits < 0n ? -digits : digits).padStart(places + 1, "0");
    const text = places === 0 ? all : `${all.slice(0, -places)}.${all.slice(-places)}`;
    return digits < 0n ? `-${text}` : text;
  });

it("decimals are added, subtracted, multiplied and compared exactly", () => {
  fc.assert(
    fc.property(anyDecimal, anyDecimal, (one, other) => {
      const values = { a: decimal(one), b: decimal(other) };
      const [a, b] = [wholeOf(one), wholeOf(other)];
      expect(wholeOf(result("a + b", values) as string)).toBe(a + b);
      expect(wholeOf(result("a - b", values) as string)).toBe(a - b);
      expect(wholeOf(result("a * b", values) as string) * 10n ** 20n).toBe(a * b);
      expect(result("[a < b, a == b, a > b]", values)).toEqual([a < b, a === b, a > b]);
      expect(result("[min(a, b) == a, max(a, b) == a]", values)).toEqual([a <= b, a >= b]);
    }),
  );
});

it.each([
  ["a + b == 0.3", true],
  ["a * 3 == 0.3", true],
  ["a == 0.1 && a != 0.10000000000001", true],
  ["a < 9007199254740993", true],
  ["big > 9007199254740992", true],
  ["big == 9007199254740993", true],
  ["big - 9007199254740992", "1"],
  ["3 * 0.1 == a * 3", true],
  ["-a", "-0.1"],
  ["price / 3", "6.663333333333333333"],
  ["round(price / 3, 2)", "6.66"],
  ["round(price)", 20],
  ["round(-2.5 * c)", -3],
  ["price % 5", "4.99"],
  ["int(price)", 19],
  ["double(price)", 19.99],
  ["string(price)", "19.99"],
  ["sum([a, b, price])", "20.29"],
  ["sum([a, 1, 0.5])", "1.6"],
  ["min(a, 1)", "0.1"],
  ["max(a, 1)", "1"],
  ["a in [0.1, 0.2]", true],
  ["price * 100 == 1999", true],
])("%s", (text, expected) => {
  const values = {
    a: decimal("0.1"),
    b: decimal("0.20"),
    c: decimal("1"),
    price: decimal("19.99"),
    big: decimal("9007199254740993"),
  };
  expect(result(text, values)).toEqual(expected);
});

it("division by zero, and results without an end, are errors", () => {
  const a = decimal("0.00");
  expect(() => result("1 / a", { a })).toThrow("divides by zero");
  expect(() => result("1.0 % a", { a })).toThrow("divides by zero");
  const long = decimal("9".repeat(38));
  expect(() => result("a * a * a", { a: long })).toThrow("more than 100 digits");
});

it.each([
  ["1.005", 2, "1.01"],
  ["-1.005", 2, "-1.01"],
  ["1.5", 3, "1.500"],
  ["2", undefined, "2"],
  ["2.50", undefined, "2.5"],
  ["-0.004", 2, "0.00"],
] as const)("%s with %s places is written %s", (text, places, expected) => {
  expect(textOfExact(decimal(text), places)).toBe(expected);
});
