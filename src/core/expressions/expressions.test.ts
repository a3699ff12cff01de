import { Environment } from "@marcbachmann/cel-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ANY,
  Budget,
  evaluate,
  fromJson,
  listOf,
  mapOf,
  namesIn,
  parseExpression,
  typeOfExpression,
  type Value,
  type ValueType,
} from "./index.ts";

const SCOPE = new Map<string, ValueType>([
  ["title", { kind: "string" }],
  ["count", { kind: "int" }],
  ["price", { kind: "double" }],
  ["on", { kind: "bool" }],
  ["tags", listOf({ kind: "string" })],
  ["numbers", listOf({ kind: "int" })],
  ["start", { kind: "timestamp" }],
  ["seo", mapOf([["title", { kind: "string" }]])],
  ["any", ANY],
]);
const VALUES: Record<string, Value> = {
  title: "Hello",
  count: 3n,
  price: 2.5,
  on: true,
  tags: ["a", "b"],
  numbers: [1n, 2n, 3n],
  start: new Date("2026-01-31T09:30:00Z"),
  seo: fromJson({ title: "x" }),
  any: fromJson({ constructor: 1, list: [1, "a", null] }),
};
const run = (text: string, values: Record<string, Value> = {}, steps = 100_000) => {
  const expression = parseExpression(text);
  typeOfExpression(expression, SCOPE);
  const all = { ...Object.fromEntries([...SCOPE.keys()].map((name) => [name, VALUES[name]!])), ...values };
  return evaluate(
    expression,
    (name) => (Object.hasOwn(all, name) ? all[name] : undefined),
    new Budget(steps),
  );
};

