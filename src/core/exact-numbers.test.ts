import fc from "fast-check";
import { expect, it } from "vitest";
import { readExactNumber } from "./exact-numbers.ts";
import { parseJson } from "./read-body.ts";

it("numbers that a double holds are read as they are written", () => {
  for (const [text, number] of [
    ["0", 0],
    ["-0", 0],
    ["-0.0", 0],
    ["1.50", 1.5],
    ["9007199254740992", 9007199254740992],
    ["-9007199254740991", -9007199254740991],
    ["1e21", 1e21],
    ["1.7976931348623157e308", Number.MAX_VALUE],
    ["5e-324", 5e-324],
    ["0.10000000000000001", 0.1],
    ["52.520006599999997", Number("52.520006599999997")],
    ["1.0000000000000000000000", 1],
    ["100000000000000000000", 1e20],
  ] as const)
    expect(Object.is(readExactNumber(text), number), text).toBe(true);
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (n) => readExactNumber(String(n)) === n + 0,
    ),
  );
});

const INEXACT = [
  "9007199254740993",
  "-9007199254740993",
  "12345678901234567890",
  "18446744073709551616",
  "1e400",
  "-1e400",
  "1e-400",
  "0.1234567890123456789",
  "3.14159265358979323846264338327950288",
  "1.00000000000000000001",
];
it.each(INEXACT)("%s is more than a double holds, wherever it stands", (text) => {
  expect(readExactNumber(text)).toBeUndefined();
  for (const [json, path] of [
    [text, ""],
    [`{"a":{"b":[1,${text}]}}`, "a.b[1]"],
    [`{"text":"${text}","n":${text}}`, "n"],
    [`[{"a":1},{"b c":${text}}]`, "[1].b c"],
  ] as const)
    expect(() => parseJson(json)).toThrow(
      expect.objectContaining({
        reason: "http/inexact-number",
        details: [expect.objectContaining({ path })],
      }),
    );
  expect(parseJson(`{"a":"${text}","b":"\\"${text}"}`)).toEqual({ a: text, b: `"${text}` });
});

it("what is no number is none", () => {
  for (const text of ["", " 1", "1 ", "0x10", "1_000", "01", ".5", "5.", "+1", "Infinity", "NaN", "1e", "१"])
    expect(readExactNumber(text), text).toBeUndefined();
});
