import { describe, expect, it } from "vitest";
import { compareDecimals, readDecimal, withPlaces, writeNumber } from "./decimals.ts";

describe("decimals", () => {
  it.each([
    ["12.50", "12.5"],
    ["-0", "0"],
    ["-0.00", "0"],
    ["0.10", "0.1"],
    ["100", "100"],
    ["-1.000", "-1"],
    [`${"9".repeat(20)}.${"9".repeat(18)}`, `${"9".repeat(20)}.${"9".repeat(18)}`],
    [`0.${"0".repeat(37)}1`, `0.${"0".repeat(37)}1`],
  ])("reads %s as %s", (text, decimal) => expect(readDecimal(text)).toBe(decimal));

  it.each([
    ..."1e5 +1 01 .5 5. 1,5 NaN Infinity -Infinity 0x10 -".split(" "),
    "",
    " 1",
    "1 ",
    "9".repeat(39),
    "9".repeat(1000),
    `0.${"1".repeat(1000)}`,
    "١٢",
  ])("refuses %j", (text) => expect(readDecimal(text)).toBeUndefined());

  it("compares exactly, beyond what a double can tell apart", () => {
    const big = "9007199254740993";
    expect(compareDecimals(big, "9007199254740992")).toBe(1);
    expect(compareDecimals("0.1", "0.10")).toBe(0);
    expect(compareDecimals("-0.2", "-0.10")).toBe(-1);
    expect(compareDecimals(`0.${"0".repeat(30)}1`, "0")).toBe(1);
  });

  it.each([
    [1.5e-7, "0.00000015"],
    [-1e-7, "-0.0000001"],
    [1e21, "1000000000000000000000"],
    [-1.25e22, "-12500000000000000000000"],
    [12.5, "12.5"],
    [-0, "0"],
  ])("writes the number %d without an exponent", (value, text) => expect(writeNumber(value)).toBe(text));

  it("fills up the digits behind the point", () => {
    expect([withPlaces("12.5", 2), withPlaces("12", 2), withPlaces("12", 0), withPlaces("1.25", 1)]).toEqual([
      "12.50",
      "12.00",
      "12",
      "1.25",
    ]);
  });
});