describe("expressions", () => {
  it.each<[string, Value]>([
    ["title + '!' == 'Hello!'", true],
    ["count * 2 > 5 && price * 2 == 5.0", true],
    ["count / 2", 1n],
    ["count / 2.0", 1.5],
    ["-count + 1", -2n],
    ["tags.all(t, size(t) == 1)", true],
    ["numbers.map(n, n > 1, n * 2)", [4n, 6n]],
    ["sum(numbers.map(n, n * 2))", 12n],
    ["sum(numbers.map(n, price))", 7.5],
    ["numbers.exists_one(n, n == 2)", true],
    ["has(seo.title) && title.startsWith('He')", true],
    ["'b' in tags", true],
    ["seo['title']", "x"],
    ["title.matches('^H.*o$')", true],
    ["tags.join(', ')", "a, b"],
    ["title.lowerAscii().split('l')", ["he", "", "o"]],
    ["round(2.345, 2)", 2.35],
    ["round(-2.5)", -3n],
    ["start - timestamp('2026-01-30') > duration('1d')", true],
    ["date(start + duration('36h'))", "2026-02-01"],
    ["any.list[1] == 'a' && any.nothing == null", true],
    ["any.constructor == 1", true],
    ["numbers[7] == null", true],
    ["on ? title : null", "Hello"],
    ["min(count, 2) + max(1, 2)", 4n],
    ["size('héllo 👋')", 7n],
  ])("evaluates %s", (text, value) => {
    expect(run(text)).toEqual(value);
  });

  it.each([
    ["titel == ''", /no "titel"/],
    ["seo.titel", /no "titel" in this object/],
    ["title > 3", /cannot use > on a text and an integer/],
    ["title + count", /cannot use \+/],
    ["title.foo()", /no function "\.foo\(\)"/],
    ["foo(title)", /no function "foo"/],
    ["toString(title)", /no function "toString"/],
    ["title.toString()", /no function/],
    ["tags.title", /behind a list/],
    ["title ? 1 : 2", /needs true or false/],
    ["count in title", /needs a list/],
    ["count in tags", /cannot use in/],
    ["title.matches(title)", /pattern in quotes/],
    ["title.matches('(')", /not valid in RE2/],
    ["title.matches('(a{1,900}){1,900}')", /pattern/],
    ["title.__proto__", /no parts/],
    ["seo.constructor", /no "constructor"/],
    ["__proto__ == null", /./],
    ["constructor", /no "constructor"/],
    ["cel.bind(x, title, x)", /no "cel"|no function/],
    ["1 +", /not a valid CEL expression/],
    ["b'a' == b'a'", /bytes/],
    [`title == '${"a".repeat(1000)}'`, /at most 1000/],
    ["[".repeat(400), /not a valid/],
    [`1${"+1".repeat(300)}`, /not a valid|maxAstNodes/],
  ])("refuses %s", (text, message) => {
    expect(() => typeOfExpression(parseExpression(text), SCOPE)).toThrow(message);
  });

  it.each([
    ["price > 1.0", { price: null }, /missing/],
    ["title.size() > 1", { title: null }, /missing/],
    ["count / 0 == 1", {}, /divides by zero/],
    ["timestamp(title) == start", {}, /no timestamp/],
    ["any + 1 == 2", {}, /cannot use \+ on an object and an integer/],
    ["9223372036854775807 + count > 0", {}, /too large/],
  ])("says what fails in %s without the values", (text, values, message) => {
    expect(() => run(text, values)).toThrow(message);
  });

  it("lets one side of || and && decide when the other has no value", () => {
    expect(run("price > 1.0 || on", { price: null })).toBe(true);
    expect(run("on || price > 1.0", { price: null })).toBe(true);
    expect(run("price > 1.0 && !on", { price: null })).toBe(false);
    expect(run("has(seo.title)", { seo: null })).toBe(false);
    expect(run("seo.title == null", { seo: null })).toBe(true);
  });

  it("stops after its steps, however lists, texts and patterns are put together", () => {
    const numbers = Array.from({ length: 500 }, (_, i) => BigInt(i));
    const tags = Array.from({ length: 500 }, () => "a".repeat(500));
    for (const text of [
      "numbers.all(a, numbers.all(b, numbers.all(c, a + b + c >= 0)))",
      "numbers.map(a, numbers.map(b, numbers)) == numbers.map(a, numbers.map(b, numbers))",
      "tags.map(a, tags.map(b, a + b)).size() > 0",
      "tags.all(a, tags.all(b, a.contains(b)))",
      "tags.all(a, tags.exists(b, a.matches('(a|b){200}c')))",
    ])
      expect(() => run(text, { numbers, tags })).toThrow("takes too many steps");
    // Where matching can go back, this takes longer than there is a world.
    expect(() => run("title.matches('(a+)+$') || on", { title: `${"a".repeat(100_000)}!` })).not.toThrow(
      /valid/,
    );
  });

  it("checks many large objects without a look at what is in them", () => {
    const fields = Array.from(
      { length: 200 },
      (_, i) => [`f${i}`, mapOf([["x", ANY]])] as [string, ValueType],
    );
    let looks = 0;
    const counted = new Proxy(new Map(fields), {
      get: (map, name) => (looks++, Reflect.get(map, name, map) as unknown),
    });
    const scope = new Map<string, ValueType>([["entry", { kind: "map", fields: counted }]]);
    typeOfExpression(parseExpression(`[${Array(150).fill("entry").join(",")}]`), scope);
    expect(looks).toBe(0);
  });

  it("takes the same steps for the same values", () => {
    const left = () => {
      const budget = new Budget(10_000);
      evaluate(parseExpression("numbers.map(n, n * 2)"), (name) => VALUES[name], budget);
      return budget.left;
    };
    expect(left()).toBe(left());
    expect(left()).toBeLessThan(10_000);
  });

  it("names what an expression uses", () => {
    expect([...namesIn(parseExpression("tags.all(t, t != title && seo.title == x[y])"))]).toEqual([
      ...["tags", "title", "seo", "x", "y"],
    ]);
  });

  it("agrees with another evaluator where all values are there", () => {
    const other = new Environment();
    for (const [name, type] of [
      ["a", "int"],
      ["b", "int"],
      ["s", "string"],
      ["l", "list<int>"],
      ["p", "bool"],
    ])
      other.registerVariable(name!, type!);
    const int = fc.constantFrom(
      "a",
      "b",
      "1",
      "7",
      "(a + b)",
      "(a * 3)",
      "size(l)",
      "size(s)",
      "(p ? a : b)",
    );
    const bool = fc.oneof(
      fc.tuple(int, fc.constantFrom("<", "<=", ">", ">=", "==", "!="), int).map((parts) => parts.join(" ")),
      fc.constantFrom("s.contains('a')", "s.startsWith('b')", "p", "!p", "a in l"),
      fc.tuple(fc.constantFrom("all", "exists", "exists_one"), int).map(([m, n]) => `l.${m}(x, x > ${n})`),
      int.map((n) => `l.map(x, x + ${n}).filter(y, y > 2).size() > 1`),
    );
    const whole = fc
      .array(bool, { minLength: 1, maxLength: 4 })
      .map((all) => all.map((one) => `(${one})`).join(" && "));
    fc.assert(
      fc.property(
        ...[whole, fc.integer(), fc.integer(), fc.string(), fc.array(fc.integer(), { maxLength: 5 })],
        fc.boolean(),
        (text, a, b, s, l, p) => {
          const values = { a: BigInt(a), b: BigInt(b), s, l: l.map(BigInt), p } as Record<string, Value>;
          const mine = evaluate(parseExpression(text), (name) => values[name], new Budget(10_000));
          expect(mine).toBe(other.evaluate(text, values));
        },
      ),
      { numRuns: 500 },
    );
  });
});
